using System.Text.Json.Serialization;

namespace Orchestrator.Durable.History;

/// <summary>Something workflow code asked for; <paramref name="Id"/> numbers an execution's actions from 1 without gaps.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CallActivity), "callActivity")]
[JsonDerivedType(typeof(StartChild), "startChild")]
[JsonDerivedType(typeof(CreateTimer), "createTimer")]
[JsonDerivedType(typeof(CancelTimer), "cancelTimer")]
[JsonDerivedType(typeof(AwaitEvent), "awaitEvent")]
[JsonDerivedType(typeof(SendEvent), "sendEvent")]
[JsonDerivedType(typeof(Complete), "complete")]
[JsonDerivedType(typeof(Fail), "fail")]
[JsonDerivedType(typeof(ContinueAsNew), "continueAsNew")]
abstract record WorkflowAction(int Id)
{
    /// <summary>Kind and name: what replay compares, and what an error shows.</summary>
    [JsonIgnore]
    public abstract string Signature { get; }
}

/// <param name="Call">Sequence number of the call's first attempt: what the idempotency key is made of.</param>
sealed record CallActivity(
    int Id, string Name, [property: JsonConverter(typeof(RawJsonConverter))] string? Input, int Call, int Attempt) : WorkflowAction(Id)
{
    public override string Signature => $"activity '{Name}'";
}

sealed record StartChild(
    int Id, string Name, string InstanceId, [property: JsonConverter(typeof(RawJsonConverter))] string? Input, int Attempt) : WorkflowAction(Id)
{
    public override string Signature => $"child '{Name}' with id '{InstanceId}'";
}

sealed record CreateTimer(int Id, DateTimeOffset DueAt) : WorkflowAction(Id)
{
    public override string Signature => "timer";
}

sealed record CancelTimer(int Id, int Timer) : WorkflowAction(Id)
{
    public override string Signature => $"cancellation of timer {Timer}";
}

sealed record AwaitEvent(int Id, string Name) : WorkflowAction(Id)
{
    public override string Signature => $"wait for event '{Name}'";
}

sealed record SendEvent(
    int Id, string InstanceId, string Name, [property: JsonConverter(typeof(RawJsonConverter))] string? Payload) : WorkflowAction(Id)
{
    public override string Signature => $"event '{Name}' to '{InstanceId}'";
}

/// <summary>Ends the execution; always the last action.</summary>
abstract record EndAction(int Id) : WorkflowAction(Id);

sealed record Complete(int Id, [property: JsonConverter(typeof(RawJsonConverter))] string? Output) : EndAction(Id)
{
    public override string Signature => "completion";
}

sealed record Fail(int Id, FailureDetails Failure) : EndAction(Id)
{
    public override string Signature => $"failure ({Failure.Type})";
}

sealed record ContinueAsNew(
    int Id, [property: JsonConverter(typeof(RawJsonConverter))] string? Input, IReadOnlyList<EventRaised> Carried) : EndAction(Id)
{
    public override string Signature => "continue as new";
}
