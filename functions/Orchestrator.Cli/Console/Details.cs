using System.Text.Json.Nodes;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary>Shows one object as lines of name and value.</summary>
public static class Details
{
    /// <summary>Scalars on one line each; nested objects with dotted names; arrays of objects numbered.</summary>
    public static Grid Of(JsonObject value)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        Add(grid, "", value);
        return grid;
    }

    private static void Add(Grid grid, string prefix, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject nested:
                foreach (var (name, child) in nested)
                    Add(grid, prefix.Length == 0 ? name : $"{prefix}.{name}", child);
                break;
            case JsonArray items when items.Any(i => i is JsonObject):
                for (int i = 0; i < items.Count; i++)
                    Add(grid, $"{prefix}[{i}]", items[i]);
                break;
            case JsonArray items:
                grid.AddRow(Markup.Escape(prefix), Markup.Escape(string.Join(' ', items.Select(i => $"{i}"))));
                break;
            case not null:
                grid.AddRow(Markup.Escape(prefix), Markup.Escape($"{value}"));
                break;
        }
    }
}
