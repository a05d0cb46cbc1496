using Orchestrator.Core.Audits;
using Orchestrator.Core.Stake;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Network;
using Orchestrator.Drill.Platform;

namespace Orchestrator.Drill.Tests;

/// <summary>How often errors are planted is luck; that each finds the lazy auditor it reaches is not.</summary>
public sealed class PlantedErrorTests(CutModel model) : IClassFixture<CutModel>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_planted_error_finds_every_lazy_auditor_and_no_other(bool exact)
    {
        AuditAll(exact, () => new LazyAuditor(), out var lazy).ShouldBe([FaultKind.LazyAudit, FaultKind.LazyAudit, FaultKind.LazyAudit]);
        (lazy.Trials, lazy.Caught, lazy.Proofs[Proof.Planted]).ShouldBe((3, 3, 3));

        AuditAll(exact, () => new Conduct(), out var honest).ShouldBeEmpty();
        (honest.Trials, honest.Caught).ShouldBe((3, 0));
    }

    /// <summary>Audits every stage of a chain once, with a planted error each, where all nodes behave alike; the faults slashed for.</summary>
    private IReadOnlyList<FaultKind> AuditAll(bool exact, Func<Conduct> conduct, out Tally tally)
    {
        var engines = model.Engines;
        var clock = new VirtualClock(DateTimeOffset.UnixEpoch);
        var treasury = new Treasury(clock);
        var seats = Enumerable.Range(0, engines.Model.Stages).SelectMany(stage => Enumerable.Range(0, 3).Select(place => new Seat($"host-{stage}-{place}", stage, true, conduct)));
        var roster = new Roster(engines.Model, treasury, clock, new Random(1), seats);
        using var chain = new ChainRun(DrillJob.Make(1, 0, engines.Model.Tokenizer), 0, 0, roster.Plan(1, 1, new HashSet<Contracts.NodeId>(), new HashSet<string>())![0], engines, clock);
        List<Finding> findings = [];
        var standing = new StandingChain(chain, new Statements(engines, treasury, clock).Read(chain, chain.Run(), findings)!);
        tally = new Tally();
        var checks = new Checks(engines, roster, treasury, clock, tally, hidden: false);

        foreach (var stage in chain.Stages)
            checks.Audit(standing, new AuditDraw(0, stage.Stage, [new DrawnChunk(0, 0)], exact, Planted: true), new byte[AuditLottery.SignatureSize], countReports: true, findings);

        findings.ShouldBeEmpty();
        return [.. treasury.Slashes.Select(s => s.Fault)];
    }
}
