using CsCheck;
using Orchestrator.Sidecar.Storage;

namespace Orchestrator.Sidecar.Tests.Storage;

/// <summary>Both stores are held to one model.</summary>
public sealed class StoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly string[] Keys = ["a", "b", "ab", "é"];

    private readonly string _folder = Directory.CreateTempSubdirectory("sidecar-store-").FullName;
    private int _next;

    public static TheoryData<string> Kinds => ["memory", "sqlite"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Writes_behave_like_a_dictionary_with_versions(string kind)
    {
        var write = Gen.Select(Gen.Int[0, Keys.Length - 1], Gen.Int[0, 3], Gen.Byte, Gen.Int[0, 3]);
        Gen.Select(write.Array[1, 5], Gen.Bool).List[1, 30].Sample(batches =>
        {
            using var store = Open(kind);
            var model = new Dictionary<string, (byte Value, long Version)>();
            var seen = new HashSet<long>();
            foreach (var (batch, atomic) in batches)
            {
                var before = new Dictionary<string, (byte, long)>(model);
                var writes = batch.Select(w =>
                {
                    var key = Keys[w.Item1];
                    var condition = w.Item4 switch
                    {
                        0 => WriteCondition.Absent,
                        1 => new WriteCondition(before.TryGetValue(key, out var e) ? e.Item2 : 77_777),
                        _ => default,
                    };
                    return new StateWrite(key, w.Item2 == 0 ? null : [w.Item3], condition);
                }).ToList();

                var held = store.Write(writes, atomic, Now);

                Expect(model, writes, held, atomic, store);
                foreach (var key in Keys)
                {
                    var entry = store.Get(key, Now);
                    (entry is not null).ShouldBe(model.ContainsKey(key));
                    if (entry is not null)
                    {
                        entry.Value.ShouldBe([model[key].Value]);
                        model[key] = (model[key].Value, entry.Version);
                        if (!before.TryGetValue(key, out var old) || old.Item2 != entry.Version)
                        {
                            seen.Add(entry.Version).ShouldBeTrue($"version {entry.Version} was reused");
                        }
                    }
                }
            }
        }, iter: 60, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_group_gets_every_message_until_it_completes_it(string kind)
    {
        var step = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 20]);
        step.List[1, 60].Sample(steps =>
        {
            using var store = Open(kind);
            var open = new Dictionary<GroupKey, SortedSet<long>>();
            var held = new List<long>();
            foreach (var (what, app, pick) in steps)
            {
                var group = new GroupKey("p", "t", $"app{app}");
                switch (what)
                {
                    case 0 or 1:
                        var appended = store.Append(new NewMessage("p", "t", [(byte)pick], false, null));
                        appended.Groups.ShouldBe(open.Keys, ignoreOrder: true);
                        if (open.Count == 0)
                        {
                            held.Add(appended.Message.Id);
                        }
                        foreach (var ids in open.Values)
                        {
                            ids.Add(appended.Message.Id);
                        }
                        break;
                    case 2:
                        if (!open.TryGetValue(group, out var waiting))
                        {
                            open[group] = waiting = [.. held.TakeLast(5)];
                            held.Clear();
                        }
                        store.OpenGroup(group).ShouldBe(waiting);
                        break;
                    case 3 when open.TryGetValue(group, out var mine) && mine.Count > 0:
                        var id = mine.ElementAt(pick % mine.Count);
                        store.Complete(group, id);
                        mine.Remove(id);
                        (store.Read(id) is null).ShouldBe(open.Values.All(o => !o.Contains(id)));
                        break;
                    case 3 when open.Remove(group):
                        store.DropGroup(group);
                        break;
                }
            }
            store.Groups().ShouldBe(open.Keys, ignoreOrder: true);
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void What_was_written_is_there_after_the_store_is_opened_again()
    {
        var group = new GroupKey("p", "t", "app");
        long id;
        long version;
        using (var store = new SqliteStore(_folder, 5, Now))
        {
            store.OpenGroup(group);
            id = store.Append(new NewMessage("p", "t", [1, 2], true, Now.AddHours(1))).Message.Id;
            store.Append(new NewMessage("p", "nobody", [3], false, null));
            store.Write([new StateWrite("k", [9], default, Now.AddMinutes(1)), new StateWrite("k2", [8])], true, Now);
            version = store.Get("k2", Now)!.Version;
        }
        using (var store = new SqliteStore(_folder, 5, Now.AddMinutes(2)))
        {
            store.OpenGroup(group).ShouldBe([id]);
            var message = store.Read(id)!.Content;
            message.ShouldBe(new NewMessage("p", "t", message.Payload, true, Now.AddHours(1)));
            message.Payload.ShouldBe([1, 2]);
            store.OpenGroup(new GroupKey("p", "nobody", "late")).Count.ShouldBe(1);
            store.Get("k", Now.AddMinutes(2)).ShouldBeNull();
            store.Get("k2", Now)!.Version.ShouldBe(version);
        }
    }

    [Fact]
    public void Two_sidecars_cannot_share_a_data_folder()
    {
        using var first = new SqliteStore(_folder, 5, Now);

        Should.Throw<IOException>(() => new SqliteStore(_folder, 5, Now)).Message.ShouldContain("another sidecar");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_scan_lists_live_entries_under_a_prefix(string kind)
    {
        using var store = Open(kind);
        store.Write([new StateWrite("r|1", [1]), new StateWrite("r|2", [2], default, Now.AddSeconds(-1)), new StateWrite("s", [3])], true, Now.AddSeconds(-5));

        store.Scan("r|", Now).Select(e => e.Key).ShouldBe(["r|1"]);
    }

    private static void Expect(Dictionary<string, (byte Value, long Version)> model, List<StateWrite> writes, bool[] held, bool atomic, IStore store)
    {
        var after = new Dictionary<string, (byte Value, long Version)>(model);
        for (var i = 0; i < writes.Count; i++)
        {
            var w = writes[i];
            var exists = after.TryGetValue(w.Key, out var current);
            // Within a batch a version written by the same batch is unknown to the caller: no condition can name it.
            var expected = w.Condition.Version switch { null => true, 0 => !exists, var v => exists && current.Version == v };
            held[i].ShouldBe(expected);
            if (!expected && atomic)
            {
                return;
            }
            if (expected && w.Value is null)
            {
                after.Remove(w.Key);
            }
            else if (expected)
            {
                after[w.Key] = (w.Value![0], -1);
            }
        }
        model.Clear();
        foreach (var (key, value) in after)
        {
            model[key] = value;
        }
    }

    private IStore Open(string kind) => kind == "memory"
        ? new MemoryStore(5)
        : new SqliteStore(Path.Combine(_folder, $"s{_next++}"), 5, Now);
}
