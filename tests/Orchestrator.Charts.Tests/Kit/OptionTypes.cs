using System.Reflection;

namespace Orchestrator.Charts.Tests.Kit;

/// <summary>The options of the programs, by their section of the configuration.</summary>
internal static class OptionTypes
{
    public static IReadOnlyDictionary<string, Type> BySection { get; } = new Dictionary<string, Type>
    {
        ["Actors"] = Find("Orchestrator.Actors.Host"),
        ["Controller"] = Find("Orchestrator.Controller"),
        ["ControlPlane"] = Find("Orchestrator.ControlPlane"),
        ["Gateway"] = Find("Orchestrator.Gateway"),
        ["Worker"] = Find("Orchestrator.Worker"),
    };

    /// <summary>The one record named after the section, e.g. <c>WorkerOptions</c>.</summary>
    private static Type Find(string assembly)
    {
        string[] names = [assembly.Split('.')[1] + "Options"];
        return Assembly.Load(assembly).GetTypes().Single(t => names.Contains(t.Name));
    }
}
