using NSec.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>An Ed25519 key pair: a node's identity, or the platform's.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly Key key;

    private SigningKey(Key key)
    {
        this.key = key;
        PublicKey = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        Node = NodeId.FromPublicKey(PublicKey);
    }

    /// <summary>The raw 32-byte public key.</summary>
    public byte[] PublicKey { get; }

    /// <summary>The node id this key makes.</summary>
    public NodeId Node { get; }

    /// <summary>A key from a 32-byte seed (RFC 8032 private key).</summary>
    /// <exception cref="FormatException">The seed has another length.</exception>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != 32)
            throw new FormatException($"An Ed25519 seed has 32 bytes, this one has {seed.Length}.");
        return new SigningKey(Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey));
    }

    /// <summary>
    /// Reads a key file (64 hex digits: the seed), or makes one readable by its owner only when there is none.
    /// </summary>
    /// <exception cref="FormatException">The file holds something else; delete it to get a new identity.</exception>
    public static SigningKey LoadOrCreate(string path)
    {
        if (!File.Exists(path))
            Create(path);
        string text = File.ReadAllText(path).Trim();
        try
        {
            return FromSeed(Convert.FromHexString(text));
        }
        catch (FormatException e)
        {
            throw new FormatException($"{path} is not a key file (64 hex digits): restore it, or delete it to get a new identity.", e);
        }
    }

    /// <summary>Signs bytes; 64-byte signature.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => SignatureAlgorithm.Ed25519.Sign(key, data);

    /// <summary>Whether bytes were signed with the key of a raw 32-byte public key. Never throws on hostile input.</summary>
    public static bool Verifies(byte[] publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        NSec.Cryptography.PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var key) && SignatureAlgorithm.Ed25519.Verify(key!, data, signature);

    /// <inheritdoc />
    public void Dispose() => key.Dispose();

    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var key = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        string temporary = path + "." + Path.GetRandomFileName();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(temporary, options))
            writer.Write(Convert.ToHexStringLower(key.Export(KeyBlobFormat.RawPrivateKey)));
        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }
    }
}
