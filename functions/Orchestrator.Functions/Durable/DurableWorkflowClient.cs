using System.Runtime.CompilerServices;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Orchestrator.Durable;

namespace Orchestrator.Functions.Durable;

/// <summary>
/// The port's client over Durable Functions. Its answers about what exists or has ended are read before they are acted on: the runtime itself accepts events
/// and terminations for anything and says nothing about what became of them.
/// </summary>
internal sealed class DurableWorkflowClient(DurableClientSource source, DurableParts parts, LargeStatuses statuses, TimeProvider time) : IWorkflowClient
{
    private const int MaxNameLength = 200;

    /// <inheritdoc />
    public async Task<ScheduleOutcome> ScheduleAsync(
        string name, object? input, string instanceId, ScheduleOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check(instanceId, "instance id");
        string? version = options?.Version ?? parts.Registry.NewestVersion(name);
        if (version is null || parts.Registry.Workflow(name, version) is null)
            throw new ArgumentException($"Cannot schedule workflow '{name}' version '{version}': {parts.Registry.Describe(name)}.", nameof(name));
        var startAt = options?.StartAt is { } later && later > time.GetUtcNow() ? later.ToUniversalTime() : (DateTimeOffset?)null;
        var envelope = new WorkflowEnvelope(version, ExecutionNumber.From(Guid.NewGuid()), null, startAt, Payload.Element(parts.Write(input)));
        var client = await source.GetAsync(cancellationToken);
        if (await client.GetInstanceAsync(instanceId, getInputsAndOutputs: false, cancellationToken) is not null)
            return ScheduleOutcome.AlreadyExists;
        try
        {
            var once = new StartOrchestrationOptions(instanceId).WithDedupeStatuses([.. StartOrchestrationOptionsExtensions.ValidDedupeStatuses]);
            await client.ScheduleNewOrchestrationInstanceAsync(name, envelope.ToJson(), once, cancellationToken);
            return ScheduleOutcome.Created;
        }
        catch (OrchestrationAlreadyExistsException)
        {
            return ScheduleOutcome.AlreadyExists;
        }
    }

    /// <inheritdoc />
    public async Task<RaiseOutcome> RaiseEventAsync(string instanceId, string name, object? payload = null, CancellationToken cancellationToken = default)
    {
        Check(instanceId, "instance id");
        Check(name, "event name");
        var json = Payload.Element(parts.Write(payload));
        var client = await source.GetAsync(cancellationToken);
        switch (await client.GetInstanceAsync(instanceId, getInputsAndOutputs: false, cancellationToken))
        {
            case null:
                return RaiseOutcome.NotFound;
            case { IsCompleted: true }:
                return RaiseOutcome.Finished;
            case { RuntimeStatus: OrchestrationRuntimeStatus.Pending }:
                await StartedAsync(client, instanceId, cancellationToken);
                break;
        }

        await client.RaiseEventAsync(instanceId, name, json, cancellationToken);
        return RaiseOutcome.Accepted;
    }

    /// <inheritdoc />
    public async Task<WorkflowState?> GetAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        var client = await source.GetAsync(cancellationToken);
        return await client.GetInstanceAsync(instanceId, getInputsAndOutputs: true, cancellationToken) is { } found
            ? await StateAsync(found, cancellationToken)
            : null;
    }

    /// <inheritdoc />
    public async Task<WorkflowState> WaitForCompletionAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        var client = await source.GetAsync(cancellationToken);
        while (await client.GetInstanceAsync(instanceId, getInputsAndOutputs: false, cancellationToken) is not null)
        {
            try
            {
                return await StateAsync(await client.WaitForInstanceCompletionAsync(instanceId, getInputsAndOutputs: true, cancellationToken), cancellationToken);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The channel to the Functions host gives up any call after 100 s.
            }
        }

        throw new InstanceNotFoundException(instanceId);
    }

    /// <inheritdoc />
    public async Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default)
    {
        Check(instanceId, "instance id");
        var client = await source.GetAsync(cancellationToken);
        if (await client.GetInstanceAsync(instanceId, getInputsAndOutputs: false, cancellationToken) is not { IsCompleted: false } found)
            return false;
        if (found.RuntimeStatus == OrchestrationRuntimeStatus.Pending)
            await StartedAsync(client, instanceId, cancellationToken);
        await client.TerminateInstanceAsync(instanceId, new TerminateInstanceOptions(reason, Recursive: false), cancellationToken);
        return true;
    }

    /// <inheritdoc />
    public async Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        var client = await source.GetAsync(cancellationToken);
        if (await client.GetInstanceAsync(instanceId, getInputsAndOutputs: false, cancellationToken) is not { IsCompleted: true })
            return false;
        return (await client.PurgeInstanceAsync(instanceId, cancellationToken)).PurgedInstanceCount > 0;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<WorkflowState> ListAsync(
        WorkflowQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        query ??= new WorkflowQuery();
        if (query.Limit <= 0 || query.Statuses is { Count: 0 })
            yield break;
        var client = await source.GetAsync(cancellationToken);
        // Backends page in an order of their own: what is kept is the first of all that match, by id.
        var first = new SortedDictionary<string, WorkflowState>(StringComparer.Ordinal);
        await foreach (var found in client.GetAllInstancesAsync(DurableStates.Filter(query)).WithCancellation(cancellationToken))
        {
            var state = await StateAsync(found, cancellationToken);
            if (!DurableStates.Matches(query, state))
                continue;
            first[state.InstanceId] = state;
            if (first.Count > query.Limit)
                first.Remove(first.Keys.Last());
        }

        foreach (var state in first.Values)
            yield return state;
    }

    // Azure Storage loses a message that overtakes the start: it knows no such instance yet.
    private static Task StartedAsync(DurableTaskClient client, string instanceId, CancellationToken cancel) =>
        client.WaitForInstanceStartAsync(instanceId, getInputsAndOutputs: false, cancel);

    private async ValueTask<WorkflowState> StateAsync(OrchestrationMetadata found, CancellationToken cancel) =>
        DurableStates.Read(found, await statuses.ReadAsync(found.SerializedCustomStatus, cancel), parts.Options.Json, time.GetUtcNow());

    private static void Check(string value, string what)
    {
        if (value is not { Length: >= 1 and <= MaxNameLength })
            throw new ArgumentException($"An {what} has 1 to {MaxNameLength} characters.", nameof(value));
    }
}
