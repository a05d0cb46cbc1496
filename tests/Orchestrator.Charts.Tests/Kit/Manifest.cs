using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Kit;

/// <summary>One object of a rendering: its text, and its nodes with the style in which scalars were written.</summary>
internal sealed partial record Manifest(string Text, YamlMappingNode Root)
{
    public string ApiVersion => Root.Text("apiVersion") ?? "";

    public string Kind => Root.Text("kind") ?? "";

    public string Name => Root.At("metadata").Text("name") ?? "";

    public string Namespace => Root.At("metadata").Text("namespace") ?? "";

    public string Id => $"{Kind}/{Name}";

    /// <summary>Splits at document marks, as kubectl does, and leaves out what holds nothing. Duplicate keys are errors.</summary>
    public static IReadOnlyList<Manifest> Read(string text)
    {
        var manifests = new List<Manifest>();
        foreach (string part in Mark().Split(text))
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(part));
            foreach (var document in stream.Documents)
            {
                if (document.RootNode is YamlMappingNode root)
                    manifests.Add(new Manifest(part, root));
                else if (document.RootNode is not YamlScalarNode { Value: null or "" })
                    throw new InvalidDataException($"A document is no object: {part}");
            }
        }

        return manifests;
    }

    /// <summary>The template of the pods it makes; a Pod is its own. Null for what makes none.</summary>
    public YamlMappingNode? PodTemplate => Kind switch
    {
        "Deployment" or "StatefulSet" or "DaemonSet" or "Job" => Root.At("spec").At("template") as YamlMappingNode,
        "Pod" => Root,
        _ => null,
    };

    [GeneratedRegex(@"^---[ \t]*\r?$", RegexOptions.Multiline)]
    private static partial Regex Mark();
}
