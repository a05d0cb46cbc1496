using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Benchmarks.Chains;

/// <summary>The least a platform must do for one chain: sign and deliver placements and assignments, and read the edge's stream.</summary>
/// <param name="key">The platform's key, which the workers trust; disposed with this.</param>
/// <param name="manifest">The model.</param>
/// <param name="digest">The name of its manifest.</param>
/// <param name="seats">The chain's workers in order.</param>
/// <param name="relay">Through which every hop goes; null dials directly.</param>
internal sealed class ChainPlatform(SigningKey key, ModelManifest manifest, Digest digest, IReadOnlyList<ChainSeat> seats, RelayEndpoint? relay = null) : IDisposable
{
    private const string StreamToken = "benchmark";

    // Results also reach a control plane where there is one. It asks for those of young jobs again and again, in case their record is on its way.
    private static readonly TimeSpan Aged = TimeSpan.FromHours(1);

    private readonly HttpClient deliveries = new();
    private readonly HttpClient streams = new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented is X509Certificate2 c && Digest.Of(c.RawData) == seats[0].Certificate },
    });

    private int next;

    /// <summary>A fresh session.</summary>
    internal ChainSession NewSession()
    {
        var created = TimeProvider.System.GetUtcNow() - Aged;
        if (!JobId.TryParse($"job-{Guid.CreateVersion7(created):n}", out var job))
            throw new InvalidOperationException("The text form of job ids changed.");
        return new ChainSession(job, SessionId.Derive(job, 0, 0));
    }

    /// <summary>Has every seat hold the stage of its place.</summary>
    internal Task PlaceAsync(CancellationToken cancel) => Task.WhenAll(seats.Select((seat, stage) => DeliverAsync(
        seat,
        MessageTypes.Placement,
        new Placement(Placement.CurrentSchema, seat.Node, digest, [stage], 1, TimeProvider.System.GetUtcNow()),
        ContractsJson.Default.Placement,
        cancel)));

    /// <summary>Gives every seat its part; completes when all have taken it.</summary>
    internal Task AssignAsync(
        ChainSession session, Prompt prompt, int promptTokens, int completionTokens, SamplingParameters sampling, TimeSpan life, CancellationToken cancel)
    {
        Hop[] hops = [.. seats.Select((seat, stage) => new Hop(seat.Node, manifest.Stages[stage].Layers, relay is null ? seat.DataEndpoint : "", seat.Certificate, relay))];
        var edge = new EdgeTask(prompt, completionTokens, [], IgnoreEnd: true, Digest.Of(Encoding.UTF8.GetBytes(StreamToken)));
        var expires = TimeProvider.System.GetUtcNow() + life;
        return Task.WhenAll(seats.Select((seat, stage) => DeliverAsync(
            seat,
            MessageTypes.Assignment,
            new Assignment(
                Assignment.SchemaFor(hops), seat.Node, session.Job, session.Id, 0, 0, digest, stage, hops, sampling, 1, promptTokens + completionTokens,
                stage == 0 ? edge : null, null, expires),
            ContractsJson.Default.Assignment,
            cancel)));
    }

    /// <summary>Events of a session as the edge sends them; may be called before the assignment has arrived.</summary>
    internal async IAsyncEnumerable<StreamEvent> ReadAsync(ChainSession session, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(seats[0].StreamEndpoint, $"/sessions/{session.Id}/stream"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", StreamToken);
        using var response = await streams.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        response.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await lines.ReadLineAsync(cancel) is { } line)
            yield return JsonSerializer.Deserialize(line, ContractsJson.Default.StreamEvent)!;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        deliveries.Dispose();
        streams.Dispose();
        key.Dispose();
    }

    /// <summary>Delivers a message as the sidecar does.</summary>
    private async Task DeliverAsync<T>(ChainSeat seat, string type, T record, JsonTypeInfo<T> json, CancellationToken cancel)
    {
        string message = JsonSerializer.Serialize(MessageSigning.Seal(type, record, json, key), ContractsJson.Default.SignedMessage);
        string cloudEvent = $$"""{"specversion":"1.0","id":"benchmark-{{Interlocked.Increment(ref next)}}","datacontenttype":"application/json","data":{{message}}}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(seat.App, "/work"));
        request.Content = new StringContent(cloudEvent, Encoding.UTF8, "application/cloudevents+json");
        if (seat.AppToken is { } token)
            request.Headers.Add("dapr-api-token", token);
        using var response = await deliveries.SendAsync(request, cancel);
        response.EnsureSuccessStatusCode();
        string answer = await response.Content.ReadAsStringAsync(cancel);
        if (!answer.Contains("SUCCESS", StringComparison.Ordinal))
            throw new InvalidOperationException($"Node {seat.Node.Short} did not take its {type}: {answer}");
    }
}

/// <summary>One run of a chain.</summary>
internal sealed record ChainSession(JobId Job, SessionId Id);
