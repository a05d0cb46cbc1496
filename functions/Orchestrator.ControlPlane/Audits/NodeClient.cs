using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// Asks nodes for evidence and traces: a signed question posted to the stream endpoint of the node's last record, under the certificate that record pins.
/// What comes back is of an untrusted node: callers bound and check it.
/// </summary>
public sealed class NodeClient(IActorProxyFactory actors, EdgeClients clients, SigningKey platform, TimeProvider time)
{
    /// <summary>Posts a question.</summary>
    /// <param name="node">Who is asked.</param>
    /// <param name="path">Below the stream endpoint.</param>
    /// <param name="type">Message type.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="json">How it is written.</param>
    /// <param name="patience">Longest wait for the answer to begin.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The answer with status 200.</returns>
    /// <exception cref="NodeSilentException">There is no such node, it cannot be reached, or it has no answer (yet).</exception>
    public async Task<HttpResponseMessage> AskAsync<T>(NodeId node, string path, string type, T question, JsonTypeInfo<T> json, TimeSpan patience, CancellationToken cancel)
    {
        var record = (await actors.Node(node).GetAsync())?.Record ?? throw new NodeSilentException($"Node {node} is not registered.");
        using var limit = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(MessageSigning.Seal(type, question, json, platform), ContractsJson.Default.SignedMessage);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{record.StreamEndpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{path}")
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        try
        {
            var response = await clients.For(node, record.StreamEndpoint, record.CertificateDigest, record.Relay).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            if (response.StatusCode == HttpStatusCode.OK)
                return response;
            using (response)
                throw new NodeSilentException($"Node {node} answered {(int)response.StatusCode} to {path}.") { Status = response.StatusCode };
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
        {
            throw new NodeSilentException($"Node {node} cannot be reached: {e.Message}");
        }
    }

    /// <summary>Reads a whole answer of a bounded size.</summary>
    /// <exception cref="NodeSilentException">It is longer, or breaks off.</exception>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, long most, CancellationToken cancel)
    {
        try
        {
            await using var body = new BoundedStream(await response.Content.ReadAsStreamAsync(cancel), most);
            using var bytes = new MemoryStream();
            await body.CopyToAsync(bytes, cancel);
            return bytes.ToArray();
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or IOException or InvalidDataException)
        {
            throw new NodeSilentException($"The answer cannot be read: {e.Message}");
        }
    }
}

/// <summary>A node did not answer as it had to; it may be asked again.</summary>
public sealed class NodeSilentException(string message) : Exception(message)
{
    /// <summary>What it answered instead of 200; null when it did not answer.</summary>
    public HttpStatusCode? Status { get; init; }
}
