using Orchestrator.Durable.History;

namespace Orchestrator.Durable.Replay;

/// <summary>Brings an execution to where its history ends, and makes sure that the code still asks for what it asked for then.</summary>
static class ReplayCheck
{
    public const string Advice = "The code changed under a running instance or is not deterministic; register changed code as a new version.";

    /// <param name="contents">Whether to compare what actions carry, too: too strict for an instance that runs, as what was asked for has been done.</param>
    /// <exception cref="NonDeterminismException">Names the first difference.</exception>
    public static void Replay(WorkflowExecution execution, IReadOnlyList<HistoryTurn> history, bool contents = false)
    {
        for (var turn = 0; turn < history.Count; turn++)
        {
            var asked = execution.Run(history[turn].At, history[turn].Messages, replaying: true).Actions;
            Compare(turn, history[turn].Actions, asked);
            if (contents)
            {
                CompareContents(turn, history[turn].Actions, asked);
            }
        }
    }

    static void Compare(int turn, IReadOnlyList<WorkflowAction> recorded, IReadOnlyList<WorkflowAction> asked)
    {
        for (var i = 0; i < Math.Max(recorded.Count, asked.Count); i++)
        {
            var before = i < recorded.Count ? recorded[i] : null;
            var now = i < asked.Count ? asked[i] : null;
            if (before?.Signature != now?.Signature || before?.Id != now?.Id)
            {
                throw new NonDeterminismException(
                    $"Turn {turn + 1}: history has {Show(before)}, the code now asks for {Show(now)}. {Advice}");
            }
        }
    }

    static void CompareContents(int turn, IReadOnlyList<WorkflowAction> recorded, IReadOnlyList<WorkflowAction> asked)
    {
        foreach (var (before, now) in recorded.Zip(asked))
        {
            if (ActionContents.Difference(before, now) is { } difference)
            {
                throw new NonDeterminismException($"Turn {turn + 1}: in history {Show(before)} has {difference}. {Advice}");
            }
        }
    }

    static string Show(WorkflowAction? action) => action switch
    {
        null => "nothing more",
        Fail fail => $"{fail.Signature}: {fail.Failure.Message}",
        _ => $"action {action.Id}, {action.Signature}",
    };
}
