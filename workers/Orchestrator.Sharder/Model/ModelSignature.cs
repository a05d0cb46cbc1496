using Orchestrator.Contracts;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Model;

/// <summary>What the inputs and outputs of a model mean.</summary>
/// <param name="Controls">Inputs that the edge or every stage makes: token ids, attention mask, positions.</param>
/// <param name="Caches">Key and value of every layer, in layer order, key before value.</param>
/// <param name="Logits">Name of the output with the logits.</param>
internal sealed record ModelSignature(IReadOnlyList<ControlInput> Controls, IReadOnlyList<CacheSlot> Caches, string Logits)
{
    private static readonly Dictionary<string, InputRole> Roles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["input_ids"] = InputRole.TokenIds,
        ["tokens"] = InputRole.TokenIds,
        ["token_ids"] = InputRole.TokenIds,
        ["attention_mask"] = InputRole.AttentionMask,
        ["position_ids"] = InputRole.PositionIds,
    };

    /// <summary>Number of decoder layers.</summary>
    public int Layers => Caches.Count / 2;

    /// <summary>Name of the input with the token ids.</summary>
    public string Tokens => Controls.First(control => control.Role == InputRole.TokenIds).Name;

    /// <summary>Reads a model's signature.</summary>
    /// <exception cref="InvalidDataException">The model is not a decoder with key/value caches; the message lists what is missing or unknown.</exception>
    public static ModelSignature Of(GraphProto graph)
    {
        var errors = new List<string>();
        var initializers = graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var controls = new List<ControlInput>();
        var pasts = new Dictionary<(int Layer, bool IsKey), ValueInfoProto>();
        foreach (var input in graph.Input.Where(input => !initializers.Contains(input.Name)))
        {
            if (Roles.TryGetValue(input.Name, out var role))
                controls.Add(ControlInput.Of(input, role, errors));
            else if (CacheNames.Parse(input.Name) is not { IsPast: true } cache)
                errors.Add($"Input '{ModelChecks.Printable(input.Name)}' has no known role. Known are input_ids, attention_mask, position_ids and past_key_values.N.key/value; export the model with those.");
            else if (!pasts.TryAdd((cache.Layer, cache.IsKey), input))
                errors.Add($"Two inputs are the past {(cache.IsKey ? "key" : "value")} of layer {cache.Layer}.");
        }

        if (controls.GroupBy(control => control.Role).Any(group => group.Count() > 1))
            errors.Add("Two inputs have the same role; keep one.");
        if (controls.All(control => control.Role != InputRole.TokenIds))
            errors.Add("The model has no input 'input_ids'; only decoders that take token ids can be cut.");
        var (presents, logits) = Outputs(graph, errors);
        var caches = Match(pasts, presents, errors);
        ModelChecks.Throw(errors);
        return new ModelSignature(controls, caches, logits!);
    }

    private static (Dictionary<(int, bool), string> Presents, string? Logits) Outputs(GraphProto graph, List<string> errors)
    {
        var presents = new Dictionary<(int, bool), string>();
        var others = new List<string>();
        foreach (var output in graph.Output)
        {
            if (CacheNames.Parse(output.Name) is not { IsPast: false } cache)
                others.Add(output.Name);
            else if (!presents.TryAdd((cache.Layer, cache.IsKey), output.Name))
                errors.Add($"Two outputs are the present {(cache.IsKey ? "key" : "value")} of layer {cache.Layer}.");
        }

        string? logits = others.Contains("logits", StringComparer.Ordinal) ? "logits" : others.Count == 1 ? others[0] : null;
        if (logits is null)
            errors.Add("The model has no output 'logits'; export it with a language-model head.");
        return (presents, logits);
    }

    private static List<CacheSlot> Match(
        Dictionary<(int Layer, bool IsKey), ValueInfoProto> pasts, Dictionary<(int Layer, bool IsKey), string> presents, List<string> errors)
    {
        if (pasts.Count == 0)
            errors.Add("The model has no key/value caches (past_key_values.N.key/value); export it with past, or it cannot generate token by token.");
        int layers = pasts.Count / 2;
        if (layers > ManifestValidator.MaxLayers)
            errors.Add($"The model has {layers} layers; at most {ManifestValidator.MaxLayers} are supported.");
        var slots = new List<CacheSlot>();
        foreach (var (key, present) in presents.Where(pair => !pasts.ContainsKey(pair.Key)))
            errors.Add($"Output '{ModelChecks.Printable(present)}' has no matching past input.");
        foreach (var (key, past) in pasts.OrderBy(pair => pair.Key.Layer).ThenByDescending(pair => pair.Key.IsKey))
        {
            if (key.Layer >= layers || !pasts.ContainsKey((key.Layer, !key.IsKey)))
                errors.Add($"Input '{ModelChecks.Printable(past.Name)}' breaks the row of caches: layers must be 0..{layers - 1}, each with a key and a value.");
            else if (!presents.TryGetValue(key, out string? present))
                errors.Add($"Input '{ModelChecks.Printable(past.Name)}' has no matching output present.{key.Layer}.{(key.IsKey ? "key" : "value")}.");
            else if (CacheSlot.Of(key.Layer, past, present, errors) is { } slot)
                slots.Add(slot);
        }

        return slots;
    }
}

/// <summary>An input with a role.</summary>
internal sealed record ControlInput(string Name, InputRole Role)
{
    internal static ControlInput Of(ValueInfoProto input, InputRole role, List<string> errors)
    {
        if (input.Type?.TensorType is not { } type || type.ElemType != (int)ElementType.Int64 || type.Shape is not { Dim.Count: 2 })
            errors.Add($"Input '{ModelChecks.Printable(input.Name)}' must be int64 with two axes; export it so.");
        return new ControlInput(input.Name, role);
    }

    /// <summary>Type and shape that the role implies.</summary>
    public TensorSpec Spec => new(ElementType.Int64,
        [TensorSizes.Batch, Role == InputRole.AttentionMask ? TensorSizes.Total : TensorSizes.Sequence], sizeof(long));
}

/// <summary>One key or value cache.</summary>
internal sealed record CacheSlot(int Layer, string Past, string Present, ElementType Type, long Heads, long HeadSize)
{
    internal static CacheSlot? Of(int layer, ValueInfoProto past, string present, List<string> errors)
    {
        var type = past.Type?.TensorType;
        if (type is not null && (ElementType)type.ElemType is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16
            && type.Shape is { Dim: { Count: 4 } dims } && dims[1].DimValue is > 0 and <= 1 << 16 && dims[3].DimValue is > 0 and <= 1 << 16)
        {
            return new CacheSlot(layer, past.Name, present, (ElementType)type.ElemType, dims[1].DimValue, dims[3].DimValue);
        }

        errors.Add($"Input '{ModelChecks.Printable(past.Name)}' must be floating point [batch, heads, sequence, head size] with fixed heads and head size; export it so.");
        return null;
    }

    /// <summary>Type and shape as the manifest states them.</summary>
    public TensorSpec Spec
    {
        get
        {
            long[] shape = [TensorSizes.Batch, Heads, TensorSizes.Total, HeadSize];
            return new TensorSpec(Type, shape, TensorSizes.BytesPerToken(Type, shape, 1));
        }
    }
}
