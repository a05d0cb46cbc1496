using System.CommandLine;
using Orchestrator.Trainer.Commands;

return new RootCommand("Trains, measures and exports the small models of this repository.")
{
    GenerateCommand.Create(),
}.Parse(args).Invoke();
