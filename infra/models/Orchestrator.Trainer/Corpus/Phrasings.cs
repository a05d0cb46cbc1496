namespace Orchestrator.Trainer.Corpus;

/// <summary>
/// Ways to say one thing, some of which are never trained on. A phrasing names its operands in braces: <c>"Reverse {word}."</c>.
/// </summary>
public sealed record Phrasings(string[] Trained, string[] HeldOut)
{
    private static readonly string[] Openings = ["Question: ", "Hey! ", "Hi, ", "Quick question: ", "Please answer: ", "Hello. "];

    /// <summary>A phrasing for facts: held-out questions always have a held-out phrasing.</summary>
    public string ForFact(SplitMix random, Split split) => random.Pick(split == Split.Train ? Trained : HeldOut);

    /// <summary>A phrasing for operands that are themselves held out: held-out questions have either sort of phrasing.</summary>
    public string ForOperands(SplitMix random, Split split) =>
        random.Pick(split == Split.HeldOut && random.Chance(50) ? HeldOut : Trained);

    /// <summary>What people do to a sentence when they type: an opening, no capital, no mark at the end.</summary>
    public static string Typed(string text, SplitMix random)
    {
        if (random.Chance(15))
            text = text.TrimEnd('?', '.');
        if (random.Chance(15))
            text = char.ToLowerInvariant(text[0]) + text[1..];
        else if (random.Chance(10))
            text = text.ToLowerInvariant();
        return random.Chance(12) ? random.Pick(Openings) + text : text;
    }
}
