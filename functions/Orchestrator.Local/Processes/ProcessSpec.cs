namespace Orchestrator.Local;

/// <summary>How to start one child process.</summary>
/// <param name="Name">Unique within the network, e.g. <c>node-3</c>; also the name of its log file.</param>
/// <param name="Assembly">Path of the managed entry assembly.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Environment">Variables added to this process's own; secrets reach children this way or by file, never as arguments.</param>
/// <param name="LogFile">Where its standard error goes; appended to.</param>
public sealed record ProcessSpec(
    string Name,
    string Assembly,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string LogFile);
