using System.Text.Json;
using Orchestrator.Durable;

namespace Orchestrator.Functions.Durable;

/// <summary>Keeps a status that the runtime does not take; returns its digest.</summary>
internal sealed class KeepStatusActivity(LargeStatuses statuses) : IActivity<JsonElement, string>
{
    public const string Name = "keep-status";

    public async Task<string> RunAsync(ActivityContext context, JsonElement input) => (await statuses.KeepAsync(input, context.CancellationToken)).Value;
}
