using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// Inputs with an error in every pass of an audited chunk: what a pass puts out depends on its own input whatever the model attends to, so that the chunk
/// cannot come out as the audited node claims, nor near it. An auditor that reports the claim all the same has not computed it.
/// </summary>
public static class PlantedInputs
{
    /// <summary>Copies an input file with the error in it; the copy has the same size.</summary>
    /// <param name="source">The right inputs.</param>
    /// <param name="target">Takes the altered ones; closed afterwards.</param>
    /// <param name="model">The model.</param>
    /// <param name="stage">The stage that received them.</param>
    /// <param name="promptTokens">Tokens of the prompt.</param>
    /// <param name="tokens">Tokens the stage ran.</param>
    /// <param name="chunk">The chunk in whose passes the error goes.</param>
    /// <exception cref="InvalidDataException">The source is no such input file.</exception>
    public static void Write(Stream source, Stream target, ModelManifest model, int stage, int promptTokens, int tokens, int chunk)
    {
        using var reader = new InputFileReader(source, model.Stages[stage], promptTokens, tokens);
        using var writer = new InputFileWriter(target);
        while (reader.Read() is { } pass)
        {
            bool plant = pass.Chunk.Index == chunk;
            if (pass.Received.Count == 0)
                writer.Append(pass.Pass.Position, plant ? [.. pass.Tokens.Select(token => (token + 1) % model.Vocabulary)] : pass.Tokens);
            else
                writer.Append(pass.Pass.Position, pass.Pass.Tokens, plant ? Displaced(pass.Received) : pass.Received);
        }
    }

    /// <summary>The first floating tensor with every value in its neighbour's place and its sign turned: fingerprints are blind to signs, and a model may well be odd, but neither is blind to places.</summary>
    private static IReadOnlyList<Tensor> Displaced(IReadOnlyList<Tensor> received)
    {
        int at = Math.Max(0, received.ToList().FindIndex(t => FloatFormat.Of(t.Type) is not null));
        return [.. received.Select((tensor, i) => i == at && tensor.Bytes.Length > 0 ? Displaced(tensor) : tensor)];
    }

    private static Tensor Displaced(Tensor tensor)
    {
        var from = tensor.Bytes.Span;
        int size = Math.Clamp(ElementSize.Of(tensor.Type), 1, from.Length);
        byte[] bytes = [.. from[size..], .. from[..size]];
        for (int i = size - 1; i < bytes.Length; i += size)
            bytes[i] ^= 0x80;
        return new Tensor(tensor.Type, tensor.Shape, bytes);
    }
}
