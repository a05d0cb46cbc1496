using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orchestrator.Controller.Options;

namespace Orchestrator.Charts.Tests.Kit;

/// <summary>The controller's options as the chart writes them; unknown names are errors.</summary>
internal static class ControllerFile
{
    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public static ControllerOptions Read(IReadOnlyList<Manifest> manifests) =>
        Parse(manifests.Single(m => m.Name.EndsWith("-controller-options", StringComparison.Ordinal)).Root.At("data").Text("controller.json")!);

    public static ControllerOptions Parse(string json) => JsonNode.Parse(json)!["Controller"].Deserialize<ControllerOptions>(Strict)!;
}
