using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Contracts;

namespace Orchestrator.Cli;

/// <summary><c>stake bond|unbond|withdraw|release</c>: what stands behind a node's work.</summary>
public static class StakeCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new("stake", "Bond, unbond and withdraw the stake of your nodes.")
    {
        Act(terminal, "bond", "Move micro-credits of the node's host into its stake.", Amount()),
        Act(terminal, "unbond", "Start the way out of bonded stake; it stays slashable until it is withdrawn.", Amount(), severe: true),
        Act(terminal, "withdraw", "Pay out the stake whose unbonding delay has passed.", null),
        Act(terminal, "release", "Leave the jail once its time has passed.", null),
    };

    private static Argument<long> Amount()
    {
        var amount = new Argument<long>("amount") { Description = "Micro-credits" };
        amount.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && long.TryParse(token.Value, CultureInfo.InvariantCulture, out long value) && value < 1)
                result.AddError("amount must be 1 micro-credit or more");
        });
        return amount;
    }

    private static Command Act(Terminal terminal, string action, string description, Argument<long>? amount, bool severe = false)
    {
        var id = NodesCommand.NodeArgument();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would happen" };
        var confirm = new Option<string?>("--confirm") { Description = "The node id once more, for scripts; a terminal asks for it", HelpName = "node-id" };
        var eventId = new Option<string?>("--event-id") { Description = "Name of this request: repeating it under the same name does nothing" };
        var command = new Command(action, description) { id };
        if (amount is not null)
            command.Add(amount);
        command.Add(dryRun);
        command.Add(eventId);
        if (severe)
            command.Add(confirm);
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var node = NodesCommand.Parse(parsed.GetValue(id));
            var body = new JsonObject();
            if (amount is not null)
                body["amount"] = parsed.GetValue(amount);
            if (parsed.GetValue(eventId) is { } name)
                body["event_id"] = name;
            bool dry = parsed.GetValue(dryRun);
            if (severe && !dry)
                Confirm(terminal, action, node, parsed.GetValue(confirm));
            using var client = connection.Client(parsed);
            var done = await client.PostAsync($"api/nodes/{node}/stake/{action}{(dry ? "?dry_run=true" : "")}", body, cancel);
            if (connection.Json(parsed))
                terminal.WriteJson(done);
            else
                Write(terminal, done);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Stops unless the node id was given twice, or a person types it now.</summary>
    private static void Confirm(Terminal terminal, string action, NodeId node, string? confirmed)
    {
        if (confirmed is null && terminal.CanAsk)
        {
            terminal.Note($"[yellow]{action} of {node}: stake on its way out counts for no work.[/] Type the node id to go on:");
            confirmed = System.Console.In.ReadLine()?.Trim();
        }

        if (confirmed is null)
            throw new CliException($"{action} needs --confirm={node}; --dry-run shows what it would do", ExitCodes.Usage);
        if (confirmed != node.Value)
            throw new CliException($"'{confirmed}' is not the node {node}: nothing was done", ExitCodes.Usage);
    }

    private static void Write(Terminal terminal, JsonNode done)
    {
        var facts = new Facts()
            .Add("node", $"{done["node"]}")
            .Add("done", $"{done["status"]}" switch
            {
                "dry_run" => $"nothing (dry run): {done["action"]} would move {done["amount"]!.GetValue<long>():N0} micro-credits",
                "duplicate" => $"nothing: this {done["action"]} was done before",
                "pending" => $"{done["action"]} is still on its way; repeat it with the same --event-id to wait for it",
                _ => $"{done["action"]}: {done["amount"]!.GetValue<long>():N0} micro-credits",
            });
        NodeDetails.Stake(facts, done["stake"]!);
        facts.Write(terminal.Out);
    }
}
