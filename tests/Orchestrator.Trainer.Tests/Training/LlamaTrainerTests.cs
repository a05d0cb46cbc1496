using Orchestrator.Trainer.Llama;
using Orchestrator.Trainer.Training;

namespace Orchestrator.Trainer.Tests.Training;

public sealed class LlamaTrainerTests
{
    private static readonly LlamaConfig Small = new(Layers: 2, DModel: 64, Heads: 2, KvHeads: 1, HeadDim: 32, Ffn: 96);
    private static readonly Schedule Short = new(Steps: 60, Warmup: 5, Fall: 20);

    [Fact]
    public void A_short_training_halves_the_loss()
    {
        using var trainer = new LlamaTrainer(Small, seed: 1, threads: 2, batches: 2, batchTokens: 384);
        var first = trainer.Step(Short);
        first.Loss.ShouldBe(Math.Log(Small.Vocab), 0.3, "untrained, every token is as likely as any other");

        StepReport last = first;
        while (trainer.Steps < Short.Steps)
            last = trainer.Step(Short);

        last.Loss.ShouldBeLessThan(first.Loss / 2);
    }

    [Fact]
    public void The_weights_have_the_same_bits_for_any_number_of_threads()
    {
        float[] Train(int threads)
        {
            using var trainer = new LlamaTrainer(Small, seed: 3, threads, batches: 3, batchTokens: 256);
            while (trainer.Steps < 5)
                trainer.Step(Short);
            return trainer.Weights.Values;
        }

        Bits(Train(threads: 1)).ShouldBe(Bits(Train(threads: 3)));
    }

    [Fact]
    public void A_checkpoint_goes_on_as_if_never_interrupted()
    {
        using var whole = new LlamaTrainer(Small, seed: 5, threads: 1, batches: 2, batchTokens: 256);
        using var kept = new MemoryStream();
        for (var step = 0; step < 3; step++)
            whole.Step(Short);
        whole.Save(kept);
        using var resumed = new LlamaTrainer(Small, seed: 5, threads: 1, batches: 2, batchTokens: 256);
        using var saved = new MemoryStream(kept.ToArray());
        resumed.Load(saved);
        for (var step = 0; step < 3; step++)
            resumed.Step(Short).ShouldBe(whole.Step(Short));

        resumed.Steps.ShouldBe(6);
        Bits(resumed.Weights.Values).ShouldBe(Bits(whole.Weights.Values));
        using var other = new LlamaTrainer(Small with { Layers = 1 }, seed: 5, threads: 1, batches: 1, batchTokens: 256);
        using var again = new MemoryStream(kept.ToArray());
        Should.Throw<InvalidDataException>(() => other.Load(again)).Message.ShouldContain("delete it");
    }

    [Fact]
    public void The_learning_rate_rises_stays_and_falls_to_nothing()
    {
        var schedule = new Schedule(Steps: 100, Warmup: 9, Fall: 50);

        schedule.At(0).ShouldBe(0.1f, 1e-6f);
        schedule.At(20).ShouldBe(1f);
        schedule.At(75).ShouldBe(0.5f, 1e-6f);
        schedule.At(100).ShouldBe(0f);
        (schedule with { Steps = 200 }).At(20).ShouldBe(schedule.At(20), "a longer run starts like a shorter one");
    }

    private static uint[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToUInt32Bits)];
}
