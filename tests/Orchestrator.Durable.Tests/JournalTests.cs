using Orchestrator.Durable.Journal;

namespace Orchestrator.Durable.Tests;

public sealed class The_journal : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("journal-");

    string Journal => Path.Combine(_folder.FullName, "journal.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_write_that_fails_leaves_its_neighbours_in_the_commit_alone()
    {
        await using var writer = new JournalWriter(Journal);
        var release = new ManualResetEventSlim();
        var holding = writer.WriteAsync(_ =>
        {
            release.Wait();
            return 0;
        });
        var before = writer.WriteAsync(s => Insert(s, "before"));
        var failing = writer.WriteAsync(s => Insert(s, "half") + Fail());
        var after = writer.WriteAsync(s => Insert(s, "after"));
        release.Set();

        await holding;
        await Task.WhenAll(before, after);
        (await Should.ThrowAsync<InvalidOperationException>(() => failing)).Message.ShouldBe("no");
        using var reader = new JournalReader(Journal);
        Names(reader).ShouldBe(["after", "before"]);
    }

    [Fact]
    public async Task Nothing_of_a_write_is_visible_before_its_commit()
    {
        await using var writer = new JournalWriter(Journal);
        using var reader = new JournalReader(Journal);
        IReadOnlyList<string>? during = null;
        writer.BeforeCommit = () => during = Names(reader);

        await writer.WriteAsync(s => Insert(s, "x"));

        during.ShouldBeEmpty();
        Names(reader).ShouldBe(["x"]);
    }

    [Fact]
    public async Task It_syncs_every_commit_to_disk()
    {
        await using var writer = new JournalWriter(Journal);

        (await writer.WriteAsync(s => s.Scalar<long>("PRAGMA synchronous"))).ShouldBe(2, "2 is FULL");
        using var reader = new JournalReader(Journal);
        reader.Use(s => s.Query("PRAGMA journal_mode", r => r.GetString(0))).ShouldBe(["wal"]);
    }

    [Fact]
    public async Task A_closed_journal_refuses_to_write()
    {
        var writer = new JournalWriter(Journal);
        await writer.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => writer.WriteAsync(_ => 0));
    }

    [Fact]
    public async Task It_can_be_read_by_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using var writer = new JournalWriter(Journal);
        await writer.WriteAsync(s => Insert(s, "x"));

        foreach (var file in _folder.GetFiles())
        {
            file.UnixFileMode.ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.Name);
        }
    }

    [Fact]
    public void Its_lock_has_one_holder_at_a_time()
    {
        using (var first = JournalLock.TryTake(Journal))
        {
            first.ShouldNotBeNull();
            JournalLock.TryTake(Journal).ShouldBeNull();
        }
        using var second = JournalLock.TryTake(Journal);
        second.ShouldNotBeNull();
    }

    static int Fail() => throw new InvalidOperationException("no");

    static int Insert(JournalSession session, string id) => new InstanceStart(
        id, "w", "1", null, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch).Insert(session) ? 1 : 0;

    static List<string> Names(JournalReader reader) =>
        reader.Use(s => s.Query("SELECT id FROM instances ORDER BY id", r => r.GetString(0)));
}
