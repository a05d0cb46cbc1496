namespace Orchestrator.Trainer.Corpus;

/// <summary>Which side of the fence a question comes from.</summary>
public enum Split
{
    /// <summary>May be trained on.</summary>
    Train,

    /// <summary>Never trained on: its operands are new, or, where there are only facts to know, its phrasing is.</summary>
    HeldOut,
}

/// <summary>A question and the one answer that counts as right.</summary>
/// <param name="Kind">What it asks for; accuracy is reported by kind.</param>
public sealed record Question(string Kind, string Text, string Answer);
