using System.CommandLine;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Training;

namespace Orchestrator.Trainer.Commands;

/// <summary><c>ask</c>: the model's greedy answer to one question.</summary>
internal static class AskCommand
{
    public static Command Create()
    {
        var model = ModelOption.Create();
        var question = new Argument<string>("question") { Description = $"At most {Batch.LongestExample - 8} bytes." };
        var command = new Command("ask", "Ask the model a question.") { question, model };
        command.SetAction(parsed =>
            Console.WriteLine(Greedy.Answer(LlamaOnnxReader.Read(parsed.GetRequiredValue(model).FullName), parsed.GetRequiredValue(question))));
        return command;
    }
}
