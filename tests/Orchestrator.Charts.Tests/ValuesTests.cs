using System.Text.Json.Nodes;
using Orchestrator.Charts.Tests.Kit;
using Orchestrator.Charts.Tests.Values;

namespace Orchestrator.Charts.Tests;

/// <summary>Every value is described, in the schema and in the README.</summary>
public sealed class ValuesTests
{
    private const string Begin = "<!-- values: made from values.yaml -->\n";
    private const string End = "<!-- end of values -->";

    [Theory]
    [InlineData("orchestrator")]
    [InlineData("node")]
    public void Every_value_has_a_comment(string chart) => Values(chart).Undescribed().ShouldBeEmpty();

    [Theory]
    [InlineData("orchestrator")]
    [InlineData("node")]
    public void The_schema_has_exactly_the_values(string chart) => ValuesSchema.Violations(Values(chart).Root, Schema(chart)).ShouldBeEmpty();

    [Theory]
    [InlineData("orchestrator")]
    [InlineData("node")]
    public void The_README_has_the_table_of_values(string chart)
    {
        string path = Repository.At("charts", chart, "README.md");
        string readme = File.ReadAllText(path);
        int begin = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        begin.ShouldBeGreaterThan(Begin.Length - 1, "the README marks where the table goes");
        end.ShouldBeGreaterThan(begin - 1);

        Repository.ShouldHold(path, readme[..begin] + Values(chart).Table() + readme[end..]);
    }

    [Fact]
    public void A_value_without_comment_or_schema_is_found()
    {
        var values = ValuesFile.Parse("# -- One.\na: 1\nb:\n  # -- Two.\n  c: x\n  d: y\n");

        values.Undescribed().ShouldBe(["b.d"]);
        values.Table().ShouldContain("| `b.c` | `\"x\"` | Two. |");
        ValuesSchema.Violations(values.Root, JsonNode.Parse("""
            {"$schema": "http://json-schema.org/draft-07/schema#", "additionalProperties": false, "properties": {
              "a": {}, "b": {"type": "object", "properties": {"c": {"type": "string"}, "e": {"type": "string", "$defs": {}}}}}}
            """)!.AsObject()).ShouldBe(
            ["a has no type in the schema", "b. takes unknown keys", "b.d is not in the schema", "b.e is in the schema, but values.yaml does not have it", "draft-07 has no $defs"]);
    }

    private static ValuesFile Values(string chart) => ValuesFile.Parse(File.ReadAllText(Repository.At("charts", chart, "values.yaml")));

    private static JsonObject Schema(string chart) => JsonNode.Parse(File.ReadAllText(Repository.At("charts", chart, "values.schema.json")))!.AsObject();
}
