using System.CommandLine;
using System.Text.Json;
using Orchestrator.Simulation;
using Orchestrator.Simulation.Report;

Option<int> nodes = new("--nodes") { Description = "Nodes at the start.", DefaultValueFactory = _ => 10_000 };
Option<int> jobs = new("--jobs") { Description = "Jobs submitted.", DefaultValueFactory = _ => 1_000_000 };
Option<ulong> seed = new("--seed") { Description = "Seed of all randomness: the same gives the same transcript.", DefaultValueFactory = _ => 1 };
Option<double> bond = new("--bond-factor") { Description = "Bond that nodes post, as a part of the published one.", DefaultValueFactory = _ => 1 };
Option<bool> known = new("--known") { Description = "Nodes count as known from the start, so that newcomers are not audited more." };
Option<FileInfo?> json = new("--json") { Description = "Also write the outcome to this file." };
var root = new RootCommand("Simulates a network of honest and cheating hosts under Core's rules, in virtual time, and prints what each strategy earns.") { nodes, jobs, seed, bond, known, json };
root.SetAction(parsed =>
{
    var scenario = new Scenario(parsed.GetValue(nodes), parsed.GetValue(jobs), parsed.GetValue(seed), parsed.GetValue(bond), parsed.GetValue(known));
    if (scenario.Nodes < 100 || scenario.Jobs < 1 || scenario.BondFactor is not (> 0 and <= 100))
    {
        Console.Error.WriteLine("Give at least 100 nodes and 1 job, and a bond factor above 0 and at most 100.");
        return 2;
    }

    var outcome = Outcome.Of(scenario);
    Console.WriteLine(Table.Of(outcome));
    if (parsed.GetValue(json) is { } file)
        File.WriteAllText(file.FullName, JsonSerializer.Serialize(outcome, new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower }) + "\n");

    // Fails when a rule is broken, so that a script notices; a deviation that pays is a finding, not a broken rule.
    return outcome.FalseSlashes == 0 && outcome.EarlyPayouts == 0 ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
