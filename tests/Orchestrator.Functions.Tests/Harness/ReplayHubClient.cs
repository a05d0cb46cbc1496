using System.Collections.Concurrent;
using System.Text.Json;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using P = Microsoft.DurableTask.Protobuf;

namespace Orchestrator.Functions.Tests.Harness;

/// <summary>Durable Functions' client over a <see cref="ReplayHub"/>.</summary>
internal sealed class ReplayHubClient(ReplayHub hub, TimeProvider time) : DurableTaskClient("hub")
{
    private readonly ConcurrentDictionary<string, bool> waited = new();

    public override Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default) =>
        hub.Start(options!.InstanceId!, orchestratorName.Name, Json(input), null, replaceFinished: options.DedupeStatuses is null)
            ? Task.FromResult(options.InstanceId!)
            : throw new OrchestrationAlreadyExistsException("An instance of that id exists.");

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        var raised = new P.EventRaisedEvent { Name = eventName, Input = Json(eventPayload) };
        if (!Overtakes(instanceId))
            hub.Post(instanceId, null, ReplayHub.Event(-1, new P.HistoryEvent { EventRaised = raised }, time.GetUtcNow()));
        return Task.CompletedTask;
    }

    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        var terminated = new P.ExecutionTerminatedEvent { Input = Json(options?.Output) };
        if (!Overtakes(instanceId))
            hub.Post(instanceId, null, ReplayHub.Event(-1, new P.HistoryEvent { ExecutionTerminated = terminated }, time.GetUtcNow()));
        return Task.CompletedTask;
    }

    public override Task<OrchestrationMetadata?> GetInstancesAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        Task.FromResult(hub.Find(instanceId) is { } found ? hub.Read(found, Metadata) : null);

    public override async Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        var instance = hub.Find(instanceId) ?? throw new InvalidOperationException($"No instance '{instanceId}'.");
        // As when a call takes longer than its channel waits.
        if (waited.TryAdd(instanceId, true))
            throw new OperationCanceledException("The first wait for every instance is given up.");
        await instance.Finished.Task.WaitAsync(cancellation);
        return hub.Read(instance, Metadata);
    }

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) =>
        Pageable.Create((_, _) => Task.FromResult(new Page<OrchestrationMetadata>(
            [.. hub.All.Select(i => hub.Read(i, Metadata)).Where(m => (filter?.Statuses?.Contains(m.RuntimeStatus) ?? true)
                && m.InstanceId.StartsWith(filter?.InstanceIdPrefix ?? "", StringComparison.Ordinal)
                && !(m.CreatedAt > filter?.CreatedTo))])));

    public override Task<PurgeResult> PurgeInstanceAsync(string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default) =>
        Task.FromResult(new PurgeResult(hub.Purge(instanceId) ? 1 : 0));

    public override async Task<OrchestrationMetadata> WaitForInstanceStartAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        var instance = hub.Find(instanceId) ?? throw new InvalidOperationException($"No instance '{instanceId}'.");
        await instance.Begun.Task.WaitAsync(cancellation);
        return hub.Read(instance, Metadata);
    }

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Azure Storage drops such messages where the start comes to a partition that is just moving.
    private bool Overtakes(string instanceId) => hub.Find(instanceId) is { Status: P.OrchestrationStatus.Pending };

    private static string Json(object? value) => JsonSerializer.Serialize(value);

    private static OrchestrationMetadata Metadata(ReplayInstance instance) => new(instance.Name, instance.Id)
    {
        RuntimeStatus = (OrchestrationRuntimeStatus)(int)instance.Status,
        CreatedAt = instance.CreatedAt,
        LastUpdatedAt = instance.UpdatedAt,
        SerializedInput = instance.Input,
        SerializedOutput = instance.Output,
        SerializedCustomStatus = instance.CustomStatus,
        FailureDetails = Details(instance.Failure),
    };

    private static TaskFailureDetails? Details(P.TaskFailureDetails? failure) => failure is null
        ? null
        : new TaskFailureDetails(failure.ErrorType, failure.ErrorMessage, failure.StackTrace, Details(failure.InnerFailure), null);
}
