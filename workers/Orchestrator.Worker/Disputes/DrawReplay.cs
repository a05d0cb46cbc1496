using Orchestrator.Contracts;
using Orchestrator.Disputes.Referees;
using Orchestrator.Onnx.Sampling;

namespace Orchestrator.Worker.Disputes;

/// <summary>Repeats draws with the sampler that nodes draw with.</summary>
public sealed class DrawReplay : IDrawReplay
{
    /// <inheritdoc />
    public DrawGap? FirstWrong(DrawTask draws, int promptTokens, int vocabulary, IReadOnlyList<(int Position, ReadOnlyMemory<byte> Row)> rows)
    {
        DrawVerifier verifier;
        try
        {
            verifier = new DrawVerifier(draws.Sampling, vocabulary, draws.Choice);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }

        int next = 0;
        foreach (var (position, row) in rows)
        {
            int index = position - promptTokens;
            if (index < next || index >= draws.Tokens.Count)
                throw new InvalidDataException($"There is no draw at position {position}.");
            while (next < index)
                verifier.Skip(draws.Tokens[next++]);
            if (verifier.Check(row.Span, position, draws.Tokens[next++]) is { } gap)
                return gap;
        }

        return null;
    }
}
