using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Identity;

/// <summary>
/// The node's TLS certificate: self-signed ECDSA P-256, made at start and held in memory only. Peers trust it by its digest, which the
/// node signs into its record, so its names and dates carry no meaning.
/// </summary>
public sealed class NodeCertificate : IDisposable
{
    private NodeCertificate(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Digest = DigestOf(certificate);
    }

    /// <summary>The certificate with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>SHA-256 of its DER form.</summary>
    public Digest Digest { get; }

    /// <summary>Makes a certificate for a node.</summary>
    public static NodeCertificate Create(NodeId node, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={node}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var now = time.GetUtcNow();
        return new NodeCertificate(request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10)));
    }

    /// <summary>SHA-256 of a certificate's DER form.</summary>
    public static Digest DigestOf(X509Certificate certificate) => Digest.Of(certificate.GetRawCertData());

    /// <inheritdoc />
    public void Dispose() => Certificate.Dispose();
}
