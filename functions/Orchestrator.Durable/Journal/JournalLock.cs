namespace Orchestrator.Durable.Journal;

/// <summary>
/// The lease on a journal: an exclusive lock on <c>&lt;journal&gt;.lock</c>. SQLite's WAL already ties all users of a file to one machine, so the
/// kernel can say whether the holder lives: a killed process frees it at once, a slow one never loses it, and no clock is trusted.
/// </summary>
sealed class JournalLock : IDisposable
{
    readonly FileStream _file;

    JournalLock(FileStream file) => _file = file;

    /// <summary>Null while another engine holds the journal.</summary>
    public static JournalLock? TryTake(string journalPath)
    {
        try
        {
            return new(new FileStream(journalPath + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(journalPath + ".lock"))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
