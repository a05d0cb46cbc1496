using Orchestrator.Contracts;
using Orchestrator.Drill.Models;
using Orchestrator.Onnx.Sampling;

namespace Orchestrator.Drill.Network;

/// <summary>
/// Runs one chain of a job in this process: the passes, shapes, draws, commitments and receipts of a network, without its links. Nodes do what
/// their <see cref="Conduct"/> does.
/// </summary>
public sealed class ChainRun : IDisposable
{
    private readonly DrillJob job;
    private readonly Engines engines;
    private readonly TimeProvider time;
    private readonly int chain;
    private readonly int attempt;

    /// <summary>Opens the sessions of all stages.</summary>
    public ChainRun(DrillJob job, int chain, int attempt, IReadOnlyList<DrillNode> nodes, Engines engines, TimeProvider time)
    {
        (this.job, this.chain, this.attempt, this.engines, this.time) = (job, chain, attempt, engines, time);
        Session = SessionId.Derive(job.Id, chain, attempt);
        Stages = [.. nodes.Select(node => new StageWork(node, job, Session, engines))];
    }

    /// <summary>Its number within the job.</summary>
    public int Number => chain;

    /// <summary>Which try of the job.</summary>
    public int Attempt => attempt;

    /// <summary>The chain's session.</summary>
    public SessionId Session { get; }

    /// <summary>The stages in order; the first is the edge.</summary>
    public IReadOnlyList<StageWork> Stages { get; }

    /// <summary>Some node cheated.</summary>
    public bool Cheated => Stages.Any(s => s.Cheated);

    private StageWork Edge => Stages[0];

    /// <summary>Runs to the end; what the edge sends to the platform.</summary>
    public IReadOnlyList<SignedMessage> Run()
    {
        var sampler = new TokenSampler(job.Sampling, engines.Model.Manifest.Vocabulary, 0);
        int end = engines.Model.Tokenizer.EndToken;
        var answer = new List<int>();
        int drawn = 0;
        int[] prompt = [.. job.Prompt];
        foreach (var (start, count) in PrefillPlan.Passes(prompt.Length))
            drawn = Pass(new ChunkPass(start, count, start + count == prompt.Length ? count - 1 : count), prompt.AsSpan(start, count), sampler) ?? drawn;
        while (true)
        {
            int position = prompt.Length + answer.Count;
            int token = Edge.Node.Conduct.Take(Edge, drawn, position);
            answer.Add(token);
            if (token == end || answer.Count == job.MaxCompletionTokens || Edge.Node.Conduct.Stops(Edge, token))
                break;
            drawn = Pass(new ChunkPass(position, 1, 0), [token], sampler)!.Value;
        }

        return Edge.Node.Conduct.Answer(Edge, Result(answer, Close(), end));
    }

    /// <summary>The text of an answer.</summary>
    public static string TextOf(IReadOnlyList<int> tokens, ITokenizer tokenizer)
    {
        var text = new AnswerText(tokenizer, []);
        foreach (int token in tokens)
            text.Append(token);
        text.Finish();
        return text.Released;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var stage in Stages)
            stage.Dispose();
    }

    private int? Pass(ChunkPass pass, ReadOnlySpan<int> tokens, TokenSampler sampler)
    {
        IReadOnlyList<Tensor> boundary = [];
        int? drawn = null;
        foreach (var stage in Stages)
        {
            var (outputs, token) = stage.Run(pass, tokens, boundary, rows => Draw(stage, pass, rows, sampler));
            boundary = stage.Node.Conduct.Send(stage, pass, outputs);
            drawn = token;
        }

        return drawn;
    }

    private static int? Draw(StageWork stage, ChunkPass pass, IReadOnlyList<Tensor> outputs, TokenSampler sampler)
    {
        if (!stage.IsLast || pass.DrawFrom == pass.Tokens)
            return null;
        var logits = outputs[0].Bytes.Span;
        int token = stage.Node.Conduct.Draw(stage, sampler, logits[(logits.Length / pass.Tokens * (pass.Tokens - 1))..], pass.Position + pass.Tokens).Token;
        sampler.Accept(token);
        return token;
    }

    private List<SignedMessage> Close()
    {
        var receipts = new List<SignedMessage>();
        foreach (var stage in Stages)
        {
            stage.Commitment = stage.Committer.Finish();
            var receipt = new Receipt(
                Receipt.CurrentSchema, stage.Node.Id, job.Id, Session, engines.Model.Digest, stage.Stage, stage.Shard.Layers, stage.Shard.Blob, engines.Model.Loader.Class,
                receipts.Count == 0 ? null : Digest.Of(receipts[^1].Payload), [stage.Commitment], stage.Received.Count, 0, time.GetUtcNow());
            receipts.Add(stage.Node.Conduct.Sign(stage, receipt));
        }

        return receipts;
    }

    private ChainResult Result(List<int> answer, List<SignedMessage> receipts, int end)
    {
        var choice = new ChoiceResult(answer, TextOf(answer, engines.Model.Tokenizer), answer[^1] == end ? FinishReason.Stop : FinishReason.Length);
        return new ChainResult(
            ChainResult.CurrentSchema, Edge.Node.Id, job.Id, Session, chain, attempt, job.Prompt.Count, [choice], receipts, new ChainTiming(0, 0, 0), null);
    }
}
