using System.CommandLine;
using System.Text.Json;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Training;

namespace Orchestrator.Trainer.Commands;

/// <summary><c>evaluate</c>: exact match on held-out questions, as JSON.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var model = ModelOption.Create();
        var perKind = new Option<int>("--per-kind") { DefaultValueFactory = _ => 300, Description = "Questions of every kind." };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => TinyChat.EvaluationSeed, Description = "Seed of the questions." };
        var output = new Option<FileInfo?>("--out") { Description = "Where the report goes; standard output unless given." };
        var command = new Command("evaluate", "Measure exact match on held-out questions.") { model, perKind, seed, output };
        command.SetAction(parsed =>
        {
            var weights = LlamaOnnxReader.Read(parsed.GetRequiredValue(model).FullName);
            var report = Evaluation.Run(weights, parsed.GetValue(seed), parsed.GetValue(perKind));
            var json = JsonSerializer.Serialize(report, TrainerJson.Readable.EvaluationReport);
            if (parsed.GetValue(output) is { } file)
                File.WriteAllText(file.FullName, json + "\n");
            else
                Console.WriteLine(json);
            foreach (var kind in report.Kinds)
                Console.Error.WriteLine($"{kind.Kind,-14}{kind.Accuracy,8:P1}");
            Console.Error.WriteLine($"{"all",-14}{report.Accuracy,8:P1}");
        });
        return command;
    }
}
