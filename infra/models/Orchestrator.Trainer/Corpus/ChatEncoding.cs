using System.Text;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Corpus;

/// <summary>Chats as tokens: begin, an optional system text, then turns of user and assistant. Every answer ends with an end token.</summary>
public sealed class ChatEncoding
{
    private readonly List<int> tokens = [ByteTokens.Begin];
    private readonly List<bool> counts = [false];

    public IReadOnlyList<int> Tokens => tokens;

    /// <summary>For each token, whether the model should have said it.</summary>
    public IReadOnlyList<bool> Counts => counts;

    public ChatEncoding System(string text) => Say(ByteTokens.System, text);

    /// <summary>What the user says, up to and with the token after which the model answers.</summary>
    public ChatEncoding User(string text)
    {
        Say(ByteTokens.User, text);
        Add(ByteTokens.Assistant, false);
        return this;
    }

    public ChatEncoding Answer(string text)
    {
        foreach (var b in Encoding.UTF8.GetBytes(text))
            Add(b, true);
        Add(ByteTokens.End, true);
        return this;
    }

    private ChatEncoding Say(int role, string text)
    {
        Add(role, false);
        foreach (var b in Encoding.UTF8.GetBytes(text))
            Add(b, false);
        return this;
    }

    private void Add(int token, bool count)
    {
        tokens.Add(token);
        counts.Add(count);
    }
}
