using Orchestrator.Worker.Hosting;

return await WorkerProcess.RunAsync(args, (options, configuration) => WorkerHost.StartAsync(options, configuration: configuration));
