using System.Text.Json;

namespace Orchestrator.Durable;

/// <summary>Where an instance stands.</summary>
public enum WorkflowStatus
{
    /// <summary>Scheduled; its code has not run yet.</summary>
    Pending = 0,
    Running = 1,
    Completed = 2,
    Failed = 3,
    Terminated = 4,
}

/// <summary>A snapshot of an instance. Payloads are JSON text.</summary>
public sealed record WorkflowState
{
    public required string InstanceId { get; init; }
    public required string Name { get; init; }
    public required string Version { get; init; }

    /// <summary>Number of this execution, unique in the journal; changes with every ContinueAsNew.</summary>
    public required long Execution { get; init; }
    public required WorkflowStatus Status { get; init; }
    public string? ParentInstanceId { get; init; }
    public string? InputJson { get; init; }
    public string? OutputJson { get; init; }
    public string? CustomStatusJson { get; init; }

    /// <summary>Why it failed or was terminated.</summary>
    public FailureDetails? Failure { get; init; }

    /// <summary>Why a running instance cannot go on (its version is not registered), and what to do about it; else null.</summary>
    public string? BlockedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Completed, failed or terminated.</summary>
    public bool IsFinished => Status >= WorkflowStatus.Completed;

    /// <summary>The options that payloads were written with.</summary>
    public required JsonSerializerOptions Json { get; init; }

    public T? ReadInput<T>() => Read<T>(InputJson);

    public T? ReadOutput<T>() => Read<T>(OutputJson);

    public T? ReadCustomStatus<T>() => Read<T>(CustomStatusJson);

    T? Read<T>(string? json) => json is null or "null" ? default : JsonSerializer.Deserialize<T>(json, Json);
}

/// <summary>Which instances to list.</summary>
public sealed record WorkflowQuery
{
    /// <summary>Only these; null for all.</summary>
    public IReadOnlyCollection<WorkflowStatus>? Statuses { get; init; }

    /// <summary>Only ids that begin with this.</summary>
    public string? IdPrefix { get; init; }

    /// <summary>Only this workflow.</summary>
    public string? Name { get; init; }

    /// <summary>Only those that have not changed since; with finished statuses, what a clean-up purges.</summary>
    public DateTimeOffset? UpdatedBefore { get; init; }

    /// <summary>At most this many.</summary>
    public int Limit { get; init; } = int.MaxValue;
}
