using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Audits;

/// <summary>
/// Teacher forcing: all tokens are known, so those that were decoded one at a time run many at a time. Outputs differ from the recorded
/// ones in the last bits only, for a fraction of the compute.
/// </summary>
public sealed class BatchedReplay : IReplay
{
    /// <summary>Tokens of a pass: the fastest size measured.</summary>
    public const int MostTokens = PrefillPlan.ChunkTokens;

    private readonly ShardManifest shard;

    /// <summary>Checks that the shard's passes can be joined.</summary>
    /// <exception cref="InvalidDataException">Only an exact audit can check this stage, see <see cref="BatchedAudits"/>.</exception>
    public BatchedReplay(ShardManifest shard)
    {
        this.shard = shard;
        if (BatchedAudits.Problem(shard) is { } problem)
            throw new InvalidDataException(problem);
    }

    /// <inheritdoc />
    public IEnumerable<IReadOnlyList<(InputPass Pass, IReadOnlyList<Tensor> Sends)>> Run(IStageSession session, InputFileReader inputs)
    {
        var batch = new List<InputPass>();
        int tokens = 0;
        while (inputs.Read() is { } pass)
        {
            if (tokens + pass.Pass.Tokens > MostTokens)
            {
                yield return Run(session, batch, tokens);
                batch.Clear();
                tokens = 0;
            }

            batch.Add(pass);
            tokens += pass.Pass.Tokens;
        }

        if (tokens > 0)
            yield return Run(session, batch, tokens);
    }

    private (InputPass Pass, IReadOnlyList<Tensor> Sends)[] Run(IStageSession session, List<InputPass> batch, int tokens)
    {
        int[] ids = [.. batch.SelectMany(pass => pass.Tokens)];
        Tensor[] received = [.. shard.Receives.Select((tensor, i) => SequenceAxis.Join(tensor.Spec, [.. batch.Select(pass => pass.Received[i])]))];
        var sends = session.Run(ids, tokens, received);
        int start = batch[0].Pass.Position;
        return [.. batch.Select(pass => (pass, Cut(sends, pass.Pass.Position - start, pass.Pass.Tokens)))];
    }

    private IReadOnlyList<Tensor> Cut(IReadOnlyList<Tensor> sends, int start, int tokens) =>
        [.. shard.Sends.Select((tensor, i) => SequenceAxis.Cut(tensor.Spec, sends[i], start, tokens))];
}
