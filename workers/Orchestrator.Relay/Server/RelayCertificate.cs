using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;

namespace Orchestrator.Relay.Server;

/// <summary>A self-signed certificate for relays without an authority: nodes pin it by its digest, so it is kept in a file and must not change.</summary>
public static class RelayCertificate
{
    /// <summary>Reads a PEM file with certificate and key, or makes one readable by its owner only when there is none.</summary>
    /// <exception cref="CryptographicException">The file holds something else.</exception>
    public static X509Certificate2 LoadOrCreate(string path, TimeProvider time)
    {
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using var made = Create(time, out string key);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var writer = new StreamWriter(path, options);
            writer.Write(made.ExportCertificatePem() + "\n" + key + "\n");
        }

        return X509Certificate2.CreateFromPemFile(path);
    }

    /// <summary>Makes a certificate that lives in memory.</summary>
    public static X509Certificate2 Create(TimeProvider time) => Create(time, out _);

    /// <summary>What nodes pin.</summary>
    public static Digest DigestOf(X509Certificate certificate) => Digest.Of(certificate.GetRawCertData());

    private static X509Certificate2 Create(TimeProvider time, out string keyPem)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=relay", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        keyPem = key.ExportPkcs8PrivateKeyPem();
        var now = time.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
    }
}
