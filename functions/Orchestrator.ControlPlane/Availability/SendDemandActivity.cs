using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>Signs a demand, keeps it as evidence and sends it to the node. The same demand is the same message, however often it is sent.</summary>
public sealed class SendDemandActivity(Dispatcher dispatcher, SigningKey platform, PublicAddress address, IBlobStore blobs, TimeProvider time) : IActivity<DemandToSend, DemandSent?>
{
    /// <summary>Registered name.</summary>
    public const string Name = "send-demand";

    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    public async Task<DemandSent?> RunAsync(ActivityContext context, DemandToSend input)
    {
        var (receipt, cancel) = (input.Demand.Receipt, context.CancellationToken);
        if (address.AnswerTo(input.Demand.Demand) is not { } answerTo)
            return null;
        var demand = new EvidenceDemand(
            EvidenceDemand.CurrentSchema, receipt.Signer.Node, input.Demand.Demand, receipt.Chain.Session, receipt.Stage, receipt.Choice, input.Demand.Kind, answerTo, input.AnswerUntil);
        var message = MessageSigning.Seal(MessageTypes.EvidenceDemand, demand, ContractsJson.Default.EvidenceDemand, platform);
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SignedMessage));
        var kept = await blobs.PutAsync(content, cancel);
        var until = time.GetUtcNow() + Grace;
        await dispatcher.SendAsync(
            demand.Node, MessageTypes.EvidenceDemand, demand, ContractsJson.Default.EvidenceDemand, until > input.AnswerUntil ? until : input.AnswerUntil, cancel);
        return new DemandSent(kept, Convert.ToHexStringLower(message.Signature), answerTo);
    }
}

/// <summary>A demand to send.</summary>
public sealed record DemandToSend(DemandInput Demand, DateTimeOffset AnswerUntil);

/// <summary>A demand that was sent.</summary>
/// <param name="Evidence">Blob with it.</param>
/// <param name="Signature">The platform's signature over it, which draws the witnesses; lower-case hex.</param>
/// <param name="AnswerTo">Where the answer goes.</param>
public sealed record DemandSent(Digest Evidence, string Signature, Uri AnswerTo);
