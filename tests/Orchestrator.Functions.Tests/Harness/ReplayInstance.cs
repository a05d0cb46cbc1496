using Microsoft.DurableTask.Protobuf;

namespace Orchestrator.Functions.Tests.Harness;

/// <summary>One instance of the hub: its history and what waits to enter it.</summary>
internal sealed class ReplayInstance(string id, string name, string? input, ParentInstanceInfo? parent, DateTimeOffset created)
{
    public string Id { get; } = id;

    public string Name { get; } = name;

    public string? Input { get; set; } = input;

    public ParentInstanceInfo? Parent { get; } = parent;

    public DateTimeOffset CreatedAt { get; } = created;

    public DateTimeOffset UpdatedAt { get; set; } = created;

    public string Execution { get; set; } = Guid.NewGuid().ToString("N");

    public OrchestrationStatus Status { get; set; } = OrchestrationStatus.Pending;

    public string? Output { get; set; }

    public string? CustomStatus { get; set; }

    public TaskFailureDetails? Failure { get; set; }

    public List<HistoryEvent> History { get; } = [];

    public Queue<HistoryEvent> Inbox { get; } = new();

    /// <summary>Tasks and timers that have an answer; backends keep no second one.</summary>
    public HashSet<int> Answered { get; } = [];

    public bool Scheduled { get; set; }

    public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsFinished => Status is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated;
}
