using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Evidence;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests.Evidence;

public sealed class EvidenceStoreTests : IDisposable
{
    private static readonly ShardManifest Shard = ScriptedModel.Build(2).Manifest.Stages[1];
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);

    private readonly string folder = Directory.CreateTempSubdirectory("evidence-").FullName;
    private readonly FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddYears(60));

    [Fact]
    public void Evidence_is_served_for_its_time_and_then_gone()
    {
        using var store = Open();
        var assignment = Assignment();
        Record(store, assignment);
        long kept = store.Bytes;

        Length(store, assignment, EvidenceKind.Inputs).ShouldBe(8 + 12 + 12 + 8);
        Length(store, assignment, EvidenceKind.Chunks).ShouldBe(8 + 32 + 2);
        kept.ShouldBe(40 + 42);
        time.Advance(Retention);
        store.Open(assignment.Session, 1, 0, EvidenceKind.Inputs).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(10));
        store.Bytes.ShouldBe(0);
        Directory.GetFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Fact]
    public void The_assignment_may_ask_for_another_time()
    {
        using var store = Open();
        var assignment = Assignment() with { EvidenceUntil = time.GetUtcNow().AddHours(1) };
        Record(store, assignment);

        time.Advance(TimeSpan.FromMinutes(59));
        Length(store, assignment, EvidenceKind.Chunks).ShouldBe(42);
        time.Advance(TimeSpan.FromMinutes(1));
        store.Open(assignment.Session, 1, 0, EvidenceKind.Chunks).ShouldBeNull();
    }

    [Fact]
    public void A_restart_keeps_what_was_ended_and_drops_what_was_not()
    {
        var (ended, running) = (Assignment(), Assignment());
        using (var before = Open())
        {
            Record(before, ended);
            var recorder = before.TryOpen(running, Shard).ShouldNotBeNull();
            recorder.Received(0, 0, 1, [], [Tensor]);
            // The process dies here: nothing is disposed.
        }

        Directory.CreateDirectory(Path.Combine(folder, "something of the user"));
        using var after = Open();
        Length(after, ended, EvidenceKind.Inputs).ShouldBe(40);
        after.Open(running.Session, 1, 0, EvidenceKind.Inputs).ShouldBeNull();
        after.Bytes.ShouldBe(82);
        Directory.GetFileSystemEntries(folder).Length.ShouldBe(2);
        time.Advance(Retention + TimeSpan.FromSeconds(10));
        after.Bytes.ShouldBe(0);
        Directory.GetFileSystemEntries(folder).ShouldHaveSingleItem().ShouldContain("something of the user");
    }

    [Fact]
    public void Room_is_reserved_for_running_sessions_and_given_back()
    {
        long one = InputFile.MostBytes(Shard, 64) + ChunkFile.MostBytes(ChunkPlan.Count(1, 64));
        using var store = Open(2 * one);
        var first = store.TryOpen(Assignment(), Shard).ShouldNotBeNull();
        var second = store.TryOpen(Assignment(), Shard).ShouldNotBeNull();

        store.TryOpen(Assignment(), Shard).ShouldBeNull();
        first.Dispose();
        first.Dispose();
        using var third = store.TryOpen(Assignment(), Shard).ShouldNotBeNull();
        store.TryOpen(Assignment() with { MaxTokens = int.MaxValue }, Shard).ShouldBeNull();
        second.Dispose();
        store.Bytes.ShouldBe(one);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Tensor Tensor => new(ElementType.Float32, [1, 1, 2], new byte[8]);

    private static long Length(EvidenceStore store, Assignment assignment, EvidenceKind kind)
    {
        using var file = store.Open(assignment.Session, 1, 0, kind);
        return file.ShouldNotBeNull().Length;
    }

    private static void Record(EvidenceStore store, Assignment assignment)
    {
        using var recorder = store.TryOpen(assignment, Shard).ShouldNotBeNull();
        recorder.Received(0, 0, 1, [], [Tensor]);
        recorder.Keep([[new ChunkRecord(Digest.Of([1]), Digest.Of([2]), [])]]);
    }

    private static Assignment Assignment()
    {
        var job = JobId.New(TimeProvider.System);
        return new(1, default, job, SessionId.Derive(job, 0, 0), 0, 0, default, 1, [], new SamplingParameters(), 1, 64, null, null, DateTimeOffset.MaxValue);
    }

    private EvidenceStore Open(long bytes = 1 << 20) => new(folder, bytes, Retention, time, NullLogger<EvidenceStore>.Instance);
}
