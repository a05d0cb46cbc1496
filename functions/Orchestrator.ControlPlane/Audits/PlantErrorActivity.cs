using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Models;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// Makes an input file with an error in the first pass of an audited chunk: what that pass puts out depends on its own input whatever the model attends to, so that the chunk
/// cannot come out as the audited node claims. An auditor that reports the claim all the same has not computed it.
/// </summary>
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
                Copy(source, path, manifest, receipt, input.Chunk);
            await using var planted = File.OpenRead(path);
            return new EvidenceFound(await blobs.PutAsync(planted, context.CancellationToken), planted.Length, []);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Copy(Stream source, string path, ModelManifest manifest, CheckedReceipt receipt, int chunk)
    {
        using var reader = new InputFileReader(source, manifest.Stages[receipt.Stage], receipt.PromptTokens, receipt.Committed.Tokens);
        using var writer = new InputFileWriter(File.Create(path));
        bool planted = false;
        while (reader.Read() is { } pass)
        {
            bool plant = !planted && pass.Chunk.Index == chunk;
            if (pass.Received.Count == 0)
            {
                if (plant)
                    pass.Tokens[0] = (pass.Tokens[0] + 1) % manifest.Vocabulary;
                writer.Append(pass.Pass.Position, pass.Tokens);
            }
            else
            {
                writer.Append(pass.Pass.Position, pass.Pass.Tokens, plant ? [Flipped(pass.Received[0]), .. pass.Received.Skip(1)] : pass.Received);
            }

            planted |= plant;
        }
    }

    /// <summary>The sign of every value turned, whatever its type: a change that no rounding hides.</summary>
    private static Tensor Flipped(Tensor tensor)
    {
        byte[] bytes = tensor.Bytes.ToArray();
        int size = Math.Max(1, (int)ElementSize.Of(tensor.Type));
        for (int i = size - 1; i < bytes.Length; i += size)
            bytes[i] ^= 0x80;
        return new Tensor(tensor.Type, tensor.Shape, bytes);
    }
}

/// <summary>Inputs to plant an error in.</summary>
/// <param name="Receipt">Whose inputs.</param>
/// <param name="Inputs">Blob with them.</param>
/// <param name="Chunk">The chunk in whose first pass the error goes.</param>
public sealed record ErrorToPlant(CheckedReceipt Receipt, Digest Inputs, int Chunk);
