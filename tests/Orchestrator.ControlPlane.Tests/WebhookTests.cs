using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NSec.Cryptography;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Webhooks;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

public sealed class WebhookTests : IAsyncLifetime
{
    private static readonly SigningKey Key = SigningKey.FromSeed(new byte[32]);
    private readonly List<(string Path, Dictionary<string, string> Headers, byte[] Body)> received = [];
    private RequestDelegate answer = http => { http.Response.StatusCode = 204; return Task.CompletedTask; };
    private WebApplication receiver = null!;
    private Uri address = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        receiver = builder.Build();
        receiver.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, Cancel);
            lock (received)
                received.Add((http.Request.Path, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
            await answer(http);
        });
        await receiver.StartAsync(Cancel);
        address = new Uri(receiver.Urls.First());
    }

    public async ValueTask DisposeAsync() => await receiver.DisposeAsync();

    [Theory]
    [InlineData("http://example.com/hook", "https")]
    [InlineData("ftp://example.com/hook", "https")]
    [InlineData("hook", "absolute")]
    [InlineData("https://user:secret@example.com/", "password")]
    [InlineData("https://example.com/#part", "fragment")]
    [InlineData("https://127.0.0.1/", "public")]
    [InlineData("https://2130706433/", "public")] // 127.0.0.1 as one number
    [InlineData("https://0x7f.1/", "public")]
    [InlineData("https://[::1]/", "public")]
    [InlineData("https://[::ffff:169.254.169.254]/", "public")]
    [InlineData("https://169.254.169.254/latest/meta-data", "public")]
    [InlineData("https://10.1.2.3/", "public")]
    public void A_url_that_must_not_be_called_is_refused_when_the_request_comes(string url, string reason) =>
        new WebhookTargets(new ControlPlaneOptions()).Problem(url).ShouldNotBeNull().ShouldContain(reason);

    [Theory]
    [InlineData("https://example.com/hook?token=1")]
    [InlineData("https://8.8.8.8:8443/")]
    [InlineData("https://[2606:4700::1111]/")]
    public void A_public_https_url_is_taken(string url) => new WebhookTargets(new ControlPlaneOptions()).Problem(url).ShouldBeNull();

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.255.255.255")]
    [InlineData("100.100.100.200")]
    [InlineData("127.8.8.8")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.0.1")]
    [InlineData("192.0.0.192")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.255.255")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void An_address_of_somebodys_own_network_is_not_public(string text) => PublicAddresses.Contain(IPAddress.Parse(text)).ShouldBeFalse();

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2a00:1450:4001::1")]
    public void An_address_of_the_internet_is_public(string text) => PublicAddresses.Contain(IPAddress.Parse(text)).ShouldBeTrue();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("169.254.169.254")]
    public async Task A_name_that_resolves_to_a_private_address_is_never_connected_to(string resolved)
    {
        using var sender = Sender(new WebhookOptions { AllowHttp = true }, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(resolved)]));

        var attempt = await sender.SendAsync($"http://rebinding.example:{address.Port}/", Event(), Cancel);

        attempt.Result.ShouldBe(WebhookResult.Refused);
        attempt.Detail.ShouldContain("public address");
        received.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_address_that_was_checked_is_the_one_connected_to()
    {
        int asked = 0;
        using var sender = Sender(Loopback, (_, _) => Task.FromResult<IPAddress[]>(Interlocked.Increment(ref asked) == 1 ? [IPAddress.Loopback] : [IPAddress.Parse("10.0.0.1")]));

        (await sender.SendAsync($"http://rebinding.example:{address.Port}/", Event(), Cancel)).Result.ShouldBe(WebhookResult.Delivered);
        (await sender.SendAsync($"http://rebinding.example:{address.Port}/", Event(), Cancel)).Result.ShouldBe(WebhookResult.Refused);

        asked.ShouldBe(2);
        received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_event_carries_its_id_its_time_and_a_signature_that_any_receiver_can_check()
    {
        using var sender = Sender(Loopback);

        (await sender.SendAsync($"{address}hook", Event(), Cancel)).Result.ShouldBe(WebhookResult.Delivered);

        var (path, headers, body) = received.ShouldHaveSingleItem();
        path.ShouldBe("/hook");
        JsonDocument.Parse(body).RootElement.GetProperty("type").GetString().ShouldBe("job.completed");
        long timestamp = long.Parse(headers["webhook-timestamp"]);
        Math.Abs(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - timestamp).ShouldBeLessThan(300);
        var key = PublicKey.Import(SignatureAlgorithm.Ed25519, Convert.FromBase64String(WebhookSignature.PublicKey(Key)["whpk_".Length..]), KeyBlobFormat.RawPublicKey);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{timestamp}."), .. body];
        byte[] signature = Convert.FromBase64String(headers["webhook-signature"]["v1a,".Length..]);
        SignatureAlgorithm.Ed25519.Verify(key, signed, signature).ShouldBeTrue();
        body[^2] ^= 1;
        SignatureAlgorithm.Ed25519.Verify(key, [.. Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{timestamp}."), .. body], signature).ShouldBeFalse();
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        answer = http => { http.Response.Redirect($"{address}elsewhere", permanent: false, preserveMethod: true); return Task.CompletedTask; };
        using var sender = Sender(Loopback);

        (await sender.SendAsync($"{address}hook", Event(), Cancel)).Result.ShouldBe(WebhookResult.Failed);

        received.ShouldHaveSingleItem().Path.ShouldBe("/hook");
    }

    [Fact]
    public async Task An_endless_answer_costs_nothing()
    {
        var ended = new TaskCompletionSource();
        answer = async http =>
        {
            try
            {
                byte[] part = new byte[64 * 1024];
                while (!http.RequestAborted.IsCancellationRequested)
                    await http.Response.Body.WriteAsync(part, http.RequestAborted);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
            }

            ended.TrySetResult();
        };
        using var sender = Sender(Loopback);

        (await sender.SendAsync($"{address}hook", Event(), Cancel)).Result.ShouldBe(WebhookResult.Delivered);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_is_given_up_after_the_attempts_time()
    {
        answer = http => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        using var sender = Sender(Loopback with { AttemptTimeout = TimeSpan.FromMilliseconds(200) });

        (await sender.SendAsync($"{address}hook", Event(), Cancel)).Result.ShouldBe(WebhookResult.Failed);
    }

    [Fact]
    public async Task Headers_without_end_are_a_failure()
    {
        answer = http => { http.Response.Headers["x-long"] = new string('x', 64 * 1024); return Task.CompletedTask; };
        using var sender = Sender(Loopback);

        (await sender.SendAsync($"{address}hook", Event(), Cancel)).Result.ShouldBe(WebhookResult.Failed);
    }

    [Theory]
    [InlineData(500, WebhookResult.Failed)]
    [InlineData(404, WebhookResult.Failed)]
    [InlineData(410, WebhookResult.Refused)]
    public async Task The_status_says_whether_to_try_again(int status, WebhookResult expected)
    {
        answer = http => { http.Response.StatusCode = status; return Task.CompletedTask; };
        using var sender = Sender(Loopback);

        (await sender.SendAsync($"{address}hook", Event(), Cancel)).Result.ShouldBe(expected);
    }

    private static WebhookOptions Loopback { get; } = new() { AllowHttp = true, AllowedNetworks = ["127.0.0.0/8"] };

    private static WebhookEvent Event() => WebhookEvent.Of(JobId.New(TimeProvider.System), "completed", TimeProvider.System.GetUtcNow(), null);

    private static WebhookSender Sender(WebhookOptions webhooks, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        var options = new ControlPlaneOptions { Webhooks = webhooks };
        var targets = new WebhookTargets(options);
        return new WebhookSender(new WebhookConnector(targets, resolve), targets, Key, options, TimeProvider.System);
    }
}
