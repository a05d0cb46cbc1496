using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli;

/// <summary>Reads an OpenAI-style event stream.</summary>
public static class ServerSentEvents
{
    /// <summary>Every data object until <c>[DONE]</c>.</summary>
    /// <exception cref="CliException">The stream carries an error object, or ends without <c>[DONE]</c>.</exception>
    public static async IAsyncEnumerable<JsonNode> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancel))
        {
            if (item.Data == "[DONE]")
                yield break;
            var node = JsonNode.Parse(item.Data)!;
            if (node["error"]?["message"]?.GetValue<string>() is { } message)
                throw new CliException(message);
            yield return node;
        }

        throw new CliException("the stream ended before the answer was complete");
    }
}
