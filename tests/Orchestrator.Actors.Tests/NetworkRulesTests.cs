using System.Text.Json;
using Orchestrator.Core.Stake;

namespace Orchestrator.Actors.Tests;

public sealed class NetworkRulesTests
{
    [Fact]
    public void An_empty_file_is_the_default()
    {
        NetworkRules.Load("").ShouldBeSameAs(NetworkRules.Default);
        NetworkRules.Parse("{}").Fingerprint.ShouldBe(NetworkRules.Default.Fingerprint);
    }

    [Fact]
    public void A_file_changes_what_it_names_and_nothing_else()
    {
        var rules = NetworkRules.Parse("""
            {
              // two weeks
              "stakeRules": { "unbondingDelay": "14.00:00:00", "slashes": { "rules": [ { "fault": "LazyAudit", "basisPoints": 1, "minimum": 2, "jail": "01:00:00", "tombstone": false } ] } },
              "liveness": { "missedHeartbeats": 7 }
            }
            """);

        rules.StakeRules.UnbondingDelay.ShouldBe(TimeSpan.FromDays(14));
        rules.StakeRules.TreasuryAccount.ShouldBe(StakeRules.Default.TreasuryAccount);
        rules.StakeRules.Slashes.Rules.ShouldHaveSingleItem().ShouldBe(new SlashRule(FaultKind.LazyAudit, 1, 2, TimeSpan.FromHours(1), false));
        rules.StakeRules.Slashes.Split.ShouldBe(SlashSchedule.Default.Split);
        rules.Liveness.ShouldBe(NetworkRules.Default.Liveness with { MissedHeartbeats = 7 });
        rules.Reputation.ShouldBe(NetworkRules.Default.Reputation);
    }

    [Theory]
    [InlineData("""{ "liveness": { "missedHeartbeats": 4 } }""")]
    [InlineData("""{ "reputation": { "presence": { "threshold": 0.61 } } }""")]
    [InlineData("""{ "stakeRules": { "slashes": { "split": { "reporterBasisPoints": 2501 } } } }""")]
    public void Any_difference_changes_the_fingerprint(string json) =>
        NetworkRules.Parse(json).Fingerprint.ShouldNotBe(NetworkRules.Default.Fingerprint);

    [Theory]
    [InlineData("""{ "stakerules": {} }""")]
    [InlineData("""{ "stakeRules": { "unbondingDelays": "1.00:00:00" } }""")]
    [InlineData("""{ "stakeRules": { "unbondingDelay": "soon" } }""")]
    [InlineData("""{ "stakeRules": null }""")]
    [InlineData("""{ "liveness": {}, "liveness": {} }""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void What_is_misspelled_or_malformed_is_refused(string json) => Should.Throw<JsonException>(() => NetworkRules.Parse(json));

    [Theory]
    [InlineData("""{ "stakeRules": { "slashes": { "split": { "reporterBasisPoints": 10001 } } } }""")]
    [InlineData("""{ "reputation": { "correctness": { "lambda": 1 } } }""")]
    [InlineData("""{ "liveness": { "heartbeatInterval": "00:00:00" } }""")]
    public void What_is_out_of_range_is_refused(string json) => Should.Throw<ArgumentException>(() => NetworkRules.Parse(json));

    [Fact]
    public void An_unusable_file_is_named()
    {
        var missing = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        Should.Throw<InvalidOperationException>(() => NetworkRules.Load(missing)).Message.ShouldContain(missing);
    }
}
