using Orchestrator.Contracts;
using Orchestrator.Drill.Models;

namespace Orchestrator.Drill.Tests;

/// <summary>A shard whose layers are skipped by its weights.</summary>
public sealed class SkippedLayersTests(CutModel model) : IClassFixture<CutModel>
{
    [Fact]
    public void Layers_without_weights_hand_on_what_they_received_to_the_bit()
    {
        float[] values = [.. Enumerable.Range(0, 2 * 128).Select(i => MathF.Sin(i))];
        Tensor received = new(ElementType.Float32, [1, 2, 128], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

        Run(WeightFormat.Skipped).ShouldBe(received.Bytes.ToArray());
        Run(WeightFormat.Published).ShouldNotBe(received.Bytes.ToArray());

        byte[] Run(WeightFormat format)
        {
            using var session = model.Engines.Of(1, format).Open(8);
            return session.Run([], 2, [received]).ShouldHaveSingleItem().Bytes.ToArray();
        }
    }
}
