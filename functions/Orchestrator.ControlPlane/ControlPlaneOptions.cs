using Orchestrator.Actors;
using Orchestrator.ControlPlane.Webhooks;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Pricing;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.ControlPlane;

/// <summary>How the control plane runs. Checked as a whole at start.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>JSON file of API keys, see <see cref="Accounts.ApiKeyFile"/>. Required.</summary>
    public string ApiKeysFile { get; init; } = "";

    /// <summary>Bearer tokens of an identity provider, beside the keys.</summary>
    public Accounts.OidcOptions Oidc { get; init; } = new();

    /// <summary>Key file of the platform's identity, which signs everything sent to nodes; made when missing. Required.</summary>
    public string PlatformKeyFile { get; init; } = "";

    /// <summary>Folder of the blob store. Required unless <see cref="Blobs"/> names another place.</summary>
    public string BlobFolder { get; init; } = "";

    /// <summary>Where blobs are, and for how long.</summary>
    public Blobs.BlobOptions Blobs { get; init; } = new();

    /// <summary>
    /// Base address under which nodes reach this API, to answer public demands of evidence. Without one, withheld evidence voids an answer and is never slashed.
    /// </summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Chains that must agree when a request asks for nothing in particular; 1 checks nothing. Default 2, at most 5.</summary>
    public int DefaultChains { get; init; } = 2;

    /// <summary>
    /// Assurance of requests that name none: <c>none, sampled, redundant:k</c> or <c>optimistic</c>. Default empty: <c>redundant</c> with
    /// <see cref="DefaultChains"/>, or <c>none</c> when that is 1.
    /// </summary>
    public string DefaultAssurance { get; init; } = "";

    /// <summary>Audits, challenge window and disputes.</summary>
    public Audits.AuditOptions Audits { get; init; } = new();

    /// <summary>Prices. Default: 1 micro-credit per layer and token, 5 % of it for the protocol.</summary>
    public PriceList Prices { get; init; } = new(1, 500);

    /// <summary>From acceptance to the latest end of a job. Default 2 min.</summary>
    public TimeSpan JobDeadline { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long an ended job can be read. Default 14 days, at least 8: an Idempotency-Key makes the same job id again after that, and accounts remember a
    /// job's payments for 7 days.
    /// </summary>
    public TimeSpan JobRetention { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How often a trial balance is drawn over all books, for the metrics. Default 15 min; 0 never.</summary>
    public TimeSpan BalanceInterval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often nodes report, and when silent ones stop counting.</summary>
    public Liveness Liveness { get; init; } = Liveness.Default;

    /// <summary>
    /// How old a node's record or heartbeat may be when it comes, beside the 5 min that its clock may be off. Older ones are dropped: they could be anybody's recording.
    /// Default 5 min; must be over well before <see cref="Core.Nodes.Liveness.ForgetAfter"/>.
    /// </summary>
    public TimeSpan NodeMessageAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long it counts that the platform has reached a node at its stream endpoint; without, the node gets no work. Dialled again after a third of it, and after lost jobs.
    /// Default 15 min; 0 dials nobody.
    /// </summary>
    public TimeSpan ReachProvenFor { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often a job looks after chains that have not answered. Default 2 s: jobs are usually done before the first look.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an edge may take to open a session's stream before its chain counts as lost. Default 3 s.</summary>
    public TimeSpan StreamStartTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Silence after which a stream to a client gets a comment, so that nothing on the way takes it for dead. Default 15 s.</summary>
    public TimeSpan StreamPingInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Age at which the cached topology is read again. Default 250 ms.</summary>
    public TimeSpan TopologyAge { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Least time between two copies of the same placement to a node. Default 2 s.</summary>
    public TimeSpan PlacementResendInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Largest JSON body, in bytes. Default 1 MiB.</summary>
    public long MaxBodyBytes { get; init; } = 1 << 20;

    /// <summary>Largest blob, in bytes. Default 8 GiB.</summary>
    public long MaxBlobBytes { get; init; } = 8L << 30;

    /// <summary>Inference requests and unfinished batch submissions one account may have in progress on this replica. Default 64.</summary>
    public int MaxRequestsPerAccount { get; init; } = 64;

    /// <summary>Most completion tokens of one job over all choices. Default 16,384: an answer must fit the journal's payload limit.</summary>
    public int MaxJobTokens { get; init; } = 16_384;

    /// <summary>Completion tokens per choice when a request names none, if the context allows. Default 1,024.</summary>
    public int DefaultMaxTokens { get; init; } = 1_024;

    /// <summary>Least bond of a node that gets work, in micro-credits. Default 0: nodes without stake work too.</summary>
    public long MinBond { get; init; }

    /// <summary>How stake moves and what faults cost.</summary>
    public StakeRules StakeRules { get; init; } = StakeRules.Default;

    /// <summary>How reputations move and bar.</summary>
    public ReputationRules Reputation { get; init; } = ReputationRules.Default;

    /// <summary>
    /// JSON file with what differs from <see cref="NetworkRules.Default"/>; wins over <see cref="Liveness"/>, <see cref="StakeRules"/> and <see cref="Reputation"/>.
    /// Actors in a process of their own read the same file.
    /// </summary>
    public string RulesFile { get; init; } = "";

    /// <summary>What the actors must agree on.</summary>
    public NetworkRules Rules => new(Liveness, StakeRules, Reputation);

    /// <summary>What nodes need to get work.</summary>
    public StandingRule Standing => new(MinBond, Reputation);

    /// <summary>Where job events may be sent.</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>Nodes the catalog takes. Default 10,000. When it is full, nodes without stake and placement that are silent for <see cref="Core.Nodes.Liveness.ForgetAfter"/> give way.</summary>
    public int MaxNodes { get; init; } = 10_000;

    /// <summary>What <see cref="DefaultAssurance"/> says, once checked.</summary>
    public AssuranceLevel StandardAssurance => AssuranceLevel.TryRead(DefaultAssurance, out var level) ? level
        : DefaultChains > 1 ? AssuranceLevel.Redundant(DefaultChains) : AssuranceLevel.None;

    /// <summary>These options with the rules of <see cref="RulesFile"/>, if it names one.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be used.</exception>
    internal ControlPlaneOptions WithRulesOfFile()
    {
        if (RulesFile.Length == 0)
            return this;
        var rules = NetworkRules.Load(RulesFile);
        return this with { Liveness = rules.Liveness, StakeRules = rules.StakeRules, Reputation = rules.Reputation };
    }
}
