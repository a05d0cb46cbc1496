using System.Security.Cryptography;
using System.Text;
using Orchestrator.Contracts;

namespace Orchestrator.Drill.Network;

/// <summary>One inference request.</summary>
/// <param name="Id">Derived from seed and number.</param>
/// <param name="Number">0-based number.</param>
/// <param name="Prompt">Its prompt's tokens.</param>
/// <param name="Sampling">How to draw; the seed is the job's own.</param>
/// <param name="MaxCompletionTokens">Most tokens to draw.</param>
public sealed record DrillJob(JobId Id, int Number, IReadOnlyList<int> Prompt, SamplingParameters Sampling, int MaxCompletionTokens)
{
    private static readonly string[] Places = ["Kenya", "France", "Japan", "Peru", "Norway", "Egypt", "Canada", "Greece", "India", "Chile"];

    /// <summary>Most tokens of a session.</summary>
    public int MaxTokens => Prompt.Count + MaxCompletionTokens;

    /// <summary>A job as a function of seed and number, the same for every cheat: a short question, half of them drawn greedily, half at temperature 0.8; one in eight may have a longer answer.</summary>
    public static DrillJob Make(int seed, int number, ITokenizer tokenizer)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"drill-job/1|{seed}|{number}"));
        var random = new Random(BitConverter.ToInt32(hash, 16));
        string question = (number % 3) switch
        {
            0 => $"What is {random.Next(10, 99)} + {random.Next(10, 99)}?",
            1 => $"What is the capital of {Places[random.Next(Places.Length)]}?",
            _ => $"How many letters are in {Places[random.Next(Places.Length)].ToLowerInvariant()}?",
        };
        if (!JobId.TryParse("job-" + Convert.ToHexStringLower(hash.AsSpan(0, 16)), out var id))
            throw new InvalidOperationException("A job's id could not be made.");
        return new DrillJob(
            id, number, tokenizer.Encode(new Prompt(null, [new ChatMessage("user", question)])),
            new SamplingParameters(Temperature: random.Next(2) == 0 ? 0 : .8, Seed: BitConverter.ToUInt64(hash, 24)),
            random.Next(8) == 0 ? random.Next(40, 72) : random.Next(4, 17));
    }
}
