namespace Orchestrator.Trainer.Corpus;

/// <summary>A source of questions of one kind.</summary>
public interface IQuestionKind
{
    string Name { get; }

    /// <summary>Share of the corpus, relative to the other kinds.</summary>
    int Weight { get; }

    /// <summary>Draws a question; the same state of <paramref name="random"/> gives the same one.</summary>
    Question Next(SplitMix random, Split split);

    /// <summary>Works the answer out again from the text alone; used to prove that the corpus tells the truth.</summary>
    bool IsTrue(Question question);
}
