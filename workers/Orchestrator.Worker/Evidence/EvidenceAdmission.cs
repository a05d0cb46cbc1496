using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Evidence;

/// <summary>Which evidence requests are answered: the platform's, for this node, not expired, each once.</summary>
public sealed class EvidenceAdmission(NodeId self, byte[] platformKey, TimeProvider time)
{
    private readonly Lock gate = new();

    // Only what the platform signed gets in here, for at most the life of a request.
    private readonly Dictionary<Digest, DateTimeOffset> answered = [];

    /// <summary>Whether a request is answered; if not, the HTTP status and why.</summary>
    public bool TryAdmit(SignedMessage? message, out EvidenceRequest request, out int status, out string? reason)
    {
        status = StatusCodes.Status403Forbidden;
        request = null!;
        if (message?.Key is null || !message.Key.AsSpan().SequenceEqual(platformKey))
        {
            reason = "the platform did not sign it";
            return false;
        }

        if (!MessageSigning.TryOpen(message, MessageTypes.EvidenceRequest, ContractsJson.Default.EvidenceRequest, out request, out reason))
            return false;
        var now = time.GetUtcNow();
        if (request.SchemaVersion != EvidenceRequest.CurrentSchema || request.Node != self)
            reason = "it is of another schema or for another node";
        else if (request.ExpiresAt <= now || request.ExpiresAt > now + EvidenceRequest.LongestLife)
            reason = $"it has expired, or lives longer than {EvidenceRequest.LongestLife.TotalMinutes} min";
        else if (!Remember(Digest.Of(message.Signature), request.ExpiresAt, now))
            (status, reason) = (StatusCodes.Status409Conflict, "it was answered before: sign one with another expiry");
        return reason is null;
    }

    private bool Remember(Digest signature, DateTimeOffset until, DateTimeOffset now)
    {
        lock (gate)
        {
            foreach (var old in answered.Where(a => a.Value <= now).Select(a => a.Key).ToArray())
                answered.Remove(old);
            return answered.TryAdd(signature, until);
        }
    }
}
