namespace Orchestrator.ControlPlane.Availability;

/// <summary>Where nodes reach the HTTP API to answer demands of evidence.</summary>
public sealed class PublicAddress(ControlPlaneOptions options)
{
    /// <summary>Base address; null when none is configured. A host that learns its own address when it has started sets it then.</summary>
    public Uri? Value { get; set; } = options.PublicUrl;

    /// <summary>Where the answer to a demand goes; null without an address.</summary>
    public Uri? AnswerTo(Contracts.DemandId demand) => Value is { } url ? new Uri($"{url.AbsoluteUri.TrimEnd('/')}/api/demands/{demand}/answer") : null;
}
