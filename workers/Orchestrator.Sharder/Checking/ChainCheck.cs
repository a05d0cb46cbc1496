using System.Runtime.InteropServices;
using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;
using Orchestrator.Sharder.Probing;

namespace Orchestrator.Sharder.Checking;

/// <summary>Runs chain and whole side by side: a prefill, a further chunk, then token by token.</summary>
internal static class ChainCheck
{
    private static readonly int[] PassLengths = [7, 3, 1, 1, 1, 1];

    /// <summary>Compares every output of every pass that fits the context.</summary>
    public static ModelCheckReport Run(
        ModelManifest manifest, ModelSignature signature, ChainRunner chain, WholeRunner whole, WholeRunner source, CancellationToken cancel)
    {
        var problems = new List<string>();
        int past = 0, passes = 0, tensors = 0;
        double difference = 0;
        foreach (int length in PassLengths.Where(length => length <= manifest.ContextLength))
        {
            if (past + length > manifest.ContextLength)
                break;
            cancel.ThrowIfCancellationRequested();
            var pass = new ProbePass(1, length, past);
            long[] tokens = [.. Enumerable.Range(past, length).Select(position => TokenAt(position, manifest.Vocabulary))];
            var fromChain = chain.Run(pass, tokens);
            var fromWhole = whole.Run(pass, tokens);
            var fromSource = source.Run(pass, tokens);
            foreach (var (name, tensor) in fromWhole)
            {
                tensors++;
                if (!fromChain.TryGetValue(name, out var other))
                    problems.Add($"Pass {passes} ({length} tokens after {past}): the chain has no '{name}'.");
                else if (!tensor.Bytes.Span.SequenceEqual(other.Bytes.Span))
                    problems.Add($"Pass {passes} ({length} tokens after {past}): '{name}' differs between chain and whole.");
            }

            difference = Math.Max(difference, MaxDifference(fromChain[signature.Logits], fromSource[signature.Logits]));
            past += length;
            passes++;
        }

        return new ModelCheckReport(problems, new ChainComparison(passes, past, tensors, problems.Count == 0, difference));
    }

    // Spreads the tokens over the vocabulary, each pass with others (Knuth's multiplicative hash).
    private static long TokenAt(int position, int vocabulary) => (uint)(position + 1) * 2_654_435_761L % vocabulary;

    private static double MaxDifference(Tensor a, Tensor b)
    {
        if (a.Type != b.Type || a.Bytes.Length != b.Bytes.Length)
            return double.PositiveInfinity;
        double max = 0;
        int size = TensorSizes.SizeOf(a.Type);
        for (int offset = 0; offset < a.Bytes.Length; offset += size)
        {
            double difference = Math.Abs(ValueAt(a, offset) - ValueAt(b, offset));
            if (double.IsNaN(difference))
                return double.NaN;
            max = Math.Max(max, difference);
        }

        return max;
    }

    private static double ValueAt(Tensor tensor, int offset)
    {
        var at = tensor.Bytes.Span[offset..];
        return tensor.Type switch
        {
            ElementType.Float32 => MemoryMarshal.Read<float>(at),
            ElementType.Float64 => MemoryMarshal.Read<double>(at),
            ElementType.Float16 => (double)MemoryMarshal.Read<Half>(at),
            ElementType.BFloat16 => BitConverter.Int32BitsToSingle(MemoryMarshal.Read<ushort>(at) << 16),
            _ => throw new InvalidDataException($"Logits are {tensor.Type}; they must be floating point."),
        };
    }
}
