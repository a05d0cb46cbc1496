using Microsoft.Extensions.Logging;
using Orchestrator.Durable.Journal;
using Orchestrator.Durable.Replay;

namespace Orchestrator.Durable.Engine;

/// <summary>What every part of an engine shares.</summary>
sealed record EngineParts(
    DurableEngineOptions Options,
    JournalWriter Writer,
    JournalReader Reader,
    WorkflowRegistry Registry,
    IServiceProvider Services,
    TimeProvider Time,
    ILoggerFactory Loggers,
    ILogger Log,
    CompletionSignals Signals,
    Faults Faults)
{
    public ExecutionEnvironment Environment { get; } = new(Services, Options, Loggers);
}
