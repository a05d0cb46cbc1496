using System.Buffers;

namespace Orchestrator.Contracts;

/// <summary>Checks what a manifest says about the whole model.</summary>
internal static class ManifestHeader
{
    private const int MaxSpecialTokens = 256;

    private static readonly SearchValues<char> First = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> Rest = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    internal static bool IsModelName(string name) =>
        name.Length is >= 1 and <= 64 && First.Contains(name[0]) && name.AsSpan().IndexOfAnyExcept(Rest) < 0;

    internal static void Check(ModelManifest manifest, ErrorList errors)
    {
        if (!IsModelName(manifest.Name))
            errors.Add($"name is '{ManifestStage.Printable(manifest.Name)}'; it must match [a-z0-9][a-z0-9._-]{{0,63}}.");
        if (manifest.LayerCount is < 1 or > ManifestValidator.MaxLayers)
            errors.Add($"layerCount is {manifest.LayerCount}; it must be 1..{ManifestValidator.MaxLayers}.");
        if (manifest.ContextLength is < 1 or > ManifestValidator.MaxContext)
            errors.Add($"contextLength is {manifest.ContextLength}; it must be 1..{ManifestValidator.MaxContext}.");
        if (manifest.Vocabulary is < 1 or > ManifestValidator.MaxVocabulary)
            errors.Add($"vocabulary is {manifest.Vocabulary}; it must be 1..{ManifestValidator.MaxVocabulary}.");
        if (!Enum.IsDefined(manifest.KvLayout))
            errors.Add($"kvLayout is {manifest.KvLayout}; it must be one of {string.Join(", ", Enum.GetNames<KvLayout>())}.");
        CheckTokenizer(manifest, errors);
    }

    private static void CheckTokenizer(ModelManifest manifest, ErrorList errors)
    {
        var tokenizer = manifest.Tokenizer;
        if (tokenizer.Special.Count > MaxSpecialTokens)
        {
            errors.Add($"tokenizer.special has {tokenizer.Special.Count} entries; it may have {MaxSpecialTokens}.");
            return;
        }

        try
        {
            var made = TokenizerFactory.Create(tokenizer);
            if (made.VocabularySize > manifest.Vocabulary)
                errors.Add($"tokenizer has {made.VocabularySize} tokens; the model's vocabulary has only {manifest.Vocabulary}.");
        }
        catch (ArgumentException e)
        {
            errors.Add($"tokenizer: {ManifestStage.Printable(e.Message)}");
        }
    }
}
