using System.Collections.Immutable;
using Orchestrator.Contracts;

namespace Orchestrator.Core.Audits;

/// <summary>
/// What auditors made of one receipt so far, and what follows. A doubt is one auditor's word: it goes to a referee or another auditor and never voids an answer by itself, or one
/// liar could. A doubt that nobody could settle counts against who voiced it, and only nodes that have long been seen to be right can void an answer together, so that
/// what two liars can void is bounded by what they lose. Pure.
/// </summary>
/// <param name="Given">Opinions, in the order given.</param>
public sealed record AuditOpinions(ImmutableArray<AuditOpinion> Given)
{
    /// <summary>Hosts of vetted nodes that must doubt independently, with nobody of another opinion, for an answer not to count although nothing is proven.</summary>
    public const int DoubtsThatVoid = 2;

    /// <summary>Nobody was asked yet.</summary>
    public static AuditOpinions None { get; } = new(ImmutableArray<AuditOpinion>.Empty);

    /// <summary>Those who doubt.</summary>
    public IEnumerable<AuditOpinion> Doubts => Given.Where(o => !o.Same);

    /// <summary>Adds an opinion.</summary>
    public AuditOpinions With(AuditOpinion opinion) => new(Given.Add(opinion));

    /// <summary>What to do next.</summary>
    /// <param name="refereeLeft">A referee can still be asked to run the stage again.</param>
    /// <param name="auditorLeft">Another auditor can still be asked.</param>
    public AuditStep Next(bool refereeLeft, bool auditorLeft)
    {
        // Equal bits cannot be had by chance; equal fingerprints can, and weigh no more than a doubt.
        if (Given.Any(o => o is { Same: true, Exact: true }))
            return AuditStep.Pass;
        if (!Doubts.Any())
            return Given.Length > 0 ? AuditStep.Pass : auditorLeft ? AuditStep.AskAuditor : refereeLeft ? AuditStep.AskReferee : AuditStep.GiveUp;
        if (refereeLeft)
            return AuditStep.AskReferee;
        if (auditorLeft)
            return AuditStep.AskAuditor;
        return Given.All(o => !o.Same) && Doubts.Where(o => o.Vetted).Select(o => o.Host).Distinct().Count() >= DoubtsThatVoid ? AuditStep.Void : AuditStep.LeaveOpen;
    }
}

/// <summary>An auditor's opinion.</summary>
/// <param name="Auditor">Who.</param>
/// <param name="Host">Its host.</param>
/// <param name="Same">It got what the node committed to.</param>
/// <param name="Exact">It compared every bit, in the node's class.</param>
/// <param name="Certain">Its comparison has limits that were calibrated for both classes, and a doubt lies so far beyond them that no right work does.</param>
/// <param name="Vetted">Enough was seen of the auditor's own answers to count as known.</param>
/// <param name="Audit">The audit.</param>
/// <param name="Report">Blob with its signed report.</param>
public sealed record AuditOpinion(NodeId Auditor, string Host, bool Same, bool Exact, bool Certain, bool Vetted, AuditId Audit, Digest Report);

/// <summary>What follows from opinions.</summary>
public enum AuditStep
{
    /// <summary>The receipt stands.</summary>
    Pass,

    /// <summary>Ask a referee to run the stage again.</summary>
    AskReferee,

    /// <summary>Ask another auditor.</summary>
    AskAuditor,

    /// <summary>Independent auditors doubt it and nobody could settle it: the answer does not count, and nobody is slashed.</summary>
    Void,

    /// <summary>A doubt that nobody could settle and too few share: the answer stands, and says so.</summary>
    LeaveOpen,

    /// <summary>Nobody audited it.</summary>
    GiveUp,
}
