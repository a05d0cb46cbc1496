using System.Diagnostics;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Sampling;
using Orchestrator.Verification;

namespace Orchestrator.Benchmarks.Commitment;

/// <summary>
/// All stages of one choice on the calling thread: runs and draws as stages do, and commits to every pass where it is told to. Nothing overlaps here, so all
/// that a commitment costs is seen; nodes commit after a pass is on its way.
/// </summary>
internal sealed class CommittedChain : IDisposable
{
    private readonly IReadOnlyList<IStageEngine> stages;
    private readonly IStageSession[] sessions;
    private readonly ChoiceCommitter[] committers;
    private readonly InputFileWriter[] evidence;
    private readonly TokenSampler sampler;
    private readonly int vocabulary;
    private readonly bool commits;

    internal CommittedChain(IReadOnlyList<IStageEngine> stages, int vocabulary, int maxTokens, bool commits, string folder)
    {
        (this.stages, this.vocabulary, this.commits) = (stages, vocabulary, commits);
        sessions = [.. stages.Select(s => s.Open(maxTokens))];
        committers = [.. stages.Select((s, i) => new ChoiceCommitter(s.Shard, i == stages.Count - 1))];
        evidence = commits ? [.. stages.Select((_, i) => new InputFileWriter(new FileStream(Path.Combine(folder, $"{i}.inputs"), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 15)))] : [];
        sampler = new TokenSampler(new SamplingParameters(Temperature: 0), vocabulary, 0);
    }

    /// <summary>Time spent on commitments, in stopwatch ticks.</summary>
    internal long CommitTicks { get; private set; }

    /// <summary>Runs a pass; the token drawn after it, -1 when none is.</summary>
    internal int Run(ChunkPass pass, ReadOnlySpan<int> tokens)
    {
        IReadOnlyList<Tensor> boundary = [];
        int drawn = -1;
        for (int stage = 0; stage < stages.Count; stage++)
        {
            var sent = sessions[stage].Run(stage == 0 ? tokens : [], pass.Tokens, boundary);
            TokenDraw[] draws = [];
            if (stage == stages.Count - 1 && pass.DrawFrom < pass.Tokens)
            {
                int row = vocabulary * sizeof(float);
                draws = [sampler.Draw(sent[0].Bytes.Span.Slice(pass.DrawFrom * row, row), pass.Position + pass.Tokens)];
                drawn = draws[0].Token;
            }

            if (commits)
                Commit(stage, pass, tokens, boundary, sent, draws);
            boundary = sent;
        }

        return drawn;
    }

    /// <summary>Ends all commitments; the bytes of what is signed and kept, over all stages, without the inputs.</summary>
    internal long Finish()
    {
        long began = Stopwatch.GetTimestamp();
        long bytes = committers.Sum(c =>
        {
            _ = c.Finish();
            return (long)ChunkFile.Encode(c.Chunks).Length;
        });
        CommitTicks += commits ? Stopwatch.GetTimestamp() - began : 0;
        return bytes;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (IDisposable owned in (IDisposable[])[.. sessions, .. committers, .. evidence])
            owned.Dispose();
    }

    private void Commit(int stage, ChunkPass pass, ReadOnlySpan<int> tokens, IReadOnlyList<Tensor> received, IReadOnlyList<Tensor> sent, TokenDraw[] draws)
    {
        long began = Stopwatch.GetTimestamp();
        committers[stage].Check(pass);
        committers[stage].Commit(pass, tokens, received, sent, draws);
        if (stage == 0)
            evidence[stage].Append(pass.Position, tokens);
        else
            evidence[stage].Append(pass.Position, pass.Tokens, received);
        CommitTicks += Stopwatch.GetTimestamp() - began;
    }
}
