using Dapr.Client;
using Grpc.Core;
using Orchestrator.Sidecar.Tests.Kit;

namespace Orchestrator.Sidecar.Tests.Conformance;

public sealed class StateTests
{
    private const string Store = "statestore";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_saved_is_read_and_what_is_deleted_is_gone()
    {
        await using var network = await Network.StartAsync();
        var client = (await network.AddAppAsync("app")).Client;

        await client.SaveStateAsync(Store, "k", new Point(1, 2), cancellationToken: Cancel);
        (await client.GetStateAsync<Point>(Store, "k", cancellationToken: Cancel)).ShouldBe(new Point(1, 2));

        await client.DeleteStateAsync(Store, "k", cancellationToken: Cancel);
        (await client.GetStateAsync<Point?>(Store, "k", cancellationToken: Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Apps_do_not_see_each_others_keys()
    {
        await using var network = await Network.StartAsync();
        var one = (await network.AddAppAsync("one")).Client;
        var two = (await network.AddAppAsync("two")).Client;

        await one.SaveStateAsync(Store, "k", "mine", cancellationToken: Cancel);

        (await two.GetStateAsync<string?>(Store, "k", cancellationToken: Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task A_save_with_a_stale_etag_fails_and_with_the_current_one_succeeds()
    {
        await using var network = await Network.StartAsync();
        var client = (await network.AddAppAsync("app")).Client;
        await client.SaveStateAsync(Store, "k", 1, cancellationToken: Cancel);
        var (_, stale) = await client.GetStateAndETagAsync<int>(Store, "k", cancellationToken: Cancel);
        await client.SaveStateAsync(Store, "k", 2, cancellationToken: Cancel);

        (await client.TrySaveStateAsync(Store, "k", 3, stale, cancellationToken: Cancel)).ShouldBeFalse();
        (await client.TryDeleteStateAsync(Store, "k", stale, cancellationToken: Cancel)).ShouldBeFalse();
        var (value, current) = await client.GetStateAndETagAsync<int>(Store, "k", cancellationToken: Cancel);
        value.ShouldBe(2);
        (await client.TrySaveStateAsync(Store, "k", 3, current, cancellationToken: Cancel)).ShouldBeTrue();
        (await client.GetStateAsync<int>(Store, "k", cancellationToken: Cancel)).ShouldBe(3);
    }

    [Fact]
    public async Task An_etag_is_not_reused_when_a_key_is_deleted_and_written_again()
    {
        await using var network = await Network.StartAsync();
        var client = (await network.AddAppAsync("app")).Client;
        await client.SaveStateAsync(Store, "k", 1, cancellationToken: Cancel);
        var (_, old) = await client.GetStateAndETagAsync<int>(Store, "k", cancellationToken: Cancel);
        await client.DeleteStateAsync(Store, "k", cancellationToken: Cancel);
        await client.SaveStateAsync(Store, "k", 1, cancellationToken: Cancel);

        (await client.TrySaveStateAsync(Store, "k", 2, old, cancellationToken: Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task First_write_without_etag_succeeds_once()
    {
        await using var network = await Network.StartAsync();
        var client = (await network.AddAppAsync("app")).Client;
        var first = new StateOptions { Concurrency = ConcurrencyMode.FirstWrite };
        await client.SaveStateAsync(Store, "k", 1, first, cancellationToken: Cancel);

        var error = await Should.ThrowAsync<Dapr.DaprException>(() => client.SaveStateAsync(Store, "k", 2, first, cancellationToken: Cancel));

        error.InnerException.ShouldBeOfType<RpcException>().StatusCode.ShouldBe(StatusCode.Aborted);
    }

    [Fact]
    public async Task An_etag_that_no_store_gave_out_is_an_argument_error()
    {
        await using var network = await Network.StartAsync();
        var client = (await network.AddAppAsync("app")).Client;

        var error = await Should.ThrowAsync<Dapr.DaprException>(() => client.TrySaveStateAsync(Store, "k", 1, "nonsense", cancellationToken: Cancel));

        error.InnerException.ShouldBeOfType<RpcException>().StatusCode.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task A_transaction_is_all_or_nothing()
    {
        await using var network = await Network.StartAsync();
        var client = (await network.AddAppAsync("app")).Client;
        await client.SaveStateAsync(Store, "a", 1, cancellationToken: Cancel);
        var (_, etag) = await client.GetStateAndETagAsync<int>(Store, "a", cancellationToken: Cancel);

        var failing = new[] { Upsert("b", "5"), Upsert("a", "6", "99999") };
        var error = await Should.ThrowAsync<Dapr.DaprException>(() => client.ExecuteStateTransactionAsync(Store, failing, cancellationToken: Cancel));
        error.InnerException.ShouldBeOfType<RpcException>().StatusCode.ShouldBe(StatusCode.Internal);
        (await client.GetStateAsync<int?>(Store, "b", cancellationToken: Cancel)).ShouldBeNull();

        await client.ExecuteStateTransactionAsync(Store, [Upsert("b", "5"), new StateTransactionRequest("a", null, StateOperationType.Delete, etag)], cancellationToken: Cancel);
        (await client.GetStateAsync<int?>(Store, "b", cancellationToken: Cancel)).ShouldBe(5);
        (await client.GetStateAsync<int?>(Store, "a", cancellationToken: Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Bulk_operations_read_and_delete_many_keys()
    {
        await using var network = await Network.StartAsync();
        var client = (await network.AddAppAsync("app")).Client;
        await client.SaveStateAsync(Store, "a", 1, cancellationToken: Cancel);
        await client.SaveStateAsync(Store, "b", 2, cancellationToken: Cancel);

        var items = await client.GetBulkStateAsync(Store, ["a", "b", "none"], 2, cancellationToken: Cancel);
        items.ToDictionary(i => i.Key, i => i.Value).ShouldBe(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2", ["none"] = "" }, ignoreOrder: true);

        await client.DeleteBulkStateAsync(Store, [.. items.Take(2).Select(i => new BulkDeleteStateItem(i.Key, i.ETag))], Cancel);
        (await client.GetStateAsync<int?>(Store, "a", cancellationToken: Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task An_entry_with_a_lifetime_ends_when_it_is_over()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var network = await Network.StartAsync(options: o => o with { TimeProvider = time });
        var client = (await network.AddAppAsync("app")).Client;
        await client.SaveStateAsync(Store, "k", 1, metadata: new Dictionary<string, string> { ["ttlInSeconds"] = "10" }, cancellationToken: Cancel);

        time.Advance(TimeSpan.FromSeconds(9));
        (await client.GetStateAsync<int?>(Store, "k", cancellationToken: Cancel)).ShouldBe(1);
        time.Advance(TimeSpan.FromSeconds(2));
        (await client.GetStateAsync<int?>(Store, "k", cancellationToken: Cancel)).ShouldBeNull();
    }

    [Theory]
    [InlineData("missing", "k", StatusCode.InvalidArgument)]
    [InlineData(Store, "a||b", StatusCode.InvalidArgument)]
    public async Task Unknown_stores_and_illegal_keys_are_argument_errors(string store, string key, StatusCode expected)
    {
        await using var network = await Network.StartAsync();
        var client = (await network.AddAppAsync("app")).Client;

        var error = await Should.ThrowAsync<Dapr.DaprException>(() => client.GetStateAsync<int>(store, key, cancellationToken: Cancel));

        error.InnerException.ShouldBeOfType<RpcException>().StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task Without_any_state_component_the_precondition_fails()
    {
        await using var network = await Network.StartAsync(Yaml.PubSub);
        var client = (await network.AddAppAsync("app")).Client;

        var error = await Should.ThrowAsync<Dapr.DaprException>(() => client.GetStateAsync<int>(Store, "k", cancellationToken: Cancel));

        error.InnerException.ShouldBeOfType<RpcException>().StatusCode.ShouldBe(StatusCode.FailedPrecondition);
    }

    private static StateTransactionRequest Upsert(string key, string json, string? etag = null) =>
        new(key, System.Text.Encoding.UTF8.GetBytes(json), StateOperationType.Upsert, etag);

    private sealed record Point(int X, int Y);
}
