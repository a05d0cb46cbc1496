namespace Orchestrator.Durable.History;

/// <summary>
/// One turn: what came in, and what the code asked for in answer. The history of an execution is its turns in order; running the messages
/// again at the same recorded times must ask for the same actions.
/// </summary>
/// <param name="At">The clock that the code saw.</param>
sealed record HistoryTurn(DateTimeOffset At, IReadOnlyList<WorkflowMessage> Messages, IReadOnlyList<WorkflowAction> Actions)
{
    /// <summary>Entries that count against the cap on history.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Events => Messages.Count + Actions.Count;
}
