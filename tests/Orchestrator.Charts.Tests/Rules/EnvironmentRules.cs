using Microsoft.Extensions.Configuration;
using Orchestrator.Charts.Tests.Kit;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>Every variable is one that a program reads, with a value it takes: a misspelled option is ignored without a word.</summary>
internal sealed class EnvironmentRules(IReadOnlyDictionary<string, Type> sections, Func<string, bool> inSource)
{
    // Read by the Functions host, ASP.NET Core, the OpenTelemetry SDK.
    private static readonly string[] OthersRead =
    [
        "ASPNETCORE_URLS", "AzureWebJobsStorage", "AzureFunctionsWebHost__hostid", "AzureFunctionsJobHost__Logging__Console__IsEnabled",
        "AzureWebJobsDisableHomepage", "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", HostName,
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_RESOURCE_ATTRIBUTES",
    ];

    // Without it Durable Functions gives no function a client.
    private const string HostName = "WEBSITE_HOSTNAME";

    // With these the Functions host takes itself for another hoster's.
    private static readonly string[] Traps = ["CONTAINER_NAME", "POD_NAMESPACE"];

    public IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests) =>
        [.. manifests.Where(m => m.Kind is "Deployment" or "StatefulSet" && !IsOther(m)).SelectMany(m => Violations(m, manifests).Select(v => $"{m.Id}: {v}"))];

    /// <summary>Binds a section strictly: unknown names and values of the wrong form are errors.</summary>
    public static object? Bind(Type type, string section, IReadOnlyDictionary<string, string> environment)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(environment.Select(e => KeyValuePair.Create(e.Key.Replace("__", ":", StringComparison.Ordinal), (string?)e.Value))).Build();
        return configuration.GetSection(section).Get(type, binder => binder.ErrorOnUnknownConfiguration = true);
    }

    private IEnumerable<string> Violations(Manifest manifest, IReadOnlyList<Manifest> manifests)
    {
        var environment = PodEnvironment.Of(manifest, manifests);
        foreach (string name in PodEnvironment.Twice(manifest))
            yield return $"{name} is there twice";
        foreach (string name in environment.Keys.Intersect(Traps))
            yield return $"{name} must not be set";
        if (environment.ContainsKey("AzureFunctionsWebHost__hostid") && !environment.ContainsKey(HostName))
            yield return $"{HostName} is missing";
        var ours = environment.Keys.Where(n => !OthersRead.Contains(n)).GroupBy(n => n.Contains("__") ? n.Split("__")[0] : "").ToList();
        foreach (string name in ours.Where(g => g.Key.Length == 0).SelectMany(g => g).Where(n => !IsReferred(manifest, n) && !inSource($"\"{n}\"")))
            yield return $"no program reads {name}";
        foreach (var group in ours.Where(g => g.Key.Length > 0))
        {
            if (!sections.TryGetValue(group.Key, out var type))
            {
                foreach (string name in group.Where(n => !inSource($"\"{n.Replace("__", ":", StringComparison.Ordinal)}\"")))
                    yield return $"no program reads {name}";
                continue;
            }

            string? error = null;
            try
            {
                Bind(type, group.Key, group.ToDictionary(n => n, n => environment[n]));
            }
            catch (InvalidOperationException e)
            {
                error = $"{e.Message} {e.InnerException?.Message}".Trim();
            }

            if (error is not null)
                yield return error;
        }
    }

    /// <summary>Images of others are configured their way.</summary>
    private static bool IsOther(Manifest manifest) => manifest.Root.Path("metadata", "labels").Text("app.kubernetes.io/component") is "valkey" or "azurite";

    /// <summary>Names that exist only to be used in other values, <c>$(NAME)</c>.</summary>
    private static bool IsReferred(Manifest manifest, string name) =>
        manifest.PodTemplate.Containers().SelectMany(c => c.Items("env")).Any(e => e.Text("value")?.Contains($"$({name})", StringComparison.Ordinal) == true);
}
