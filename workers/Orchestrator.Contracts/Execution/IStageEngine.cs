namespace Orchestrator.Contracts;

/// <summary>Loads shards into a runtime.</summary>
public interface IStageLoader
{
    /// <summary>The numerical class of everything this loader loads.</summary>
    ExecutionClass Class { get; }

    /// <summary>Loads one shard from a file whose digest the caller has checked.</summary>
    /// <exception cref="InvalidDataException">The file does not fit the manifest, or the runtime refuses it.</exception>
    Task<IStageEngine> LoadAsync(string path, ModelManifest model, int stage, CancellationToken cancel);
}

/// <summary>One loaded shard. Opening sessions is thread-safe; the caller runs one pass at a time per engine.</summary>
public interface IStageEngine : IDisposable
{
    /// <summary>The shard.</summary>
    ShardManifest Shard { get; }

    /// <summary>Bytes of key/value cache that a session of at most <paramref name="maxTokens"/> tokens holds from open to dispose.</summary>
    long SessionBytes(int maxTokens);

    /// <summary>Opens an empty key/value cache for one choice of at most <paramref name="maxTokens"/> tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokens"/> is below 1 or passes the model's context.</exception>
    IStageSession Open(int maxTokens);
}

/// <summary>The key/value cache of one choice on one shard.</summary>
public interface IStageSession : IDisposable
{
    /// <summary>Tokens in the cache.</summary>
    int Position { get; }

    /// <summary>
    /// Runs one pass over the next <paramref name="tokenCount"/> tokens and appends them to the cache.
    /// </summary>
    /// <param name="tokens">Token ids of the pass; may be empty when the shard has no <see cref="InputRole.TokenIds"/> input.</param>
    /// <param name="tokenCount">Tokens in the pass, 1 or more.</param>
    /// <param name="received">Tensors of <see cref="ShardManifest.Receives"/>, in that order; empty on stage 0.</param>
    /// <returns>Tensors of <see cref="ShardManifest.Sends"/>, in that order (logits <c>[1, tokenCount, vocabulary]</c> on the last stage); valid until the next call.</returns>
    /// <exception cref="InvalidDataException">A tensor does not fit the manifest, or the cache would overflow; the session is unchanged.</exception>
    IReadOnlyList<Tensor> Run(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received);

    /// <summary>
    /// Does ahead what the next pass needs if it is one of one token. Called when there is time, after the last outputs have been used; changes no result.
    /// </summary>
    void PrepareNext()
    {
    }

    /// <summary>Drops all tokens from <paramref name="position"/> on.</summary>
    void Rewind(int position);
}

/// <summary>A dense little-endian tensor, as it crosses between stages.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, all 0 or more.</param>
/// <param name="Bytes">Row-major elements.</param>
public readonly record struct Tensor(ElementType Type, long[] Shape, ReadOnlyMemory<byte> Bytes);
