using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Traces;

/// <summary>The passes of an input file.</summary>
/// <param name="open">Opens the file from its start.</param>
/// <param name="shard">The stage's shard.</param>
/// <param name="promptTokens">Tokens of the prompt.</param>
/// <param name="tokens">Tokens the stage ran.</param>
public sealed class InputFilePasses(Func<Stream> open, ShardManifest shard, int promptTokens, int tokens) : IReceivedPasses
{
    /// <inheritdoc />
    public IEnumerable<ReceivedPass> From(int from)
    {
        using var file = open();
        using var reader = new InputFileReader(file, shard, promptTokens, tokens);
        for (int number = 0; reader.Read() is { } pass; number++)
        {
            if (number >= from)
                yield return new ReceivedPass(pass.Pass, pass.Tokens, pass.Received);
        }
    }
}
