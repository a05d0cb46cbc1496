namespace Orchestrator.Contracts;

/// <summary>Describes the file a model was cut from.</summary>
public static class UnshardedManifest
{
    /// <summary>
    /// The manifest of the whole model as one stage whose blob is <see cref="ModelManifest.Source"/>: cutting keeps the names of
    /// graph inputs, caches and logits, so the original file takes and gives exactly what its stages do together.
    /// </summary>
    public static ModelManifest Unsharded(this ModelManifest model)
    {
        var last = model.Stages[^1];
        var whole = new ShardManifest(
            0,
            new LayerRange(0, model.LayerCount),
            model.Source,
            model.Stages.Sum(stage => stage.Bytes),
            model.ParameterCount,
            [.. model.Stages.SelectMany(stage => stage.ModelInputs).DistinctBy(input => input.Name)],
            [],
            last.Sends,
            [.. model.Stages.SelectMany(stage => stage.Caches)],
            last.BytesPerToken);
        return model with { Stages = [whole] };
    }
}
