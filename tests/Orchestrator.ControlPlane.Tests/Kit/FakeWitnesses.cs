using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>What fake nodes do when evidence is demanded in public: answer, look for others, or not.</summary>
internal sealed class FakeWitnesses(FakeNetwork network) : IDisposable
{
    private readonly EdgeClients clients = new(SigningKey.FromSeed(new byte[32]), TimeProvider.System);
    private readonly HttpClient http = new();

    /// <summary>Nodes that answer no demands; null for those that withhold otherwise.</summary>
    public Func<EvidenceDemand, bool>? Silent { get; set; }

    /// <summary>Nodes that do not reach the door for answers.</summary>
    public Func<NodeId, bool> Shut { get; set; } = _ => false;

    /// <summary>What a witness does.</summary>
    public Func<WitnessTask, FakeWitness> Behave { get; set; } = _ => FakeWitness.Honest;

    public ConcurrentBag<EvidenceDemand> Demands { get; } = [];

    public ConcurrentBag<WitnessTask> Tasks { get; } = [];

    public ConcurrentBag<WitnessReport> Reports { get; } = [];

    /// <summary>Answers a demand with what the node keeps.</summary>
    public async Task AnswerAsync(EvidenceDemand demand)
    {
        Demands.Add(demand);
        var request = new EvidenceRequest(EvidenceRequest.CurrentSchema, demand.Node, demand.Session, demand.Stage, demand.Choice, demand.Kind, demand.AnswerUntil);
        if (!(Silent?.Invoke(demand) ?? network.Court.Withholds(request)) && network.Court.File(demand.Node, demand.Session, demand.Stage, demand.Choice, demand.Kind) is { } file)
            await SendAsync(demand.AnswerTo, demand.Demand, demand.Node, file);
    }

    /// <summary>Shows the platform that the node reaches its door, unless it is shut.</summary>
    public async Task KnockAsync(DoorCheck check)
    {
        if (!Shut(check.Node))
            await SendAsync(check.AnswerTo, DemandId.OfDoor(check.Node), check.Node, []);
    }

    public async Task LookAsync(WitnessTask task)
    {
        Tasks.Add(task);
        var how = Behave(task);
        if (how == FakeWitness.Silent)
            return;
        var saw = how == FakeWitness.Accuses ? Sighting.Refused : how == FakeWitness.ReachesNobody ? Sighting.Unreachable : how == FakeWitness.Covers ? Sighting.Served : await SeeAsync(task);
        var report = new WitnessReport(WitnessReport.CurrentSchema, task.Node, task.Demand, task.Round, saw, "as seen", DateTimeOffset.UtcNow);
        Reports.Add(report);
        await network.PersistAsync(Topics.Audits, MessageSigning.Seal(MessageTypes.WitnessReport, report, ContractsJson.Default.WitnessReport, network.KeyOf(task.Node)));
    }

    /// <summary>Hands a file in; what the platform said.</summary>
    public async Task<HttpStatusCode> SendAsync(Uri answerTo, DemandId demand, NodeId sender, byte[] file, DateTimeOffset? at = null)
    {
        var answer = new DemandAnswer(DemandAnswer.CurrentSchema, sender, demand, at ?? DateTimeOffset.UtcNow);
        var message = MessageSigning.Seal(MessageTypes.DemandAnswer, answer, ContractsJson.Default.DemandAnswer, network.KeyOf(sender));
        using var request = new HttpRequestMessage(HttpMethod.Post, answerTo) { Content = new ByteArrayContent(file) };
        request.Headers.Add(EvidenceDemand.AnswerHeader, Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SignedMessage)));
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    public void Dispose()
    {
        clients.Dispose();
        http.Dispose();
    }

    private async Task<Sighting> SeeAsync(WitnessTask task)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(task.Request, ContractsJson.Default.SignedMessage));
        using var response = await clients.For(task.Node, task.Endpoint, task.Certificate, null).PostAsync($"{task.Endpoint}/evidence", content);
        if (response.StatusCode != HttpStatusCode.OK)
            return Sighting.Refused;
        return await SendAsync(task.AnswerTo, task.Demand, task.Node, await response.Content.ReadAsByteArrayAsync()) switch
        {
            HttpStatusCode.OK => Sighting.Served,
            HttpStatusCode.BadRequest => Sighting.Unfit,
            _ => Sighting.NotPassedOn,
        };
    }
}

/// <summary>How a fake witness behaves.</summary>
internal enum FakeWitness
{
    Honest,
    Silent,
    Accuses,
    Covers,
    ReachesNobody,
}
