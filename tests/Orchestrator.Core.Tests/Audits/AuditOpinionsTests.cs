using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.Core.Audits;

namespace Orchestrator.Core.Tests.Audits;

public sealed class AuditOpinionsTests
{
    [Fact]
    public void A_doubt_goes_to_a_referee_then_to_others_and_alone_voids_nothing()
    {
        var doubt = AuditOpinions.None.With(Opinion(1, same: false));

        doubt.Next(refereeLeft: true, auditorLeft: true).ShouldBe(AuditStep.AskReferee);
        doubt.Next(refereeLeft: false, auditorLeft: true).ShouldBe(AuditStep.AskAuditor);
        doubt.Next(refereeLeft: false, auditorLeft: false).ShouldBe(AuditStep.LeaveOpen);
        doubt.With(Opinion(1, same: false)).Next(false, false).ShouldBe(AuditStep.LeaveOpen, "one host is one word");
        doubt.With(Opinion(2, same: true)).Next(false, false).ShouldBe(AuditStep.LeaveOpen);
        doubt.With(Opinion(2, same: false)).Next(false, false).ShouldBe(AuditStep.Void);
        doubt.With(Opinion(2, same: false) with { Vetted = false }).Next(false, false).ShouldBe(AuditStep.LeaveOpen, "a new key voids nothing");
    }

    [Fact]
    public void Equal_bits_settle_it_and_fingerprints_do_without_a_doubt()
    {
        AuditOpinions.None.With(Opinion(1, same: false)).With(Opinion(2, same: true, exact: true)).Next(true, true).ShouldBe(AuditStep.Pass);
        AuditOpinions.None.With(Opinion(1, same: true)).Next(true, true).ShouldBe(AuditStep.Pass);
    }

    [Fact]
    public void Nobody_asked_is_not_passed()
    {
        AuditOpinions.None.Next(true, true).ShouldBe(AuditStep.AskAuditor);
        AuditOpinions.None.Next(refereeLeft: true, auditorLeft: false).ShouldBe(AuditStep.AskReferee);
        AuditOpinions.None.Next(refereeLeft: false, auditorLeft: false).ShouldBe(AuditStep.GiveUp);
    }

    /// <summary>Whatever one host says, however often, in whatever order: it voids nothing that all others find right.</summary>
    [Fact]
    public void One_host_never_voids_an_answer_alone() => Gen.Select(Gen.Bool.Array[0, 6], Gen.Bool, Gen.Bool).Sample((opinions, referee, auditor) =>
    {
        var given = opinions.Aggregate(AuditOpinions.None, (all, same) => all.With(Opinion(same ? 7 : 1, same)));

        given.Next(referee, auditor).ShouldNotBe(AuditStep.Void);
    });

    private static AuditOpinion Opinion(int host, bool same, bool exact = false) =>
        new(Given.NodeOf($"auditor {host}"), $"host {host}", same, exact, false, true, AuditId.Derive(SessionId.Derive(Given.JobOf(1), 0, 0), 0, 0, host), Given.DigestOf("report"));
}
