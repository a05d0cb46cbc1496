using System.Buffers.Binary;
using System.Text.Json;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>
/// One stage's evidence in one file: what was signed, what the stage says of its chunks, and all it received. Whoever has it needs nobody to check it, and only the stage's
/// shard to run it again. Format, version 1, little-endian:
/// <code>
/// "OREVIDE1"   u32 bytes of the head   <see cref="EvidenceHead"/> as JSON   u32 bytes of the chunk file   <see cref="ChunkFile"/>   <see cref="InputFile"/> to the end
/// </code>
/// </summary>
public sealed class EvidenceBundle
{
    /// <summary>Largest head: a manifest and a signed result, in base64.</summary>
    public const int MostHeadBytes = 32 << 20;

    private EvidenceBundle(EvidenceHead head, ModelManifest model, ChainResult result, Receipt receipt, SamplingParameters? sampling, IReadOnlyList<ChunkClaim> chunks, long inputsAt) =>
        (Head, Model, Result, Receipt, Sampling, Chunks, InputsAt) = (head, model, result, receipt, sampling, chunks, inputsAt);

    /// <summary>What it is evidence of.</summary>
    public EvidenceHead Head { get; }

    /// <summary>The model that was run.</summary>
    public ModelManifest Model { get; }

    /// <summary>The chain's result.</summary>
    public ChainResult Result { get; }

    /// <summary>The stage's receipt.</summary>
    public Receipt Receipt { get; }

    /// <summary>What the stage signed for this choice.</summary>
    public ChoiceCommitment Committed => Receipt.Choices[Head.Choice];

    /// <summary>How the tokens had to be drawn, by the word of whoever signed <see cref="EvidenceHead.Terms"/>; null for stages that draw nothing, and where nobody said.</summary>
    public SamplingParameters? Sampling { get; }

    /// <summary>What it says of each chunk, under its receipt's roots.</summary>
    public IReadOnlyList<ChunkClaim> Chunks { get; }

    /// <summary>Offset of the input file.</summary>
    public long InputsAt { get; }

    private static ReadOnlySpan<byte> Magic => "OREVIDE1"u8;

    /// <summary>All of the file but the input file, which follows.</summary>
    public static byte[] Preamble(EvidenceHead head, ReadOnlySpan<byte> chunkFile)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(head, ContractsJson.Default.EvidenceHead);
        byte[] bytes = new byte[Magic.Length + sizeof(uint) + json.Length + sizeof(uint) + chunkFile.Length];
        Magic.CopyTo(bytes);
        var rest = bytes.AsSpan(Magic.Length);
        BinaryPrimitives.WriteInt32LittleEndian(rest, json.Length);
        json.CopyTo(rest[sizeof(uint)..]);
        rest = rest[(sizeof(uint) + json.Length)..];
        BinaryPrimitives.WriteInt32LittleEndian(rest, chunkFile.Length);
        chunkFile.CopyTo(rest[sizeof(uint)..]);
        return bytes;
    }

    /// <summary>Reads a file and checks all of it: signatures, links, and both files against the roots that the stage signed. The stream is left open.</summary>
    /// <param name="file">Seekable, at its start; anybody's bytes.</param>
    /// <exception cref="InvalidDataException">It is not evidence of what it says it is; the message says why.</exception>
    public static EvidenceBundle Read(Stream file)
    {
        byte[] magic = Bytes(file, Magic.Length);
        if (!magic.AsSpan().SequenceEqual(Magic))
            throw new InvalidDataException("It is not an evidence file of version 1.");
        var head = ReadHead(Bytes(file, Length(file, MostHeadBytes)));
        var (model, result, receipt) = Open(head);
        var sampling = Terms(head, receipt, last: head.Stage == model.Stages.Count - 1);
        var committed = receipt.Choices[head.Choice];
        byte[] chunkFile = Bytes(file, Length(file, ChunkFile.MostBytes(committed.Chunks)));
        if (!ChunkFile.TryRead(chunkFile, committed, out var chunks, out string? error))
            throw new InvalidDataException($"The chunk file of stage {head.Stage} does not fit its receipt: {error}.");
        long inputsAt = file.Position;
        if (InputFile.Mismatch(file, model.Stages[head.Stage], result.PromptTokens, committed) is { } mismatch)
            throw new InvalidDataException($"The input file of stage {head.Stage} does not fit its receipt: {mismatch}");
        return new EvidenceBundle(head, model, result, receipt, sampling, chunks, inputsAt);
    }

    private static EvidenceHead ReadHead(byte[] json)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, ContractsJson.Default.EvidenceHead) is not { SchemaVersion: EvidenceHead.CurrentSchema } head)
                throw new InvalidDataException($"Its head is not of schema {EvidenceHead.CurrentSchema}.");
            // A member whose name was changed would else be one that is not there.
            return JsonSerializer.SerializeToUtf8Bytes(head, ContractsJson.Default.EvidenceHead).AsSpan().SequenceEqual(json)
                ? head
                : throw new InvalidDataException("Its head is not written as heads of its schema are.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"Its head cannot be read: {e.Message}");
        }
    }

    private static (ModelManifest Model, ChainResult Result, Receipt Receipt) Open(EvidenceHead head)
    {
        var report = ReceiptVerifier.Verify(new ReceiptsDocument(ReceiptsDocument.CurrentSchema, head.Job, head.Manifest, [head.Result], null));
        string? broken = report.Problem ?? report.Chains.SelectMany(c => c.Findings).FirstOrDefault(f => f.Outcome == FindingOutcome.Broken)?.Message;
        if (broken is not null)
            throw new InvalidDataException(broken);
        if (!MessageSigning.TryOpen(head.Result, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out string? error) || result.Failure is not null)
            throw new InvalidDataException($"Its chain has no result: {error ?? "it failed"}.");
        if ((uint)head.Stage >= (uint)result.Receipts.Count || (uint)head.Choice >= (uint)result.Choices.Count)
            throw new InvalidDataException($"Its chain has no stage {head.Stage}, or the answer no choice {head.Choice}.");
        if (!MessageSigning.TryOpen(result.Receipts[head.Stage], MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out error))
            throw new InvalidDataException($"The receipt of stage {head.Stage} cannot be read: {error}.");
        return (JsonSerializer.Deserialize(head.Manifest, ContractsJson.Default.ModelManifest)!, result, receipt);
    }

    private static SamplingParameters? Terms(EvidenceHead head, Receipt receipt, bool last)
    {
        if (head.Terms is null)
            return null;
        if (!MessageSigning.TryOpen(head.Terms, MessageTypes.SamplingTerms, ContractsJson.Default.SamplingTerms, out var terms, out string? error))
            throw new InvalidDataException($"What it says of how tokens had to be drawn cannot be read: {error}.");
        return last && terms.SchemaVersion == SamplingTerms.CurrentSchema && terms.Job == head.Job && terms.Session == receipt.Session
            ? terms.Sampling
            : throw new InvalidDataException("What it says of how tokens had to be drawn is of another session, schema or stage.");
    }

    private static int Length(Stream file, long most)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(Bytes(file, sizeof(uint)));
        return length <= most ? (int)length : throw new InvalidDataException($"A part of {length} bytes is more than the {most} that it can have.");
    }

    private static byte[] Bytes(Stream file, int count)
    {
        if (file.Length - file.Position < count)
            throw new InvalidDataException("It is cut off.");
        byte[] bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }
}
