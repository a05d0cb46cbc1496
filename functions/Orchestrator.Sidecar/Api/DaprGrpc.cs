using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Orchestrator.Sidecar.Api;

/// <summary>
/// Binds the methods of <c>dapr.proto.runtime.v1.Dapr</c> to <see cref="DaprService"/>. The Dapr.Protos package carries
/// client stubs only, so the server side is named here by hand. Methods absent here answer Unimplemented.
/// </summary>
internal sealed class DaprGrpc : IServiceMethodProvider<DaprService>
{
    private const string Service = "dapr.proto.runtime.v1.Dapr";

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context)
    {
        Add<PublishEventRequest, Empty>(context, "PublishEvent", (s, r, c) => s.PublishEvent(r, c));
        Add<BulkPublishRequest, BulkPublishResponse>(context, "BulkPublishEvent", (s, r, c) => s.BulkPublishEvent(r, c));
        Add<BulkPublishRequest, BulkPublishResponse>(context, "BulkPublishEventAlpha1", (s, r, c) => s.BulkPublishEvent(r, c));
        AddDuplex<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1>(
            context, "SubscribeTopicEventsAlpha1", (s, requests, responses, c) => s.SubscribeTopicEvents(requests, responses, c));
        Add<GetStateRequest, GetStateResponse>(context, "GetState", (s, r, _) => s.GetState(r));
        Add<GetBulkStateRequest, GetBulkStateResponse>(context, "GetBulkState", (s, r, _) => s.GetBulkState(r));
        Add<SaveStateRequest, Empty>(context, "SaveState", (s, r, _) => s.SaveState(r));
        Add<DeleteStateRequest, Empty>(context, "DeleteState", (s, r, _) => s.DeleteState(r));
        Add<DeleteBulkStateRequest, Empty>(context, "DeleteBulkState", (s, r, _) => s.DeleteBulkState(r));
        Add<ExecuteStateTransactionRequest, Empty>(context, "ExecuteStateTransaction", (s, r, _) => s.ExecuteStateTransaction(r));
        Add<GetSecretRequest, GetSecretResponse>(context, "GetSecret", (s, r, _) => s.GetSecret(r));
        Add<GetBulkSecretRequest, GetBulkSecretResponse>(context, "GetBulkSecret", (s, r, _) => s.GetBulkSecret(r));
        Add<GetConfigurationRequest, GetConfigurationResponse>(context, "GetConfiguration", (s, r, _) => s.GetConfiguration(r));
        Add<GetConfigurationRequest, GetConfigurationResponse>(context, "GetConfigurationAlpha1", (s, r, _) => s.GetConfiguration(r));
        Add<TryLockRequest, TryLockResponse>(context, "TryLockAlpha1", (s, r, _) => s.TryLock(r));
        Add<UnlockRequest, UnlockResponse>(context, "UnlockAlpha1", (s, r, _) => s.Unlock(r));
        Add<GetMetadataRequest, GetMetadataResponse>(context, "GetMetadata", (s, _, _) => s.GetMetadata());
        Add<SetMetadataRequest, Empty>(context, "SetMetadata", (s, r, _) => s.SetMetadata(r));
    }

    private static void Add<TRequest, TResponse>(
        ServiceMethodProviderContext<DaprService> context, string name, Func<DaprService, TRequest, ServerCallContext, TResponse> handle)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        var method = new Method<TRequest, TResponse>(MethodType.Unary, Service, name, Marshal<TRequest>(), Marshal<TResponse>());
        context.AddUnaryMethod(method, [], (service, request, call) =>
        {
            try
            {
                return Task.FromResult(handle(service, request, call));
            }
            catch (ApiException e)
            {
                throw new RpcException(new Status(e.Grpc, e.Message));
            }
        });
    }

    private static void AddDuplex<TRequest, TResponse>(
        ServiceMethodProviderContext<DaprService> context,
        string name,
        Func<DaprService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> handle)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        var method = new Method<TRequest, TResponse>(MethodType.DuplexStreaming, Service, name, Marshal<TRequest>(), Marshal<TResponse>());
        context.AddDuplexStreamingMethod(method, [], async (service, requests, responses, call) =>
        {
            try
            {
                await handle(service, requests, responses, call);
            }
            catch (ApiException e)
            {
                throw new RpcException(new Status(e.Grpc, e.Message));
            }
        });
    }

    private static Marshaller<T> Marshal<T>()
        where T : class, IMessage<T>, new()
    {
        var parser = new MessageParser<T>(() => new T());
        return Marshallers.Create<T>(
            (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
    }
}
