using System.Runtime.InteropServices;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Training;

/// <summary>What one optimizer step did.</summary>
/// <param name="Loss">Mean cross-entropy of the answer tokens in nats, before the step.</param>
/// <param name="GradientNorm">Length of the gradient before clipping.</param>
/// <param name="Tokens">Tokens seen, questions included.</param>
public sealed record StepReport(int Step, double Loss, double GradientNorm, int Tokens);

/// <summary>
/// Trains one model. Each step fills a fixed number of batches and adds their gradients in a fixed order, so the result does not
/// depend on how many threads share the work.
/// </summary>
public sealed class LlamaTrainer : IDisposable
{
    private readonly ParallelOptions parallel;
    private readonly int threads;
    private readonly PackedWeights packed;
    private readonly LlamaPass[] passes;
    private readonly Batch[] batches;
    private readonly Optimizer optimizer;
    private readonly ExampleStream examples;

    /// <param name="batches">Batches per step.</param>
    /// <param name="batchTokens">Most tokens in each.</param>
    public LlamaTrainer(LlamaConfig config, ulong seed, int threads, int batches = 4, int batchTokens = 768)
    {
        this.threads = threads;
        parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Weights = LlamaWeights.Random(config, seed);
        packed = new PackedWeights(Weights);
        passes = [.. Enumerable.Range(0, batches).Select(_ => new LlamaPass(packed, batchTokens))];
        this.batches = [.. Enumerable.Range(0, batches).Select(_ => new Batch(batchTokens))];
        optimizer = new Optimizer(Weights, threads);
        examples = new ExampleStream(seed);
    }

    public LlamaWeights Weights { get; }

    /// <summary>Steps done.</summary>
    public int Steps { get; private set; }

    public StepReport Step(Schedule schedule)
    {
        foreach (var batch in batches)
            examples.Fill(batch);
        packed.Refresh(threads);
        var targets = batches.Sum(batch => batch.TargetCount);
        var losses = new double[passes.Length];
        Parallel.For(0, passes.Length, parallel, i =>
        {
            passes[i].Forward(batches[i]);
            losses[i] = passes[i].Backward(1f / targets);
        });
        var norm = optimizer.Step(passes, Steps, schedule.At(Steps));
        return new StepReport(Steps++, losses.Sum() / targets, norm, batches.Sum(batch => batch.Length));
    }

    /// <summary>Writes everything needed to go on from here.</summary>
    public void Save(Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        writer.Write(Weights.Values.Length);
        writer.Write(Steps);
        writer.Write(examples.State);
        foreach (var values in (float[][])[Weights.Values, optimizer.First, optimizer.Second])
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    /// <summary>Goes on from what <see cref="Save"/> wrote for the same configuration.</summary>
    /// <exception cref="InvalidDataException">It was written for a model of another size.</exception>
    public void Load(Stream stream)
    {
        using var reader = new BinaryReader(stream);
        var length = reader.ReadInt32();
        if (length != Weights.Values.Length)
            throw new InvalidDataException($"The checkpoint is for {length} parameters, not {Weights.Values.Length}; delete it to start anew.");
        Steps = reader.ReadInt32();
        examples.State = reader.ReadUInt64();
        foreach (var values in (float[][])[Weights.Values, optimizer.First, optimizer.Second])
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    public void Dispose()
    {
        foreach (var pass in passes)
            pass.Dispose();
        packed.Dispose();
        optimizer.Dispose();
    }
}
