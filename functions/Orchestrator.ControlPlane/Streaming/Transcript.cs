using System.Text;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Streaming;

/// <summary>
/// What was handed on so far, by choice. Chains draw the same tokens and cut text at the same places, so the n-th event of a choice
/// is the same on each of them, and another chain can go on where one broke off.
/// </summary>
public sealed class Transcript
{
    private readonly List<(int? Token, string Text)>[] events;
    private readonly StringBuilder[] texts;
    private readonly FinishReason?[] finished;
    private readonly int mostTokens;

    /// <summary>Nothing yet.</summary>
    /// <param name="choices">Completions.</param>
    /// <param name="mostTokens">Most tokens of each; an edge that streams more is refused, or it could fill the memory.</param>
    public Transcript(int choices, int mostTokens = int.MaxValue - 1)
    {
        this.mostTokens = mostTokens;
        events = [.. Enumerable.Range(0, choices).Select(_ => new List<(int?, string)>())];
        texts = [.. Enumerable.Range(0, choices).Select(_ => new StringBuilder())];
        finished = new FinishReason?[choices];
    }

    /// <summary>Choices.</summary>
    public int Choices => events.Length;

    /// <summary>Every choice has ended.</summary>
    public bool IsComplete => finished.All(f => f is not null);

    /// <summary>Text handed on.</summary>
    public string Text(int choice) => texts[choice].ToString();

    /// <summary>Tokens handed on.</summary>
    public IEnumerable<int> Tokens(int choice) => events[choice].Where(e => e.Token is not null).Select(e => e.Token!.Value);

    /// <summary>Why a choice ended; null while it goes on.</summary>
    public FinishReason? Finish(int choice) => finished[choice];

    /// <summary>Takes the <paramref name="index"/>-th event of its choice.</summary>
    /// <returns>True when it is new, false when it repeats what was handed on.</returns>
    /// <exception cref="InvalidDataException">It differs from what was handed on, or comes after the end of the choice.</exception>
    public bool Take(StreamEvent item, int index)
    {
        var known = events[item.Choice];
        if (index < known.Count)
        {
            return known[index] == (item.Draw?.Token, item.Text)
                ? false
                : throw new InvalidDataException($"Two chains differ in event {index} of choice {item.Choice}.");
        }

        if (finished[item.Choice] is not null)
            throw new InvalidDataException($"Choice {item.Choice} goes on after its end.");
        // One event per token, and one that ends the choice.
        if (known.Count > mostTokens || (known.Count == mostTokens && item.FinishReason is null))
            throw new InvalidDataException($"Choice {item.Choice} goes on after its {mostTokens} tokens.");
        known.Add((item.Draw?.Token, item.Text));
        texts[item.Choice].Append(item.Text);
        finished[item.Choice] = item.FinishReason;
        return true;
    }

    /// <summary>The rest of an agreed answer as one event, when it continues what was handed on.</summary>
    /// <exception cref="InvalidDataException">What was handed on is not part of the agreed answer.</exception>
    public StreamEvent? Complete(int choice, ChoiceResult agreed)
    {
        string text = Text(choice);
        int[] tokens = [.. Tokens(choice)];
        bool fits = agreed.Text.StartsWith(text, StringComparison.Ordinal) && agreed.Tokens.Take(tokens.Length).SequenceEqual(tokens)
            && tokens.Length <= agreed.Tokens.Count;
        if (!fits || (finished[choice] is { } reason && (reason != agreed.FinishReason || text.Length != agreed.Text.Length || tokens.Length != agreed.Tokens.Count)))
            throw new InvalidDataException($"The streamed answer of choice {choice} is not the one that the chains agreed on.");
        if (finished[choice] is not null)
            return null;
        var rest = new StreamEvent(events[choice].Count, choice, null, agreed.Text[text.Length..], agreed.FinishReason, null, false);
        foreach (int token in agreed.Tokens.Skip(tokens.Length))
            events[choice].Add((token, ""));
        texts[choice].Append(rest.Text);
        finished[choice] = agreed.FinishReason;
        return rest;
    }
}
