using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Audits;
using Orchestrator.Worker.Platform;

namespace Orchestrator.Worker.Availability;

/// <summary>
/// Looks for the platform whether another node serves what is demanded of it, through the node's relay where there is one. A file is passed on, not judged: the platform checks it.
/// Who has no way to the node says so, and blames nobody.
/// </summary>
public sealed class WitnessDesk(SigningKey key, AnswerClient answers, PeerClients peers, TaskDesk desk, Outbox outbox, TimeProvider time, ILogger<WitnessDesk> log)
{
    /// <summary>Takes a task the platform signed; what is wrong with it, or null.</summary>
    public string? Take(WitnessTask task)
    {
        if (task.Node != key.Node)
            return "it is for another node";
        return task.Problem() ?? desk.Take($"{task.Demand}:{task.Round}", task.ExpiresAt, cancel => DoAsync(task, cancel));
    }

    private async Task DoAsync(WitnessTask task, CancellationToken cancel)
    {
        // What is seen must still reach the platform in time.
        using var limit = new CancellationTokenSource((task.ExpiresAt - time.GetUtcNow()) / 2, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        var (saw, detail) = await LookAsync(task, both.Token, cancel);
        if (saw is Sighting.Refused or Sighting.Unreachable or Sighting.Unfit && !await answers.ReachesAsync(task.AnswerTo, task.Demand, cancel))
            (saw, detail) = (Sighting.NotPassedOn, "the platform cannot be reached where it takes answers");
        log.Witnessed(task.Demand.Value, task.Round, saw, detail);
        var report = new WitnessReport(
            WitnessReport.CurrentSchema, key.Node, task.Demand, task.Round, saw, detail.Length > WitnessReport.MaxDetail ? detail[..WitnessReport.MaxDetail] : detail, time.GetUtcNow());
        await outbox.PublishAsync(Topics.Audits, MessageSigning.Seal(MessageTypes.WitnessReport, report, ContractsJson.Default.WitnessReport, key), task.ExpiresAt, cancel);
    }

    private async Task<(Sighting Saw, string Detail)> LookAsync(WitnessTask task, CancellationToken patience, CancellationToken stop)
    {
        // Signed by the platform inside a task that it signed.
        if (!MessageSigning.TryOpen(task.Request, MessageTypes.EvidenceRequest, ContractsJson.Default.EvidenceRequest, out var asked, out string? error))
            return (Sighting.NotPassedOn, $"the request cannot be read: {error}");
        if (task.Relay is null && RelayEndpoint.IsHidden(task.Endpoint))
            return (Sighting.NotPassedOn, "the node is reached through a relay only, and the task names none");
        using var http = peers.For(asked.Node, task.Endpoint, task.Certificate, task.Relay);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{task.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/evidence")
            {
                Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(task.Request, ContractsJson.Default.SignedMessage))
                {
                    Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
                },
            };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience);
            if (response.StatusCode != HttpStatusCode.OK)
                return (Sighting.Refused, $"the node answered {(int)response.StatusCode}");
            await using var body = await response.Content.ReadAsStreamAsync(patience);
            using var file = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            int read;
            while ((read = await body.ReadAsync(buffer, patience)) > 0)
            {
                if (file.Length + read > task.MostBytes)
                    return (Sighting.Unfit, $"the file has more than the {task.MostBytes} bytes it can have");
                file.Write(buffer, 0, read);
            }

            file.Position = 0;
            return await PassOnAsync(task, file, patience);
        }
        catch (Exception e) when (!stop.IsCancellationRequested && NoWay(e) is not null)
        {
            return (Sighting.NotPassedOn, NoWay(e)!.Message);
        }
        catch (Exception e) when (!stop.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
        {
            return (Sighting.Unreachable, e.Message);
        }
    }

    private async Task<(Sighting Saw, string Detail)> PassOnAsync(WitnessTask task, Stream file, CancellationToken cancel)
    {
        try
        {
            var status = await answers.SendAsync(task.AnswerTo, task.Demand, file, cancel);
            return status switch
            {
                HttpStatusCode.OK => (Sighting.Served, "the platform took the file"),
                HttpStatusCode.BadRequest => (Sighting.Unfit, "the platform refused the file"),
                _ => (Sighting.NotPassedOn, $"the platform answered {(int)status}"),
            };
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return (Sighting.NotPassedOn, e.Message);
        }
    }

    private static NoWayException? NoWay(Exception? e) => e switch
    {
        null => null,
        NoWayException none => none,
        _ => NoWay(e.InnerException),
    };
}
