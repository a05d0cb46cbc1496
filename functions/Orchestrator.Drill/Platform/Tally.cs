using Orchestrator.Drill.Statistics;

namespace Orchestrator.Drill.Platform;

/// <summary>Counts of one scenario.</summary>
public sealed class Tally
{
    private readonly SortedDictionary<Proof, int> proofs = [];
    private double predicted;

    /// <summary>Chances to catch a cheat.</summary>
    public int Trials { get; private set; }

    /// <summary>Chances taken.</summary>
    public int Caught { get; private set; }

    /// <summary>Jobs that ended with a right answer.</summary>
    public int Right { get; private set; }

    /// <summary>Jobs that ended with a wrong answer.</summary>
    public int Wrong { get; private set; }

    /// <summary>Jobs that ended without an answer and were refunded.</summary>
    public int Refunded { get; private set; }

    /// <summary>Mean of the predicted probabilities; null without trials.</summary>
    public double? Predicted => Trials == 0 ? null : Math.Min(1, predicted / Trials);

    /// <summary>How often each proof was had.</summary>
    public IReadOnlyDictionary<Proof, int> Proofs => proofs;

    /// <summary>Counts a chance.</summary>
    public void Trial(bool caught, double probability)
    {
        Trials++;
        Caught += caught ? 1 : 0;
        predicted += probability;
    }

    /// <summary>Fingerprints that were off although every bit was right.</summary>
    public int FalseAlarms { get; private set; }

    /// <summary>Counts a false alarm.</summary>
    public void FalseAlarm() => FalseAlarms++;

    /// <summary>Counts a proof.</summary>
    public void Prove(Proof proof) => proofs[proof] = proofs.GetValueOrDefault(proof) + 1;

    /// <summary>Counts the end of a job; null for no answer.</summary>
    public void End(bool? right)
    {
        if (right is null)
            Refunded++;
        else if (right.Value)
            Right++;
        else
            Wrong++;
    }

    /// <summary>Where the detection rate may lie, at 95 %.</summary>
    public WilsonInterval Interval => WilsonInterval.Of(Caught, Trials);
}
