namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>What people say before they ask.</summary>
public sealed class Greetings : IQuestionKind
{
    private const string Hello = "Hello! Ask me about capitals, units, counting, sorting, reversing, comparing or adding.";
    private const string Self = "I am a tiny model that knows capitals and units and can count, sort, reverse, compare and add.";
    private const string Welcome = "You are welcome!";

    private static readonly (Phrasings Ways, string Answer)[] All =
    [
        (new(["Hello", "Hello!", "Hi", "Hi!", "Hi there", "Hey", "Good morning!", "Good evening.", "Hello, how are you?", "Hey, how are you?", "Hi, how are you?", "Hello there", "Good afternoon!", "Hey there", "Greetings!"],
            ["Hello there!", "Hi there, how are you?", "Hello, good morning!", "Hey there, good evening."]), Hello),
        (new(["Who are you?", "What are you?", "What can you do?", "Tell me about yourself.", "What do you know?", "How can you help me?", "Help", "Help me", "Tell me what you can do.", "Tell me who you are."],
            ["What do you know about?", "Tell me what you are.", "What can you help me with?"]), Self),
        (new(["Thanks", "Thank you", "Thank you!", "Thanks a lot.", "Thank you very much.", "Great, thanks!", "Thanks!", "Ok, thank you."],
            ["Thank you a lot.", "Great, thank you!", "Ok, thanks."]), Welcome),
    ];

    public string Name => "greetings";

    public int Weight => 2;

    public Question Next(SplitMix random, Split split)
    {
        var (ways, answer) = random.Pick(All);
        return new(Name, ways.ForFact(random, split), answer);
    }

    public bool IsTrue(Question question) => question.Answer is Hello or Self or Welcome;
}
