using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Gateway;

namespace Orchestrator.Worker.Availability;

/// <summary>
/// Hands files in where the platform takes answers to demands, under this node's signature. A node that joins through a gateway may have no other way out: it goes there first,
/// and to the platform's own address when no gateway passes the answer on.
/// </summary>
public sealed class AnswerClient(HttpClient http, SigningKey key, TimeProvider time, GatewayAnswers? gateway = null)
{
    /// <summary>Sends a file; what the platform said.</summary>
    /// <param name="answerTo">The platform's own address.</param>
    /// <param name="demand">The demand.</param>
    /// <param name="file">Read from its begin, maybe more than once; left open.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HttpRequestException">It cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">It cannot be reached in time, or the caller gave up.</exception>
    public async Task<HttpStatusCode> SendAsync(Uri answerTo, DemandId demand, Stream file, CancellationToken cancel)
    {
        var answer = new DemandAnswer(DemandAnswer.CurrentSchema, key.Node, demand, time.GetUtcNow());
        string signed = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(
            MessageSigning.Seal(MessageTypes.DemandAnswer, answer, ContractsJson.Default.DemandAnswer, key), ContractsJson.Default.SignedMessage));
        if (gateway is not null && await gateway.PostAsync(demand, signed, file, cancel) is { } said && Decides(said))
            return said;
        using var request = new HttpRequestMessage(HttpMethod.Post, answerTo) { Content = new FileContent(file) };
        request.Headers.Add(EvidenceDemand.AnswerHeader, signed);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        return response.StatusCode;
    }

    /// <summary>Whether the platform can be reached where it takes answers. If not, nobody can be blamed for not answering.</summary>
    public async Task<bool> ReachesAsync(Uri answerTo, DemandId demand, CancellationToken cancel)
    {
        // A gateway of another version knows no such address: that none is there says nothing of the platform.
        if (gateway is not null && await gateway.PostAsync(demand, null, Stream.Null, cancel) == HttpStatusCode.Forbidden)
            return true;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, answerTo) { Content = new ByteArrayContent([]) };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            // Without a signature the door stays shut; that it says so is enough. A page of somebody else's would not.
            return response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    // The platform's word on the file; all else may be the gateway's own trouble.
    private static bool Decides(HttpStatusCode status) => status is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.BadRequest or HttpStatusCode.Forbidden;
}
