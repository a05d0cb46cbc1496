namespace Orchestrator.Worker.Hosting;

/// <summary>Where options come from: a JSON file named by <c>--config</c>, then the environment (<c>Worker__KeyFile</c>), which wins.</summary>
public static class WorkerConfiguration
{
    /// <summary>Reads the configuration.</summary>
    /// <exception cref="ArgumentException">The arguments are not <c>--config file</c>.</exception>
    public static IConfiguration Read(string[] args)
    {
        var builder = new ConfigurationBuilder();
        if (args is ["--config", var file])
            builder.AddJsonFile(Path.GetFullPath(file), optional: false);
        else if (args.Length > 0)
            throw new ArgumentException("Usage: Orchestrator.Worker [--config file.json]. Every option may also come from the environment, e.g. Worker__KeyFile.");
        return builder.AddEnvironmentVariables().Build();
    }

    /// <summary>Binds the options of section <c>Worker</c>, and the token of the sidecar.</summary>
    /// <exception cref="InvalidOperationException">A value has the wrong form; the message names it.</exception>
    public static WorkerOptions Bind(IConfiguration configuration)
    {
        var options = configuration.GetSection("Worker").Get<WorkerOptions>() ?? new WorkerOptions();
        return configuration["APP_API_TOKEN"] is { Length: > 0 } token ? options with { AppApiToken = token } : options;
    }
}
