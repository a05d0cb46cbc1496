using System.Globalization;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Evidence;

/// <summary>
/// What this node keeps of its sessions until their challenge windows end: on disk, at most so many bytes, across restarts.
/// One folder per session and stage, <c>{session}.{stage}.{end of the window, Unix milliseconds}</c>, with <c>{choice}.inputs</c> and
/// <c>{choice}.chunks</c>; a session that runs writes to <c>{session}.{stage}.open</c>, which no restart takes over. Names hold nothing that came as text.
/// </summary>
public sealed class EvidenceStore : IDisposable
{
    private const string Running = "open";

    private readonly string folder;
    private readonly long maxBytes;
    private readonly TimeSpan retention;
    private readonly TimeProvider time;
    private readonly ILogger<EvidenceStore> log;
    private readonly ITimer sweep;
    private readonly Lock gate = new();
    private readonly Dictionary<(SessionId Session, int Stage), Kept> kept = [];
    private long taken;

    /// <summary>Opens the folder; drops what a crash left unfinished and what has had its time.</summary>
    /// <param name="folder">Of this node alone.</param>
    /// <param name="maxBytes">Most bytes, running sessions included.</param>
    /// <param name="retention">How long it is kept when the assignment does not say.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Says what could not be deleted.</param>
    public EvidenceStore(string folder, long maxBytes, TimeSpan retention, TimeProvider time, ILogger<EvidenceStore> log)
    {
        (this.folder, this.maxBytes, this.retention, this.time, this.log) = (folder, maxBytes, retention, time, log);
        Directory.CreateDirectory(folder);
        foreach (string path in Directory.EnumerateDirectories(folder))
            TakeOver(path);
        Sweep();
        sweep = time.CreateTimer(_ => Sweep(), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
    }

    /// <summary>Bytes kept or reserved.</summary>
    public long Bytes
    {
        get
        {
            lock (gate)
                return taken;
        }
    }

    /// <summary>Reserves room for a session's evidence; null when it does not fit, so that a node takes no work it could not defend.</summary>
    public EvidenceRecorder? TryOpen(Assignment assignment, ShardManifest shard)
    {
        long bytes;
        try
        {
            bytes = checked(assignment.Choices * (InputFile.MostBytes(shard, assignment.MaxTokens) + ChunkFile.MostBytes(ChunkPlan.Count(1, assignment.MaxTokens))));
        }
        catch (OverflowException)
        {
            return null;
        }

        lock (gate)
        {
            if (bytes > maxBytes - taken)
                return null;
            taken += bytes;
        }

        return new EvidenceRecorder(this, assignment, PathOf(assignment.Session, assignment.Stage, Running), bytes);
    }

    /// <summary>Opens a file of an ended session; null when there is none any more.</summary>
    public FileStream? Open(SessionId session, int stage, int choice, EvidenceKind kind)
    {
        Kept? found;
        lock (gate)
            kept.TryGetValue((session, stage), out found);
        if (found is null || found.Until <= time.GetUtcNow() || choice is < 0 or >= Assignment.MaxChoices)
            return null;
        try
        {
            return new FileStream(FileOf(found.Path, choice, kind), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public void Dispose() => sweep.Dispose();

    internal static string FileOf(string path, int choice, EvidenceKind kind) =>
        Path.Combine(path, choice.ToString(CultureInfo.InvariantCulture) + (kind == EvidenceKind.Inputs ? ".inputs" : ".chunks"));

    internal void Keep(Assignment assignment, string path, long reserved)
    {
        var until = assignment.EvidenceUntil ?? time.GetUtcNow() + retention;
        string final = PathOf(assignment.Session, assignment.Stage, until.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        Directory.Move(path, final);
        long bytes = Size(final);
        lock (gate)
        {
            kept[(assignment.Session, assignment.Stage)] = new Kept(final, until, bytes);
            taken += bytes - reserved;
        }
    }

    internal void Drop(string path, long reserved)
    {
        Delete(path);
        lock (gate)
            taken -= reserved;
    }

    private static long Size(string path) => new DirectoryInfo(path).EnumerateFiles().Sum(f => f.Length);

    private string PathOf(SessionId session, int stage, string end) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{session}.{stage}.{end}"));

    private void TakeOver(string path)
    {
        string[] parts = Path.GetFileName(path).Split('.');
        if (parts.Length != 3 || !SessionId.TryParse(parts[0], out var session) || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int stage))
            return;
        if (parts[2] == Running)
        {
            Delete(path);
        }
        else if (long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long until) && until <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            var found = new Kept(path, DateTimeOffset.FromUnixTimeMilliseconds(until), Size(path));
            kept[(session, stage)] = found;
            taken += found.Bytes;
        }
    }

    private void Sweep()
    {
        KeyValuePair<(SessionId, int), Kept>[] ended;
        lock (gate)
        {
            var now = time.GetUtcNow();
            ended = [.. kept.Where(k => k.Value.Until <= now)];
            foreach (var (key, _) in ended)
                kept.Remove(key);
        }

        foreach (var (_, old) in ended)
            Drop(old.Path, old.Bytes);
    }

    private void Delete(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.NotDeleted(path, e);
        }
    }

    private sealed record Kept(string Path, DateTimeOffset Until, long Bytes);
}
