using System.CommandLine;
using Orchestrator.Benchmarks.Breakdown;
using Orchestrator.Benchmarks.Calibration;
using Orchestrator.Benchmarks.Commitment;
using Orchestrator.Benchmarks.Decode;
using Orchestrator.Benchmarks.Floor;
using Orchestrator.Benchmarks.Hops;
using Orchestrator.Benchmarks.Network;
using Orchestrator.Benchmarks.Relay;
using Orchestrator.Benchmarks.Verify;

// Networks of the commitment benchmark have this program as their nodes.
if (MeasuredWorker.Starts(args))
    return await MeasuredWorker.RunAsync(args);

var root = new RootCommand("Measures Orchestrator on this machine.")
{
    BreakdownCommand.Create(),
    CalibrateCommand.Create(),
    CommitmentCommand.Create(),
    DecodeCommand.Create(),
    FloorCommand.Create(),
    FloorCommand.CreateStage(),
    HopsCommand.Create(),
    NetworkCommand.Create(),
    RelayCommand.Create(),
    VerifyCommand.Create(),
};
// An interrupted run still stops its processes and removes its folders.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
