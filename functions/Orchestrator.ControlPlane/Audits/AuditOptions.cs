using Orchestrator.Core.Assurance;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Availability;
using Orchestrator.Core.Disputes;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>How answers are checked after they were delivered, and for how long they stay open to challenge.</summary>
public sealed record AuditOptions
{
    /// <summary>Least audit rate, detector power, collusion share and the like; see <see cref="AuditPolicy"/>.</summary>
    public AuditPolicy Policy { get; init; } = AuditPolicy.Default;

    /// <summary>
    /// Price of a batched audit, and of running a stage again to compare chains of different classes, as a part of the stage's pay, 0 to 1. Default an eighth: batched re-execution is about eight times as cheap as
    /// generating.
    /// </summary>
    public double CostShare { get; init; } = .125;

    /// <summary>Price of an exact audit as a part of the audited stage's pay, 0 to 1. Default three quarters: the same passes again cost nearly what generating cost.</summary>
    public double ExactCostShare { get; init; } = .75;

    /// <summary>How long an optimistic answer stays provisional. Default 1 h.</summary>
    public TimeSpan ChallengeWindow { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a node may take to serve evidence before it is demanded in public. Default 10 min, as for answers in disputes: the restart of a machine must fit in.</summary>
    public TimeSpan EvidencePatience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Witnesses, rounds and window of a public demand, after which evidence counts as withheld, which costs stake.</summary>
    public AvailabilityRules Availability { get; init; } = AvailabilityRules.Default;

    /// <summary>How long an auditor may take to report before another is asked. Default 1 min.</summary>
    public TimeSpan ReportPatience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long to look again for an auditor where there is none, before an audit is given up as not done. Default 5 min.</summary>
    public TimeSpan AuditorPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Auditors asked one after another before an audit is given up. Default 3.</summary>
    public int Auditors { get; init; } = 3;

    /// <summary>How long parties and referees of disputes may take, and how fast a dispute narrows.</summary>
    public DisputeRules Disputes { get; init; } = DisputeRules.Default;

    /// <summary>Micro-credits that a challenge by anybody but an auditor must put up; lost when the challenge is. Default 10,000.</summary>
    public long ChallengeBond { get; init; } = 10_000;

    /// <summary>Node ids of the referees, which the platform runs itself. Without one, disputes that need a referee end undecided.</summary>
    public IReadOnlyList<string> Referees { get; init; } = [];

    /// <summary>Most bytes of one stage's inputs that are served to who wants to challenge it. Default 1 GiB; audits and disputes are not bound by it.</summary>
    public long MostServedEvidence { get; init; } = 1L << 30;

    /// <summary>
    /// Hosts that must hold an execution class for it to get work above <c>none</c>, unless a referee has the class: a node that is alone in its class can be slashed for nothing it
    /// signs. 1 admits every class. Default 2.
    /// </summary>
    public int LeastClassHosts { get; init; } = 2;

    /// <summary>
    /// How long it counts that a node has shown that it reaches the door for answers to public demands (<see cref="ControlPlaneOptions.PublicUrl"/>, or its gateway's way there).
    /// Without, it gets no work above <c>none</c> and is not slashed for withholding. Asked again after a third of it. Default 15 min; 0 asks nothing.
    /// </summary>
    public TimeSpan DoorProvenFor { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Longest an audit with its dispute may take.</summary>
    public TimeSpan LongestCheck => 2 * (EvidencePatience + Availability.Longest(ReportPatience)) + AuditorPatience + (2 * ReportPatience + Disputes.Longest) * Auditors + ReportPatience * (1 + 2 * Referees.Count);

    /// <summary>What quotes assume.</summary>
    public AssuranceModel Model => AssuranceModel.Default with
    {
        DetectorPower = Policy.DetectorPower,
        CollusionShare = Policy.CollusionShare,
        AuditCostShare = Policy.CostShare(CostShare, ExactCostShare),
        ComparisonCostShare = CostShare,
        AuditorPatience = AuditorPatience,
        ChallengeWindow = ChallengeWindow,
    };
}
