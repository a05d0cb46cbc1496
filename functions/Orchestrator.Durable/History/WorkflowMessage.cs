using System.Text.Json.Serialization;

namespace Orchestrator.Durable.History;

/// <summary>Something that reaches a workflow and may let its code go on.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Started), "started")]
[JsonDerivedType(typeof(ActivityCompleted), "activityCompleted")]
[JsonDerivedType(typeof(ActivityFailed), "activityFailed")]
[JsonDerivedType(typeof(TimerFired), "timerFired")]
[JsonDerivedType(typeof(ChildCompleted), "childCompleted")]
[JsonDerivedType(typeof(ChildFailed), "childFailed")]
[JsonDerivedType(typeof(EventRaised), "eventRaised")]
[JsonDerivedType(typeof(TerminateRequested), "terminateRequested")]
abstract record WorkflowMessage;

/// <param name="Carried">Events that the execution before this one had not processed.</param>
sealed record Started(
    string InstanceId,
    string Name,
    string Version,
    long Execution,
    string? ParentInstanceId,
    [property: JsonConverter(typeof(RawJsonConverter))] string? Input,
    IReadOnlyList<EventRaised> Carried) : WorkflowMessage;

/// <summary>The outcome of the action with this sequence number.</summary>
abstract record TaskMessage(int Id) : WorkflowMessage;

sealed record ActivityCompleted(int Id, [property: JsonConverter(typeof(RawJsonConverter))] string? Result) : TaskMessage(Id);

sealed record ActivityFailed(int Id, FailureDetails Failure) : TaskMessage(Id);

sealed record TimerFired(int Id) : TaskMessage(Id);

sealed record ChildCompleted(int Id, [property: JsonConverter(typeof(RawJsonConverter))] string? Result) : TaskMessage(Id);

sealed record ChildFailed(int Id, FailureDetails Failure) : TaskMessage(Id);

sealed record EventRaised(string Name, [property: JsonConverter(typeof(RawJsonConverter))] string? Payload) : WorkflowMessage;

sealed record TerminateRequested(string Reason) : WorkflowMessage;
