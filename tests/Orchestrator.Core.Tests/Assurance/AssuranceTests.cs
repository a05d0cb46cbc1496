using System.Text.Json;
using Orchestrator.Core.Assurance;

namespace Orchestrator.Core.Tests.Assurance;

public sealed class AssuranceTests
{
    [Theory]
    [InlineData("none", AssuranceKind.None, 1)]
    [InlineData("sampled", AssuranceKind.Sampled, 1)]
    [InlineData("redundant:2", AssuranceKind.Redundant, 2)]
    [InlineData("redundant:8", AssuranceKind.Redundant, 8)]
    [InlineData("optimistic", AssuranceKind.Optimistic, 1)]
    public void Levels_read_and_write_one_text_form(string text, AssuranceKind kind, int chains)
    {
        AssuranceLevel.TryParse(text, out var level).ShouldBeTrue();

        (level.Kind, level.Chains, level.Value).ShouldBe((kind, chains, text));
        JsonSerializer.Deserialize<AssuranceLevel>(JsonSerializer.Serialize(level)).ShouldBe(level);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("None")]
    [InlineData("redundant:1")]
    [InlineData("redundant:9")]
    [InlineData("redundant:02")]
    [InlineData("redundant: 2")]
    [InlineData("zk")]
    public void Anything_else_is_refused(string? text) => AssuranceLevel.TryRead(text, out _).ShouldBeFalse();

    [Fact]
    public void The_short_form_means_two_chains()
    {
        AssuranceLevel.TryRead("redundant", out var level).ShouldBeTrue();
        level.ShouldBe(AssuranceLevel.Redundant(2));
        default(AssuranceLevel).ShouldBe(AssuranceLevel.None);
    }

    [Fact]
    public void Quotes_say_what_each_level_costs_and_catches()
    {
        var model = AssuranceModel.Default;
        AssuranceQuote Quote(AssuranceLevel level) => AssuranceQuote.For(level, 1_000, AuditOutlook.At(.05), model);

        Quote(AssuranceLevel.None).ShouldBe(new(AssuranceLevel.None, 1_000, 0, TimeSpan.Zero, TimeSpan.Zero, 0));
        Quote(AssuranceLevel.Sampled).ShouldSatisfyAllConditions(q => q.Total.ShouldBe(1_012), q => q.Detection.ShouldBe(.0396, 1e-12), q => q.UntilFinal.ShouldBe(TimeSpan.FromSeconds(.5)));
        Quote(AssuranceLevel.Redundant(3)).ShouldSatisfyAllConditions(q => q.Total.ShouldBe(3_000), q => q.Detection.ShouldBe(.96, 1e-12), q => q.UntilDelivered.ShouldBe(model.SlowestChainExtra));
        Quote(AssuranceLevel.Redundant(3)).ShouldSatisfyAllConditions(q => q.Comparison.ShouldBeNull(), q => q.DetectionWithinTolerance!.Value.ShouldBe(.96 * .99, 1e-12));
        AssuranceQuote.For(AssuranceLevel.Redundant(3), 1_000, AuditOutlook.At(0), model, ChainComparing.WithinTolerance).ShouldSatisfyAllConditions(
            q => q.Detection.ShouldBe(.96 * .99, 1e-12), q => q.UntilDelivered.ShouldBe(model.SlowestChainExtra + model.AuditTime),
            q => q.Audits.ShouldBe(3 * 2 * 125, "each of three is run again by the nodes of two"), q => q.Total.ShouldBe(3_000 + q.Audits));
        Quote(AssuranceLevel.Optimistic).ShouldSatisfyAllConditions(q => q.UntilDelivered.ShouldBe(TimeSpan.Zero), q => q.UntilFinal.ShouldBe(model.ChallengeWindow), q => q.Detection.ShouldBe(.0396, 1e-12));
        AssuranceQuote.For(AssuranceLevel.Optimistic, 1_000, AuditOutlook.At(.05), model with { ChallengerShare = .5 }).Detection.ShouldBe(1 - .9604 * .5, 1e-12);
        AssuranceQuote.For(AssuranceLevel.Sampled, 1_000, new AuditOutlook(0, .05, .1, 0), model).ShouldSatisfyAllConditions(
            q => q.Detection.ShouldBe(0), q => q.Auditors.ShouldBe(0), q => q.Total.ShouldBe(1_012), q => q.UntilFinal.ShouldBe(model.AuditorPatience * .1));
        Should.Throw<OverflowException>(() => AssuranceQuote.For(AssuranceLevel.Redundant(8), long.MaxValue / 2, AuditOutlook.At(0), model));
    }
}
