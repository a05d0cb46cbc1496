using System.CommandLine;
using System.Globalization;

namespace Orchestrator.Cli;

/// <summary><c>economics bond|balance|resolve</c>: what makes honesty pay, and whether the books close.</summary>
public static class EconomicsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new("economics", "What makes honesty pay, and whether the books close.")
    {
        Bond(terminal),
        BalanceCommand.Balance(terminal),
        BalanceCommand.Resolve(terminal),
    };

    private static Command Bond(Terminal terminal)
    {
        var price = new Option<long>("--price") { Description = "Pay of a job, in micro-credits", Required = true };
        var load = new Option<double>("--load") { Description = "Jobs per hour on the node", Required = true };
        var window = new Option<TimeSpan>("--window") { Description = "Challenge window and longest dispute together, e.g. 01:00:00", Required = true };
        var detection = new Option<double>("--detection") { Description = "Probability that cheating on a job is proven, 0 to 1", DefaultValueFactory = _ => .01 };
        var saving = new Option<double?>("--saving") { Description = "Part of the pay that a node saves by not computing" };
        var stake = new Option<long?>("--stake") { Description = "Also say what this stake is good for" };
        var command = new Command("bond", "The smallest bond at which no deviation pays.") { price, load, window, detection, saving, stake };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            string query = string.Create(
                CultureInfo.InvariantCulture,
                $"price={parsed.GetValue(price)}&load={parsed.GetValue(load)}&window={parsed.GetValue(window).TotalSeconds}&detection={parsed.GetValue(detection)}");
            if (parsed.GetValue(saving) is { } part)
                query += string.Create(CultureInfo.InvariantCulture, $"&saving={part}");
            if (parsed.GetValue(stake) is { } held)
                query += $"&stake={held}";
            using var client = connection.Client(parsed);
            var view = await client.GetAsync($"api/economics/bond?{query}", cancel);
            if (connection.Json(parsed))
            {
                terminal.WriteJson(view);
                return ExitCodes.Success;
            }

            new Facts()
                .Mark("bond", view["bond"] is { } bond ? $"[bold]{bond.GetValue<long>():N0}[/] micro-credits" : "[red]none deters: nothing is ever proven[/]")
                .Add("audits", $"{view["audit_rate"]!.GetValue<double>():P2} of jobs: an audit notices with {view["detector_power"]!.GetValue<double>():P0}, {view["collusion_share"]!.GetValue<double>():P0} of auditors are taken to collude")
                .Add("at risk", $"{view["open_jobs"]!.GetValue<double>():N1} open jobs, each worth {view["saving"]!.GetValue<long>():N0} to a cheater who is paid {view["reward"]!.GetValue<long>():N0}")
                .Add("slash", $"{view["slash_share"]!.GetValue<double>():P1} of the stake for each proof, less what accusing oneself brings back")
                .Mark("stake", view["best_gain"] is { } gain
                    ? $"{view["stake"]!.GetValue<long>():N0}: {(gain.GetValue<double>() <= 0 ? "[green]no deviation pays[/]" : $"[red]cheating gains up to {gain.GetValue<double>():N0}[/]")}, deters on up to {view["most_open_jobs"]!.GetValue<double>():N1} open jobs"
                    : null)
                .Write(terminal.Out);
            return ExitCodes.Success;
        });
        return command;
    }
}
