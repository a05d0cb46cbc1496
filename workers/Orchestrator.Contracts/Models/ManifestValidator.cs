using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Orchestrator.Contracts;

/// <summary>
/// Reads manifests that anyone may have written. A manifest that passes has bounded counts, names and sizes, contiguous layers, and
/// neighbours that agree on every boundary tensor; nothing about the shards' own bytes is implied.
/// </summary>
public static class ManifestValidator
{
    /// <summary>Most bytes of a manifest.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>Most stages.</summary>
    public const int MaxStages = 256;

    /// <summary>Most decoder layers.</summary>
    public const int MaxLayers = 4096;

    /// <summary>Longest context, in tokens.</summary>
    public const int MaxContext = 1 << 24;

    /// <summary>Largest vocabulary.</summary>
    public const int MaxVocabulary = 1 << 24;

    /// <summary>Largest shard file, in bytes.</summary>
    public const long MaxShardBytes = 1L << 40;

    /// <summary>Most errors reported.</summary>
    public const int MaxErrors = 100;

    /// <summary>Parses and validates the JSON of a manifest; never throws.</summary>
    /// <param name="json">UTF-8 JSON, at most <see cref="MaxBytes"/>.</param>
    /// <param name="manifest">The manifest; null when there are errors.</param>
    /// <param name="errors">Everything that is wrong, at most <see cref="MaxErrors"/>; each names the place and what it must be.</param>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ModelManifest? manifest, out IReadOnlyList<string> errors)
    {
        manifest = null;
        if (json.Length > MaxBytes)
        {
            errors = [$"The manifest has {json.Length} bytes; at most {MaxBytes} are read."];
            return false;
        }

        ModelManifest? parsed;
        try
        {
            parsed = JsonSerializer.Deserialize(json, ContractsJson.Default.ModelManifest);
        }
        catch (JsonException e)
        {
            errors = [$"The manifest is not JSON of schema {ModelManifest.CurrentSchema}: {e.Message}"];
            return false;
        }

        errors = parsed is null ? ["The manifest is null."] : Validate(parsed);
        if (errors.Count > 0)
            return false;
        manifest = parsed!;
        return true;
    }

    /// <summary>Everything that is wrong with a manifest; empty when it may be used.</summary>
    public static IReadOnlyList<string> Validate(ModelManifest manifest)
    {
        if (manifest.SchemaVersion != ModelManifest.CurrentSchema)
            return [$"schemaVersion is {manifest.SchemaVersion}; this build reads {ModelManifest.CurrentSchema}. Shard the model again with this build."];
        var errors = new ErrorList(MaxErrors);
        ManifestHeader.Check(manifest, errors);
        if (manifest.Stages.Count is < 1 or > MaxStages)
            errors.Add($"stages has {manifest.Stages.Count} entries; it must have 1..{MaxStages}.");
        else if (manifest.Stages.Any(stage => stage is null))
            errors.Add("stages has a null entry.");
        else
            CheckStages(manifest, errors);
        return errors.All;
    }

    private static void CheckStages(ModelManifest manifest, ErrorList errors)
    {
        int layer = 0;
        for (int i = 0; i < manifest.Stages.Count; i++)
        {
            var stage = manifest.Stages[i];
            if (stage.Stage != i)
                errors.Add($"stages[{i}].stage is {stage.Stage}; it must be {i}.");
            if (stage.Layers.Start != layer || stage.Layers.End <= layer || stage.Layers.End > manifest.LayerCount)
                errors.Add($"stages[{i}].layers is {stage.Layers}; it must start at {layer}, hold a layer and end by {manifest.LayerCount}.");
            layer = stage.Layers.End;
            ManifestStage.Check(manifest, i, errors);
        }

        if (layer != manifest.LayerCount)
            errors.Add($"The stages' layers end at {layer}; they must cover [0,{manifest.LayerCount}).");
        long parameters = 0;
        foreach (var stage in manifest.Stages)
        {
            if (stage.ParameterCount < 0 || stage.ParameterCount > MaxShardBytes)
                errors.Add($"stages[{stage.Stage}].parameterCount is {stage.ParameterCount}; it must be 0..{MaxShardBytes}.");
            else
                parameters += stage.ParameterCount;
        }

        // Shared initializers are copied, so the shards may hold more than the model, never less.
        if (manifest.ParameterCount < 0 || manifest.ParameterCount > parameters)
            errors.Add($"parameterCount is {manifest.ParameterCount}; it must be 0..{parameters}, the sum over the stages.");
    }
}
