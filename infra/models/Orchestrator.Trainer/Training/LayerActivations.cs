using Orchestrator.Trainer.Llama;
using Orchestrator.Trainer.Numerics;

namespace Orchestrator.Trainer.Training;

/// <summary>What one layer keeps of the way forward so that the way back can be computed; rows are tokens.</summary>
internal sealed class LayerActivations(LlamaConfig config, int tokens) : IDisposable
{
    private readonly int rows = tokens + 2 * Gemm.TileRows;

    public FloatBuffer Input => field ??= Rows(config.DModel);

    public FloatBuffer InverseRms => field ??= Rows(1);

    public FloatBuffer Normed => field ??= Rows(config.DModel);

    public FloatBuffer Query => field ??= Rows(config.QueryWidth);

    public FloatBuffer Key => field ??= Rows(config.KvWidth);

    public FloatBuffer Value => field ??= Rows(config.KvWidth);

    public FloatBuffer Weights => field ??= new FloatBuffer(CausalAttention.WeightsCapacity(config, tokens));

    public FloatBuffer Mixed => field ??= Rows(config.QueryWidth);

    public FloatBuffer Middle => field ??= Rows(config.DModel);

    public FloatBuffer MiddleInverseRms => field ??= Rows(1);

    public FloatBuffer MiddleNormed => field ??= Rows(config.DModel);

    public FloatBuffer Gate => field ??= Rows(config.Ffn);

    public FloatBuffer Up => field ??= Rows(config.Ffn);

    public FloatBuffer Gated => field ??= Rows(config.Ffn);

    public void Dispose()
    {
        foreach (var buffer in (FloatBuffer[])[Input, InverseRms, Normed, Query, Key, Value, Weights, Mixed, Middle, MiddleInverseRms, MiddleNormed, Gate, Up, Gated])
            buffer.Dispose();
    }

    private FloatBuffer Rows(int width) => new((long)rows * width);
}
