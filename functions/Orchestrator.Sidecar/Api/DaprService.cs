using System.Globalization;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.PubSub;
using Orchestrator.Sidecar.State;
using Orchestrator.Sidecar.Storage;
using Orchestrator.Sidecar.Stores;

namespace Orchestrator.Sidecar.Api;

/// <summary>The gRPC API of one app's sidecar.</summary>
internal sealed class DaprService(App app, Broker broker, StateService state, SecretService secrets, ConfigurationService configuration, LockService locks, AppMetadata metadata)
{
    public Empty PublishEvent(PublishEventRequest request, ServerCallContext call)
    {
        broker.Publish(app, new PublishRequest(
            request.PubsubName, request.Topic, request.Data.Memory, ContentType(request.DataContentType), request.Metadata, TraceParent(call)));
        return new Empty();
    }

    public BulkPublishResponse BulkPublishEvent(BulkPublishRequest request, ServerCallContext call)
    {
        var response = new BulkPublishResponse();
        foreach (var entry in request.Entries)
        {
            try
            {
                var merged = request.Metadata.Concat(entry.Metadata).GroupBy(m => m.Key).ToDictionary(g => g.Key, g => g.Last().Value);
                broker.Publish(app, new PublishRequest(
                    request.PubsubName, request.Topic, entry.Event.Memory, ContentType(entry.ContentType), merged, TraceParent(call)));
            }
            // A missing component or right concerns the whole call; anything else its entry.
            catch (ApiException e) when (e.Grpc is not (StatusCode.PermissionDenied or StatusCode.InvalidArgument))
            {
                response.FailedEntries.Add(new BulkPublishResponseFailedEntry { EntryId = entry.EntryId, Error = e.Message });
            }
        }
        return response;
    }

    public Task SubscribeTopicEvents(
        IAsyncStreamReader<SubscribeTopicEventsRequestAlpha1> requests, IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> responses, ServerCallContext call) =>
        StreamingSubscription.RunAsync(app, broker, requests, responses, call);

    public GetStateResponse GetState(GetStateRequest request)
    {
        var response = new GetStateResponse();
        if (state.Get(app.Id, request.StoreName, request.Key) is { } entry)
        {
            response.Data = UnsafeByteOperations.UnsafeWrap(entry.Value);
            response.Etag = ETag(entry);
            AddExpiry(response.Metadata, entry);
        }
        return response;
    }

    public GetBulkStateResponse GetBulkState(GetBulkStateRequest request)
    {
        var response = new GetBulkStateResponse();
        foreach (var (key, entry) in state.GetBulk(app.Id, request.StoreName, request.Keys))
        {
            var item = new BulkStateItem { Key = key };
            if (entry is not null)
            {
                item.Data = UnsafeByteOperations.UnsafeWrap(entry.Value);
                item.Etag = ETag(entry);
                AddExpiry(item.Metadata, entry);
            }
            response.Items.Add(item);
        }
        return response;
    }

    public Empty SaveState(SaveStateRequest request)
    {
        state.Write(app.Id, request.StoreName, [.. request.States.Select(s => Change(s, delete: false))]);
        return new Empty();
    }

    public Empty DeleteState(DeleteStateRequest request)
    {
        state.Write(app.Id, request.StoreName, [new StateChange(request.Key, null, request.Etag?.Value, Of(request.Options))]);
        return new Empty();
    }

    public Empty DeleteBulkState(DeleteBulkStateRequest request)
    {
        state.Write(app.Id, request.StoreName, [.. request.States.Select(s => Change(s, delete: true))]);
        return new Empty();
    }

    public Empty ExecuteStateTransaction(ExecuteStateTransactionRequest request)
    {
        state.Transact(app.Id, request.StoreName, [.. request.Operations.Select(o => o.OperationType switch
        {
            "upsert" => Change(o.Request, delete: false),
            "delete" => Change(o.Request, delete: true),
            _ => throw ApiException.Malformed($"operation '{o.OperationType}' must be upsert or delete"),
        })]);
        return new Empty();
    }

    public GetSecretResponse GetSecret(GetSecretRequest request)
    {
        var response = new GetSecretResponse();
        foreach (var (key, value) in secrets.Get(app.Id, request.StoreName, request.Key))
        {
            response.Data[key] = value;
        }
        return response;
    }

    public GetBulkSecretResponse GetBulkSecret(GetBulkSecretRequest request)
    {
        var response = new GetBulkSecretResponse();
        foreach (var (key, value) in secrets.GetAll(app.Id, request.StoreName))
        {
            response.Data[key] = new SecretResponse { Secrets = { [key] = value } };
        }
        return response;
    }

    public GetConfigurationResponse GetConfiguration(GetConfigurationRequest request)
    {
        var response = new GetConfigurationResponse();
        foreach (var (key, value) in configuration.Get(app.Id, request.StoreName, request.Keys))
        {
            response.Items[key] = new ConfigurationItem { Value = value, Version = "" };
        }
        return response;
    }

    public TryLockResponse TryLock(TryLockRequest request) =>
        new() { Success = locks.TryLock(app.Id, request.StoreName, request.ResourceId, request.LockOwner, request.ExpiryInSeconds) };

    public UnlockResponse Unlock(UnlockRequest request) => new()
    {
        Status = locks.Unlock(app.Id, request.StoreName, request.ResourceId, request.LockOwner) switch
        {
            LockService.Released.Yes => UnlockResponse.Types.Status.Success,
            LockService.Released.NoSuchLock => UnlockResponse.Types.Status.LockDoesNotExist,
            _ => UnlockResponse.Types.Status.LockBelongsToOthers,
        },
    };

    public GetMetadataResponse GetMetadata() => metadata.Describe();

    public Empty SetMetadata(SetMetadataRequest request)
    {
        metadata.Set(request.Key, request.Value);
        return new Empty();
    }

    private static StateChange Change(StateItem? item, bool delete) => item is null
        ? throw ApiException.Malformed("an operation lacks its request")
        : new StateChange(item.Key, delete ? null : item.Value.ToByteArray(), item.Etag?.Value, Of(item.Options), Ttl(item.Metadata));

    private static Concurrency Of(StateOptions? options) => options?.Concurrency switch
    {
        StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite => Concurrency.FirstWrite,
        StateOptions.Types.StateConcurrency.ConcurrencyLastWrite => Concurrency.LastWrite,
        _ => Concurrency.Unspecified,
    };

    private static int? Ttl(MapField<string, string> metadata) =>
        !metadata.TryGetValue("ttlInSeconds", out var text) || text.Length == 0 ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) ? seconds
        : throw ApiException.Malformed($"ttlInSeconds '{text}' must be a whole number");

    private static void AddExpiry(MapField<string, string> metadata, StateEntry entry)
    {
        if (entry.Expires is { } expires)
        {
            metadata["ttlExpireTime"] = expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }
    }

    private static string ETag(StateEntry entry) => entry.Version.ToString(CultureInfo.InvariantCulture);

    private static string ContentType(string given) => string.IsNullOrEmpty(given) ? "text/plain" : given;

    private static string TraceParent(ServerCallContext call) => call.RequestHeaders.GetValue("traceparent") ?? "";
}
