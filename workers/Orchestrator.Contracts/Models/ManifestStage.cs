namespace Orchestrator.Contracts;

/// <summary>Checks one stage of a manifest, and that it agrees with the stage before it.</summary>
internal static class ManifestStage
{
    private const int MaxName = 512;
    private const int MaxBoundaryTensors = 1024;

    internal static void Check(ModelManifest manifest, int index, ErrorList errors)
    {
        var stage = manifest.Stages[index];
        string at = $"stages[{index}]";
        if (stage.Blob == default)
            errors.Add($"{at}.blob is empty; it must be the SHA-256 of the shard's file.");
        if (stage.Bytes is < 1 or > ManifestValidator.MaxShardBytes)
            errors.Add($"{at}.bytes is {stage.Bytes}; it must be 1..{ManifestValidator.MaxShardBytes}.");
        if (stage.ModelInputs.Count > 3 || stage.Receives.Count > MaxBoundaryTensors || stage.Sends.Count > MaxBoundaryTensors
            || stage.Caches.Count > 2 * ManifestValidator.MaxLayers)
        {
            errors.Add($"{at} has too many tensors; it may have 3 model inputs, {MaxBoundaryTensors} boundary tensors each way and {2 * ManifestValidator.MaxLayers} caches.");
            return;
        }

        if (stage.ModelInputs.Any(t => t is null) || stage.Receives.Any(t => t is null) || stage.Sends.Any(t => t is null) || stage.Caches.Any(t => t is null))
        {
            errors.Add($"{at} has a null tensor.");
            return;
        }

        int context = Math.Clamp(manifest.ContextLength, 1, ManifestValidator.MaxContext);
        CheckInputs(stage, index, at, context, errors);
        CheckBoundaries(manifest, index, at, context, errors);
        CheckCaches(stage, at, context, errors);
        CheckNames($"{at} graph inputs",
            [.. stage.ModelInputs.Select(t => t.Name), .. stage.Receives.Select(t => t.Name), .. stage.Caches.Select(t => t.Past)], errors);
        CheckNames($"{at} graph outputs", [.. stage.Sends.Select(t => t.Name), .. stage.Caches.Select(t => t.Present)], errors);
    }

    internal static string Printable(string text)
    {
        string cut = text.Length > 80 ? text[..80] + "…" : text;
        return string.Create(cut.Length, cut, (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
        });
    }

    private static void CheckInputs(ShardManifest stage, int index, string at, int context, ErrorList errors)
    {
        foreach (var input in stage.ModelInputs)
        {
            string name = $"{at}.modelInputs '{Printable(input.Name)}'";
            long[]? shape = input.Role switch
            {
                InputRole.TokenIds or InputRole.PositionIds => [TensorSizes.Batch, TensorSizes.Sequence],
                InputRole.AttentionMask => [TensorSizes.Batch, TensorSizes.Total],
                _ => null,
            };
            if (shape is null)
                errors.Add($"{name} has the unknown role {input.Role}.");
            else if (input.Spec.ElementType != ElementType.Int64 || !input.Spec.Shape.SequenceEqual(shape))
                errors.Add($"{name} must be Int64 [{string.Join(", ", shape)}].");
            CheckSpec(name, input.Spec, context, errors);
        }

        if (stage.ModelInputs.Select(t => t.Role).Distinct().Count() != stage.ModelInputs.Count)
            errors.Add($"{at}.modelInputs gives one role to two inputs.");
        if (stage.ModelInputs.Any(t => t.Role == InputRole.TokenIds) != (index == 0))
            errors.Add($"{at}.modelInputs: stage 0, and no other, takes the token ids.");
    }

    private static void CheckBoundaries(ModelManifest manifest, int index, string at, int context, ErrorList errors)
    {
        var stage = manifest.Stages[index];
        bool last = index == manifest.Stages.Count - 1;
        foreach (var tensor in stage.Receives.Concat(stage.Sends))
            CheckSpec($"{at} boundary '{Printable(tensor.Name)}'", tensor.Spec, context, errors);

        if (index == 0 && stage.Receives.Count > 0)
            errors.Add($"{at}.receives must be empty: nothing comes before stage 0.");
        if (index > 0 && manifest.Stages[index - 1].Sends is var sends && sends.All(t => t is not null) && !Agree(sends, stage.Receives))
            errors.Add($"{at}.receives must list the names, types and shapes that stages[{index - 1}].sends lists, in that order.");
        if (last && (stage.Sends.Count != 1 || !IsLogits(stage.Sends[0].Spec, manifest.Vocabulary)))
            errors.Add($"{at}.sends must be the logits only: floating point [-1, -2, {manifest.Vocabulary}].");
        if (!last && stage.Sends.Count == 0)
            errors.Add($"{at}.sends is empty; the next stage needs a tensor.");

        var received = stage.Receives.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var sent = stage.Sends.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var tensor in stage.Sends.Where(t => t.Consumed == received.Contains(t.Name)))
            errors.Add($"{at}.sends '{Printable(tensor.Name)}' must be produced here or received, and not both.");
        foreach (var tensor in stage.Receives.Where(t => !t.Consumed && !sent.Contains(t.Name)))
            errors.Add($"{at}.receives '{Printable(tensor.Name)}' is neither read nor passed on.");

        try
        {
            long sum = stage.Sends.Aggregate(0L, (bytes, tensor) => checked(bytes + tensor.Spec.BytesPerToken));
            if (stage.BytesPerToken != sum)
                errors.Add($"{at}.bytesPerToken is {stage.BytesPerToken}; its sends add up to {sum}.");
        }
        catch (OverflowException)
        {
            errors.Add($"{at}.sends are too large together.");
        }
    }

    private static void CheckCaches(ShardManifest stage, string at, int context, ErrorList errors)
    {
        if (stage.Caches.Count != 2L * stage.Layers.Count || stage.Caches.Where((cache, i) => cache.Layer != stage.Layers.Start + i / 2).Any())
            errors.Add($"{at}.caches must be a key and a value for each layer of {stage.Layers}, in order.");
        foreach (var cache in stage.Caches)
        {
            string name = $"{at}.caches '{Printable(cache.Past)}'";
            var shape = cache.Spec.Shape;
            if (!IsFloat(cache.Spec.ElementType) || shape.Count != 4 || shape[0] != TensorSizes.Batch || shape[1] < 1 || shape[2] != TensorSizes.Total || shape[3] < 1)
                errors.Add($"{name} must be floating point [-1, heads, -3, head size].");
            CheckSpec(name, cache.Spec, context, errors);
        }
    }

    private static void CheckSpec(string name, TensorSpec spec, int context, ErrorList errors)
    {
        if (!Enum.IsDefined(spec.ElementType))
        {
            errors.Add($"{name} has the unknown element type {spec.ElementType}.");
            return;
        }

        if (spec.Shape.Count > 8 || spec.Shape.Any(axis => axis is < TensorSizes.Total or 0 or > int.MaxValue))
        {
            errors.Add($"{name} must have at most 8 axes, each -3..-1 or 1..{int.MaxValue}.");
            return;
        }

        try
        {
            long bytes = TensorSizes.BytesPerToken(spec.ElementType, spec.Shape, context);
            long whole = TensorSizes.Bytes(spec.ElementType, spec.Shape, batch: 1, context, context);
            if (whole > ManifestValidator.MaxShardBytes)
                errors.Add($"{name} has {whole} bytes for a full context; at most {ManifestValidator.MaxShardBytes} are allowed.");
            if (spec.BytesPerToken != bytes)
                errors.Add($"{name} has bytesPerToken {spec.BytesPerToken}; its type and shape make {bytes}.");
        }
        catch (OverflowException)
        {
            errors.Add($"{name} is too large.");
        }
    }

    private static void CheckNames(string what, List<string> names, ErrorList errors)
    {
        foreach (string name in names.Where(n => n.Length is < 1 or > MaxName || n.Any(char.IsControl)))
            errors.Add($"{what}: '{Printable(name)}' must have 1..{MaxName} printable characters.");
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
            errors.Add($"{what} name a tensor twice.");
    }

    private static bool Agree(IReadOnlyList<BoundaryTensor> sends, IReadOnlyList<BoundaryTensor> receives) =>
        sends.Count == receives.Count && sends.Zip(receives).All(pair =>
            pair.First.Name == pair.Second.Name
            && pair.First.Spec.ElementType == pair.Second.Spec.ElementType
            && pair.First.Spec.Shape.SequenceEqual(pair.Second.Spec.Shape));

    private static bool IsLogits(TensorSpec spec, int vocabulary) =>
        IsFloat(spec.ElementType) && spec.Shape.SequenceEqual([TensorSizes.Batch, TensorSizes.Sequence, vocabulary]);

    private static bool IsFloat(ElementType type) =>
        type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 or ElementType.Float64;
}
