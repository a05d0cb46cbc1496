using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Orchestrator.TestKit;

namespace Orchestrator.Verification.Tests.Vectors;

/// <summary>
/// The files beside this one are what other implementations are held to. Each test makes its vectors anew and compares; with ORCHESTRATOR_WRITE_VECTORS=1 it
/// writes them, for a change of format that was meant.
/// </summary>
public sealed class VectorTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Merkle_roots() => Compare("merkle.json", [0, 1, 2, 3, 4, 5, 7, 8, 9, 33], count =>
    {
        Digest[] leaves = [.. Enumerable.Range(0, count).Select(i => Digest.Of([(byte)i]))];
        return new JsonObject
        {
            ["leaves"] = $"SHA-256 of the one byte i, for i from 0 to {count - 1}",
            ["count"] = count,
            ["root"] = MerkleTree.Root(leaves).Value,
            ["pathOfLast"] = new JsonArray([.. (count == 0 ? [] : MerkleTree.Path(leaves, count - 1)).Select(d => (JsonNode)d.Value)]),
        };
    });

    [Fact]
    public void Chunk_plans() => Compare("chunks.json", [(1, 1), (1, 33), (1, 34), (128, 128), (129, 129), (200, 300)], lengths => new JsonObject
    {
        ["promptTokens"] = lengths.Item1,
        ["tokens"] = lengths.Item2,
        ["chunks"] = new JsonArray([.. ChunkPlan.All(lengths.Item1, lengths.Item2).Select(c => (JsonNode)new JsonObject { ["start"] = c.Start, ["tokens"] = c.Tokens, ["prefill"] = c.Prefill })]),
    });

    [Fact]
    public void Token_commitments() => Compare("tokens.json", [(1, 1), (5, 40), (130, 3)], lengths =>
    {
        int[] prompt = [.. Enumerable.Range(0, lengths.Item1)], drawn = [.. Enumerable.Range(1000, lengths.Item2)];
        return new JsonObject
        {
            ["prompt"] = $"0, 1, ... {lengths.Item1 - 1}",
            ["drawn"] = $"1000, 1001, ... {999 + lengths.Item2}",
            ["input"] = TokenCommitments.Input(prompt, drawn).Value,
            ["draws"] = TokenCommitments.Draws(prompt.Length, drawn).Value,
        };
    });

    [Theory]
    [InlineData("float32")]
    [InlineData("float16")]
    [InlineData("bfloat16")]
    public void Fingerprints(string name)
    {
        var format = name switch { "float32" => FloatFormat.Float32, "float16" => FloatFormat.Float16, _ => FloatFormat.BFloat16 };
        bool wide = format == FloatFormat.Float32;
        Compare($"fingerprints-{name}.json", [1, 100, 128, 5000, 200_000], count =>
        {
            // A generator anyone can repeat.
            uint state = 1;
            uint[] bits = [.. Enumerable.Range(0, count).Select(_ => state = state * 1_664_525 + 1_013_904_223)];
            var builder = new FingerprintBuilder(format);
            if (wide)
                builder.Add(format.Type, MemoryMarshal.AsBytes(bits.Select(b => b & 0xBFFFFFFF).ToArray().AsSpan()));
            else
                builder.Add(format.Type, MemoryMarshal.AsBytes(bits.Select(b => (ushort)(b >> 16 & 0xBFFF)).ToArray().AsSpan()));
            return new JsonObject
            {
                ["values"] = $"{count} values; s = 1, then s = s * 1664525 + 1013904223 mod 2^32 before each; its bits are {(wide ? "s and 0xBFFFFFFF" : "(s >> 16) and 0xBFFF")}",
                ["points"] = Convert.ToHexStringLower(FingerprintPoints.Encode(builder.Points())),
                ["fingerprint"] = Convert.ToHexStringLower(builder.Finish()),
            };
        });
    }

    [Fact]
    public async Task Receipts()
    {
        var chain = await SampleChain.RunAsync(5, 40);
        MessageSigning.TryOpen(chain.Document().Results[0], MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out string? error).ShouldBeTrue(error);
        Compare("receipts.json", [.. result.Receipts.Select((message, stage) => (message, stage))], sealedBy => new JsonObject
        {
            ["seed"] = Convert.ToHexStringLower(Some.Bytes(32, sealedBy.stage + 1)),
            ["type"] = sealedBy.message.Type,
            ["payload"] = System.Text.Encoding.UTF8.GetString(sealedBy.message.Payload),
            ["payloadSha256"] = Digest.Of(sealedBy.message.Payload).Value,
            ["key"] = Convert.ToHexStringLower(sealedBy.message.Key),
            ["signature"] = Convert.ToHexStringLower(sealedBy.message.Signature),
        });
    }

    private static void Compare<T>(string name, T[] cases, Func<T, JsonObject> make, [CallerFilePath] string source = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(source)!, name), text = new JsonArray([.. cases.Select(make)]).ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_WRITE_VECTORS") == "1")
            File.WriteAllText(path, text);
        File.ReadAllText(path).ShouldBe(text, $"{name} differs: if the format was changed on purpose, raise its version and write the vectors anew.");
    }
}
