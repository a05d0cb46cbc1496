using Orchestrator.Contracts;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Every cheat the drill knows.</summary>
public static class AllCheats
{
    /// <summary>One host that runs all cheaters.</summary>
    public const string Sybils = "sybils";

    /// <summary>The control.</summary>
    public const string Nobody = "nobody";

    /// <summary>Auditors who do not look.</summary>
    public const string LazyAuditor = "lazy-auditor";

    /// <summary>Makes them, with the memory that nodes of one scenario share.</summary>
    public static IReadOnlyList<Cheat> Make()
    {
        var heard = new Dictionary<int, ChoiceCommitment>();
        int made = 0;
        return
        [
            new(Nobody, "the control: everybody is honest", Shows.Nowhere, Cheat.Nowhere, () => new Conduct()),
            new("random-output", "puts out noise instead of running the shard", Shows.Results, Cheat.Anywhere, () => new RandomOutput(++made)),
            new("fp16-weights", "runs the shard with weights rounded to half precision", Shows.Results, Cheat.Anywhere, () => new RoundedWeights(WeightFormat.Float16), LieAlike: true),
            new("int8-weights", "runs the shard with weights rounded to 8-bit integers", Shows.Results, Cheat.Anywhere, () => new RoundedWeights(WeightFormat.Int8), LieAlike: true),
            new("last-bits", "changes a value in its last bit, which no fingerprint shows", Shows.Results, Cheat.Anywhere, () => new LastBits(), LieAlike: true, Hides: true),
            new("skipped-layers", "hands on what it received as if it had run its layers", Shows.Results, Cheat.Inner, () => new SkippedLayers(), LieAlike: true),
            new("early-stop", "ends the answer after three tokens although nothing ends it", Shows.Statements, Cheat.First, () => new EarlyStop(3)),
            new("truncated-context", "keeps 16 tokens in its cache and forgets the rest", Shows.Results, Cheat.Anywhere, () => new TruncatedContext(16), LieAlike: true),
            new("stale-cache", "goes on from the cache of another prompt", Shows.Results, Cheat.Anywhere, () => new StaleCache(), LieAlike: true),
            new("wrong-sampling", "chooses a token that the seed does not give", Shows.Results, Cheat.Last, () => new WrongSampling(), LieAlike: true),
            new("swapped-token", "the edge changes a token of the answer", Shows.Statements, Cheat.First, () => new SwappedToken(++made % 2 == 0)),
            new("altered-link", "commits to the right activations and sends others", Shows.Statements, Cheat.BeforeLast, () => new AlteredLink()),
            new("copied-commitment", "signs a commitment that another node made", Shows.Statements, Cheat.Anywhere, () => new CopiedCommitment(heard)),
            new("replayed-receipt", "hands on its receipt of an earlier job", Shows.Statements, Cheat.Anywhere, () => new ReplayedReceipt()),
            new("equivocation", "the edge signs two results of one session", Shows.Statements, Cheat.First, () => new TwoResults()),
            new("withheld-data", "puts out noise and serves no evidence", Shows.Results, Cheat.Anywhere, () => new WithheldData(++made)),
            new(LazyAuditor, "confirms as auditor without computing", Shows.Reports, Cheat.Anywhere, () => new LazyAuditor()),
            new("collusion", "lies alike in all chains and confirms each other's audits", Shows.Results, Cheat.Anywhere, () => new Collusion(1), LieAlike: true),
            new("challenger-spam", "challenges right receipts", Shows.Accusations, Cheat.Anywhere, () => new ChallengerSpam()),
            new(Sybils, "many identities of one host that lie alike", Shows.Results, Cheat.Anywhere, () => new RandomOutput(0), LieAlike: true),
        ];
    }
}
