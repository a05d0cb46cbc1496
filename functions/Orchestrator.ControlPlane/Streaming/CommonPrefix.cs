using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Streaming;

/// <summary>What a chain's edge has streamed.</summary>
/// <param name="Session">The chain.</param>
/// <param name="Choices">Tokens of each choice, in order.</param>
public sealed record StreamedTokens(SessionId Session, IReadOnlyList<IReadOnlyList<int>> Choices);

/// <summary>What enough chains have streamed alike.</summary>
/// <param name="Tokens">Tokens over all choices.</param>
/// <param name="Sessions">The chains.</param>
public sealed record StreamedAnswer(int Tokens, IReadOnlyList<SessionId> Sessions)
{
    /// <summary>Nothing that may be charged.</summary>
    public static StreamedAnswer Nothing { get; } = new(0, []);
}

/// <summary>The longest start of an answer that a number of chains have in common. Pure.</summary>
public static class CommonPrefix
{
    /// <summary>
    /// Tries each chain as the reference: with the chains sorted by how much of it they repeat, the one at place <paramref name="required"/> says how much counts.
    /// </summary>
    /// <param name="streams">One per chain, all with the same number of choices.</param>
    /// <param name="required">Chains that must have it, 1 or more.</param>
    public static StreamedAnswer Of(IReadOnlyList<StreamedTokens> streams, int required)
    {
        var best = StreamedAnswer.Nothing;
        foreach (var reference in streams)
        {
            var shared = streams.Select(s => (s.Session, Lengths: Shared(s, reference))).ToList();
            if (shared.Count < required)
                continue;
            int[] counted = [.. Enumerable.Range(0, reference.Choices.Count).Select(choice => shared.Select(s => s.Lengths[choice]).OrderDescending().ElementAt(required - 1))];
            var having = shared.Where(s => s.Lengths.Zip(counted).All(l => l.First >= l.Second)).Select(s => s.Session).ToList();
            // Different chains may have been ahead in different choices: then none of them counts as a whole.
            if (having.Count >= required && counted.Sum() > best.Tokens)
                best = new StreamedAnswer(counted.Sum(), having);
        }

        return best;
    }

    private static int[] Shared(StreamedTokens stream, StreamedTokens reference) =>
        [.. stream.Choices.Zip(reference.Choices).Select(pair => pair.First.Zip(pair.Second).TakeWhile(t => t.First == t.Second).Count())];
}
