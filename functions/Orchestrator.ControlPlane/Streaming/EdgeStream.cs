using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;

namespace Orchestrator.ControlPlane.Streaming;

/// <summary>Reads an edge's stream of one session. What it says is a claim of an untrusted node: shapes and bounds are checked here, truth later.</summary>
public sealed class EdgeStream(EdgeClients clients, StreamTokens tokens, TimeProvider time)
{
    private const int MaxLine = 64 * 1024;
    private const int MaxText = 4096;
    private const int MaxTop = 20;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether the edge has the session and says so within the patience.</summary>
    public async Task<bool> ExistsAsync(DispatchedChain chain, TimeSpan patience, CancellationToken cancel)
    {
        try
        {
            using var response = await OpenAsync(chain, 0, patience, cancel);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SessionUnknownException)
        {
            return false;
        }
    }

    /// <summary>
    /// The tokens of each choice that the edge has streamed until now: what it has ready comes at once, so the first pause ends the reading. Empty when
    /// the edge does not show its stream.
    /// </summary>
    public async Task<IReadOnlyList<IReadOnlyList<int>>> SoFarAsync(DispatchedChain chain, int choices, int mostTokens, TimeSpan patience, CancellationToken cancel)
    {
        List<int>[] tokens = [.. Enumerable.Range(0, choices).Select(_ => new List<int>())];
        using var limit = new CancellationTokenSource(patience, time);
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        using var pause = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), quiet, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            await foreach (var item in ReadAsync(chain, 0, choices, patience, quiet.Token))
            {
                pause.Change(Quiet, Timeout.InfiniteTimeSpan);
                if (item.Draw is { } draw && tokens[item.Choice].Count < mostTokens)
                    tokens[item.Choice].Add(draw.Token);
            }
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is OperationCanceledException or HttpRequestException or IOException or InvalidDataException or SessionUnknownException)
        {
            // What was read counts.
        }

        return tokens;
    }

    /// <summary>Events from a sequence on, up to the last. An edge holds the request back while it waits for the session's assignment, so the patience decides how long.</summary>
    /// <exception cref="SessionUnknownException">The edge does not know the session, or not yet.</exception>
    /// <exception cref="HttpRequestException">The edge cannot be reached, or refused.</exception>
    /// <exception cref="IOException">The stream broke or ended early.</exception>
    /// <exception cref="InvalidDataException">The edge sent something that is no stream.</exception>
    public async IAsyncEnumerable<StreamEvent> ReadAsync(DispatchedChain chain, long from, int choices, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var response = await OpenAsync(chain, from, patience, cancel);
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        var reader = PipeReader.Create(body);
        long sequence = from;
        while (true)
        {
            var read = await reader.ReadAsync(cancel);
            var buffer = read.Buffer;
            while (TryLine(ref buffer, out var line))
            {
                var item = Parse(line, sequence++, choices);
                yield return item;
                if (item.Last)
                    yield break;
            }

            if (buffer.Length > MaxLine)
                throw new InvalidDataException($"The edge sent a line of more than {MaxLine} bytes.");
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                throw new IOException("The edge ended its stream before the last event.");
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(DispatchedChain chain, long from, TimeSpan patience, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        string root = chain.StreamEndpoint.GetLeftPart(UriPartial.Path).TrimEnd('/');
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{root}/sessions/{chain.Session}/stream?from={from}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Of(chain.Session));
        HttpResponseMessage response;
        try
        {
            response = await clients.For(chain).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new SessionUnknownException();
        }

        if (response.StatusCode == HttpStatusCode.OK)
            return response;
        var status = response.StatusCode;
        response.Dispose();
        throw status == HttpStatusCode.NotFound
            ? new SessionUnknownException()
            : new HttpRequestException($"The edge answered {(int)status}.", null, status);
    }

    private static bool TryLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static StreamEvent Parse(ReadOnlySequence<byte> line, long sequence, int choices)
    {
        StreamEvent? item;
        try
        {
            var json = new Utf8JsonReader(line);
            item = JsonSerializer.Deserialize(ref json, ContractsJson.Default.StreamEvent);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("The edge sent a line that is no stream event.", e);
        }

        bool valid = item is { Text.Length: <= MaxText }
            && item.Sequence == sequence
            && (uint)item.Choice < (uint)choices
            && item.Draw is null or { Token: >= 0, Top.Count: <= MaxTop };
        return valid ? item! : throw new InvalidDataException($"The edge's event {sequence} is out of bounds.");
    }
}

/// <summary>The edge has no such session.</summary>
public sealed class SessionUnknownException() : Exception("The edge does not know the session.");
