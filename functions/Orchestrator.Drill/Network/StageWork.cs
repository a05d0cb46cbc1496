using Orchestrator.Contracts;
using Orchestrator.Disputes.Traces;
using Orchestrator.Drill.Models;
using Orchestrator.Verification;

namespace Orchestrator.Drill.Network;

/// <summary>A node's part of one chain: what it runs on, what it committed to, and what it keeps for those who ask.</summary>
public sealed class StageWork : IDisposable
{
    private readonly List<ReceivedPass> received = [];

    /// <summary>Opens the node's session.</summary>
    public StageWork(DrillNode node, DrillJob job, SessionId session, Engines engines)
    {
        (Node, Job, Session, Engines) = (node, job, session, engines);
        Committer = new ChoiceCommitter(Shard, IsLast);
        Cache = node.Conduct.Open(this);
    }

    /// <summary>The node.</summary>
    public DrillNode Node { get; }

    /// <summary>The job.</summary>
    public DrillJob Job { get; }

    /// <summary>The chain's session.</summary>
    public SessionId Session { get; }

    /// <summary>Loaded shards.</summary>
    public Engines Engines { get; }

    /// <summary>The stage.</summary>
    public int Stage => Node.Stage;

    /// <summary>The shard.</summary>
    public ShardManifest Shard => Engines.Model.Manifest.Stages[Stage];

    /// <summary>Whether it draws.</summary>
    public bool IsLast => Stage == Engines.Model.Stages - 1;

    /// <summary>What the passes run on.</summary>
    public IStageSession Cache { get; }

    /// <summary>Builds the commitment.</summary>
    public ChoiceCommitter Committer { get; }

    /// <summary>The node did something else than it should.</summary>
    public bool Cheated { get; private set; }

    /// <summary>The commitment, once the chain is closed.</summary>
    public ChoiceCommitment? Commitment { get; set; }

    /// <summary>Every pass it received, as it keeps them.</summary>
    public IReadOnlyList<ReceivedPass> Received => received;

    /// <summary>Tokens it drew. Last stage only.</summary>
    public List<int> Drawn { get; } = [];

    /// <summary>What an honest node gets from what this one received; kept so that it is computed once.</summary>
    public Replay? Honest { get; set; }

    /// <summary>Notes that the node cheats on this job.</summary>
    public void Cheat() => Cheated = true;

    /// <summary>Runs a pass, keeps what came in and commits to what goes out; drawn tokens on the last stage.</summary>
    public (IReadOnlyList<Tensor> Outputs, int? Drawn) Run(ChunkPass pass, ReadOnlySpan<int> tokens, IReadOnlyList<Tensor> inputs, Func<IReadOnlyList<Tensor>, int?> draw)
    {
        Committer.Check(pass);
        received.Add(new ReceivedPass(pass, Stage == 0 ? tokens.ToArray() : [], [.. inputs.Select(t => t with { Bytes = t.Bytes.ToArray() })]));
        var outputs = Cache.Run(Stage == 0 ? tokens : [], pass.Tokens, inputs);
        int? drawn = draw(outputs);
        if (drawn is { } kept)
            Drawn.Add(kept);
        Committer.Commit(pass, tokens, inputs, outputs, drawn is { } token ? [new TokenDraw(token, 0, [])] : []);
        return (outputs, drawn);
    }

    /// <summary>What it serves as evidence of its outputs.</summary>
    public byte[] ChunkFile() => Verification.ChunkFile.Encode(Committer.Chunks);

    /// <summary>What it serves as evidence of its inputs.</summary>
    public byte[] InputFile()
    {
        using var file = new MemoryStream();
        var writer = new InputFileWriter(file);
        foreach (var pass in received)
        {
            if (Stage == 0)
                writer.Append(pass.Pass.Position, pass.TokenIds.ToArray());
            else
                writer.Append(pass.Pass.Position, pass.Pass.Tokens, pass.Tensors);
        }

        return file.ToArray();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Cache.Dispose();
        Committer.Dispose();
    }
}
