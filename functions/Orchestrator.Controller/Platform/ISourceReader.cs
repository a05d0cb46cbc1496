namespace Orchestrator.Controller.Platform;

/// <summary>Files of a model, wherever they lie. What it returns is not checked: the caller compares digests.</summary>
public interface ISourceReader
{
    /// <summary>Opens a file of the model at an address.</summary>
    /// <param name="source">Address of the model, as in <c>spec.source.url</c>.</param>
    /// <param name="file">Name beside the manifest; null for the manifest itself.</param>
    /// <param name="cancel">Ends the transfer.</param>
    /// <exception cref="PlatformException">It cannot be read.</exception>
    Task<SourceFile> OpenAsync(Uri source, string? file, CancellationToken cancel);
}

/// <summary>An open file.</summary>
/// <param name="Response">Owns the connection.</param>
public sealed record SourceFile(HttpResponseMessage Response) : IDisposable
{
    /// <summary>The bytes.</summary>
    public HttpContent Content => Response.Content;

    /// <inheritdoc />
    public void Dispose() => Response.Dispose();
}
