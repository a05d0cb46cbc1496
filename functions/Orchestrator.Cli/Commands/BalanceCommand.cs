using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>economics balance|resolve</c>: whether all books of the network close, and what becomes of payouts that came too late.</summary>
public static class BalanceCommand
{
    private const int Shown = 20;

    /// <summary>Builds <c>balance</c>.</summary>
    public static Command Balance(Terminal terminal)
    {
        var command = new Command("balance", "Draw a trial balance over every account and stake. Exit code 1 when the books do not close. For admins.");
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = connection.Client(parsed);
            return Show(terminal, await client.GetAsync("api/ledger/balance", cancel), connection.Json(parsed));
        });
        return command;
    }

    /// <summary>Builds <c>resolve</c>.</summary>
    public static Command Resolve(Terminal terminal)
    {
        var id = new Argument<string>("id") { Description = "The payout's id, as 'balance' lists it under suspense" };
        var from = new Option<string>("--from") { Description = "The book it left, such as account:acme or stake:<node>", Required = true, HelpName = "book" };
        var end = new Option<string>("--as") { Description = "write-off: it had arrived. return: back to the paying account. repay: pay the receiver again", Required = true };
        end.AcceptOnlyFromAmong("write-off", "return", "repay");
        var command = new Command("resolve", "End the suspense of a payout that came too late, and show the balance afterwards. For admins.") { id, from, end };
        var connection = new ConnectionOptions().AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = connection.Client(parsed);
            var body = new JsonObject { ["id"] = parsed.GetValue(id), ["from"] = parsed.GetValue(from), ["end"] = parsed.GetValue(end)!.Replace('-', '_') };
            return Show(terminal, await client.PostAsync("api/ledger/suspense", body, cancel), connection.Json(parsed));
        });
        return command;
    }

    /// <summary>The balance in one line.</summary>
    internal static string Line(JsonNode balance) =>
        $"{balance["books"]} books, {(long)balance["debit"]!:N0} micro-credits paid in, difference {(long)balance["difference"]!:N0}, "
        + $"{balance["in_flight_count"]} transfers in flight, {(long)balance["suspense_amount"]!:N0} in suspense";

    private static int Show(Terminal terminal, JsonNode balance, bool json)
    {
        bool closes = (bool)balance["closes"]!;
        if (json)
            terminal.WriteJson(balance);
        else
            Write(terminal, balance, closes);
        return closes ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static void Write(Terminal terminal, JsonNode balance, bool closes)
    {
        var table = new Table().Border(TableBorder.None).AddColumns(new TableColumn("CLASS"), new TableColumn("DEBIT").RightAligned(), new TableColumn("CREDIT").RightAligned());
        foreach (var line in balance["lines"]!.AsArray().Select(l => l!))
            table.AddRow(Markup.Escape($"{line["class"]}"), Amount(line["debit"]), Amount(line["credit"]));
        terminal.Out.Write(table);
        List(terminal, balance["in_flight"]!.AsArray(), t => $"{t["state"]} {t["id"]}: {(long)t["amount"]!:N0} from {t["from"]} to {t["to"]}");
        List(terminal, balance["suspense"]!.AsArray(), t => $"suspense {t["id"]}: {(long)t["amount"]!:N0} from {t["from"]} to {t["to"]}, {t["reason"]} at {t["suspended_at"]}");
        if ((long)balance["suspense_amount"]! > 0)
            terminal.Out.MarkupLineInterpolated($"The sums show that {(long)balance["suspense_arrived"]!:N0} of {(long)balance["suspense_amount"]!:N0} in suspense had arrived.");
        if (balance["uncounted"]!.AsArray() is { Count: > 0 } uncounted)
            terminal.Out.MarkupLineInterpolated($"[yellow]Moved too fast to be counted: {string.Join(", ", uncounted.Take(Shown))}. Draw it again when it is quieter.[/]");
        terminal.Out.MarkupLineInterpolated(closes ? $"[green]The books close[/]: {Line(balance)}." : (FormattableString)$"[red]The books do not close[/]: {Line(balance)}.");
    }

    private static void List(Terminal terminal, JsonArray transfers, Func<JsonNode, string> line)
    {
        foreach (var transfer in transfers.Take(Shown))
            terminal.Out.MarkupLineInterpolated($"  {line(transfer!)}");
        if (transfers.Count > Shown)
            terminal.Out.MarkupLineInterpolated($"  and {transfers.Count - Shown} more; --output json has them");
    }

    private static string Amount(JsonNode? amount) => (long)amount! is 0 ? "" : $"{(long)amount!:N0}";
}
