namespace Orchestrator.Sidecar.Actors;

internal readonly record struct ActorRef(string Type, string Id)
{
    /// <summary>The path of the app's callbacks for this actor.</summary>
    public string Path => $"/actors/{Uri.EscapeDataString(Type)}/{Uri.EscapeDataString(Id)}";

    public override string ToString() => $"{Type}/{Id}";
}
