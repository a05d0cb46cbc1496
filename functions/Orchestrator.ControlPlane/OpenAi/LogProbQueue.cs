using System.Text;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>
/// Holds a choice's draws back until their text is released, so that log-probabilities cover exactly the text that was sent: text may lag behind its
/// tokens (a part of a character or of a stop sequence), and some tokens never become text (the end token, a stop sequence).
/// </summary>
public sealed class LogProbQueue(ITokenizer tokenizer)
{
    private readonly Queue<TokenDraw> held = new();
    private long drawn;
    private long released;
    private long shown;

    /// <summary>Takes an event; the draws whose text is out with it.</summary>
    public IReadOnlyList<TokenDraw> Take(StreamEvent item)
    {
        if (item.Draw is { } draw && tokenizer.Bytes(draw.Token).Length > 0)
        {
            held.Enqueue(draw);
            drawn += tokenizer.Bytes(draw.Token).Length;
        }

        // A replacement character stands for bytes that were no text: what it covers cannot be counted, so everything drawn counts as out.
        released = item.Text.Contains('\uFFFD') ? drawn : Math.Min(drawn, released + Encoding.UTF8.GetByteCount(item.Text));
        List<TokenDraw> ready = [];
        while (held.TryPeek(out var next) && shown + tokenizer.Bytes(next.Token).Length <= released)
        {
            shown += tokenizer.Bytes(next.Token).Length;
            ready.Add(held.Dequeue());
        }

        return ready;
    }
}
