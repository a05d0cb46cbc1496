namespace Orchestrator.Durable;

/// <summary>An activity or child workflow failed; thrown into workflow code.</summary>
public abstract class TaskFailedException(string taskName, FailureDetails failure, string message) : Exception(message)
{
    /// <summary>Name of the activity or child workflow.</summary>
    public string TaskName { get; } = taskName;

    /// <summary>What it threw.</summary>
    public FailureDetails Failure { get; } = failure;
}

/// <summary>An activity threw on every allowed attempt.</summary>
public sealed class ActivityFailedException(string taskName, FailureDetails failure)
    : TaskFailedException(taskName, failure, $"Activity '{taskName}' failed: {failure.Message}");

/// <summary>A child workflow failed or was terminated.</summary>
public sealed class ChildFailedException(string taskName, FailureDetails failure)
    : TaskFailedException(taskName, failure, $"Child workflow '{taskName}' failed: {failure.Message}");

/// <summary>Workflow code did something else than its history says, or stepped outside its context.</summary>
public sealed class NonDeterminismException(string message) : Exception(message);

/// <summary>No instance has this id.</summary>
public sealed class InstanceNotFoundException(string instanceId)
    : Exception($"No workflow instance '{instanceId}'. It was never scheduled on this journal, or it has been purged.");
