using System.Globalization;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Model;

/// <summary>What a model says about itself beyond its graph, in <c>metadata_props</c>.</summary>
internal static class ModelMetadata
{
    private const string ContextKey = "orchestrator.context_length";
    private const string TokenizerKey = "orchestrator.tokenizer";
    private const string SpecialKey = "orchestrator.special_tokens";

    /// <summary>The context length asked for, or the model's own.</summary>
    /// <exception cref="InvalidDataException">Neither says one, or it cannot be.</exception>
    public static int ContextLength(ModelProto model, int? asked, int shortest)
    {
        int? own = Find(model, ContextKey) switch
        {
            null => null,
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) => value,
            var text => throw new InvalidDataException($"The model's {ContextKey} is '{ModelChecks.Printable(text)}', which is not a number of tokens."),
        };
        int length = asked ?? own ?? throw new InvalidDataException($"The model does not say its context length; pass one, or write metadata '{ContextKey}'.");
        if (asked > own)
            throw new InvalidDataException($"The model's context is {own} tokens; {asked} were asked for.");
        if (length < shortest || length > ManifestValidator.MaxContext)
            throw new InvalidDataException($"The context length is {length}; it must be {shortest}..{ManifestValidator.MaxContext} tokens.");
        return length;
    }

    /// <summary>The tokenizer asked for, or the model's own.</summary>
    /// <exception cref="InvalidDataException">Neither says one, or this build does not know it.</exception>
    public static TokenizerSpec Tokenizer(ModelProto model, TokenizerSpec? asked)
    {
        if (asked is not null)
            return asked;
        string kind = Find(model, TokenizerKey) ?? throw new InvalidDataException($"The model does not say its tokenizer; pass one, or write metadata '{TokenizerKey}'.");
        if (kind != TokenizerSpec.Byte)
            throw new InvalidDataException($"The model's tokenizer is '{ModelChecks.Printable(kind)}'; this build knows '{TokenizerSpec.Byte}'.");
        return Find(model, SpecialKey) is { } special ? new TokenizerSpec(kind, Special(special)) : TokenizerSpec.ByteDefault;
    }

    // Keys are written as they look in text, <|user|>; the manifest names roles, user.
    private static SortedDictionary<string, int> Special(string json)
    {
        try
        {
            var special = new SortedDictionary<string, int>(StringComparer.Ordinal);
            using var document = JsonDocument.Parse(json);
            foreach (var entry in document.RootElement.EnumerateObject())
                special[entry.Name.Replace("<|", "", StringComparison.Ordinal).Replace("|>", "", StringComparison.Ordinal)] = entry.Value.GetInt32();
            return special;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"The model's {SpecialKey} is not a JSON object of token ids: {e.Message}", e);
        }
    }

    private static string? Find(ModelProto model, string key) => model.MetadataProps.LastOrDefault(entry => entry.Key == key)?.Value;
}
