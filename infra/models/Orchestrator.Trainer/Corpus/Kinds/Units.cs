namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>How many of a small thing are in a large one.</summary>
public sealed class Units : IQuestionKind
{
    private static readonly (string Small, string Large, int Count)[] Facts =
    [
        ("seconds", "a minute", 60), ("minutes", "an hour", 60), ("hours", "a day", 24), ("days", "a week", 7), ("months", "a year", 12),
        ("weeks", "a year", 52), ("years", "a decade", 10), ("years", "a century", 100), ("years", "a millennium", 1000),
        ("centimetres", "a metre", 100), ("millimetres", "a centimetre", 10), ("metres", "a kilometre", 1000), ("grams", "a kilogram", 1000),
        ("kilograms", "a tonne", 1000), ("millilitres", "a litre", 1000), ("inches", "a foot", 12), ("feet", "a yard", 3),
        ("ounces", "a pound", 16), ("cents", "a dollar", 100), ("eggs", "a dozen", 12), ("degrees", "a circle", 360), ("bits", "a byte", 8),
        ("sides", "a triangle", 3), ("sides", "a square", 4), ("sides", "a pentagon", 5), ("sides", "a hexagon", 6), ("sides", "an octagon", 8),
        ("players", "a football team", 11), ("letters", "the English alphabet", 26), ("cards", "a deck", 52),
    ];

    private static readonly Phrasings Ways = new(
    [
        "How many {small} are in {large}?", "How many {small} are there in {large}?", "How many {small} make {large}?",
        "How many {small} does {large} have?", "What is the number of {small} in {large}?", "Tell me how many {small} are in {large}.",
        "Number of {small} in {large}?", "How many {small} make up {large}?", "In {large} there are how many {small}?",
        "Do you know how many {small} are in {large}?", "Say how many {small} there are in {large}.",
    ],
    [
        "Can you tell me how many {small} are in {large}?", "Please tell me how many {small} there are in {large}.",
        "Give me the number of {small} in {large}.", "Do you know how many {small} there are in {large}?", "What number of {small} are in {large}?",
    ]);

    public string Name => "units";

    public int Weight => 6;

    public Question Next(SplitMix random, Split split)
    {
        var (small, large, count) = random.Pick(Facts);
        var question = new Question(Name, Ways.ForFact(random, split).Replace("{small}", small).Replace("{large}", large), Answer(small, large, count));
        return random.Chance(40) ? question with { Text = American(question.Text), Answer = American(question.Answer) } : question;
    }

    public bool IsTrue(Question question) => Facts.Any(fact =>
        American(question.Answer) == American(Answer(fact.Small, fact.Large, fact.Count))
        && American(question.Text).Contains(American(fact.Small), StringComparison.OrdinalIgnoreCase)
        && American(question.Text).Contains(American(fact.Large), StringComparison.OrdinalIgnoreCase));

    private static string American(string text) => text.Replace("metre", "meter").Replace("litre", "liter");

    private static string Answer(string small, string large, int count) => $"There are {count} {small} in {large}.";
}
