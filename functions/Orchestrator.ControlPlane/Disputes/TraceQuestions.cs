using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>Asks parties of disputes about their traces. Signed answers are kept as blobs: two that contradict each other are proof.</summary>
public sealed class TraceQuestions(NodeClient nodes, IBlobStore blobs)
{
    private const long MostBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A signed answer of the party itself.</summary>
    /// <exception cref="NodeSilentException">There is none yet, or it is not the party's.</exception>
    public async Task<T> SignedAsync<T>(TraceQuery query, string type, JsonTypeInfo<T> json, Func<T, NodeId> signer, CancellationToken cancel)
    {
        using var response = await AskAsync(query, cancel);
        byte[] bytes = await NodeClient.ReadAsync(response, MostBytes, cancel);
        SignedMessage? message;
        try
        {
            message = JsonSerializer.Deserialize(bytes, ContractsJson.Default.SignedMessage);
        }
        catch (JsonException e)
        {
            throw new NodeSilentException($"Node {query.Node} answered with no message: {e.Message}");
        }

        if (!MessageSigning.TryOpen(message, type, json, out var answer, out string? error))
            throw new NodeSilentException($"Node {query.Node} answered with a message that is refused: {error}.");
        if (MessageSigning.Signer(message!) != query.Node || signer(answer) != query.Node)
            throw new NodeSilentException($"Node {query.Node} answered with a message of another node.");
        using var content = new MemoryStream(bytes);
        await blobs.PutAsync(content, cancel);
        return answer;
    }

    /// <summary>A trace evidence file.</summary>
    /// <exception cref="NodeSilentException">There is none yet.</exception>
    public async Task<EvidenceFound> FileAsync(TraceQuery query, CancellationToken cancel)
    {
        using var response = await AskAsync(query, cancel);
        try
        {
            await using var body = new BoundedStream(await response.Content.ReadAsStreamAsync(cancel), DisputeChecks.MaxEvidenceBytes);
            var blob = await blobs.PutAsync(body, cancel);
            return body.Count > 0 ? new EvidenceFound(blob, body.Count, []) : throw new NodeSilentException($"Node {query.Node} answered with nothing.");
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or IOException or InvalidDataException)
        {
            throw new NodeSilentException($"The evidence of {query.Node} cannot be read: {e.Message}");
        }
    }

    private Task<HttpResponseMessage> AskAsync(TraceQuery query, CancellationToken cancel) =>
        nodes.AskAsync(query.Node, "disputes", MessageTypes.TraceQuery, query, ContractsJson.Default.TraceQuery, Patience, cancel);
}
