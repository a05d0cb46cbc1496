namespace Orchestrator.Contracts;

/// <summary>A raw Ed25519 public key in configuration: 64 hex digits.</summary>
public static class PublicKeyText
{
    /// <summary>What is asked for, to follow the name of a setting.</summary>
    public const string Fix = "must be 64 hex digits and no placeholder of zeros: copy the platform's public key.";

    /// <summary>Reads the key's 32 bytes; false for other text, and for zeros alone, which examples show and no key pair has.</summary>
    public static bool TryParse(string? text, out byte[] key)
    {
        bool valid = text is { Length: 64 } && text.All(char.IsAsciiHexDigit) && text.Any(c => c != '0');
        key = valid ? Convert.FromHexString(text!) : [];
        return valid;
    }
}
