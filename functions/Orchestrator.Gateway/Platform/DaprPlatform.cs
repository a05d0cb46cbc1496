using System.Net;
using System.Text.Json;
using Dapr.Client;
using Grpc.Net.Client;
using Orchestrator.Contracts;
using DaprStub = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace Orchestrator.Gateway.Platform;

/// <summary>The broker by way of the Dapr sidecar: publishes with the SDK, receives by streaming subscriptions, one per connected node. Who is registered the control plane says.</summary>
internal sealed class DaprPlatform : IPlatform, IDisposable
{
    private readonly DaprClient dapr;
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly ControlPlaneUpstream nodes;
    private readonly GrpcChannel channel;
    private readonly DaprStub stub;
    private readonly string? token;
    private readonly Random random;
    private readonly TimeProvider time;
    private readonly ILogger<DaprPlatform> log;

    public DaprPlatform(DaprClient dapr, ControlPlaneUpstream nodes, IConfiguration configuration, Random random, TimeProvider time, ILogger<DaprPlatform> log)
    {
        (this.dapr, this.nodes, this.random, this.time, this.log) = (dapr, nodes, random, time, log);
        string address = configuration["DAPR_GRPC_ENDPOINT"] is { Length: > 0 } endpoint ? endpoint : $"http://127.0.0.1:{configuration["DAPR_GRPC_PORT"] ?? "50001"}";
        token = configuration["DAPR_API_TOKEN"];
        channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            // A server allows some hundred streams per connection, and every node is one.
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false },
            DisposeHttpClient = true,
        });
        stub = new DaprStub(channel);
    }

    /// <inheritdoc />
    public Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel) =>
        dapr.PublishByteEventAsync(
            Topics.PubSub,
            topic,
            JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SignedMessage),
            "application/json",
            cancellationToken: cancel);

    /// <inheritdoc />
    public async Task SubscribeAsync(string topic, int atOnce, Func<SignedMessage, CancellationToken, Task<Outcome>> deliver, CancellationToken cancel)
    {
        var pause = TopicStream.FirstPause;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                using var stream = new TopicStream(stub, token, topic, atOnce, deliver, log);
                await stream.RunAsync(() => pause = TopicStream.FirstPause, cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                if (!cancel.IsCancellationRequested)
                    log.SubscriptionBroke(topic, e.Message);
            }

            // Half fixed, half drawn: all subscriptions break at once when the sidecar restarts.
            await Task.Delay(pause * (0.5 + 0.5 * Draw()), time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < TopicStream.LongestPause ? pause * 2 : TopicStream.LongestPause;
        }
    }

    /// <inheritdoc />
    public async Task<bool> IsRegisteredAsync(NodeId node, CancellationToken cancel)
    {
        using var request = nodes.Request(HttpMethod.Get, $"{node}/registration");
        using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        return reply.StatusCode switch
        {
            HttpStatusCode.OK or HttpStatusCode.NoContent => true,
            HttpStatusCode.NotFound => false,
            _ => throw new HttpRequestException($"the control plane answered {(int)reply.StatusCode}", null, reply.StatusCode),
        };
    }

    /// <inheritdoc />
    public async Task<bool> IsReadyAsync(CancellationToken cancel)
    {
        try
        {
            return await dapr.CheckOutboundHealthAsync(cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose()
    {
        http.Dispose();
        channel.Dispose();
    }

    private double Draw()
    {
        lock (random)
            return random.NextDouble();
    }
}
