using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Availability;

/// <summary>Hands files in where the platform takes answers to demands, under this node's signature.</summary>
public sealed class AnswerClient(HttpClient http, SigningKey key, TimeProvider time)
{
    /// <summary>Sends a file; what the platform said.</summary>
    /// <exception cref="HttpRequestException">It cannot be reached.</exception>
    public async Task<HttpStatusCode> SendAsync(Uri answerTo, DemandId demand, Stream file, CancellationToken cancel)
    {
        var answer = new DemandAnswer(DemandAnswer.CurrentSchema, key.Node, demand, time.GetUtcNow());
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(
            MessageSigning.Seal(MessageTypes.DemandAnswer, answer, ContractsJson.Default.DemandAnswer, key), ContractsJson.Default.SignedMessage);
        using var request = new HttpRequestMessage(HttpMethod.Post, answerTo) { Content = new StreamContent(file) };
        request.Headers.Add(EvidenceDemand.AnswerHeader, Convert.ToBase64String(header));
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        return response.StatusCode;
    }

    /// <summary>Whether the platform can be reached where it takes answers. If not, nobody can be blamed for not answering.</summary>
    public async Task<bool> ReachesAsync(Uri answerTo, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, answerTo) { Content = new ByteArrayContent([]) };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            // Without a signature the door stays shut; that it says so is enough. A page of somebody else's would not.
            return response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
