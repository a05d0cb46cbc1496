using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Models;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>Makes <see cref="PlantedInputs"/> of an input file.</summary>
public sealed class PlantErrorActivity(IBlobStore blobs, PinnedManifests manifests) : IActivity<ErrorToPlant, EvidenceFound>
{
    /// <summary>Registered name.</summary>
    public const string Name = "plant-error";

    /// <inheritdoc />
    public async Task<EvidenceFound> RunAsync(ActivityContext context, ErrorToPlant input)
    {
        var receipt = input.Receipt;
        var manifest = await manifests.GetAsync(receipt.Model, receipt.Manifest, context.CancellationToken);
        string path = Path.GetTempFileName();
        try
        {
            await using (var source = await blobs.OpenAsync(input.Inputs, context.CancellationToken))
            await using (var target = File.Create(path))
                PlantedInputs.Write(source, target, manifest, receipt.Stage, receipt.PromptTokens, receipt.Committed.Tokens, input.Chunk);
            await using var planted = File.OpenRead(path);
            return new EvidenceFound(await blobs.PutAsync(planted, context.CancellationToken), planted.Length, []);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

/// <summary>Inputs to plant an error in.</summary>
/// <param name="Receipt">Whose inputs.</param>
/// <param name="Inputs">Blob with them.</param>
/// <param name="Chunk">The chunk in whose passes the error goes.</param>
public sealed record ErrorToPlant(CheckedReceipt Receipt, Digest Inputs, int Chunk);
