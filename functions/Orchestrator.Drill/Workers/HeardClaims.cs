using System.Globalization;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Drill.Workers;

/// <summary>
/// What nodes of the drill's network claim, as they would tell an auditor that asks them rather than the shard: read from the evidence that each keeps in its folder beside ours.
/// </summary>
/// <param name="network">Folder with the folders of all nodes.</param>
public sealed class HeardClaims(string network)
{
    /// <summary>Beyond the numbers of all tasks that the platform gives one after another for a receipt, those with planted errors included.</summary>
    private const int Attempts = 2_000;

    /// <summary>The claims about what an audit is of; null when nobody in the network has kept such work.</summary>
    public IReadOnlyList<ChunkClaim>? Of(AuditId audit)
    {
        foreach (string folder in Directory.EnumerateDirectories(network, "*.*.*", SearchOption.AllDirectories))
        {
            // {session}.{stage}.{end of the window}, as evidence is kept.
            string[] parts = Path.GetFileName(folder).Split('.');
            if (SessionId.TryParse(parts[0], out var session) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int stage) && IsOf(audit, session, stage))
                return ChunkFile.TryParse(File.ReadAllBytes(Path.Combine(folder, "0.chunks")), out var claims, out _) ? claims : null;
        }

        return null;
    }

    /// <summary>The id is derived from what is audited: whoever knows the session finds it.</summary>
    private static bool IsOf(AuditId audit, SessionId session, int stage) => Enumerable.Range(0, Attempts).Any(attempt => AuditId.Derive(session, stage, 0, attempt) == audit);
}
