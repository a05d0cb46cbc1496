using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Jobs;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Answers of <c>/v1/completions</c>.</summary>
public sealed class CompletionShape(JobSpec spec, ITokenizer tokenizer, bool includeUsage) : IAnswerShape
{
    private readonly string id = "cmpl-" + spec.Job;
    private readonly long created = spec.CreatedAt.ToUnixTimeSeconds();
    private readonly string fingerprint = "fp_" + spec.Manifest.Short;
    private readonly TokenText text = new(tokenizer);
    private readonly LogProbQueue[] queues = [.. Enumerable.Range(0, spec.Choices).Select(_ => new LogProbQueue(tokenizer))];
    private readonly List<TokenDraw>[] taken = [.. Enumerable.Range(0, spec.Choices).Select(_ => new List<TokenDraw>())];
    private readonly int[] offsets = new int[spec.Choices];

    private bool LogProbs => spec.Sampling.TopLogProbs >= 0;

    /// <inheritdoc />
    public IEnumerable<object> Opening() => [];

    /// <inheritdoc />
    public object? Chunk(StreamEvent item)
    {
        CompletionLogProbs? logProbs = null;
        if (LogProbs && queues[item.Choice].Take(item) is { Count: > 0 } draws)
        {
            taken[item.Choice].AddRange(draws);
            logProbs = Shape(draws, ref offsets[item.Choice]);
        }

        return item.Text.Length == 0 && logProbs is null ? null : Part(new CompletionChoice(item.Choice, item.Text, logProbs, null));
    }

    /// <inheritdoc />
    public IEnumerable<object> Closing(JobAnswer answer)
    {
        for (int choice = 0; choice < answer.Choices.Count; choice++)
        {
            var chunk = Part(new CompletionChoice(choice, "", null, ChatShape.Finish(answer.Choices[choice].FinishReason)));
            yield return choice == answer.Choices.Count - 1 ? chunk with { Orchestrator = answer.Info } : chunk;
        }

        if (includeUsage)
            yield return new Completion(id, "text_completion", created, spec.Model, fingerprint, []) { Usage = ChatShape.Usage(answer), Orchestrator = answer.Info };
    }

    /// <inheritdoc />
    public object Whole(JobAnswer answer) =>
        new Completion(id, "text_completion", created, spec.Model, fingerprint, [.. answer.Choices.Select(Choice)])
        {
            Usage = ChatShape.Usage(answer),
            Orchestrator = answer.Info,
        };

    /// <inheritdoc />
    public void Write(Utf8JsonWriter json, object part)
    {
        var completion = (Completion)part;
        bool usage = includeUsage || completion.Usage is not null;
        JsonSerializer.Serialize(json, completion, usage ? ControlPlaneJson.Default.Completion : ChunkJson.Completion);
    }

    private CompletionChoice Choice(ChoiceResult choice, int index)
    {
        int offset = 0;
        return new CompletionChoice(index, choice.Text, LogProbs ? Shape(taken[index], ref offset) : null, ChatShape.Finish(choice.FinishReason));
    }

    private Completion Part(CompletionChoice choice) => new(id, "text_completion", created, spec.Model, fingerprint, [choice]);

    private CompletionLogProbs Shape(IReadOnlyList<TokenDraw> draws, ref int offset)
    {
        List<int> at = [];
        foreach (var draw in draws)
        {
            at.Add(offset);
            offset += text.Of(draw.Token).Length;
        }

        return new CompletionLogProbs([.. draws.Select(d => text.Of(d.Token))], [.. draws.Select(d => d.LogProb)], [.. draws.Select(Top)], at);
    }

    private Dictionary<string, float> Top(TokenDraw draw)
    {
        var top = new Dictionary<string, float>();
        foreach (var t in draw.Top)
            top.TryAdd(text.Of(t.Token), t.LogProb);
        return top;
    }
}
