using System.Runtime.InteropServices;
using System.Text;
using Orchestrator.Trainer.Corpus;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Training;

/// <summary>Greedy decoding without a cache: the whole chat is read again for every token, which is quick enough for one short answer.</summary>
public static class Greedy
{
    public static string Answer(LlamaWeights weights, string question)
    {
        using var packed = new PackedWeights(weights);
        packed.Refresh(threads: 1);
        using var pass = new LlamaPass(packed, Batch.LongestExample);
        var batch = new Batch(Batch.LongestExample);
        List<int> tokens = [.. new ChatEncoding().User(question).Tokens];
        var answer = new List<byte>();
        while (tokens.Count < Batch.LongestExample)
        {
            batch.Clear();
            batch.TryAdd(CollectionsMarshal.AsSpan([.. tokens, ByteTokens.End]), new bool[tokens.Count + 1]);
            pass.Forward(batch);
            var token = Pick(pass.Logits[^weights.Config.Vocab..]);
            if (token > byte.MaxValue)
                break;
            answer.Add((byte)token);
            tokens.Add(token);
        }
        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(answer));
    }

    /// <summary>The first token of the highest logit.</summary>
    public static int Pick(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
                best = i;
        }
        return best;
    }
}
