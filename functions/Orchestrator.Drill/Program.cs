using Orchestrator.Drill.Workers;

return await CheatingWorker.RunAsync(args);
