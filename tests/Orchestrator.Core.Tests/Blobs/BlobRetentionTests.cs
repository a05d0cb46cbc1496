using System.Text;
using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.Core.Blobs;

namespace Orchestrator.Core.Tests.Blobs;

public sealed class BlobRetentionTests
{
    private static readonly DateTimeOffset Now = new(2030, 5, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly BlobRetention Rule = new(TimeSpan.FromDays(45), TimeSpan.FromDays(2), 1_000);
    private static readonly HashSet<Digest> Nothing = [];

    private static readonly Gen<BlobEntry[]> Stores =
        Gen.Select(Gen.Int[-10, 100 * 24], Gen.Long[0, 800]).Array[0, 30].Select(blobs => blobs.Select((b, i) => Blob(i, b.Item1, b.Item2)).ToArray());

    [Fact]
    public void Old_blobs_go_and_pinned_ones_stay_however_old()
    {
        var (old, pinned, young) = (Blob(1, hours: 45 * 24), Blob(2, hours: 9_000), Blob(3, hours: 45 * 24 - 1));

        Rule.Decide([old, pinned, young], new HashSet<Digest> { pinned.Digest }, Now).ShouldBe([old]);
    }

    [Fact]
    public void A_full_store_loses_its_oldest_first_and_only_as_many_as_it_must()
    {
        var (first, second, third) = (Blob(1, hours: 90, bytes: 300), Blob(2, hours: 80, bytes: 600), Blob(3, hours: 70, bytes: 500));

        Rule.Decide([third, first, second], Nothing, Now).ShouldBe([first, second]);
    }

    [Fact]
    public void What_a_running_job_may_need_stays_in_a_full_store() =>
        Rule.Decide([Blob(1, hours: 47, bytes: 1_000_000), Blob(2, hours: -5, bytes: 1_000_000)], Nothing, Now).ShouldBeEmpty();

    [Fact]
    public void Bytes_of_pinned_blobs_do_not_push_others_out()
    {
        var model = Blob(1, hours: 900, bytes: long.MaxValue);

        Rule.Decide([model, Blob(2, hours: 90, bytes: 1_000)], new HashSet<Digest> { model.Digest }, Now).ShouldBeEmpty();
    }

    [Fact]
    public void Sizes_that_add_up_beyond_a_long_are_counted() =>
        Rule.Decide([Blob(1, hours: 90, bytes: long.MaxValue), Blob(2, hours: 80, bytes: long.MaxValue)], Nothing, Now).Count.ShouldBe(2);

    [Fact]
    public void In_any_store_what_stays_is_pinned_or_young_or_fits_and_order_does_not_matter() =>
        Gen.Select(Stores, Gen.Int[0, 3]).Sample((store, every) =>
        {
            var pinned = store.Where((_, i) => every > 0 && i % every == 0).Select(b => b.Digest).ToHashSet();

            var gone = Rule.Decide(store, pinned, Now);

            gone.ShouldBe(Rule.Decide(store.Reverse(), pinned, Now));
            gone.ShouldAllBe(b => !pinned.Contains(b.Digest) && Now - b.StoredAt >= Rule.NeededFor);
            var left = store.Except(gone).Where(b => !pinned.Contains(b.Digest)).ToList();
            left.ShouldAllBe(b => Now - b.StoredAt < Rule.Retention);
            (left.Sum(b => b.Bytes) <= Rule.MaxUnpinnedBytes || left.All(b => Now - b.StoredAt < Rule.NeededFor)).ShouldBeTrue();
        });

    private static BlobEntry Blob(int number, int hours, long bytes = 1) =>
        new(Digest.Of(Encoding.UTF8.GetBytes($"blob {number}")), bytes, Now - TimeSpan.FromHours(hours), "1");
}
