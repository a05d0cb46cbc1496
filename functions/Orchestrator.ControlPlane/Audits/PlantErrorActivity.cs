using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// Makes an input file with an error in its first pass, so that no chunk can come out as the audited node claims. An auditor that reports the
/// claim all the same has not computed it.
/// </summary>
public sealed class PlantErrorActivity(IBlobStore blobs, TopologyCache topology) : IActivity<ErrorToPlant, EvidenceFound>
{
    /// <summary>Registered name.</summary>
    public const string Name = "plant-error";

    /// <inheritdoc />
    public async Task<EvidenceFound> RunAsync(ActivityContext context, ErrorToPlant input)
    {
        var receipt = input.Receipt;
        var manifest = (await topology.ModelAsync(receipt.Model, context.CancellationToken))?.Publication.Manifest
            ?? throw new InvalidOperationException($"Model '{receipt.Model}' is not published any more.");
        string path = Path.GetTempFileName();
        try
        {
            await using (var source = await blobs.OpenAsync(input.Inputs, context.CancellationToken))
                Copy(source, path, manifest, receipt);
            await using var planted = File.OpenRead(path);
            return new EvidenceFound(await blobs.PutAsync(planted, context.CancellationToken), planted.Length, []);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Copy(Stream source, string path, ModelManifest manifest, CheckedReceipt receipt)
    {
        using var reader = new InputFileReader(source, manifest.Stages[receipt.Stage], receipt.PromptTokens, receipt.Committed.Tokens);
        using var writer = new InputFileWriter(File.Create(path));
        bool planted = false;
        while (reader.Read() is { } pass)
        {
            if (pass.Received.Count == 0)
            {
                if (!planted)
                    pass.Tokens[0] = (pass.Tokens[0] + 1) % manifest.Vocabulary;
                writer.Append(pass.Pass.Position, pass.Tokens);
            }
            else
            {
                writer.Append(pass.Pass.Position, pass.Pass.Tokens, planted ? pass.Received : [Flipped(pass.Received[0]), .. pass.Received.Skip(1)]);
            }

            planted = true;
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
public sealed record ErrorToPlant(CheckedReceipt Receipt, Digest Inputs);
