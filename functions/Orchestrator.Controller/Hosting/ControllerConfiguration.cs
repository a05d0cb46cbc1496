using k8s;
using Microsoft.Extensions.Configuration;
using Orchestrator.Controller.Options;

namespace Orchestrator.Controller.Hosting;

/// <summary>Where options come from: a JSON file named by <c>--config</c>, then the environment, which wins.</summary>
public static class ControllerConfiguration
{
    /// <summary>Reads the configuration.</summary>
    /// <exception cref="ArgumentException">The arguments are not <c>--config file</c>.</exception>
    public static IConfiguration Read(string[] args)
    {
        var builder = new ConfigurationBuilder();
        if (args is ["--config", var file])
            builder.AddJsonFile(Path.GetFullPath(file), optional: false);
        else if (args.Length > 0)
            throw new ArgumentException("Usage: Orchestrator.Controller [--config file.json]. Every option may also come from the environment, e.g. Controller__PlatformUrl.");
        return builder.AddEnvironmentVariables().Build();
    }

    /// <summary>Binds the options of section <c>Controller</c>.</summary>
    /// <exception cref="InvalidOperationException">A value has the wrong form, or a name is unknown; the message names it.</exception>
    public static ControllerOptions Bind(IConfiguration configuration) =>
        configuration.GetSection("Controller").Get<ControllerOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new ControllerOptions();

    /// <summary>Connects to the API server.</summary>
    public static Kubernetes Connect(ControllerOptions options)
    {
        var configuration = options.KubeConfigFile.Length > 0
            ? KubernetesClientConfiguration.BuildConfigFromConfigFile(options.KubeConfigFile)
            : KubernetesClientConfiguration.InClusterConfig();
        // Requests have limits of their own, and watches last.
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        return new Kubernetes(configuration);
    }
}
