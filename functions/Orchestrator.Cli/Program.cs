using Orchestrator.Cli;

return await CommandLine.RunAsync(args);
