using System.CommandLine;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli;

/// <summary><c>run</c>: asks one question and prints the answer as it comes.</summary>
public static class RunCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var prompt = new Argument<string>("prompt") { Description = "The question; '-' reads standard input" };
        var model = new Option<string>("--model", "-m") { Description = "Model name", DefaultValueFactory = _ => BundledModel.Name };
        var system = new Option<string?>("--system") { Description = "System prompt" };
        var maxTokens = RequestOptions.MaxTokens();
        var temperature = new Option<double>("--temperature") { Description = "0 draws the most likely token", DefaultValueFactory = _ => 0 };
        var seed = new Option<long?>("--seed") { Description = "Seed of the draws" };
        var (assurance, evidence) = (RequestOptions.Assurance(), RequestOptions.Evidence());
        var command = new Command("run", "Ask one question and print the answer as it comes.") { prompt, model, system, maxTokens, temperature, seed, assurance, evidence };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            string question = parsed.GetValue(prompt)!;
            if (question == "-")
                question = await System.Console.In.ReadToEndAsync(cancel);
            var request = Request(parsed.GetValue(model)!, parsed.GetValue(system), question);
            request["temperature"] = parsed.GetValue(temperature);
            if (parsed.GetValue(maxTokens) is { } most)
                request["max_completion_tokens"] = most;
            if (parsed.GetValue(seed) is { } value)
                request["seed"] = value;
            if (RequestOptions.Own(parsed.GetValue(assurance), parsed.GetValue(evidence)) is { } own)
                request["orchestrator"] = own;

            bool json = connection.Json(parsed);
            using var client = connection.Client(parsed);
            var answer = await ChatStream.RunAsync(client, request, text => { if (!json) terminal.WriteRaw(text); }, cancel);
            if (json)
            {
                terminal.WriteJson(new { answer.Text, answer.FinishReason, answer.Usage, Orchestrator = answer.Details });
                return ExitCodes.Success;
            }

            terminal.WriteRaw("\n");
            terminal.Note($"[grey]{Summary(answer)}[/]");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>A chat request with one question.</summary>
    public static JsonObject Request(string model, string? system, string question)
    {
        var messages = new JsonArray();
        if (system is not null)
            messages.Add(new JsonObject { ["role"] = "system", ["content"] = system });
        messages.Add(new JsonObject { ["role"] = "user", ["content"] = question });
        return new JsonObject { ["model"] = model, ["messages"] = messages };
    }

    private static string Summary(ChatStream answer)
    {
        var assurance = answer.Details?["assurance"];
        var price = answer.Details?["price"];
        return $"first token {answer.FirstToken.TotalMilliseconds:F0} ms, all {answer.Total.TotalMilliseconds:F0} ms, "
            + $"assurance {assurance?["achieved"]} ({assurance?["finality"]}), charged {price?["charged"]} of {price?["quoted"]} micro-credits, job {answer.Details?["job"]}";
    }
}
