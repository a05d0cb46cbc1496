using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary>One node for people: what it does, what stands behind it, and what speaks for and against it.</summary>
public static class NodeDetails
{
    /// <summary>Prints a node as the API shows it.</summary>
    public static void Write(IAnsiConsole console, JsonNode node)
    {
        var standing = node["standing"];
        var trust = node["trust"];
        var capability = node["capability"];
        var facts = new Facts()
            .Add("node", $"{node["node"]}")
            .Add("host", $"{node["host"]}" + ($"{node["region"]}" is { Length: > 0 } region ? $", {region}" : ""))
            .Mark("status", NodesCommand.Status($"{node["status"]}") + $", {node["active_sessions"]} sessions, last seen {JobDetails.When(node["last_seen"])}")
            .Mark("checked work", $"{node["unchecked"]}" is { Length: > 0 } why ? $"[yellow]none: {Markup.Escape(why)}[/]" : null)
            .Add("door for answers", node["door_proven_at"] is { } proven ? $"reached at {JobDetails.When(proven)}" : "not reached yet")
            .Mark("work", Work(node))
            .Add("reached", $"{node["reach"]}" switch
            {
                "relay" => $"through the relay at {node["relay"]} only",
                "either" => $"directly at {node["data_endpoint"]} or through the relay at {node["relay"]}",
                _ => $"directly at {node["data_endpoint"]}",
            })
            .Add("stages", NodesCommand.Stages(node))
            .Add("capability", $"{ModelTables.Size(capability!["memory_bytes"]!.GetValue<long>())}, {capability["cores"]} cores, {capability["max_sessions"]} sessions; {Class(capability["class"])}")
            .Add("gpu", Gpu(capability["gpu"]))
            .Add("earned", $"{node["earned"]!.GetValue<long>():N0} micro-credits for {node["jobs_served"]} jobs, asking {node["price_per_layer_token"]} per layer and token");
        if (trust is not null)
        {
            facts.Mark("correctness", Score(trust["correctness"]!)).Mark("presence", Score(trust["presence"]!));
            Stake(facts, trust["stake"]!);
        }

        facts.Write(console);
        if (trust is null)
            return;
        Rows(console, "History", trust["stake"]!["history"], ["WHEN", "WHAT", "AMOUNT", "REFERENCE", "NOTE"], line =>
            [JobDetails.When(line["at"]), $"{line["kind"]}", $"{line["amount"]!.GetValue<long>():N0}", $"{line["reference"]}", $"{line["note"]}"]);
        Rows(console, "Audits", trust["audits"], ["WHEN", "RESULT", "JOB", "STAGE", "AUDITOR", "NOTE"], line =>
            [JobDetails.When(line["at"]), Passed(line["passed"]), $"{line["job"]}", $"{line["stage"]}", JobDetails.Short(line["auditor"]), $"{line["note"]}"]);
        Slashes(console, trust["slashes"]);
    }

    private static void Slashes(IAnsiConsole console, JsonNode? slashes)
    {
        if (slashes is not JsonArray { Count: > 0 } array)
            return;
        console.WriteLine();
        console.MarkupLine("[bold]Slashes[/], newest first");
        foreach (var line in array.Reverse().Select(s => s!))
        {
            string dispute = $"{line["dispute"]}";
            var facts = new Facts()
                .Add("when", JobDetails.When(line["at"]))
                .Mark("fault", $"[red]{Markup.Escape($"{line["fault"]}")}[/]: {line["amount"]!.GetValue<long>():N0} micro-credits")
                .Add("note", $"{line["note"]}")
                .Add("job", $"{line["job"]}")
                .Add("decided in", DisputeId.TryParse(dispute, out _) ? $"{dispute}; see it with: orchestrator disputes show {dispute}" : dispute)
                .Add("reporter", $"{line["reporter"]}")
                .Add("proven", $"{line["evidence_id"]}");
            foreach (var blob in line["evidence"]!.AsArray())
                facts.Add("evidence", $"{blob}");
            facts.Write(console);
        }
    }

    /// <summary>Adds a stake.</summary>
    public static void Stake(Facts facts, JsonNode stake)
    {
        long floor = stake["min_bond"]!.GetValue<long>();
        facts.Add("stake", $"{stake["bonded"]!.GetValue<long>():N0} micro-credits bonded"
            + (floor > 0 ? $" of {floor:N0} that work takes" : "")
            + ($"{stake["owner"]}" is { Length: > 0 } owner ? $", owned by {owner}" : ""));
        foreach (var entry in stake["unbonding"]!.AsArray())
            facts.Add("unbonding", $"{entry!["amount"]!.GetValue<long>():N0} micro-credits, to be withdrawn from {JobDetails.When(entry["releasable_at"])}");
        if (stake["slashed"]!.GetValue<long>() is > 0 and var slashed)
            facts.Mark("slashed", $"[red]{slashed:N0} micro-credits[/]");
        if (stake["tombstoned_by"] is { } evidence)
            facts.Mark("tombstoned", $"[red]for good, by {Markup.Escape($"{evidence}")}[/]: withdraw its stake, and start a node with a new key");
        else if (stake["jailed_until"] is { } until)
            facts.Mark("jailed", $"[red]until {JobDetails.When(until)}[/], then release it with: orchestrator stake release");
    }

    private static string Work(JsonNode node)
    {
        if (node["standing"]?["barred"] is { } barred)
            return $"[red]none: barred by {Markup.Escape($"{barred}")}[/]";
        return $"{node["unreached"]}" is { Length: > 0 } why ? $"[red]none: {Markup.Escape(why)}[/]" : "[green]may get work[/]";
    }

    private static string Score(JsonNode standing)
    {
        double distance = standing["distance"]!.GetValue<double>();
        string colour = standing["barred"]!.GetValue<bool>() ? "red" : distance < .01 ? "yellow" : "green";
        return $"[{colour}]{standing["score"]!.GetValue<double>():F4}[/], {Math.Abs(distance):F4} {(distance < 0 ? "below" : "above")} the threshold {standing["threshold"]!.GetValue<double>():F2}, "
            + $"after {standing["observations"]} observations{(standing["vetted"]!.GetValue<bool>() ? "" : " (newcomer)")}";
    }

    private static string Class(JsonNode? kind) => $"{kind?["runtime"]} {kind?["provider"]} {kind?["optimization"]} {kind?["instructions"]}";

    private static string? Gpu(JsonNode? gpu) => gpu is null
        ? null
        : $"{gpu["product"]}, {(gpu["memory_bytes"]!.GetValue<long>() is > 0 and var bytes ? ModelTables.Size(bytes) : "memory unknown")}, "
            + ($"{gpu["sharing"]}" is "none" ? "not shared" : $"sharing {gpu["sharing"]}")
            + (gpu["mig"]!.GetValue<bool>() ? ", MIG slice" : "");

    private static string Passed(JsonNode? passed) => passed is null ? "open" : passed.GetValue<bool>() ? "passed" : "failed";

    private static void Rows(IAnsiConsole console, string title, JsonNode? lines, string[] columns, Func<JsonNode, string?[]> row)
    {
        if (lines is not JsonArray { Count: > 0 } array)
            return;
        var table = new Table().Border(TableBorder.None).AddColumns(columns);
        foreach (var line in array.Reverse())
            table.AddRow([.. row(line!).Select(cell => Markup.Escape(cell ?? ""))]);
        console.WriteLine();
        console.MarkupLine($"[bold]{title}[/], newest first");
        console.Write(table);
    }
}
