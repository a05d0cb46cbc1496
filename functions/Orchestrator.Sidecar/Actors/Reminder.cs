using System.Text.Json.Serialization;
using Orchestrator.Sidecar.Time;

namespace Orchestrator.Sidecar.Actors;

/// <summary>A reminder as stored.</summary>
internal sealed record Reminder(string Type, string Id, string Name, TickBody Body, DaprSchedule Schedule)
{
    [JsonIgnore]
    public ActorRef Actor => new(Type, Id);
}

[JsonSerializable(typeof(Reminder))]
internal sealed partial class ReminderJson : JsonSerializerContext;
