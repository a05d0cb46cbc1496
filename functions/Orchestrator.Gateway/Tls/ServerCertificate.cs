using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Tls;

/// <summary>A certificate with its key and the certificates between it and its root.</summary>
public sealed class ServerCertificate : IDisposable
{
    private ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        (Leaf, Chain) = (leaf, chain);
        Digest = Digest.Of(leaf.RawData);
    }

    /// <summary>The certificate that is shown, with its key.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>What goes along with it.</summary>
    public X509Certificate2Collection Chain { get; }

    /// <summary>SHA-256 of the certificate's DER form: what nodes pin and sign.</summary>
    public Digest Digest { get; }

    /// <summary>Reads two PEM files.</summary>
    /// <exception cref="InvalidDataException">They are no certificate and key that belong together; the message says so.</exception>
    public static ServerCertificate Load(string certificateFile, string keyFile)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            return new ServerCertificate(leaf, [.. chain.Skip(1)]);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidDataException($"{certificateFile} and {keyFile} are not a PEM certificate and its private key: {e.Message}", e);
        }
    }

    /// <summary>Reads two PEM files, after making them when both are missing: ECDSA P-256, self-signed, good for ten years.</summary>
    public static ServerCertificate LoadOrCreate(string certificateFile, string keyFile, IEnumerable<string> names, DateTimeOffset now)
    {
        if (!File.Exists(certificateFile) && !File.Exists(keyFile))
            Create(certificateFile, keyFile, names, now);
        return Load(certificateFile, keyFile);
    }

    /// <summary>Whether another is the same certificate and comes with the same ones.</summary>
    public bool IsSame(ServerCertificate other) =>
        Digest == other.Digest && Chain.Select(c => c.Thumbprint).SequenceEqual(other.Chain.Select(c => c.Thumbprint));

    /// <inheritdoc />
    public void Dispose()
    {
        Leaf.Dispose();
        foreach (var certificate in Chain)
            certificate.Dispose();
    }

    private static void Create(string certificateFile, string keyFile, IEnumerable<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=orchestrator-gateway", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var subject = new SubjectAlternativeNameBuilder();
        foreach (string name in names.Append("localhost").Distinct())
        {
            if (IPAddress.TryParse(name, out var address))
                subject.AddIpAddress(address);
            else
                subject.AddDnsName(name);
        }

        request.CertificateExtensions.Add(subject.Build());
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        foreach (string file in new[] { certificateFile, keyFile })
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        WriteSecret(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
    }

    private static void WriteSecret(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }
}
