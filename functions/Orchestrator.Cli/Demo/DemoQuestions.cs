using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Orchestrator.Local;

namespace Orchestrator.Cli;

/// <summary>Reads what the API said about one answer.</summary>
public static class DemoQuestions
{
    /// <summary>Puts the streamed answer beside the uncut one.</summary>
    /// <param name="network">Names the nodes.</param>
    /// <param name="question">What was asked.</param>
    /// <param name="answer">What the network said.</param>
    /// <param name="uncut">What the whole model says.</param>
    /// <param name="uncutTokens">Its tokens, the end token included.</param>
    public static DemoQuestion From(LocalNetwork network, string question, ChatStream answer, string uncut, int[] uncutTokens)
    {
        var details = answer.Details ?? throw new CliException("the answer carries no 'orchestrator' field");
        var assurance = details["assurance"]!;
        int tokens = answer.Usage!["completion_tokens"]!.GetValue<int>();
        double seconds = answer.LastToken.TotalSeconds;
        return new DemoQuestion(
            question,
            answer.Text,
            uncut,
            answer.Text == uncut && tokens == uncutTokens.Length,
            tokens,
            assurance["chains_agreed"]!.GetValue<int>(),
            Digest(assurance["commitment"]!),
            Math.Round(answer.FirstToken.TotalMilliseconds, 1),
            seconds > 0 ? Math.Round(tokens / seconds, 1) : 0,
            details["price"]!["quoted"]!.GetValue<long>(),
            details["price"]!["charged"]!.GetValue<long>(),
            [.. details["chains"]!.AsArray().Select(chain => Chain(network, chain!, tokens))]);
    }

    private static DemoChain Chain(LocalNetwork network, JsonNode chain, int passes) => new(
        chain["chain"]!.GetValue<int>(),
        [.. chain["stages"]!.AsArray().Select(stage => Stage(network, stage!, passes))]);

    private static DemoStage Stage(LocalNetwork network, JsonNode stage, int passes)
    {
        var id = NodeIdOf(stage["node"]!);
        long compute = stage["compute_us"]!.GetValue<long>();
        return new DemoStage(
            network.Plan.Nodes.FirstOrDefault(n => n.Id == id)?.Name ?? id.Short,
            id,
            stage["host"]!.GetValue<string>(),
            new LayerRange(stage["layers"]!["start"]!.GetValue<int>(), stage["layers"]!["end"]!.GetValue<int>()),
            compute,
            Math.Round((double)compute / Math.Max(1, passes), 1),
            stage["earned"]!.GetValue<long>());
    }

    private static NodeId NodeIdOf(JsonNode node) => NodeId.TryParse(node.GetValue<string>(), out var id) ? id : throw new CliException("the answer names a malformed node");

    private static Digest Digest(JsonNode node) => Contracts.Digest.TryParse(node.GetValue<string>(), out var digest) ? digest : throw new CliException("the answer carries a malformed commitment");
}
