namespace Orchestrator.Gateway.Hosting;

/// <summary>Where options come from: a JSON file named by <c>--config</c>, then the environment (<c>Gateway__NodePort</c>), which wins.</summary>
public static class GatewayConfiguration
{
    /// <summary>Reads the configuration.</summary>
    /// <exception cref="ArgumentException">The arguments are not <c>--config file</c>.</exception>
    public static IConfiguration Read(string[] args)
    {
        var builder = new ConfigurationBuilder();
        if (args is ["--config", var file])
            builder.AddJsonFile(Path.GetFullPath(file), optional: false);
        else if (args.Length > 0)
            throw new ArgumentException("Usage: Orchestrator.Gateway [--config file.json]. Every option may also come from the environment, e.g. Gateway__NodePort.");
        return builder.AddEnvironmentVariables().Build();
    }

    /// <summary>Binds the options of section <c>Gateway</c>.</summary>
    /// <exception cref="InvalidOperationException">A value has the wrong form; the message names it.</exception>
    public static GatewayOptions Bind(IConfiguration configuration) => configuration.GetSection("Gateway").Get<GatewayOptions>() ?? new GatewayOptions();
}
