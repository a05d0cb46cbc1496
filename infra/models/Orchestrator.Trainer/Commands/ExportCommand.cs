using System.CommandLine;
using Orchestrator.Trainer.Export;

namespace Orchestrator.Trainer.Commands;

/// <summary><c>export</c>: writes a trained model again, with attention in the other style.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var model = ModelOption.Create();
        var attention = AttentionOption.Create();
        var output = new Option<FileInfo>("--out") { Required = true, Description = "The ONNX file to write." };
        var command = new Command("export", "Write a trained model with another style of attention.") { model, attention, output };
        command.SetAction(parsed =>
        {
            var weights = LlamaOnnxReader.Read(parsed.GetRequiredValue(model).FullName);
            LlamaOnnxExporter.Write(weights, AttentionOption.Parse(parsed.GetValue(attention)), parsed.GetRequiredValue(output).FullName, TinyChat.Name);
        });
        return command;
    }
}
