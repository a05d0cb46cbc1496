using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.Gateway.Tls;
using Orchestrator.TestKit;

namespace Orchestrator.Gateway.Tests;

/// <summary>A certificate that is renewed while the gateway runs, as a mounted secret brings it: links through one that is turned to another folder.</summary>
public sealed class CertificateTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private GatewayOptions Options => TestGateway.Options(folder) with { CertificateFile = folder["tls.crt"], CertificateKeyFile = folder["tls.key"], SelfSigned = false };

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_next_handshake_is_shown_a_renewed_certificate_and_open_streams_go_on()
    {
        var old = Mount();
        var platform = new FakePlatform();
        await using var gateway = await GatewayHost.StartAsync(Options with { PingInterval = TimeSpan.FromMinutes(1), Silence = TimeSpan.FromMinutes(10) }, platform, time);
        using var key = Some.Key();
        using var before = new RawNode(gateway, key, time);
        using var work = await before.JoinAsync();
        before.Shown.ShouldBe(old);

        var renewed = Mount();
        time.Advance(TimeSpan.FromMinutes(1));

        using var other = Some.Key(2);
        using var after = new RawNode(gateway, other, time);
        await after.LogInAsync();
        after.Shown.ShouldBe(renewed);
        renewed.ShouldNotBe(old);
        await before.LogInAsync();
        await before.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(key));
        platform.Published.Items.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("tls.crt", "")]
    [InlineData("tls.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")]
    [InlineData("tls.key", "not a key")]
    [InlineData("tls.key", null)]
    public void A_broken_one_is_told_once_and_the_old_one_stays_until_a_good_one_comes(string file, string? content)
    {
        var old = Mount();
        var log = new Lines();
        using var certificates = new CertificateFiles(Options, time, log);

        Mount(made => Break(Path.Combine(made, file), content));
        time.Advance(TimeSpan.FromMinutes(3));

        certificates.Current.Digest.ShouldBe(old);
        log.Items.ShouldHaveSingleItem().ShouldBe((LogLevel.Error, 401));

        var good = Mount();
        time.Advance(TimeSpan.FromMinutes(1));

        certificates.Current.Digest.ShouldBe(good);
        certificates.Context.TargetCertificate.RawData.ShouldBe(certificates.Current.Leaf.RawData);
        log.Items[^1].ShouldBe((LogLevel.Information, 400));
    }

    [Fact]
    public void A_key_of_another_certificate_is_not_taken()
    {
        var old = Mount();
        string others = Path.Combine(Made(), "tls.key");
        var log = new Lines();
        using var certificates = new CertificateFiles(Options, time, log);

        Mount(made => File.Copy(others, Path.Combine(made, "tls.key"), overwrite: true));
        time.Advance(TimeSpan.FromMinutes(1));

        certificates.Current.Digest.ShouldBe(old);
        log.Items.ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Error);
    }

    [Fact]
    public void The_same_certificate_with_another_one_along_is_taken()
    {
        string first = Made();
        Turn(first);
        using var certificates = new CertificateFiles(Options, time, new Lines());
        string second = Made();

        File.AppendAllText(Path.Combine(first, "tls.crt"), "\n" + File.ReadAllText(Path.Combine(second, "tls.crt")));
        time.Advance(TimeSpan.FromMinutes(1));

        certificates.Current.Chain.Count.ShouldBe(1);
    }

    /// <summary>Mounts a new certificate; its digest.</summary>
    private Digest Mount(Action<string>? change = null)
    {
        string made = Made();
        using var certificate = ServerCertificate.Load(Path.Combine(made, "tls.crt"), Path.Combine(made, "tls.key"));
        change?.Invoke(made);
        Turn(made);
        return certificate.Digest;
    }

    private string Made()
    {
        string made = folder[Guid.NewGuid().ToString("n")];
        ServerCertificate.LoadOrCreate(Path.Combine(made, "tls.crt"), Path.Combine(made, "tls.key"), ["127.0.0.1"], time.GetUtcNow()).Dispose();
        return made;
    }

    // As the kubelet does it: the files' own links stay as they are.
    private void Turn(string made)
    {
        File.Delete(folder["..data"]);
        File.CreateSymbolicLink(folder["..data"], Path.GetFileName(made));
        foreach (string file in new[] { "tls.crt", "tls.key" }.Where(f => !File.Exists(folder[f])))
            File.CreateSymbolicLink(folder[file], Path.Combine("..data", file));
    }

    private static void Break(string file, string? content)
    {
        File.Delete(file);
        if (content is not null)
            File.WriteAllText(file, content);
    }

    private sealed class Lines : ILogger
    {
        public List<(LogLevel Level, int Id)> Items { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Items.Add((logLevel, eventId.Id));
    }
}
