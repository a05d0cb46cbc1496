using System.CommandLine;
using Orchestrator.Benchmarks.Decode;
using Orchestrator.Benchmarks.Hops;
using Orchestrator.Benchmarks.Network;

return await new RootCommand("Measures Orchestrator on this machine.")
{
    DecodeCommand.Create(),
    HopsCommand.Create(),
    NetworkCommand.Create(),
}.Parse(args).InvokeAsync();
