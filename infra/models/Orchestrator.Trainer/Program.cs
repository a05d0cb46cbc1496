using System.CommandLine;
using Orchestrator.Trainer.Commands;

var root = new RootCommand("Trains, measures and exports the small models of this repository.")
{
    TrainCommand.Create(), EvaluateCommand.Create(), AskCommand.Create(), ExportCommand.Create(), GenerateCommand.Create(),
};
return root.Parse(args).Invoke();
