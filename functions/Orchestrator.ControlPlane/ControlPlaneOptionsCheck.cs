using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Blobs;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Events;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane;

/// <summary>Checks the options and loads the files they name; reports every problem at once.</summary>
internal static class ControlPlaneOptionsCheck
{
    private const int MaxChains = 5;
    private static readonly TimeSpan LongestEvidence = TimeSpan.FromDays(29);

    public static (ApiKeyRing Keys, SigningKey Platform) Load(ControlPlaneOptions options)
    {
        List<string> problems = [];
        problems.AddRange(BlobStores.Problems(options));
        if (options.DefaultChains is < 1 or > MaxChains)
            problems.Add($"DefaultChains must be 1 to {MaxChains}.");
        if (options.DefaultAssurance.Length > 0 && !AssuranceLevel.TryRead(options.DefaultAssurance, out _))
            problems.Add($"DefaultAssurance must be {AssuranceLevel.Grammar}, or empty.");
        Audits(options.Audits, problems);
        if (options.PublicUrl is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https")))
            problems.Add("PublicUrl must be an absolute http or https address, as nodes reach this API.");
        if (options.Prices is not { MicroCreditsPerLayerToken: >= 0, ProtocolFeeBasisPoints: >= 0 and <= 10_000 })
            problems.Add("Prices must be 0 or more, and the protocol fee at most 10,000 basis points.");
        Positive(options.JobDeadline, nameof(options.JobDeadline));
        Positive(options.Liveness.HeartbeatInterval, "Liveness.HeartbeatInterval");
        // By a clock that is ahead a node signs for that much later.
        var forgettable = options.Liveness.ForgetAfter - (2 * NodeRecordCheck.ClockSkew);
        if (options.NodeMessageAge < TimeSpan.Zero || options.NodeMessageAge >= forgettable)
            problems.Add($"NodeMessageAge must be 0 or more and below {forgettable}, 10 min less than Liveness.ForgetAfter, or what a forgotten node signed could register it again.");
        if (options.ReachProvenFor < TimeSpan.Zero)
            problems.Add("ReachProvenFor must be 0 or more; 0 dials nobody.");
        Positive(options.ProbeInterval, nameof(options.ProbeInterval));
        Positive(options.StreamStartTimeout, nameof(options.StreamStartTimeout));
        Positive(options.StreamPingInterval, nameof(options.StreamPingInterval));
        Positive(options.TopologyAge, nameof(options.TopologyAge));
        Positive(options.PlacementResendInterval, nameof(options.PlacementResendInterval));
        if (options.JobRetention < RecentEvents.Retention + TimeSpan.FromDays(1))
            problems.Add($"JobRetention must be {RecentEvents.Retention.Days + 1} days or more: accounts remember payments for {RecentEvents.Retention.Days}.");
        AtLeastOne(options.MaxBodyBytes, nameof(options.MaxBodyBytes));
        AtLeastOne(options.MaxBlobBytes, nameof(options.MaxBlobBytes));
        AtLeastOne(options.MaxRequestsPerAccount, nameof(options.MaxRequestsPerAccount));
        AtLeastOne(options.MaxJobTokens, nameof(options.MaxJobTokens));
        AtLeastOne(options.DefaultMaxTokens, nameof(options.DefaultMaxTokens));
        AtLeastOne(options.MaxNodes, nameof(options.MaxNodes));

        if (options.MinBond < 0)
            problems.Add("MinBond must be 0 or more.");
        var longest = JobSpec.LongestFinality(options.Audits.LongestCheck);
        Valid(() => options.StakeRules.Validate(options.Audits.ChallengeWindow, longest), "StakeRules");
        if (options.JobDeadline + options.Audits.ChallengeWindow + longest > LongestEvidence)
            problems.Add($"Audits: windows and checks must end within {LongestEvidence.Days} days, as nodes keep evidence no longer.");
        Valid(options.Reputation.Correctness.Validate, "Reputation.Correctness");
        Valid(options.Reputation.Presence.Validate, "Reputation.Presence");
        Positive(options.Webhooks.AttemptTimeout, "Webhooks.AttemptTimeout");
        AtLeastOne(options.Webhooks.MaxAttempts, "Webhooks.MaxAttempts");
        foreach (string network in options.Webhooks.AllowedNetworks.Where(n => !System.Net.IPNetwork.TryParse(n, out _)))
            problems.Add($"Webhooks.AllowedNetworks: '{network}' is not a network like 10.0.0.0/8.");

        options.Oidc.Check(problems);
        ApiKeyRing? keys = null;
        if (options.ApiKeysFile.Length == 0)
            problems.Add("ApiKeysFile must name the API keys file.");
        else
            keys = ApiKeyRing.TryLoad(options.ApiKeysFile, problems);
        var platform = Platform(options.PlatformKeyFile, problems);
        if (problems.Count > 0)
            throw new InvalidOperationException($"The control plane's options have {problems.Count} problem(s): {string.Join(' ', problems)}");
        return (keys!, platform!);

        void Positive(TimeSpan value, string name)
        {
            if (value <= TimeSpan.Zero)
                problems.Add($"{name} must be above 0.");
        }

        void Valid(Action validate, string name)
        {
            try
            {
                validate();
            }
            catch (ArgumentException e)
            {
                problems.Add($"{name}: {e.Message}");
            }
        }

        void AtLeastOne(long value, string name)
        {
            if (value < 1)
                problems.Add($"{name} must be 1 or more.");
        }
    }

    private static void Audits(AuditOptions options, List<string> problems)
    {
        try
        {
            options.Policy.Validate();
            options.Disputes.Validate();
            options.Availability.Validate();
        }
        catch (ArgumentException e)
        {
            problems.Add($"Audits: {e.Message}");
        }

        foreach (var (name, span) in new[]
        {
            ("ChallengeWindow", options.ChallengeWindow), ("EvidencePatience", options.EvidencePatience),
            ("ReportPatience", options.ReportPatience), ("AuditorPatience", options.AuditorPatience),
        })
        {
            if (span <= TimeSpan.Zero)
                problems.Add($"Audits.{name} must be above 0.");
        }

        if (options.CostShare is not (>= 0 and <= 1) || options.ExactCostShare is not (>= 0 and <= 1) || options.Auditors < 1 || options.ChallengeBond < 0)
            problems.Add("Audits.CostShare and Audits.ExactCostShare must be 0 to 1, Audits.Auditors 1 or more and Audits.ChallengeBond 0 or more.");
        if (options.MostServedEvidence < 1)
            problems.Add("Audits.MostServedEvidence must be 1 or more bytes.");
        if (options.DoorProvenFor < TimeSpan.Zero)
            problems.Add("Audits.DoorProvenFor must be 0 or more; 0 asks nothing of nodes.");
        if (options.LeastClassHosts < 1)
            problems.Add("Audits.LeastClassHosts must be 1 or more; 1 admits classes that nobody can judge.");
        if (options.Referees.FirstOrDefault(r => !NodeId.TryParse(r, out _)) is { } referee)
            problems.Add($"Audits.Referees: '{referee}' is no node id.");
    }

    private static SigningKey? Platform(string path, List<string> problems)
    {
        if (path.Length == 0)
        {
            problems.Add("PlatformKeyFile must name the platform's key file.");
            return null;
        }

        try
        {
            return SigningKey.LoadOrCreate(path);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            problems.Add($"PlatformKeyFile: {e.Message}");
            return null;
        }
    }
}
