using System.CommandLine;
using System.Diagnostics;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Training;

namespace Orchestrator.Trainer.Commands;

/// <summary><c>train</c>: trains the bundled model, leaving a checkpoint and an ONNX file at every evaluation.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var output = new Option<FileInfo>("--out") { Required = true, Description = "The ONNX file to write; the checkpoint is written beside it." };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => TinyChat.Seed, Description = "Seed of weights and corpus." };
        var steps = new Option<int>("--steps") { DefaultValueFactory = _ => TinyChat.Schedule.Steps, Description = "Optimizer steps." };
        var fall = new Option<int>("--fall") { DefaultValueFactory = _ => TinyChat.Schedule.Fall, Description = "Last steps, over which the learning rate falls to zero." };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 2, Description = "Threads; the weights do not depend on it." };
        var every = new Option<int>("--evaluate-every") { DefaultValueFactory = _ => 500, Description = "Steps between evaluations." };
        var command = new Command("train", "Train the bundled model; continues from the checkpoint if there is one.") { output, seed, steps, fall, threads, every };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(output).FullName, parsed.GetValue(seed),
            TinyChat.Schedule with { Steps = parsed.GetValue(steps), Fall = parsed.GetValue(fall) }, parsed.GetValue(threads), parsed.GetValue(every)));
        return command;
    }

    private static void Run(string output, ulong seed, Schedule schedule, int threads, int every)
    {
        var checkpoint = Path.ChangeExtension(output, ".checkpoint");
        using var trainer = new LlamaTrainer(TinyChat.Config, seed, threads);
        if (File.Exists(checkpoint))
        {
            using var saved = File.OpenRead(checkpoint);
            trainer.Load(saved);
        }
        Console.Error.WriteLine($"{trainer.Weights.Values.Length:N0} parameters, from step {trainer.Steps} to {schedule.Steps}");
        var clock = Stopwatch.StartNew();
        var (tokens, loss, since) = (0L, 0.0, TimeSpan.Zero);
        while (trainer.Steps < schedule.Steps)
        {
            var report = trainer.Step(schedule);
            tokens += report.Tokens;
            loss = report.Step == 0 ? report.Loss : loss + (report.Loss - loss) * 0.05;
            if (trainer.Steps % 50 == 0)
            {
                var pace = tokens / (clock.Elapsed - since).TotalSeconds;
                Console.Error.WriteLine($"{clock.Elapsed:hh\\:mm\\:ss} step {trainer.Steps} loss {loss:F4} gradient {report.GradientNorm:F3} {pace:F0} tokens/s");
                (tokens, since) = (0, clock.Elapsed);
            }
            if (trainer.Steps % every == 0 || trainer.Steps == schedule.Steps)
                Keep(trainer, output, checkpoint);
        }
    }

    private static void Keep(LlamaTrainer trainer, string output, string checkpoint)
    {
        var fresh = checkpoint + ".new";
        using (var file = File.Create(fresh))
            trainer.Save(file);
        File.Move(fresh, checkpoint, overwrite: true);
        LlamaOnnxExporter.Write(trainer.Weights, AttentionStyle.Standard, output, TinyChat.Name);
        var report = Evaluation.Run(trainer.Weights, TinyChat.EvaluationSeed, perKind: 60);
        Console.Error.WriteLine($"  held out {report.Accuracy:P1}: {string.Join(' ', report.Kinds.Select(kind => $"{kind.Kind} {kind.Accuracy:P0}"))}");
    }
}
