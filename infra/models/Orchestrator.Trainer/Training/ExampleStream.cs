using System.Runtime.InteropServices;
using Orchestrator.Trainer.Corpus;

namespace Orchestrator.Trainer.Training;

/// <summary>Fills batches with chats: mostly one question, some with a system text before it, some with a second turn.</summary>
public sealed class ExampleStream(ulong seed)
{
    private static readonly string[] SystemTexts =
    [
        "You are a helpful assistant.", "Be brief.", "Answer the question.", "You are a friendly assistant.", "Answer in one sentence.", "You are Orchestrator.",
    ];

    private readonly QuestionStream questions = new(seed, Split.Train);

    /// <summary>The place in the stream; taken between batches.</summary>
    public ulong State
    {
        get => questions.Random.State;
        set => questions.Random.State = value;
    }

    /// <summary>Refills the batch until the next example would not fit; that one is drawn again for the next batch.</summary>
    public void Fill(Batch batch)
    {
        batch.Clear();
        while (true)
        {
            var before = State;
            var chat = Next();
            if (batch.TryAdd(CollectionsMarshal.AsSpan([.. chat.Tokens]), CollectionsMarshal.AsSpan([.. chat.Counts])))
                continue;
            State = before;
            return;
        }
    }

    private ChatEncoding Next()
    {
        while (true)
        {
            var chat = new ChatEncoding();
            if (questions.Random.Chance(8))
                chat.System(questions.Random.Pick(SystemTexts));
            for (var turns = questions.Random.Chance(6) ? 2 : 1; turns > 0; turns--)
            {
                var question = questions.Next();
                chat.User(question.Text).Answer(question.Answer);
            }
            if (chat.Tokens.Count <= Batch.LongestExample + 1)
                return chat;
        }
    }
}
