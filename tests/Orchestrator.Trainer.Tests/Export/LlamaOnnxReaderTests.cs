using CsCheck;
using Google.Protobuf;
using Orchestrator.Sharder.Protobuf;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Tests.Export;

public sealed class LlamaOnnxReaderTests
{
    private static readonly LlamaConfig Odd = new(Layers: 3, DModel: 48, Heads: 6, KvHeads: 3, HeadDim: 8, Ffn: 40, Vocab: 300, Context: 32, RopeTheta: 5000f, RmsEps: 1e-6f);

    [Theory]
    [InlineData(AttentionStyle.Standard)]
    [InlineData(AttentionStyle.GroupQuery)]
    public void What_was_written_is_read_back(AttentionStyle style)
    {
        var weights = LlamaWeights.Random(Odd, 4);
        var read = LlamaOnnxReader.Read(LlamaOnnxExporter.Export(weights, style));

        read.Config.ShouldBe(Odd);
        read.Values.ShouldBe(weights.Values);
    }

    [Fact]
    public void A_damaged_file_is_refused_as_invalid_data()
    {
        var bytes = LlamaOnnxExporter.Export(LlamaWeights.Random(Odd with { Layers = 1 }, 4), AttentionStyle.Standard).ToByteArray();
        var cut = bytes.Length - 20_000;
        Gen.Int[0, cut].Sample(length =>
        {
            var path = Path.GetTempFileName();
            try
            {
                File.WriteAllBytes(path, bytes[..length]);
                Should.Throw<InvalidDataException>(() => LlamaOnnxReader.Read(path));
            }
            finally
            {
                File.Delete(path);
            }
        }, iter: 50);
    }

    [Fact]
    public void A_missing_or_short_tensor_is_named()
    {
        ModelProto Fresh() => LlamaOnnxExporter.Export(LlamaWeights.Random(Odd, 4), AttentionStyle.Standard);
        var missing = Fresh();
        missing.Graph.Initializer.Remove(missing.Graph.Initializer.Single(tensor => tensor.Name == LlamaNames.Head));
        var small = Fresh();
        small.Graph.Initializer.Single(tensor => tensor.Name == LlamaNames.FinalNorm).RawData = ByteString.CopyFrom(1, 2, 3);

        Should.Throw<InvalidDataException>(() => LlamaOnnxReader.Read(missing)).Message.ShouldContain(LlamaNames.Head);
        Should.Throw<InvalidDataException>(() => LlamaOnnxReader.Read(small)).Message.ShouldContain(LlamaNames.FinalNorm);
    }
}
