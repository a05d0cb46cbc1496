using Orchestrator.Contracts;

namespace Orchestrator.Onnx.Generation;

/// <summary>One choice's sessions on all stages of a model in one process, called in chain order.</summary>
public sealed class LocalChain : IDisposable
{
    private readonly IStageSession[] sessions;
    private readonly int rowBytes;

    /// <summary>Opens a session of at most <paramref name="maxTokens"/> tokens on every stage.</summary>
    /// <param name="stages">All stages in chain order; the caller keeps them.</param>
    /// <param name="vocabulary">Logits per position.</param>
    /// <param name="maxTokens">Most prompt and completion tokens.</param>
    public LocalChain(IReadOnlyList<IStageEngine> stages, int vocabulary, int maxTokens)
    {
        rowBytes = vocabulary * sizeof(float);
        var opened = new List<IStageSession>(stages.Count);
        try
        {
            foreach (var stage in stages)
                opened.Add(stage.Open(maxTokens));
        }
        catch
        {
            opened.ForEach(session => session.Dispose());
            throw;
        }

        sessions = [.. opened];
    }

    /// <summary>Tokens in the caches.</summary>
    public int Position => sessions[0].Position;

    /// <summary>Runs one pass through all stages; the logits of its last token, <c>[vocabulary]</c> float32, valid until the next call.</summary>
    /// <exception cref="InvalidDataException">The pass does not fit, or the last stage does not end in float32 logits.</exception>
    public ReadOnlyMemory<byte> Run(ReadOnlySpan<int> tokens)
    {
        IReadOnlyList<Tensor> boundary = [];
        foreach (var session in sessions)
            boundary = session.Run(tokens, tokens.Length, boundary);
        var logits = boundary[0];
        if (logits.Type != ElementType.Float32 || logits.Bytes.Length != (long)rowBytes * tokens.Length)
            throw new InvalidDataException($"The chain must end in float32 logits of {rowBytes} bytes per token.");
        return logits.Bytes[^rowBytes..];
    }

    /// <summary>Drops all tokens from <paramref name="position"/> on, on every stage.</summary>
    public void Rewind(int position)
    {
        foreach (var session in sessions)
            session.Rewind(position);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var session in sessions)
            session.Dispose();
    }
}
