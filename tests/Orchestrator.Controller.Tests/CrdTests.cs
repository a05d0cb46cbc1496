using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;

namespace Orchestrator.Controller.Tests;

/// <summary>The CustomResourceDefinition that the chart installs, against the types and against bad models.</summary>
public sealed class CrdTests
{
    private readonly CrdSchema crd = CrdSchema.Load();

    [Fact]
    public void Schema_and_types_agree()
    {
        var properties = crd.Root["properties"]!;
        Compare(typeof(InferenceModelSpec), properties["spec"]!.AsObject(), "spec").ShouldBeEmpty();
        Compare(typeof(InferenceModelStatus), properties["status"]!.AsObject(), "status").ShouldBeEmpty();
    }

    [Fact]
    public void A_difference_between_schema_and_types_is_found()
    {
        var spec = crd.Root["properties"]!["spec"]!.DeepClone().AsObject();
        spec["properties"]!.AsObject().Remove("assurance");
        spec["properties"]!["replicas"]!["type"] = "string";
        spec["properties"]!["redundancy"]!["default"] = 2;
        Compare(typeof(InferenceModelSpec), spec, "spec").Count.ShouldBe(3);
    }

    [Fact]
    public void Kind_and_paths_are_the_controllers()
    {
        var definition = Yaml.Load("charts/orchestrator/files/crds/inferencemodels.yaml")["spec"]!;
        ((string)definition["group"]!, (string)definition["names"]!["plural"]!, (string)definition["names"]!["kind"]!, (string)crd.Version["name"]!)
            .ShouldBe((Kinds.Models.Group, Kinds.Models.Plural, Kinds.Models.Kind, Kinds.Models.Version));
        var scale = crd.Version["subresources"]!["scale"]!;
        foreach (string path in scale.AsObject().Select(s => (string)s.Value!))
            Resolve(path).ShouldNotBeNull(path);
        foreach (string path in crd.Version["additionalPrinterColumns"]!.AsArray().Select(c => (string)c!["jsonPath"]!).Where(p => !p.StartsWith(".metadata", StringComparison.Ordinal)))
            Resolve(path.Split('[')[0]).ShouldNotBeNull(path);
    }

    [Fact]
    public void Defaults_are_filled_in()
    {
        var spec = Admit(_ => { })["spec"]!;
        ((int)spec["replicas"]!, (int)spec["redundancy"]!, (string)spec["resourceProfile"]!, (string)spec["assurance"]!).ShouldBe((1, 1, "cpu", "none"));
    }

    [Theory]
    [InlineData("""{"redundancy": 2}""", "redundancy must not exceed replicas")]
    [InlineData("""{"replicas": 2, "assurance": "redundant"}""", "needs redundancy 2 or more")]
    [InlineData("""{"assurance": "sampled"}""", "needs replicas 2 or more")]
    [InlineData("""{"assurance": "optimistic"}""", "needs replicas 2 or more")]
    [InlineData("""{"replicas": 64, "sharding": {"stages": 17}}""", "1024 workers")]
    [InlineData("""{"replicas": 0}""", "should be greater than or equal to 1")]
    [InlineData("""{"sharding": {"stages": 257}}""", "should be less than or equal to 256")]
    [InlineData("""{"sharding": {}}""", "stages: Required value")]
    [InlineData("""{"assurance": "perfect"}""", "Unsupported value")]
    [InlineData("""{"resourceProfile": "H100"}""", "should match")]
    [InlineData("""{"source": {"manifest": "abc"}}""", "at least 64 chars long")]
    [InlineData("""{"source": {}}""", "manifest: Required value")]
    [InlineData("""{"source": {"manifest": "1111111111111111111111111111111111111111111111111111111111111111", "url": "http://models.test/m"}}""", "should match")]
    [InlineData("""{"source": {"manifest": "1111111111111111111111111111111111111111111111111111111111111111", "url": "https://user:password@models.test/m"}}""", "should match")]
    public void Bad_models_are_refused(string change, string why) =>
        Should.Throw<ApiFailure>(() => Admit(spec =>
        {
            foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
                spec[name] = value!.DeepClone();
        })).Message.ShouldContain(why);

    [Theory]
    [InlineData("https://models.test/chat/manifest.json")]
    [InlineData("oci://registry.test:5000/team/chat@sha256:1111111111111111111111111111111111111111111111111111111111111111")]
    [InlineData("oci://registry.test/team/chat:v1")]
    public void Good_sources_are_taken(string url) => Admit(spec => spec["source"]!["url"] = url);

    public static TheoryData<string> Samples => [.. Directory.GetFiles(Path.Combine(Yaml.Root, "charts", "orchestrator", "samples")).Select(f => Path.GetRelativePath(Yaml.Root, f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Samples_are_taken(string file)
    {
        var sample = Yaml.Load(file).AsObject();

        crd.Admit(new Place(Kinds.Models, World.Namespace, (string)sample["metadata"]!["name"]!), null, sample)["kind"]!.GetValue<string>().ShouldBe(Kinds.Models.Kind);
    }

    [Fact]
    public void The_source_cannot_be_changed_and_the_rest_can()
    {
        var before = Admit(_ => { });
        Should.Throw<ApiFailure>(() => Admit(spec => spec["source"]!["manifest"] = new string('2', 64), before)).Message.ShouldContain("source is immutable");
        Admit(spec => spec["replicas"] = 3, before);
    }

    [Fact]
    public void Long_names_are_refused() =>
        Should.Throw<ApiFailure>(() => Admit(_ => { }, name: new string('n', 41))).Message.ShouldContain("40 characters");

    private JsonObject Admit(Action<JsonObject> change, JsonObject? before = null, string name = "chat")
    {
        var body = Given.ModelJson(name, new string('1', 64), 2);
        change(body["spec"]!.AsObject());
        return crd.Admit(new Place(Kinds.Models, World.Namespace, name), before, body);
    }

    private JsonNode? Resolve(string path)
    {
        JsonNode? at = crd.Root;
        foreach (string step in path.Trim('.').Split('.'))
            at = at?["properties"]?[step];
        return at;
    }

    private static List<string> Compare(Type type, JsonObject schema, string at)
    {
        List<string> differences = [];
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.Name != "EqualityContract" && p.CanWrite).ToDictionary(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name));
        var fields = schema["properties"]!.AsObject();
        differences.AddRange(properties.Keys.Except(fields.Select(f => f.Key)).Select(n => $"{at}.{n} is not in the schema"));
        differences.AddRange(fields.Select(f => f.Key).Except(properties.Keys).Select(n => $"{at}.{n} is not in {type.Name}"));
        foreach (var (name, field) in fields.Where(f => properties.ContainsKey(f.Key)))
        {
            var property = properties[name];
            var (kind, inner) = KindOf(property.PropertyType);
            string declared = (string)field!["type"]! + (field["format"] is { } format ? $"/{format}" : "");
            if (declared != kind)
                differences.Add($"{at}.{name} is {declared} in the schema and {kind} in {type.Name}");
            if (field["default"] is { } value && property.GetValue(Activator.CreateInstance(type))?.ToString() != value.ToString())
                differences.Add($"{at}.{name} has the default {value} in the schema and another in {type.Name}");
            if (inner is not null)
                differences.AddRange(Compare(inner, (field["items"] ?? field)!.AsObject(), $"{at}.{name}"));
        }

        return differences;
    }

    private static (string Kind, Type? Inner) KindOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) ? ("string", null)
            : type == typeof(int) ? ("integer/int32", null)
            : type == typeof(long) ? ("integer/int64", null)
            : type == typeof(DateTime) ? ("string/date-time", null)
            : type.IsGenericType ? ("array", type.GenericTypeArguments[0])
            : ("object", type);
    }
}
