using CsCheck;
using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder.Tests.Graphs;

namespace Orchestrator.Sharder.Tests.Hostile;

/// <summary>Whatever the bytes are, sharding either works or throws the one documented exception.</summary>
public sealed class ModelFuzzTests : IDisposable
{
    private static readonly byte[] Toy = new ToyDecoder { Layers = 2, LongSkip = true, PastLength = true }.Build().ToByteArray();

    // Edits at places in 0..1: overwrite by a byte, cut off, or copy a piece elsewhere.
    private static readonly Gen<byte[]> Mutated =
        Gen.Select(Gen.Int[0, 9], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Byte).Array[1, 6].Select(edits => edits.Aggregate(Toy, Apply));

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Random_bytes_are_refused() => Gen.Byte.Array[0, 400].Sample(bytes => Outcome(bytes, new CopyingRuntime()).ShouldNotBeNull(), iter: 1_000, threads: 1);

    [Fact]
    public void Mutated_models_are_refused_or_read() => Mutated.Sample(bytes => Outcome(bytes, new CopyingRuntime()).ShouldNotBeNull(), iter: 2_000, threads: 1);

    [Fact]
    public void Mutated_models_are_refused_or_cut_by_the_real_runtime()
    {
        // A fixed seed: a native library is in the loop, and a failure must repeat.
        var random = new Random(5);
        int cut = 0, refused = 0;
        for (int i = 0; i < 150; i++)
        {
            byte[] bytes = Enumerable.Range(0, 1 + i % 4).Aggregate(Toy, (toy, _) =>
                Apply(toy, (random.Next(10), random.NextDouble(), random.NextDouble(), (byte)random.Next(256))));
            _ = Outcome(bytes, new OnnxModelRuntime()) is null ? cut++ : refused++;
        }

        cut.ShouldBeGreaterThan(10);
        refused.ShouldBeGreaterThan(10);
    }

    // The message of the refusal; null when the model was cut.
    private string? Outcome(byte[] bytes, IModelRuntime runtime)
    {
        string path = folder.At("fuzz.onnx");
        File.WriteAllBytes(path, bytes);
        try
        {
            new ModelSharder(runtime).ShardAsync(path, new ShardingOptions { Name = "fuzz", Stages = 2, OutputFolder = folder.At("out"), Verify = false })
                .GetAwaiter().GetResult();
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    private static byte[] Apply(byte[] bytes, (int Kind, double At, double To, byte Value) edit)
    {
        int at = (int)(edit.At * (bytes.Length - 1)), to = (int)(edit.To * (bytes.Length - 1));
        byte[] copy = [.. bytes];
        switch (edit.Kind)
        {
            case 0:
                return copy[..Math.Max(1, at)];
            case 1:
                int length = Math.Min(16, copy.Length - Math.Max(at, to));
                bytes.AsSpan(at, length).CopyTo(copy.AsSpan(to));
                return copy;
            case 2:
                // Structure lies behind the weights, at the end.
                copy[^(1 + at % Math.Min(600, copy.Length))] = edit.Value;
                return copy;
            default:
                copy[at] = edit.Value;
                return copy;
        }
    }
}
