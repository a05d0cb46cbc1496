using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Durable;
using Orchestrator.Durable.Engine;
using Orchestrator.Durable.Replay;

namespace Orchestrator.Functions.Durable;

/// <summary>What runs, clients and activities share.</summary>
internal sealed partial class DurableParts(
    IEnumerable<WorkflowRegistration> workflows, IEnumerable<ActivityRegistration> activities, IServiceProvider services, DurableEngineOptions options,
    ILoggerFactory loggers, DurableClientSource clients)
{
    private const int MostStrays = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Instance, long Execution), bool> strays = new();

    public WorkflowRegistry Registry { get; } = new(workflows, activities);

    public DurableEngineOptions Options { get; } = options;

    public ExecutionEnvironment Environment { get; } = new(services, options, loggers);

    public ILogger Log { get; } = loggers.CreateLogger("Orchestrator.Functions.Durable");

    /// <summary>A payload as JSON by the port's options.</summary>
    /// <exception cref="ArgumentException">It is too large.</exception>
    public string Write(object? value)
    {
        string json = JsonSerializer.Serialize(value, value?.GetType() ?? typeof(object), Options.Json);
        return json.Length <= Options.MaxPayloadChars ? json : throw new ArgumentException(
            $"The payload has {json.Length} characters of JSON, more than the {Options.MaxPayloadChars} allowed. Store it as a blob and pass its reference.");
    }

    /// <summary>
    /// Tells an instance, by an event of our own, that its code awaited something its context did not hand out. The copy of the code that did so is gone when the
    /// event comes; whichever takes it fails the execution.
    /// </summary>
    public void Stray(string instance, long execution)
    {
        if (strays.Count < MostStrays && strays.TryAdd((instance, execution), true))
            _ = RaiseAsync(instance, execution);
    }

    private async Task RaiseAsync(string instance, long execution)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            var client = await clients.GetAsync(patience.Token).ConfigureAwait(false);
            await client.RaiseEventAsync(instance, DurableCalls.StrayEvent, execution, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            strays.TryRemove((instance, execution), out _);
            NotTold(Log, instance, e);
        }
    }

    [LoggerMessage(EventId = 71, Level = LogLevel.Warning, Message = "Workflow {Instance} awaits something foreign and could not be told so")]
    private static partial void NotTold(ILogger log, string instance, Exception exception);
}
