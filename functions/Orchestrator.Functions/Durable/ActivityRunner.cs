using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Durable;

namespace Orchestrator.Functions.Durable;

/// <summary>Runs registered activities for their functions.</summary>
internal sealed partial class ActivityRunner(DurableParts parts)
{
    /// <summary>Runs one delivery of one call.</summary>
    public async Task<JsonElement> RunAsync(string name, JsonElement input, CancellationToken stopping)
    {
        var call = input.Deserialize(EnvelopeJson.Default.ActivityEnvelope)
            ?? throw new InvalidOperationException($"Activity '{name}' was called without an envelope: only workflows of this application may call it.");
        return JsonSerializer.SerializeToElement(await AnswerAsync(name, call, stopping), EnvelopeJson.Default.ActivityAnswer);
    }

    private async Task<ActivityAnswer> AnswerAsync(string name, ActivityEnvelope call, CancellationToken stopping)
    {
        try
        {
            var registration = parts.Registry.Activity(name)
                ?? throw new ArgumentException($"No activity '{name}' is registered in this process; add it with AddActivity.");
            string result = await registration.Run(
                parts.Environment.Services, new ActivityContext(call.Instance, name, call.Key, call.Attempt, stopping), Payload.Text(call.Input), parts.Options.Json);
            return result.Length <= parts.Options.MaxPayloadChars
                ? new ActivityAnswer(Payload.Element(result), null)
                : throw new ArgumentException(
                    $"The result of activity '{name}' has {result.Length} characters of JSON, more than the {parts.Options.MaxPayloadChars} allowed. Store it as a blob and return its reference.");
        }
        catch (Exception e) when (!(e is OperationCanceledException && stopping.IsCancellationRequested))
        {
            Failed(parts.Log, name, call.Instance, call.Attempt, e);
            return new ActivityAnswer(null, FailureDetails.From(e));
        }
    }

    [LoggerMessage(EventId = 70, Level = LogLevel.Warning, Message = "Activity {Activity} of {Instance} failed in attempt {Attempt}")]
    private static partial void Failed(ILogger log, string activity, string instance, int attempt, Exception exception);
}
