using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Contracts;

namespace Orchestrator.Benchmarks.Decode;

/// <summary>
/// What every path does in a round: the most likely letters after a prompt, past any end. Letters only, by bias, because each is then one token,
/// one byte and one character: text can be timed and compared token by token wherever it comes out, also for a model of random weights.
/// </summary>
/// <param name="Question">The prompt's one user turn.</param>
/// <param name="Prompt">Token ids of the prompt.</param>
/// <param name="CompletionTokens">Tokens to draw; the end token does not stop it.</param>
internal sealed record DecodeWork(string Question, IReadOnlyList<int> Prompt, int CompletionTokens)
{
    /// <summary>Tokens of a prompt beside its question: begin, user, assistant.</summary>
    internal const int Markers = 3;

    private const double Always = 100;

    private static readonly Dictionary<int, double> Letters = Enumerable.Range('a', 26).ToDictionary(letter => letter, _ => Always);

    internal SamplingParameters Sampling { get; } = new(Temperature: 0, LogitBias: Letters);

    /// <summary>Work with a prompt of random letters.</summary>
    internal static DecodeWork Create(ModelManifest model, int promptTokens, int completionTokens)
    {
        var random = new Random(1);
        string question = new([.. Enumerable.Range(0, promptTokens - Markers).Select(_ => (char)('a' + random.Next(26)))]);
        int[] prompt = TokenizerFactory.Create(model.Tokenizer).Encode(Conversation(question));
        return prompt.Length == promptTokens
            ? new(question, prompt, completionTokens)
            : throw new InvalidDataException($"The prompt has {prompt.Length} tokens instead of {promptTokens}: this benchmark knows byte tokenizers only.");
    }

    /// <summary>The prompt as an edge takes it.</summary>
    internal Prompt Conversation() => Conversation(Question);

    /// <summary>The work as a chat completion on one chain.</summary>
    internal JsonObject Request(string model) => new()
    {
        ["model"] = model,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Question }),
        ["temperature"] = Sampling.Temperature,
        ["max_completion_tokens"] = CompletionTokens,
        ["logit_bias"] = new JsonObject(Letters.Select(bias => KeyValuePair.Create(bias.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)bias.Value))),
        ["orchestrator"] = new JsonObject { ["chains"] = 1, ["ignore_end"] = true },
    };

    private static Prompt Conversation(string question) => new(null, [new ChatMessage("user", question)]);
}
