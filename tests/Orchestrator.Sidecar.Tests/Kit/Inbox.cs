using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Orchestrator.Sidecar.Tests.Kit;

/// <summary>Collects what handlers saw and lets a test await what it expects.</summary>
internal sealed class Inbox<T>
{
    private readonly ConcurrentQueue<T> _items = new();
    private readonly Channel<bool> _arrived = Channel.CreateUnbounded<bool>();

    public IReadOnlyList<T> Items => [.. _items];

    public void Add(T item)
    {
        _items.Enqueue(item);
        _arrived.Writer.TryWrite(true);
    }

    public async Task<IReadOnlyList<T>> UntilAsync(Func<IReadOnlyList<T>, bool> enough)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience.Long);
        while (!enough(Items))
        {
            try
            {
                await _arrived.Reader.ReadAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"waited {Patience.Long} and saw {_items.Count} items: {string.Join(" | ", _items.TakeLast(10))}");
            }
        }
        return Items;
    }

    public async Task<T> FirstAsync() => (await UntilAsync(i => i.Count >= 1))[0];

    public Task<IReadOnlyList<T>> CountAsync(int count) => UntilAsync(i => i.Count >= count);
}
