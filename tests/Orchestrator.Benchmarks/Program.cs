using System.CommandLine;
using Orchestrator.Benchmarks.Decode;

return await new RootCommand("Measures Orchestrator on this machine.")
{
    DecodeCommand.Create(),
}.Parse(args).InvokeAsync();
