using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>Public demands of evidence, and the door through which they are answered.</summary>
public sealed class DemandHandlers(IWorkflowClient workflows, EvidenceIntake intake, NodeDoors doors, NodeMessages nodes)
{
    private const int MaxListed = 200;
    private const int MaxHeader = 4096;

    // Each sender has one place: nobody can keep the node out by sending slowly.
    private readonly ConcurrentDictionary<(DemandId Demand, NodeId Sender), bool> sending = new();

    /// <summary><c>GET /api/demands</c>: the newest, open and closed.</summary>
    public async Task ListAsync(ApiCall call)
    {
        List<DemandView> found = [];
        await foreach (var state in workflows.ListAsync(new WorkflowQuery { Name = DemandWorkflow.Name, Limit = MaxListed }, call.Aborted))
        {
            if (DemandView.Of(state) is { } view)
                found.Add(view);
        }

        await call.WriteAsync(new DemandList([.. found.OrderByDescending(d => d.OpenedAt)]), ControlPlaneJson.Default.DemandList);
    }

    /// <summary><c>GET /api/demands/{id}</c>.</summary>
    public async Task GetAsync(ApiCall call) => await call.WriteAsync(
        DemandId.TryParse(call.Route("id"), out var id) && await workflows.GetAsync(id.Value, call.Aborted) is { } state && DemandView.Of(state) is { } view
            ? view
            : throw ApiErrors.NotFound("There is no such demand. GET /api/demands lists them."),
        ControlPlaneJson.Default.DemandView);

    /// <summary>
    /// <c>POST /api/demands/{id}/answer</c>: the body is the file. It needs no API key: what counts is that it fits the receipt's roots, and header
    /// <see cref="EvidenceDemand.AnswerHeader"/> shows that the node or a witness of this demand sends it. Under <see cref="DemandId.OfDoor"/> a node shows that it gets here.
    /// </summary>
    public async Task AnswerAsync(ApiCall call)
    {
        if (DemandId.TryParse(call.Route("id"), out var id) && Answer(call) is { } knock && knock.Demand == id && id == DemandId.OfDoor(knock.Node))
        {
            if (await doors.ProveAsync(knock) is not { } heard)
                throw ApiErrors.NotFound("There is no such node, or its clock and the platform's are more than 5 minutes apart.");
            await nodes.ReportAsync(heard, call.Aborted);
            call.Http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (id == default || await workflows.GetAsync(id.Value, call.Aborted) is not { IsFinished: false } state
            || state.Name != DemandWorkflow.Name || state.ReadInput<DemandInput>() is not { } input)
            throw ApiErrors.NotFound("There is no such open demand.");
        var sender = Sender(call, id);
        if (sender != input.Receipt.Signer.Node && !(state.ReadCustomStatus<DemandStatus>()?.Witnesses.Contains(sender) ?? false))
            throw ApiErrors.Forbidden("Only the node and the witnesses of this demand may answer it.");
        if (!sending.TryAdd((id, sender), true))
            throw ApiErrors.Unavailable("This node is sending an answer already. Try again when it has ended.");
        try
        {
            if (call.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                limit.MaxRequestBodySize = await intake.MostBytesAsync(input.Receipt, input.Kind, call.Aborted);
            var found = await intake.TakeAsync(call.Http.Request.Body, input.Receipt, input.Kind, call.Aborted);
            await workflows.RaiseEventAsync(id.Value, DemandWorkflow.AnswerEvent, found, call.Aborted);
        }
        catch (InvalidDataException e)
        {
            throw ApiErrors.BadParameter(null, e.Message, "evidence_mismatch");
        }
        finally
        {
            sending.TryRemove((id, sender), out _);
        }

        await call.WriteAsync(DemandView.Of(state)!, ControlPlaneJson.Default.DemandView);
    }

    private static NodeId Sender(ApiCall call, DemandId demand) => Answer(call) is { } answer && answer.Demand == demand
        ? answer.Node
        : throw ApiErrors.Forbidden($"Header {EvidenceDemand.AnswerHeader} must be a demand-answer in base64, signed by its node for this demand.");

    /// <summary>What the header says, if it is signed by the node that it names.</summary>
    private static DemandAnswer? Answer(ApiCall call)
    {
        string header = call.Http.Request.Headers[EvidenceDemand.AnswerHeader].ToString();
        byte[] json = new byte[MaxHeader];
        if (header.Length is 0 or > MaxHeader || !Convert.TryFromBase64String(header, json, out int length))
            return null;
        try
        {
            var message = JsonSerializer.Deserialize(json.AsSpan(0, length), ContractsJson.Default.SignedMessage);
            return MessageSigning.TryOpen(message, MessageTypes.DemandAnswer, ContractsJson.Default.DemandAnswer, out var answer, out _)
                && answer.SchemaVersion == DemandAnswer.CurrentSchema && MessageSigning.Signer(message!) == answer.Node
                ? answer
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
