using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.Worker.Availability;

namespace Orchestrator.Worker.Gateway;

/// <summary>Answers to demands of evidence, through whichever gateway the node is connected to.</summary>
public sealed class GatewayAnswers(GatewayLink link, TimeProvider time)
{
    private static readonly TimeSpan LinkPatience = TimeSpan.FromSeconds(5);

    /// <summary>Sends a file; what the gateway said, or null when none could be reached.</summary>
    /// <param name="demand">The demand.</param>
    /// <param name="signed">The signed header; null only to see whether the platform is there.</param>
    /// <param name="file">The file; left open.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<HttpStatusCode?> PostAsync(DemandId demand, string? signed, Stream file, CancellationToken cancel)
    {
        try
        {
            using var limit = new CancellationTokenSource(LinkPatience, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
            var session = await link.SessionAsync(both.Token);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, session.Over);
            string token = await session.Door.TokenAsync(either.Token);
            var status = await PostAsync(session.Door, token, demand, signed, file, either.Token);
            if (status != HttpStatusCode.Unauthorized)
                return status;
            session.Door.Distrust(token);
            return await PostAsync(session.Door, await session.Door.TokenAsync(either.Token), demand, signed, file, either.Token);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or RpcException or GatewayException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static async Task<HttpStatusCode> PostAsync(GatewayDoor door, string token, DemandId demand, string? signed, Stream file, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, door.Answer(demand)) { Content = new FileContent(file) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (signed is not null)
            request.Headers.Add(EvidenceDemand.AnswerHeader, signed);
        using var response = await door.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        return response.StatusCode;
    }
}
