using CsCheck;

namespace Orchestrator.Verification.Tests.Evidence;

public sealed class EvidenceFileTests
{
    private const int Prompt = 130;
    private const int Drawn = 40;

    [Fact]
    public async Task What_a_stage_kept_matches_what_it_signed()
    {
        var chain = await SampleChain.RunAsync(Prompt, Drawn);
        for (int stage = 0; stage < chain.Commitments.Count; stage++)
        {
            var (shard, committed) = (SampleChain.Model.Manifest.Stages[stage], chain.Commitments[stage]);
            ChunkFile.TryRead(ChunkFile.Encode(chain.Chunks[stage]), committed, out var claims, out string? error).ShouldBeTrue(error);
            claims.Select(c => c.Output).ShouldBe(chain.Chunks[stage].Select(c => c.Output));
            InputFile.Mismatch(new MemoryStream(chain.Inputs[stage]), shard, Prompt, committed).ShouldBeNull();
            InputFile.Bytes(shard, Prompt, committed.Tokens).ShouldBe(chain.Inputs[stage].Length);
            InputFile.MostBytes(shard, committed.Tokens).ShouldBeGreaterThanOrEqualTo(chain.Inputs[stage].Length);
        }
    }

    [Fact]
    public async Task The_reader_gives_back_every_pass_and_the_leaves_of_the_stage_before()
    {
        var chain = await SampleChain.RunAsync(Prompt, Drawn);
        using var first = new InputFileReader(new MemoryStream(chain.Inputs[0]), SampleChain.Model.Manifest.Stages[0], Prompt, Prompt + Drawn - 1);
        using var second = new InputFileReader(new MemoryStream(chain.Inputs[1]), SampleChain.Model.Manifest.Stages[1], Prompt, Prompt + Drawn - 1);
        List<int> tokens = [];
        while (first.Read() is { } pass)
        {
            tokens.AddRange(pass.Tokens);
            second.Read()!.Received.Count.ShouldBe(SampleChain.Model.Manifest.Stages[1].Receives.Count);
        }

        second.Read().ShouldBeNull();
        tokens.ShouldBe([.. chain.Prompt, .. chain.Drawn.SkipLast(1)]);
        second.Leaves.ShouldBe(chain.Chunks[0].Select(c => c.Output));
    }

    [Fact]
    public async Task A_chunk_file_costs_less_than_ten_bytes_per_token()
    {
        var chain = await SampleChain.RunAsync(128, 32 * 5 + 1);
        ChunkFile.Encode(chain.Chunks[^1]).Length.ShouldBeLessThan(10 * (128 + 32 * 5));
    }

    [Fact]
    public async Task Any_changed_bit_of_a_file_is_found()
    {
        var chain = await SampleChain.RunAsync(3, 34);
        byte[] chunks = ChunkFile.Encode(chain.Chunks[1]), inputs = chain.Inputs[1];
        var (shard, committed) = (SampleChain.Model.Manifest.Stages[1], chain.Commitments[1]);

        Gen.Int[0, 8 * chunks.Length - 1].Sample(bit => ChunkFile.TryRead(Flip(chunks, bit), committed, out _, out _).ShouldBeFalse());
        Gen.Int[0, 8 * inputs.Length - 1].Sample(bit => InputFile.Mismatch(new MemoryStream(Flip(inputs, bit)), shard, 3, committed).ShouldNotBeNull());
    }

    [Fact]
    public async Task Files_that_are_cut_or_go_on_are_refused()
    {
        var chain = await SampleChain.RunAsync(3, 34);
        byte[] chunks = ChunkFile.Encode(chain.Chunks[1]), inputs = chain.Inputs[1];
        var (shard, committed) = (SampleChain.Model.Manifest.Stages[1], chain.Commitments[1]);

        Gen.Int[0, chunks.Length - 1].Sample(length => ChunkFile.TryRead(chunks.AsSpan(0, length), committed, out _, out _).ShouldBeFalse());
        Gen.Int[0, inputs.Length - 1].Sample(length => InputFile.Mismatch(new MemoryStream(inputs[..length]), shard, 3, committed).ShouldNotBeNull());
        ChunkFile.TryRead([.. chunks, 0], committed, out _, out _).ShouldBeFalse();
        InputFile.Mismatch(new MemoryStream([.. inputs, 0]), shard, 3, committed).ShouldNotBeNull();
        InputFile.Mismatch(new MemoryStream(inputs), shard, 4, committed).ShouldNotBeNull();
        InputFile.Mismatch(new MemoryStream(inputs), shard, 0, committed).ShouldNotBeNull();
        InputFile.Mismatch(new MemoryStream(inputs), shard, 3, committed with { Tokens = 1 }).ShouldNotBeNull();
    }

    [Fact]
    public async Task Hostile_bytes_never_throw()
    {
        var chain = await SampleChain.RunAsync(3, 5);
        var (shard, committed) = (SampleChain.Model.Manifest.Stages[1], chain.Commitments[1]);
        Gen.Byte.Array[0, 600].Sample(bytes =>
        {
            ChunkFile.TryRead([.. "ORCHUNK1"u8, .. bytes], committed, out _, out _).ShouldBeFalse();
            ChunkFile.TryRead(bytes, committed with { Chunks = int.MaxValue }, out _, out _).ShouldBeFalse();
            ChunkFile.TryRead(bytes, committed with { Chunks = -1 }, out _, out _).ShouldBeFalse();
            InputFile.Mismatch(new MemoryStream([.. "ORINPUT1"u8, .. bytes]), shard, 3, committed).ShouldNotBeNull();
            InputFile.Mismatch(new MemoryStream(bytes), shard, 3, committed with { Tokens = int.MaxValue }).ShouldNotBeNull();
        });
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        byte[] copy = [.. bytes];
        copy[bit / 8] ^= (byte)(1 << (bit % 8));
        return copy;
    }
}
