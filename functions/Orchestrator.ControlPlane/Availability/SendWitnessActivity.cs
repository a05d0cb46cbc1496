using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>Asks a witness to look, at the address that the node gave last; witnesses ignore repeats.</summary>
public sealed class SendWitnessActivity(Dispatcher dispatcher, IActorProxyFactory actors, EvidenceIntake intake, SigningKey platform) : IActivity<WitnessToSend, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "send-witness";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, WitnessToSend input)
    {
        var (demand, receipt) = (input.Demand, input.Demand.Receipt);
        var record = (await actors.Node(receipt.Signer.Node).GetAsync())?.Record ?? throw new InvalidOperationException($"Node {receipt.Signer.Node} is not registered.");
        // Nodes answer each request once: the place among the witnesses tells them apart.
        var expires = input.ExpiresAt.AddMilliseconds(input.Place);
        var request = new EvidenceRequest(EvidenceRequest.CurrentSchema, receipt.Signer.Node, receipt.Chain.Session, receipt.Stage, receipt.Choice, demand.Kind, expires);
        var task = new WitnessTask(
            WitnessTask.SchemaFor(record.Relay),
            input.Witness,
            demand.Demand,
            input.Round,
            record.StreamEndpoint,
            record.CertificateDigest,
            MessageSigning.Seal(MessageTypes.EvidenceRequest, request, ContractsJson.Default.EvidenceRequest, platform),
            input.AnswerTo,
            await intake.MostBytesAsync(receipt, demand.Kind, context.CancellationToken),
            expires,
            record.Relay);
        await dispatcher.SendAsync(input.Witness, MessageTypes.WitnessTask, task, ContractsJson.Default.WitnessTask, expires, context.CancellationToken);
        return true;
    }
}

/// <summary>A witness to ask.</summary>
/// <param name="Demand">The demand.</param>
/// <param name="Round">0-based round.</param>
/// <param name="Witness">Who is asked.</param>
/// <param name="Place">Its place among the round's.</param>
/// <param name="AnswerTo">Where a file goes.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record WitnessToSend(DemandInput Demand, int Round, NodeId Witness, int Place, Uri AnswerTo, DateTimeOffset ExpiresAt);
