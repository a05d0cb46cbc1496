namespace Orchestrator.TestKit;

/// <summary>A span as a collector got it.</summary>
/// <param name="Service">The resource's <c>service.name</c>.</param>
/// <param name="Source">Name of the activity source.</param>
/// <param name="Name">The span's name.</param>
/// <param name="Kind">1 internal, 2 server, 3 client, 4 producer, 5 consumer.</param>
/// <param name="Trace">Trace id, hex.</param>
/// <param name="Id">Span id, hex.</param>
/// <param name="Parent">The parent's span id; empty for a root.</param>
/// <param name="Links">Span ids that it links to.</param>
/// <param name="Start">Nanoseconds since 1970.</param>
/// <param name="End">The same.</param>
/// <param name="Attributes">What it says, as text.</param>
public sealed record CollectedSpan(
    string Service,
    string Source,
    string Name,
    int Kind,
    string Trace,
    string Id,
    string Parent,
    IReadOnlyList<string> Links,
    ulong Start,
    ulong End,
    IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>An attribute, or empty.</summary>
    public string this[string attribute] => Attributes.GetValueOrDefault(attribute, "");

    /// <inheritdoc />
    public override string ToString() => $"{Service} {Name} {Id} under {Parent} of {Trace} ({string.Join(", ", Attributes.Select(a => $"{a.Key}={a.Value}"))})";
}
