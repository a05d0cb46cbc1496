using Orchestrator.Durable.History;

namespace Orchestrator.Durable.Journal;

/// <summary>An activity that has been asked for and whose result is not in history yet.</summary>
sealed record ActivityRow(string Instance, long Execution, int Id, string Name, string? Input, int Call, int Attempt)
{
    public string IdempotencyKey => $"{Instance}/{Execution}/{Call}";
}

/// <summary>A timer that has not fired yet. <see cref="Start"/> stands for the delayed start of an instance.</summary>
sealed record TimerRow(DateTimeOffset DueAt, string Instance, long Execution, int Id)
{
    public const int Start = 0;
}

/// <summary>A message waiting in an instance's inbox; <paramref name="Execution"/> is null when it is for whichever runs.</summary>
sealed record InboxRow(long Seq, long? Execution, WorkflowMessage Message);
