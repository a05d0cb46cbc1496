using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Blobs;

/// <summary>Where nodes' downloads come from.</summary>
internal interface IBlobs
{
    /// <summary>Answers a GET or HEAD of one blob, in ranges where the source can.</summary>
    Task ServeAsync(HttpContext http, Digest digest);
}
