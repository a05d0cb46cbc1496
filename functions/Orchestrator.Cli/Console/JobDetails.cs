using System.Text.Json.Nodes;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary>One job for people: how it stands, what it answered, what it cost, who did it.</summary>
public static class JobDetails
{
    /// <summary>Prints a job as the API shows it.</summary>
    public static void Write(IAnsiConsole console, JsonNode job)
    {
        var info = job["orchestrator"];
        var facts = new Facts()
            .Add("job", $"{job["job"]}")
            .Mark("status", Status($"{job["status"]}") + (job["note"] is { } note ? Markup.Escape($": {note}") : ""))
            .Add("model", $"{job["model"]}")
            .Add("assurance", Assurance(job, info))
            .Mark("answer is", Finality(info?["assurance"]))
            .Add("created", When(job["created_at"]))
            .Add("updated", When(job["updated_at"]))
            .Add("tokens", job["usage"] is { } usage ? $"{usage["prompt_tokens"]} in the prompt, {usage["completion_tokens"]} drawn" : null)
            .Add("price", Price(job, info))
            .Mark("failure", job["failure"] is { } failure ? $"[red]{Markup.Escape($"{failure["message"]} ({failure["code"]})")}[/]" : null);
        foreach (var choice in (job["choices"] as JsonArray ?? []).Select(c => c!))
            facts.Add("answer", $"{choice["text"]} ({choice["finish_reason"]})");
        facts.Write(console);
        WriteChains(console, job, info);
        WriteChecks(console, job["checks"] as JsonArray ?? []);
    }

    /// <summary>A status in its colour.</summary>
    public static string Status(string status) => status switch
    {
        "completed" => "[green]completed[/]",
        "failed" or "cancelled" or "overturned" => $"[red]{status}[/]",
        _ => $"[yellow]{Markup.Escape(status)}[/]",
    };

    /// <summary>A time for people.</summary>
    public static string? When(JsonNode? time) => time is null ? null : $"{time.GetValue<DateTimeOffset>():u}";

    /// <summary>Whether the answer counts for good.</summary>
    private static string? Finality(JsonNode? assurance) => $"{assurance?["finality"]}" switch
    {
        "" => null,
        "provisional" => $"[yellow]provisional[/] {(assurance!["final_at"] is { } at ? $"until {When(at)}, if nobody proves it wrong" : "until its audits have ended")}",
        "overturned" => "[red]overturned: it was proven wrong[/]",
        var word => $"[green]{Markup.Escape(word)}[/]" + (assurance!["detection"]?.GetValue<double>() is > 0 and var caught ? $"; a wrong one is noticed with {caught:P1}" : ""),
    };

    private static string Assurance(JsonNode job, JsonNode? info) => info?["assurance"] is not { } reached
        ? $"{job["assurance"]}"
        : $"{reached["achieved"]}, asked for {reached["requested"]}: {Chains(reached["chains_agreed"]!.GetValue<int>())} {Short(reached["commitment"])}";

    private static string Chains(int agreed) => agreed == 1 ? "one chain committed to" : $"{agreed} chains agree on";

    private static string Price(JsonNode job, JsonNode? info) =>
        job["charged"] is { } charged ? $"{charged} of {job["quoted"]} micro-credits"
        : info?["price"]?["charged"] is { } price ? $"{price} once the answer is final; {job["quoted"]} micro-credits are set aside"
        : $"at most {job["quoted"]} micro-credits";

    private static void WriteChecks(IAnsiConsole console, JsonArray checks)
    {
        if (checks.Count == 0)
            return;
        var table = new Table().Border(TableBorder.None).AddColumns("CHECK", "CHAIN", "STAGE", "NODE", "VERDICT", "ID", "NOTE");
        foreach (var check in checks.Select(c => c!))
        {
            string verdict = $"{check["verdict"]}";
            table.AddRow(
                Markup.Escape($"{check["kind"]}"),
                $"{check["chain"]}",
                $"{check["stage"]}",
                Short(check["node"]),
                $"[{(verdict switch { "passed" => "green", "wrong" => "red", _ => "yellow" })}]{Markup.Escape(verdict)}[/]",
                Markup.Escape($"{check["id"]}"),
                Markup.Escape($"{check["note"]}"));
        }

        console.WriteLine();
        console.Write(table);
    }

    private static void WriteChains(IAnsiConsole console, JsonNode job, JsonNode? info)
    {
        var table = new Table().Border(TableBorder.None);
        if (info?["chains"] is JsonArray agreed)
        {
            table.AddColumns("CHAIN", "NODE", "HOST", "LAYERS", "COMPUTE", "EARNED");
            foreach (var chain in agreed.Select(c => c!))
            {
                foreach (var stage in chain["stages"]!.AsArray().Select(s => s!))
                {
                    table.AddRow(
                        $"{chain["chain"]}",
                        Short(stage["node"]),
                        Markup.Escape($"{stage["host"]}"),
                        $"{stage["layers"]?["start"]}-{stage["layers"]?["end"]?.GetValue<int>() - 1}",
                        $"{stage["compute_us"]?.GetValue<long>() / 1000.0:F1} ms",
                        $"{stage["earned"]?.GetValue<long>():N0}");
                }
            }
        }
        else
        {
            table.AddColumns("CHAIN", "ATTEMPT", "NODES");
            foreach (var chain in (job["chains"] as JsonArray ?? []).Select(c => c!))
                table.AddRow($"{chain["chain"]}", $"{chain["attempt"]}", string.Join(' ', chain["nodes"]!.AsArray().Select(Short)));
        }

        if (table.Rows.Count > 0)
            console.Write(table);
    }

    /// <summary>The start of an id, enough to tell it from others.</summary>
    public static string Short(JsonNode? id) => Markup.Escape($"{id}" is { Length: > 12 } text ? text[..12] : $"{id}");
}
