using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Bearer tokens of a real issuer on this machine.</summary>
public sealed class OidcTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
    private LocalIssuer issuer = null!;
    private OidcTokens tokens = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await LocalIssuer.StartAsync();
        tokens = Tokens(issuer.Url);
    }

    public async ValueTask DisposeAsync()
    {
        tokens.Dispose();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task A_token_of_the_issuer_is_its_claims_account()
    {
        (await FindAsync(issuer.Token(time.GetUtcNow()))).ShouldBe(new Caller("user", Role.User));
        (await FindAsync(issuer.Token(time.GetUtcNow(), account: "boss", roles: ["x", "orchestrator-admin"]))).ShouldBe(new Caller("boss", Role.Admin));
        (await FindAsync(issuer.Token(time.GetUtcNow(), roles: ["orchestrator-admins"]))).ShouldBe(new Caller("user", Role.User));
    }

    [Fact]
    public async Task A_token_is_refused_after_it_has_expired()
    {
        string token = issuer.Token(time.GetUtcNow(), lifetime: TimeSpan.FromMinutes(10));

        (await FindAsync(token)).ShouldNotBeNull();
        time.Advance(TimeSpan.FromMinutes(12));
        (await FindAsync(token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_token_for_another_audience_or_of_another_issuer_is_refused()
    {
        (await FindAsync(issuer.Token(time.GetUtcNow(), audience: "another"))).ShouldBeNull();
        (await FindAsync(issuer.Token(time.GetUtcNow(), issuer: "https://elsewhere.example"))).ShouldBeNull();
    }

    [Fact]
    public async Task A_token_without_a_signature_is_refused()
    {
        string payload = issuer.Token(time.GetUtcNow()).Split('.')[1];

        (await FindAsync(Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""") + "." + payload + ".")).ShouldBeNull();
        (await FindAsync(Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""") + "." + payload + "." + Base64UrlEncoder.Encode("x"))).ShouldBeNull();
    }

    [Fact]
    public async Task A_token_whose_content_was_changed_is_refused()
    {
        string[] mine = issuer.Token(time.GetUtcNow()).Split('.');
        string[] other = issuer.Token(time.GetUtcNow(), account: "boss").Split('.');

        (await FindAsync($"{mine[0]}.{other[1]}.{mine[2]}")).ShouldBeNull();
    }

    [Fact]
    public async Task A_token_by_an_unknown_key_is_refused_and_does_not_make_us_read_keys_each_time()
    {
        (await FindAsync(issuer.Token(time.GetUtcNow()))).ShouldNotBeNull();
        for (int i = 0; i < 5; i++)
            (await FindAsync(issuer.Token(time.GetUtcNow(), key: LocalIssuer.NewKey()))).ShouldBeNull();

        issuer.Reads.ShouldBe(1);
    }

    [Fact]
    public async Task Rotated_keys_are_read_again()
    {
        (await FindAsync(issuer.Token(time.GetUtcNow()))).ShouldNotBeNull();
        issuer.Rotate();
        time.Advance(TimeSpan.FromSeconds(31));

        (await FindAsync(issuer.Token(time.GetUtcNow()))).ShouldNotBeNull();
        issuer.Reads.ShouldBe(2);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Not Valid")]
    [InlineData("protocol")]
    [InlineData("user\n")]
    public async Task A_token_that_names_no_account_of_ours_is_refused(string? account) =>
        (await FindAsync(issuer.Token(time.GetUtcNow(), account: account))).ShouldBeNull();

    [Fact]
    public async Task An_issuer_that_does_not_answer_is_unavailability_and_not_a_bad_token()
    {
        string token = issuer.Token(time.GetUtcNow());
        using var lost = Tokens("http://127.0.0.1:9");

        (await Should.ThrowAsync<ApiException>(() => lost.FindAsync(token, TestContext.Current.CancellationToken))).Status.ShouldBe(503);
    }

    [Fact]
    public async Task An_issuer_that_fails_is_not_asked_more_often_than_allowed()
    {
        issuer.Ailing = Task.FromResult(true);
        string token = issuer.Token(time.GetUtcNow());
        (await Should.ThrowAsync<ApiException>(() => FindAsync(token))).Status.ShouldBe(503);
        int once = issuer.Asked;
        for (int i = 0; i < 5; i++)
            (await Should.ThrowAsync<ApiException>(() => FindAsync(token))).Status.ShouldBe(503);
        issuer.Asked.ShouldBe(once);

        issuer.Ailing = Task.FromResult(false);
        time.Advance(TimeSpan.FromSeconds(31));
        (await FindAsync(token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Known_keys_serve_while_the_issuer_fails_and_bad_tokens_do_not_flood_it()
    {
        (await FindAsync(issuer.Token(time.GetUtcNow()))).ShouldNotBeNull();
        issuer.Ailing = Task.FromResult(true);
        time.Advance(TimeSpan.FromSeconds(31));
        (await FindAsync(issuer.Token(time.GetUtcNow(), key: LocalIssuer.NewKey()))).ShouldBeNull();
        int asked = issuer.Asked;

        for (int i = 0; i < 5; i++)
            (await FindAsync(issuer.Token(time.GetUtcNow(), key: LocalIssuer.NewKey()))).ShouldBeNull();
        (await FindAsync(issuer.Token(time.GetUtcNow()))).ShouldNotBeNull();
        issuer.Asked.ShouldBe(asked);
    }

    [Fact]
    public async Task Callers_of_a_silent_issuer_share_one_read_that_ends()
    {
        var silent = new TaskCompletionSource<bool>();
        issuer.Ailing = silent.Task;
        string token = issuer.Token(time.GetUtcNow());
        var waiting = Enumerable.Range(0, 5).Select(_ => FindAsync(token)).ToList();
        await Eventually.Holds(() => Task.FromResult(issuer.Asked == 1), () => $"asked {issuer.Asked} times");

        time.Advance(TimeSpan.FromSeconds(10));

        foreach (var caller in waiting)
            (await Should.ThrowAsync<ApiException>(() => caller)).Status.ShouldBe(503);
        issuer.Asked.ShouldBe(1);
        silent.SetResult(true);
    }

    [Fact]
    public void Api_keys_are_not_taken_for_tokens_and_nothing_is_without_an_issuer()
    {
        tokens.Takes("sk-something").ShouldBeFalse();
        tokens.Takes("eyJ.eyJ.x").ShouldBeTrue();
        using var none = Tokens("");
        none.Takes("eyJ.eyJ.x").ShouldBeFalse();
    }

    [Fact]
    public void Options_that_would_open_the_door_are_refused()
    {
        List<string> problems = [];

        new OidcOptions { Issuer = "http://plain.example", Audience = "", ClockSkew = TimeSpan.FromHours(1) }.Check(problems);

        problems.Count.ShouldBe(3);
    }

    private Task<Caller?> FindAsync(string token) => tokens.FindAsync(token, TestContext.Current.CancellationToken);

    private OidcTokens Tokens(string url) => new(
        new ControlPlaneOptions { Oidc = new OidcOptions { Issuer = url, Audience = "orchestrator", AllowHttp = true } }, time, NullLogger<OidcTokens>.Instance);
}
