using System.Numerics;
using System.Runtime.InteropServices;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>
/// Finds the largest values by magnitude among what a chunk puts out, as it is put out. Values of other types than the one fingerprinted are left out.
/// Of equal magnitudes the earlier counts as larger; magnitudes are compared as bits, so every value, NaN included, has its place. Not thread-safe.
/// </summary>
/// <remarks>
/// A vector scan passes over everything not above the least of the best so far; the rest gathers in a buffer of which, when full, the best are kept.
/// A candidate is one integer: magnitude (31 bits), inverted index (32 bits), sign.
/// </remarks>
public sealed class FingerprintBuilder(FloatFormat? format)
{
    private const int Room = 8 * Fingerprint.Points;

    private readonly ulong[] best = new ulong[Room];
    private int count;
    private uint seen;

    // Magnitudes up to this one cannot be among the best; -1 while there is room for all.
    private int least = -1;

    /// <summary>The format; null when nothing is fingerprinted.</summary>
    public FloatFormat? Format => format;

    /// <summary>What is fingerprinted of a shard's outputs: the type of the first that has a format; null when none has.</summary>
    public static FloatFormat? TypeOf(ShardManifest shard) => shard.Sends.Select(t => FloatFormat.Of(t.Spec.ElementType)).FirstOrDefault(f => f is not null);

    /// <summary>Takes the next values in order.</summary>
    public void Add(ElementType type, ReadOnlySpan<byte> values)
    {
        if (format is null || type != format.Type)
            return;
        if (type == ElementType.Float32)
            Scan(MemoryMarshal.Cast<byte, int>(values));
        else
            Scan(MemoryMarshal.Cast<byte, short>(values));
    }

    /// <summary>The largest values so far, largest first.</summary>
    public FingerprintPoint[] Points()
    {
        Prune();
        best.AsSpan(0, count).Sort((a, b) => b.CompareTo(a));
        var points = new FingerprintPoint[count];
        for (int i = 0; i < count; i++)
            points[i] = new FingerprintPoint(~(uint)(best[i] >> 1), format!.Value((uint)(best[i] >> 33), (best[i] & 1) != 0));
        return points;
    }

    /// <summary>The encoded fingerprint, empty when there were no values; the builder starts anew.</summary>
    public byte[] Finish()
    {
        byte[] encoded = Fingerprint.Of(Points())?.Encode() ?? [];
        (count, seen, least) = (0, 0, -1);
        return encoded;
    }

    private void Scan(ReadOnlySpan<int> values)
    {
        int i = 0, width = Vector<int>.Count;
        var magnitude = new Vector<int>(int.MaxValue);
        for (; i <= values.Length - 4 * width; i += 4 * width)
        {
            var block = values.Slice(i, 4 * width);
            var high = Vector.Max(
                Vector.Max(new Vector<int>(block) & magnitude, new Vector<int>(block[width..]) & magnitude),
                Vector.Max(new Vector<int>(block[(2 * width)..]) & magnitude, new Vector<int>(block[(3 * width)..]) & magnitude));
            if (!Vector.GreaterThanAny(high, new Vector<int>(least)))
                continue;
            for (int j = 0; j < block.Length; j++)
                Offer(block[j] & int.MaxValue, i + j, block[j] < 0);
        }

        for (; i < values.Length; i++)
            Offer(values[i] & int.MaxValue, i, values[i] < 0);
        seen += (uint)values.Length;
    }

    private void Scan(ReadOnlySpan<short> values)
    {
        int i = 0, width = Vector<short>.Count;
        var magnitude = new Vector<short>(short.MaxValue);
        for (; i <= values.Length - 2 * width; i += 2 * width)
        {
            var block = values.Slice(i, 2 * width);
            var high = Vector.Max(new Vector<short>(block) & magnitude, new Vector<short>(block[width..]) & magnitude);
            if (!Vector.GreaterThanAny(high, new Vector<short>((short)least)))
                continue;
            for (int j = 0; j < block.Length; j++)
                Offer(block[j] & short.MaxValue, i + j, block[j] < 0);
        }

        for (; i < values.Length; i++)
            Offer(values[i] & short.MaxValue, i, values[i] < 0);
        seen += (uint)values.Length;
    }

    private void Offer(int magnitude, int index, bool negative)
    {
        if (magnitude <= least)
            return;
        best[count++] = (ulong)(uint)magnitude << 33 | (ulong)~(seen + (uint)index) << 1 | (negative ? 1UL : 0);
        if (count == Room)
            Prune();
    }

    private void Prune()
    {
        if (count < Fingerprint.Points)
            return;
        Select(best.AsSpan(0, count), Fingerprint.Points);
        count = Fingerprint.Points;
        ulong last = ulong.MaxValue;
        foreach (ulong candidate in best.AsSpan(0, count))
            last = Math.Min(last, candidate);
        least = (int)(last >> 33);
    }

    /// <summary>Moves the largest to the front, in any order (Hoare's selection; candidates are distinct).</summary>
    private static void Select(Span<ulong> values, int wanted)
    {
        int low = 0, high = values.Length - 1;
        while (low < high)
        {
            ulong pivot = values[(low + high) / 2];
            int i = low, j = high;
            while (i <= j)
            {
                while (values[i] > pivot)
                    i++;
                while (values[j] < pivot)
                    j--;
                if (i <= j)
                {
                    (values[i], values[j]) = (values[j], values[i]);
                    i++;
                    j--;
                }
            }

            if (wanted - 1 <= j)
                high = j;
            else if (wanted - 1 >= i)
                low = i;
            else
                return;
        }
    }
}
