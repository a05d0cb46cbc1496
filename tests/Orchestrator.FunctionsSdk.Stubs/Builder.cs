using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>As in the real package.</summary>
public class FunctionsApplication
{
    /// <summary>Starts a builder.</summary>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(Host.CreateApplicationBuilder(args));
}

/// <summary>As in the real package, as far as used.</summary>
public class FunctionsApplicationBuilder
{
    private readonly HostApplicationBuilder inner;

    internal FunctionsApplicationBuilder(HostApplicationBuilder inner) => this.inner = inner;

    /// <summary>The services.</summary>
    public IServiceCollection Services => inner.Services;

    /// <summary>The configuration.</summary>
    public ConfigurationManager Configuration => inner.Configuration;

    /// <summary>Refuses: there is no Functions worker in here.</summary>
    public IHost Build() => throw new NotSupportedException(
        "This build has declarations in place of the Azure Functions worker and cannot run. Build Orchestrator.Functions with -p:FunctionsSdk=true.");
}

/// <summary>As in the real package.</summary>
public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>Does nothing.</summary>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder) => builder;
}
