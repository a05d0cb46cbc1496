using System.Buffers;
using System.IO.Pipelines;
using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;

namespace Orchestrator.Worker.Tests;

public sealed class FrameTests
{
    private static readonly ElementType[] Types = Enum.GetValues<ElementType>();

    private static readonly Gen<Tensor> Tensors = Gen.Select(Gen.Int[0, Types.Length - 1].Select(i => Types[i]), Gen.Long[0, 4].Array[0, 4]).SelectMany((type, shape) =>
        Gen.Byte.Array[(int)(shape.Aggregate(1L, (n, d) => n * d) * ElementSize.Of(type))].Select(bytes => new Tensor(type, shape, bytes)));

    private static readonly Gen<(FrameHeader Header, int[] Tokens, Tensor[] Tensors, byte[] Trace)> Passes =
        Gen.Select(Gen.Int[1, 20], Gen.Bool, Tensors.Array[0, 4], Gen.Bool, Gen.ULong, Gen.Int[0, int.MaxValue], Gen.Long[0, long.MaxValue]).SelectMany(
            (count, tokens, tensors, trace, session, position, compute) => Gen.Select(Gen.Int.Array[tokens ? count : 0], Gen.Int[0, count]).Select((ids, from) =>
                (new FrameHeader(FrameType.Forward, new UInt128(session, ~session), 3, 2, (ushort)count, (ushort)from, (ushort)tensors.Length, position, compute),
                    ids, tensors, trace ? new byte[FrameEncoder.TraceSize] : [])));

    [Fact]
    public void A_pass_reads_back_as_it_was_written() => Passes.Sample(pass =>
    {
        var buffer = FrameEncoder.EncodePass(pass.Header, pass.Tokens, pass.Tensors, pass.Trace);
        Frame.TryDecode(buffer, out var frame, out string? error).ShouldBeTrue(error);
        using (frame)
        {
            frame.Header.ShouldBe(pass.Header);
            frame.Tokens.ToArray().ShouldBe(pass.Tokens);
            frame.Trace.Length.ShouldBe(pass.Trace.Length);
            frame.Tensors.Count.ShouldBe(pass.Tensors.Length);
            for (int i = 0; i < pass.Tensors.Length; i++)
            {
                frame.Tensors[i].Type.ShouldBe(pass.Tensors[i].Type);
                frame.Tensors[i].Shape.ShouldBe(pass.Tensors[i].Shape);
                frame.Tensors[i].Bytes.ToArray().ShouldBe(pass.Tensors[i].Bytes.ToArray());
            }
        }
    });

    [Fact]
    public void The_layout_is_the_documented_one()
    {
        var header = new FrameHeader(FrameType.Forward, UInt128.Parse("000102030405060708090a0b0c0d0e0f", System.Globalization.NumberStyles.HexNumber), 0x1122, 0x3344, 2, 1, 1, 7, 9);
        using var buffer = FrameEncoder.EncodePass(header, [5, 6], [new Tensor(ElementType.Float32, [1, 1], new byte[] { 1, 2, 3, 4 })]);
        Convert.ToHexStringLower(buffer.Span).ShouldBe(
            "4c000000" + "03" + "02" + "2211" + "000102030405060708090a0b0c0d0e0f" + "4433" + "0200" + "0100" + "0100" + "07000000" + "00000000" + "0900000000000000"
            + "0500000006000000" + "01020000" + "04000000" + "0100000001000000" + "0102030400000000");
    }

    [Fact]
    public void Hostile_bytes_are_refused_or_read_but_never_break_the_decoder() =>
        Gen.Byte.Array[0, 300].Sample(bytes => Decode(bytes)?.Dispose(), iter: 20_000);

    [Fact]
    public void A_damaged_pass_is_refused_or_read_within_its_bytes() =>
        Gen.Select(Passes, Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 40]).Sample(
            (pass, at, value, cut) =>
            {
                using var buffer = FrameEncoder.EncodePass(pass.Header, pass.Tokens, pass.Tensors, pass.Trace);
                byte[] bytes = buffer.Span[..Math.Max(0, buffer.Length - (cut < 30 ? 0 : cut - 29))].ToArray();
                if (bytes.Length == 0)
                    return;
                bytes[at % bytes.Length] = value;
                using var frame = Decode(bytes);
                foreach (var tensor in frame?.Tensors ?? [])
                    ((long)tensor.Bytes.Length).ShouldBe(tensor.Shape.Aggregate(1L, (n, d) => n * d) * ElementSize.Of(tensor.Type));
                _ = frame?.Tokens.Length;
            },
            iter: 20_000);

    [Fact]
    public void A_shape_whose_product_overflows_is_refused()
    {
        using var good = FrameEncoder.EncodePass(new FrameHeader(FrameType.Forward, 1, TokenCount: 1), [], [new Tensor(ElementType.UInt8, [1, 1, 1, 1], new byte[1])]);
        byte[] bytes = good.Span.ToArray();
        bytes.AsSpan(FrameHeader.Size + 8, 16).Fill(0xFF);
        Decode(bytes).ShouldBeNull();
    }

    [Fact]
    public void Draws_read_back_as_they_were_written() =>
        Gen.Select(Gen.Int[0, 99], Gen.Float[-100, 0], Gen.Select(Gen.Int[0, 99], Gen.Float[-100, 0]).Select((t, p) => new TokenLogProb(t, p)).Array[0, 20])
            .Select((token, p, top) => new TokenDraw(token, p, top)).Array[0, 5].Sample(draws =>
            {
                byte[] bytes = DrawCodec.Encode(draws);
                DrawCodec.TryDecode(bytes, draws.Length, 100, out var read).ShouldBeTrue();
                read.Select(d => (d.Token, d.LogProb)).ShouldBe(draws.Select(d => (d.Token, d.LogProb)));
                read.SelectMany(d => d.Top).ShouldBe(draws.SelectMany(d => d.Top));
                DrawCodec.TryDecode([.. bytes, 0], draws.Length, 100, out _).ShouldBeFalse();
            });

    [Fact]
    public void Hostile_draws_are_refused_or_read() =>
        Gen.Select(Gen.Byte.Array[0, 100], Gen.Int[0, 6]).Sample((bytes, count) =>
        {
            if (DrawCodec.TryDecode(bytes, count, 1000, out var draws))
                draws.ShouldAllBe(d => d.Token < 1000 && float.IsFinite(d.LogProb));
        });

    [Fact]
    public void A_token_outside_the_vocabulary_or_a_probability_that_is_no_number_is_refused()
    {
        DrawCodec.TryDecode(DrawCodec.Encode([new TokenDraw(100, 0, [])]), 1, 100, out _).ShouldBeFalse();
        DrawCodec.TryDecode(DrawCodec.Encode([new TokenDraw(1, float.NaN, [])]), 1, 100, out _).ShouldBeFalse();
        DrawCodec.TryDecode(DrawCodec.Encode([new TokenDraw(1, float.NegativeInfinity, [])]), 1, 100, out var least).ShouldBeTrue();
        least[0].LogProb.ShouldBe(float.MinValue);
    }

    [Fact]
    public async Task Frames_come_out_of_a_pipe_however_their_bytes_are_cut()
    {
        var random = new Random(7);
        var pipe = new Pipe();
        var sent = Enumerable.Range(1, 50).Select(i => new FrameHeader(FrameType.Forward, (UInt128)i, TokenCount: (ushort)i, DrawFrom: (ushort)i)).ToArray();
        byte[] bytes = [.. sent.SelectMany(h =>
        {
            using var buffer = FrameEncoder.EncodePass(h, new int[h.TokenCount], []);
            return buffer.Span.ToArray();
        })];
        var writing = Task.Run(async () =>
        {
            for (int at = 0; at < bytes.Length;)
            {
                int size = Math.Min(random.Next(1, 90), bytes.Length - at);
                await pipe.Writer.WriteAsync(bytes.AsMemory(at, size));
                at += size;
            }

            await pipe.Writer.CompleteAsync();
        });
        var reader = new FrameReader(pipe.Reader.AsStream(), _ => FrameHeader.MaxFrame);
        foreach (var header in sent)
        {
            using var frame = reader.Read();
            frame!.Header.ShouldBe(header);
        }

        reader.Read().ShouldBeNull();
        await writing;
    }

    [Fact]
    public async Task A_frame_longer_than_its_limit_is_refused_before_its_body()
    {
        var pipe = new Pipe();
        using var buffer = FrameEncoder.Encode(new FrameHeader(FrameType.Close, 1), new byte[1000]);
        // Only the header is there: waiting for the body would never end.
        await pipe.Writer.WriteAsync(buffer.Memory[..FrameHeader.Size], TestContext.Current.CancellationToken);
        var reader = new FrameReader(pipe.Reader.AsStream(), _ => 500);
        var error = Should.Throw<InvalidDataException>(() => reader.Read());
        error.Message.ShouldContain("500");
    }

    [Fact]
    public async Task A_stream_that_ends_inside_a_frame_is_an_error()
    {
        var pipe = new Pipe();
        using var buffer = FrameEncoder.Encode(new FrameHeader(FrameType.Close, 1), new byte[1000]);
        await pipe.Writer.WriteAsync(buffer.Memory[..^1], TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        var reader = new FrameReader(pipe.Reader.AsStream(), _ => FrameHeader.MaxFrame);
        Should.Throw<EndOfStreamException>(() => reader.Read());
    }

    private static Frame? Decode(byte[] bytes)
    {
        var buffer = new FrameBuffer(bytes.Length);
        bytes.CopyTo(buffer.Span);
        return Frame.TryDecode(buffer, out var frame, out _) ? frame : null;
    }
}
