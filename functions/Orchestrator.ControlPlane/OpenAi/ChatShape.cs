using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Jobs;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Answers of <c>/v1/chat/completions</c>.</summary>
public sealed class ChatShape(JobSpec spec, ITokenizer tokenizer, bool includeUsage) : IAnswerShape
{
    private readonly string id = "chatcmpl-" + spec.Job;
    private readonly long created = spec.CreatedAt.ToUnixTimeSeconds();
    private readonly string fingerprint = "fp_" + spec.Manifest.Short;
    private readonly TokenText text = new(tokenizer);
    private readonly LogProbQueue[] queues = [.. Enumerable.Range(0, spec.Choices).Select(_ => new LogProbQueue(tokenizer))];
    private readonly List<ChatTokenLogProb>[] taken = [.. Enumerable.Range(0, spec.Choices).Select(_ => new List<ChatTokenLogProb>())];

    private bool LogProbs => spec.Sampling.TopLogProbs >= 0;

    /// <inheritdoc />
    public IEnumerable<object> Opening() =>
        Enumerable.Range(0, spec.Choices).Select(choice => Chunk(new ChatChunkChoice(choice, new ChatDelta("assistant", ""), null, null)));

    /// <inheritdoc />
    public object? Chunk(StreamEvent item)
    {
        ChatLogProbs? logProbs = null;
        if (LogProbs && queues[item.Choice].Take(item) is { Count: > 0 } draws)
        {
            logProbs = new ChatLogProbs([.. draws.Select(Shape)]);
            taken[item.Choice].AddRange(logProbs.Content);
        }

        return item.Text.Length == 0 && logProbs is null
            ? null
            : Chunk(new ChatChunkChoice(item.Choice, new ChatDelta(Content: item.Text), logProbs, null));
    }

    /// <inheritdoc />
    public IEnumerable<object> Closing(JobAnswer answer)
    {
        for (int choice = 0; choice < answer.Choices.Count; choice++)
        {
            var chunk = Chunk(new ChatChunkChoice(choice, new ChatDelta(), null, Finish(answer.Choices[choice].FinishReason)));
            yield return choice == answer.Choices.Count - 1 ? chunk with { Orchestrator = answer.Info } : chunk;
        }

        if (includeUsage)
            yield return new ChatChunk(id, "chat.completion.chunk", created, spec.Model, fingerprint, []) { Usage = Usage(answer), Orchestrator = answer.Info };
    }

    /// <inheritdoc />
    public object Whole(JobAnswer answer) => new ChatCompletion(
        id,
        "chat.completion",
        created,
        spec.Model,
        fingerprint,
        [.. answer.Choices.Select((c, i) => new ChatChoice(
            i, new ChatAnswer("assistant", c.Text), LogProbs ? new ChatLogProbs(taken[i]) : null, Finish(c.FinishReason)))],
        Usage(answer),
        answer.Info);

    /// <inheritdoc />
    public void Write(Utf8JsonWriter json, object part)
    {
        switch (part)
        {
            case ChatChunk chunk when includeUsage:
                JsonSerializer.Serialize(json, chunk, ControlPlaneJson.Default.ChatChunk);
                break;
            case ChatChunk chunk:
                JsonSerializer.Serialize(json, chunk, ChunkJson.Chat);
                break;
            default:
                JsonSerializer.Serialize(json, (ChatCompletion)part, ControlPlaneJson.Default.ChatCompletion);
                break;
        }
    }

    /// <summary>The word for a finish reason.</summary>
    internal static string Finish(FinishReason reason) => reason == FinishReason.Length ? "length" : "stop";

    /// <summary>Tokens of an answer.</summary>
    internal static Usage Usage(JobAnswer answer) => new(answer.PromptTokens, answer.CompletionTokens, answer.PromptTokens + answer.CompletionTokens);

    private ChatChunk Chunk(ChatChunkChoice choice) => new(id, "chat.completion.chunk", created, spec.Model, fingerprint, [choice]);

    private ChatTokenLogProb Shape(TokenDraw draw) => new(
        text.Of(draw.Token), draw.LogProb, text.Bytes(draw.Token), [.. draw.Top.Select(t => new ChatTopLogProb(text.Of(t.Token), t.LogProb, text.Bytes(t.Token)))]);
}
