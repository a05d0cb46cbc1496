using Orchestrator.Contracts;
using Orchestrator.Disputes.Referees;
using Orchestrator.Disputes.Tests.Kit;
using Orchestrator.Disputes.Traces;
using Orchestrator.Sharder.Operators;

namespace Orchestrator.Disputes.Tests;

/// <summary>Cutting a shard into operators changes no bit.</summary>
public sealed class OperatorGraphTests(Models models) : IClassFixture<Models>
{
    public static TheoryData<string, int> Shards => new() { { "standard", 0 }, { "standard", 1 }, { "grouped", 0 }, { "grouped", 1 }, { "tiny-chat", 0 }, { "tiny-chat", 1 } };

    [Theory, MemberData(nameof(Shards))]
    public async Task A_traced_shard_puts_out_the_bits_that_a_node_committed_to(string name, int stage)
    {
        var recording = (await models.GetAsync(name)).Generate(promptTokens: 140, tokens: 150);
        using var trace = recording.Trace(stage, chunk: 2);
        recording.Commitments(trace, stage).ShouldBe(recording.Chunks[stage]);
    }

    [Theory, MemberData(nameof(Shards))]
    public async Task Every_operator_alone_puts_out_the_bits_it_puts_out_in_the_shard(string name, int stage)
    {
        var model = await models.GetAsync(name);
        var recording = model.Generate(promptTokens: 9, tokens: 12);
        using var trace = recording.Trace(stage, chunk: 1);
        var graph = OperatorGraph.Read(model.ShardPath(stage), model.Manifest.Stages[stage]);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(' ', graph.Layout.Operators.GroupBy(op => op.Type).Select(g => $"{g.Key}x{g.Count()}")));
        foreach (int pass in (int[])[0, 2])
        {
            var shown = trace.Show(pass);
            var caches = pass == 0 ? model.Manifest.Stages[stage].Caches.Select(PassInputs.EmptyCache).ToArray() : [.. trace.Show(pass - 1).Caches()];
            foreach (var op in graph.Layout.Operators)
            {
                var inputs = op.Inputs.ToDictionary(input => input.Value, input => input.Source.Kind == ValueKind.Past ? caches[input.Source.Cache] : shown[input.Source]);
                var alone = OperatorRun.Run(Models.Runtime, graph, op.Index, inputs);
                var within = shown.OutputsOf(1 + op.Index);
                for (int i = 0; i < alone.Count; i++)
                    Same(alone[i], within[i]).ShouldBeTrue($"{op.Type} '{op.Name}' output {i} of pass {pass}");
            }
        }
    }

    private static bool Same(Tensor left, Tensor right) =>
        left.Type == right.Type && left.Shape.AsSpan().SequenceEqual(right.Shape) && left.Bytes.Span.SequenceEqual(right.Bytes.Span);
}
