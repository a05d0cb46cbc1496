using System.Net.Security;

namespace Orchestrator.Gateway.Tls;

/// <summary>
/// The certificate that new connections are shown. The files are looked at once a minute: a renewed certificate is taken without a restart, one that
/// cannot be read is not, and the old one stays. Connections keep the one they were opened with.
/// </summary>
public sealed partial class CertificateFiles : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly string certificateFile;
    private readonly string keyFile;
    private readonly ILogger log;
    private readonly ITimer timer;
    private volatile Loaded current;

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">They cannot be used.</exception>
    public CertificateFiles(Hosting.GatewayOptions options, TimeProvider time, ILogger log)
    {
        (certificateFile, keyFile, this.log) = (options.CertificateFile, options.CertificateKeyFile, log);
        if (options.SelfSigned)
            ServerCertificate.LoadOrCreate(certificateFile, keyFile, options.Names, time.GetUtcNow());
        current = Load();
        timer = time.CreateTimer(_ => Refresh(), null, Interval, Interval);
    }

    /// <summary>The certificate now.</summary>
    public ServerCertificate Current => current.Certificate;

    /// <summary>What Kestrel presents.</summary>
    public SslStreamCertificateContext Context => current.Context;

    /// <summary>Reads the files again when they have changed.</summary>
    public void Refresh()
    {
        try
        {
            if (Stamp() == current.Stamp)
                return;
            current = Load();
            Renewed(log, current.Certificate.Digest.Value, current.Certificate.Leaf.NotAfter);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            Kept(log, e.Message);
        }
    }

    /// <inheritdoc />
    public void Dispose() => timer.Dispose();

    private Loaded Load()
    {
        string stamp = Stamp();
        var certificate = ServerCertificate.Load(certificateFile, keyFile);
        return new Loaded(certificate, SslStreamCertificateContext.Create(certificate.Leaf, certificate.Chain, offline: true), stamp);
    }

    private string Stamp() => $"{File.GetLastWriteTimeUtc(certificateFile):O}|{File.GetLastWriteTimeUtc(keyFile):O}";

    private sealed record Loaded(ServerCertificate Certificate, SslStreamCertificateContext Context, string Stamp);

    [LoggerMessage(400, LogLevel.Information, "New connections are shown certificate {Digest}, good until {NotAfter}")]
    private static partial void Renewed(ILogger log, string digest, DateTime notAfter);

    [LoggerMessage(401, LogLevel.Error, "The changed certificate files cannot be used, the old certificate stays: {Reason}")]
    private static partial void Kept(ILogger log, string reason);
}
