using System.Net.Security;
using System.Security.Cryptography;
using Orchestrator.Gateway.Diagnostics;

namespace Orchestrator.Gateway.Tls;

/// <summary>
/// The certificate that new connections are shown. The files are read once a minute: a renewed certificate is taken without a restart, one that
/// cannot be used is not, and the old one stays. Connections keep the one they were opened with.
/// </summary>
public sealed partial class CertificateFiles : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly string certificateFile;
    private readonly string keyFile;
    private readonly ILogger log;
    private readonly ITimer timer;
    private volatile Loaded current;
    private string? problem;

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">They cannot be used.</exception>
    public CertificateFiles(Hosting.GatewayOptions options, TimeProvider time, ILogger log)
    {
        (certificateFile, keyFile, this.log) = (options.CertificateFile, options.CertificateKeyFile, log);
        if (options.SelfSigned)
            ServerCertificate.LoadOrCreate(certificateFile, keyFile, options.Names, time.GetUtcNow());
        current = new Loaded(ServerCertificate.Load(certificateFile, keyFile));
        GatewayTelemetry.CertificateEnds(current.Certificate.Leaf.NotAfter);
        timer = time.CreateTimer(_ => Refresh(), null, Interval, Interval);
    }

    /// <summary>The certificate now.</summary>
    public ServerCertificate Current => current.Certificate;

    /// <summary>What Kestrel presents.</summary>
    public SslStreamCertificateContext Context => current.Context;

    /// <summary>Takes what the files hold now, when it is another certificate than the one that is shown.</summary>
    public void Refresh()
    {
        try
        {
            // Never by the files' times: a mounted secret is a link, whose own time stays when what it leads to is replaced.
            var found = ServerCertificate.Load(certificateFile, keyFile);
            if (found.IsSame(current.Certificate))
            {
                found.Dispose();
            }
            else
            {
                current = new Loaded(found);
                Renewed(log, found.Digest.Value, found.Leaf.NotAfter);
            }

            problem = null;
        }
        catch (Exception e) when (e is InvalidDataException or CryptographicException)
        {
            // Once, not once a minute.
            if (problem != e.Message)
                Kept(log, problem = e.Message);
        }

        GatewayTelemetry.CertificateEnds(current.Certificate.Leaf.NotAfter);
    }

    /// <inheritdoc />
    public void Dispose() => timer.Dispose();

    private sealed class Loaded(ServerCertificate certificate)
    {
        public ServerCertificate Certificate => certificate;

        public SslStreamCertificateContext Context { get; } = SslStreamCertificateContext.Create(certificate.Leaf, certificate.Chain, offline: true);
    }

    [LoggerMessage(400, LogLevel.Information, "New connections are shown certificate {Digest}, good until {NotAfter}")]
    private static partial void Renewed(ILogger log, string digest, DateTime notAfter);

    [LoggerMessage(401, LogLevel.Error, "The changed certificate files cannot be used, the old certificate stays: {Reason}")]
    private static partial void Kept(ILogger log, string reason);
}
