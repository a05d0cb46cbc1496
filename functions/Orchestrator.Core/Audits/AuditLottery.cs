using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Core.Audits;

/// <summary>
/// Draws audits from the platform's Ed25519 signature over the receipts' digest. Nodes commit before they can know it, the platform cannot choose it (Ed25519 gives one
/// signature per message), and anybody with the platform's public key can repeat the draw. Every value is SHA-256 over the signature and what it is for, so
/// that no draw tells anything of another.
/// </summary>
public static class AuditLottery
{
    /// <summary>Size of the signature, in bytes.</summary>
    public const int SignatureSize = 64;

    /// <summary>Draws each stage by its own rate.</summary>
    /// <param name="signature">The platform's signature over the digest of all receipts.</param>
    /// <param name="stages">Stages that ran, each once.</param>
    /// <param name="policy">Gives the number of chunks, the exact share and the planted shares.</param>
    public static IReadOnlyList<AuditDraw> Draw(ReadOnlySpan<byte> signature, IReadOnlyList<StageTicket> stages, AuditPolicy policy)
    {
        if (signature.Length != SignatureSize)
            throw new ArgumentException($"An Ed25519 signature has {SignatureSize} bytes.", nameof(signature));
        var draws = new List<AuditDraw>();
        foreach (var stage in stages)
        {
            if (stage.Chunks.Any(c => c < 0))
                throw new ArgumentException("Numbers of chunks must be 0 or more.", nameof(stages));
            long chunks = stage.Chunks.Sum(c => (long)c);
            string place = $"{stage.Chain}/{stage.Stage}";
            if (chunks == 0 || Uniform(signature, "audit/" + place) >= stage.Rate)
                continue;
            bool exact = Uniform(signature, "exact/" + place) < policy.ExactShare;
            draws.Add(new(stage.Chain, stage.Stage, Pick(signature, place, stage.Chunks, chunks, policy.ChunksPerAudit), exact,
                Planted: Uniform(signature, "plant/" + place) < policy.PlantedOf(exact)));
        }

        return draws;
    }

    /// <summary>A number in [0, 1) for a purpose, e.g. which of several fit auditors does it.</summary>
    public static double Uniform(ReadOnlySpan<byte> signature, string purpose) => (Word(signature, purpose) >> 11) * (1.0 / (1UL << 53));

    private static List<DrawnChunk> Pick(ReadOnlySpan<byte> signature, string place, IReadOnlyList<int> chunks, long total, int wanted)
    {
        // Floyd's sampling: distinct positions, each set equally likely, without listing them all.
        var picked = new SortedSet<long>();
        int count = (int)Math.Min(wanted, total);
        for (long top = total - count; top < total; top++)
        {
            long at = (long)Math.Min(top, Math.Floor(Uniform(signature, $"chunk/{place}/{top}") * (top + 1)));
            if (!picked.Add(at))
                picked.Add(top);
        }

        return [.. picked.Select(p => Place(p, chunks))];
    }

    private static DrawnChunk Place(long position, IReadOnlyList<int> chunks)
    {
        int choice = 0;
        while (position >= chunks[choice])
            position -= chunks[choice++];
        return new(choice, (int)position);
    }

    private static ulong Word(ReadOnlySpan<byte> signature, string purpose)
    {
        byte[] label = Encoding.UTF8.GetBytes("audit-lottery/1|" + purpose);
        Span<byte> message = stackalloc byte[SignatureSize + 256];
        if (signature.Length + label.Length > message.Length)
            throw new ArgumentException("The purpose is too long.", nameof(purpose));
        signature.CopyTo(message);
        label.CopyTo(message[signature.Length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message[..(signature.Length + label.Length)], hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}

/// <summary>A stage that may be drawn.</summary>
/// <param name="Chain">Number of the chain within the job.</param>
/// <param name="Stage">Place in the chain.</param>
/// <param name="Rate">Its node's audit rate for this job, 0 to 1.</param>
/// <param name="Chunks">Number of chunks of every choice.</param>
public sealed record StageTicket(int Chain, int Stage, double Rate, IReadOnlyList<int> Chunks);

/// <summary>A stage to audit.</summary>
/// <param name="Chain">Number of the chain within the job.</param>
/// <param name="Stage">Place in the chain.</param>
/// <param name="Chunks">Which chunks, in order, distinct.</param>
/// <param name="Exact">Compare every bit from the start, not only where fingerprints differ.</param>
/// <param name="Planted">Also send an audit of the same kind with a planted error, to see whether auditors look.</param>
public sealed record AuditDraw(int Chain, int Stage, IReadOnlyList<DrawnChunk> Chunks, bool Exact, bool Planted);

/// <summary>A chunk of a choice.</summary>
public sealed record DrawnChunk(int Choice, int Chunk);
