using System.Net;

namespace Orchestrator.Worker.Availability;

/// <summary>A file as a request's body that can be sent again: it is read from its begin each time and left open.</summary>
internal sealed class FileContent(Stream file) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        file.Position = 0;
        return file.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = file.Length;
        return true;
    }
}
