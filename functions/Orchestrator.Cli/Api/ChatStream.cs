using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli;

/// <summary>One streamed chat completion, with times measured here.</summary>
/// <param name="Text">The answer.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="FirstToken">From the request to the first text.</param>
/// <param name="LastToken">From the request to the last text.</param>
/// <param name="Total">From the request to the end of the stream, reconciliation included.</param>
/// <param name="Details">The <c>orchestrator</c> field: assurance, chains, price.</param>
/// <param name="Usage">Token counts.</param>
public sealed record ChatStream(string Text, string? FinishReason, TimeSpan FirstToken, TimeSpan LastToken, TimeSpan Total, JsonNode? Details, JsonNode? Usage)
{
    /// <summary>Sends a request and hands on text as it comes.</summary>
    public static async Task<ChatStream> RunAsync(ApiClient client, JsonObject request, Action<string> onText, CancellationToken cancel)
    {
        request["stream"] = true;
        request["stream_options"] = new JsonObject { ["include_usage"] = true };
        long start = Stopwatch.GetTimestamp();
        using var response = await client.OpenAsync(HttpMethod.Post, "v1/chat/completions", request, cancel);
        var text = new StringBuilder();
        TimeSpan first = default, last = default;
        string? finish = null;
        JsonNode? details = null, usage = null;
        await foreach (var chunk in ServerSentEvents.ReadAsync(await response.Content.ReadAsStreamAsync(cancel), cancel))
        {
            var choice = chunk["choices"]?.AsArray().FirstOrDefault();
            if (choice?["delta"]?["content"]?.GetValue<string>() is { Length: > 0 } piece)
            {
                last = Stopwatch.GetElapsedTime(start);
                if (text.Length == 0)
                    first = last;
                text.Append(piece);
                onText(piece);
            }

            finish = choice?["finish_reason"]?.GetValue<string>() ?? finish;
            details = chunk["orchestrator"]?.DeepClone() ?? details;
            usage = chunk["usage"]?.DeepClone() ?? usage;
        }

        return new ChatStream(text.ToString(), finish, first, last, Stopwatch.GetElapsedTime(start), details, usage);
    }
}
