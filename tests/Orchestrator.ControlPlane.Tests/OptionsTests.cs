using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>What a misconfigured platform is told at start.</summary>
public sealed class OptionsTests : IDisposable
{
    private readonly TempFolder folder = new();

    [Fact]
    public void All_problems_are_named_at_once()
    {
        var error = Should.Throw<InvalidOperationException>(() => new ServiceCollection().AddControlPlane(new ControlPlaneOptions { DefaultChains = 9, JobDeadline = TimeSpan.Zero, JobRetention = TimeSpan.FromDays(7) }));

        foreach (string name in new[] { "ApiKeysFile", "PlatformKeyFile", "BlobFolder", "DefaultChains", "JobDeadline", "JobRetention" })
            error.Message.ShouldContain(name);
    }

    [Theory]
    [InlineData("""{"keys":[]}""", "no keys")]
    [InlineData("not json", "cannot be read")]
    [InlineData("""{"keys":[{"sha256":"short","account":"a"}]}""", "cannot be read")]
    [InlineData("""{"keys":[{"sha256":"HASH","account":"Not Valid"}]}""", "account")]
    [InlineData("""{"keys":[{"sha256":"HASH","account":"protocol"}]}""", "protocol")]
    [InlineData("""{"keys":[{"sha256":"HASH","account":"a","initialCredit":5}]}""", "grantedAt")]
    [InlineData("""{"keys":[{"sha256":"HASH","account":"a"},{"sha256":"HASH","account":"b"}]}""", "twice")]
    public void A_bad_keys_file_says_what_is_wrong(string json, string expected)
    {
        List<string> problems = [];

        ApiKeyRing.TryLoad(folder.Write("keys.json", Encoding.UTF8.GetBytes(json.Replace("HASH", Hash("k")))), problems).ShouldBeNull();

        problems.ShouldContain(p => p.Contains(expected));
    }

    [Fact]
    public void A_key_is_found_by_its_hash_alone()
    {
        string json = $$"""{"keys":[{"sha256":"{{Hash("secret")}}","account":"dev","role":"admin"}]}""";

        var keys = ApiKeyRing.TryLoad(folder.Write("keys.json", Encoding.UTF8.GetBytes(json)), [])!;

        keys.Find("secret").ShouldBe(new Caller("dev", Role.Admin));
        keys.Find("Secret").ShouldBeNull();
        keys.Find(Hash("secret")).ShouldBeNull();
        keys.Find("").ShouldBeNull();
    }

    [Fact]
    public void Stream_tokens_follow_from_the_platforms_key_and_the_session()
    {
        JobId.TryParse("job-" + new string('1', 32), out var job).ShouldBeTrue();
        var session = SessionId.Derive(job, 0, 0);
        using var key = SigningKey.FromSeed(new byte[32]);
        using var other = SigningKey.FromSeed([.. Enumerable.Repeat((byte)1, 32)]);

        new StreamTokens(key).Of(session).ShouldBe(new StreamTokens(key).Of(session));
        new StreamTokens(key).Of(session).ShouldNotBe(new StreamTokens(other).Of(session));
        new StreamTokens(key).Of(session).ShouldNotBe(new StreamTokens(key).Of(SessionId.Derive(job, 0, 1)));
        new StreamTokens(key).DigestOf(session).ShouldBe(Digest.Of(Encoding.UTF8.GetBytes(new StreamTokens(key).Of(session))));
    }

    public void Dispose() => folder.Dispose();

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
