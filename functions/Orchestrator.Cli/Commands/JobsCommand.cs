using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>jobs list|show|trace|submit|cancel</c>.</summary>
public static class JobsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new("jobs", "Submit, list, show, trace and cancel jobs.")
    {
        List(terminal),
        Show(terminal),
        Trace(terminal),
        Submit(terminal),
        Cancel(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var command = new Command("list", "List your jobs, newest first.");
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = connection.Client(parsed);
            var jobs = (await client.GetAsync("api/jobs", cancel))["jobs"]!.AsArray();
            if (connection.Json(parsed))
            {
                terminal.WriteJson(jobs);
                return ExitCodes.Success;
            }

            var table = new Table().Border(TableBorder.None).AddColumns("JOB", "STATUS", "MODEL", "ASSURANCE", "QUOTED", "CHARGED", "CREATED");
            foreach (var job in jobs.Select(j => j!))
            {
                table.AddRow(
                    Markup.Escape($"{job["job"]}"),
                    JobDetails.Status($"{job["status"]}"),
                    Markup.Escape($"{job["model"]}"),
                    Markup.Escape($"{job["assurance"]}"),
                    $"{job["quoted"]}",
                    $"{job["orchestrator"]?["price"]?["charged"]}",
                    $"{job["created_at"]!.GetValue<DateTimeOffset>():u}");
            }

            terminal.Out.Write(table);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Show(Terminal terminal) => OnJob(terminal, "show", "Show one job.", (client, job, cancel) => client.GetAsync($"api/jobs/{job}", cancel));

    private static Command Trace(Terminal terminal)
    {
        var id = new Argument<string>("job") { Description = "Job id" };
        var passes = new Option<int>("--passes") { Description = "Tokens shown of each chain, 0 for the sums alone", DefaultValueFactory = _ => 40 };
        var chrome = new Option<FileInfo?>("--chrome") { Description = "Also write the trace for Perfetto or chrome://tracing to this file" };
        var command = new Command("trace", "Show where a job's time went: queue, compute, network, token by token.") { id, passes, chrome };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var job = Parse(parsed.GetValue(id));
            if (parsed.GetValue(passes) < 0)
                throw new CliException("--passes must be 0 or more", ExitCodes.Usage);
            using var client = connection.Client(parsed);
            var trace = await client.GetAsync($"api/jobs/{job}/trace", cancel);
            if (parsed.GetValue(chrome) is { } file)
            {
                var events = await client.GetAsync($"api/jobs/{job}/trace?format=chrome", cancel);
                await File.WriteAllTextAsync(file.FullName, events.ToJsonString(), cancel);
                terminal.Note($"[grey]written: open {Markup.Escape(file.Name)} at ui.perfetto.dev[/]");
            }

            if (connection.Json(parsed))
                terminal.WriteJson(trace);
            else
                Waterfall.Write(terminal.Out, trace, parsed.GetValue(passes));
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Cancel(Terminal terminal) => OnJob(terminal, "cancel", "Cancel one job.", (client, job, cancel) => client.DeleteAsync($"api/jobs/{job}", cancel));

    private static Command Submit(Terminal terminal)
    {
        var prompt = new Argument<string>("prompt") { Description = "The question" };
        var model = new Option<string>("--model", "-m") { Description = "Model name", DefaultValueFactory = _ => BundledModel.Name };
        var maxTokens = RequestOptions.MaxTokens();
        var (assurance, evidence) = (RequestOptions.Assurance(), RequestOptions.Evidence());
        var command = new Command("submit", "Submit a batch job and print its id.") { prompt, model, maxTokens, assurance, evidence };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var request = RunCommand.Request(parsed.GetValue(model)!, null, parsed.GetValue(prompt)!);
            request["temperature"] = 0;
            if (parsed.GetValue(maxTokens) is { } most)
                request["max_completion_tokens"] = most;
            if (RequestOptions.Own(parsed.GetValue(assurance), parsed.GetValue(evidence)) is { } own)
                request["orchestrator"] = own;
            using var client = connection.Client(parsed);
            var job = await client.PostAsync("api/jobs", request, cancel);
            if (connection.Json(parsed))
                terminal.WriteJson(job);
            else
                terminal.WriteRaw($"{job["job"]}\n");
            terminal.Note($"[grey]follow it with: orchestrator jobs show {job["job"]}[/]");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>A job id from the command line.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static JobId Parse(string? text) => JobId.TryParse(text, out var job)
        ? job
        : throw new CliException("a job id is 'job-' and 32 hex digits: see 'orchestrator jobs list'", ExitCodes.Usage);

    private static Command OnJob(Terminal terminal, string name, string description, Func<ApiClient, JobId, CancellationToken, Task<JsonNode>> call)
    {
        var id = new Argument<string>("job") { Description = "Job id" };
        var command = new Command(name, description) { id };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var job = Parse(parsed.GetValue(id));
            using var client = connection.Client(parsed);
            var answer = await call(client, job, cancel);
            if (connection.Json(parsed))
                terminal.WriteJson(answer);
            else
                JobDetails.Write(terminal.Out, answer);
            return ExitCodes.Success;
        });
        return command;
    }
}
