using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Durable.History;
using Orchestrator.Durable.Replay;

namespace Orchestrator.Durable;

/// <summary>
/// Checks today's code against a history that yesterday's code left: keep some as files beside the tests, and a change that would break
/// running instances fails a test instead. Stricter than the engine: the code must ask for the same actions, and give them at least what it gave then.
/// </summary>
public static class HistoryReplay
{
    /// <param name="historyJson">A JSON array of turns: what the journal's <c>history</c> table holds in <c>data</c>, in order.</param>
    /// <param name="services">For workflow classes with dependencies.</param>
    /// <exception cref="NonDeterminismException">Names the first difference.</exception>
    public static void Verify(
        string historyJson, WorkflowRegistration workflow, IServiceProvider? services = null, DurableEngineOptions? options = null)
    {
        var history = JsonSerializer.Deserialize(historyJson, HistoryJson.Default.IReadOnlyListHistoryTurn) ?? [];
        if (history is not [{ Messages: [Started started, ..] }, ..])
        {
            throw new ArgumentException("A history begins with a turn whose first message is 'started'.", nameof(historyJson));
        }
        using var none = services is null ? new ServiceCollection().BuildServiceProvider() : null;
        var environment = new ExecutionEnvironment(services ?? none!, options ?? new(), NullLoggerFactory.Instance);
        ReplayCheck.Replay(new(workflow, environment, started, () => { }), history, contents: true);
    }
}
