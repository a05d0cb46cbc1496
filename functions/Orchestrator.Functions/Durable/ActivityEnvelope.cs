using System.Text.Json;
using Orchestrator.Durable;

namespace Orchestrator.Functions.Durable;

/// <summary>What an activity function gets.</summary>
/// <param name="Instance">The calling instance.</param>
/// <param name="Key">Idempotency key: the same for all attempts of one call.</param>
/// <param name="Attempt">Attempt by the caller's policy, from 1. Durable Functions' own retries are not used: they keep no count.</param>
/// <param name="Input">The activity's own input.</param>
internal sealed record ActivityEnvelope(string Instance, string Key, int Attempt, JsonElement? Input);

/// <summary>
/// What an activity function returns. A failure is an answer too: exceptions that cross the Functions host arrive as text of its making, from which type and
/// cause cannot be read back.
/// </summary>
internal sealed record ActivityAnswer(JsonElement? Result, FailureDetails? Failure);
