using Orchestrator.Contracts;
using Orchestrator.Disputes.Referees;
using Orchestrator.Onnx.Sampling;

namespace Orchestrator.Drill.Models;

/// <summary>Repeats draws with the sampler that nodes draw with.</summary>
public sealed class DrawReplay : IDrawReplay
{
    /// <inheritdoc />
    public DrawGap? FirstWrong(DrawTask draws, int promptTokens, int vocabulary, IReadOnlyList<(int Position, ReadOnlyMemory<byte> Row)> rows)
    {
        var verifier = new DrawVerifier(draws.Sampling, vocabulary, draws.Choice);
        var byPosition = rows.ToDictionary(r => r.Position, r => r.Row);
        for (int i = 0; i < draws.Tokens.Count; i++)
        {
            if (!byPosition.TryGetValue(promptTokens + i, out var row))
                verifier.Skip(draws.Tokens[i]);
            else if (verifier.Check(row.Span, promptTokens + i, draws.Tokens[i]) is { } gap)
                return gap;
        }

        return null;
    }
}
