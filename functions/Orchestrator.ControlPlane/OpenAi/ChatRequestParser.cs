using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.Core.Assurance;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Reads <c>POST /v1/chat/completions</c>.</summary>
public static class ChatRequestParser
{
    private const int MaxMessages = 2048;

    private static readonly FrozenSet<string> Read = FrozenSet.Create(
        "model", "messages", "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "logit_bias", "n", "stop", "stream",
        "stream_options", "max_tokens", "max_completion_tokens", "logprobs", "top_logprobs", "orchestrator");

    private static readonly FrozenSet<string> Ignored = FrozenSet.Create(
        "user", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "parallel_tool_calls");

    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Refused = new Dictionary<string, Func<JsonElement, bool>>
    {
        ["tools"] = IsEmptyArray,
        ["functions"] = IsEmptyArray,
        ["tool_choice"] = IsNoneOrAuto,
        ["function_call"] = IsNoneOrAuto,
        ["response_format"] = v => v.ValueKind == JsonValueKind.Object && v.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("text"u8),
        ["modalities"] = v => v.ValueKind == JsonValueKind.Array && v.GetArrayLength() == 1 && v[0].ValueKind == JsonValueKind.String && v[0].ValueEquals("text"u8),
        ["store"] = v => v.ValueKind == JsonValueKind.False,
        ["audio"] = _ => false,
        ["prediction"] = _ => false,
        ["reasoning_effort"] = _ => false,
        ["verbosity"] = _ => false,
        ["web_search_options"] = _ => false,
        ["moderation"] = _ => false,
    }.ToFrozenDictionary();

    /// <summary>Reads and checks a request body.</summary>
    /// <param name="root">A JSON object.</param>
    /// <param name="standard">Assurance of requests that ask for none in particular.</param>
    /// <exception cref="ApiException">A parameter is missing, wrong or not supported.</exception>
    public static InferenceRequest Parse(JsonElement root, AssuranceLevel standard)
    {
        var body = new Parameters(root);
        string model = RequestParser.Model(body);
        RequestParser.Refuse(body, Read, Ignored, Refused);
        bool stream = body.Bool("stream");
        string tokensParam = body.Get("max_completion_tokens") is null ? "max_tokens" : "max_completion_tokens";
        var ours = RequestParser.Ours(body, standard);
        return new InferenceRequest(
            RequestKind.Chat,
            model,
            new Prompt(null, Messages(body)),
            RequestParser.Sampling(body, TopLogProbs(body)),
            body.Get("seed") is not null,
            RequestParser.Choices(body),
            RequestParser.Tokens(body, tokensParam),
            tokensParam,
            RequestParser.Stop(body),
            stream,
            RequestParser.IncludeUsage(body, stream),
            ours.Assurance,
            ours.Webhook,
            ours.IgnoreEnd)
        {
            Evidence = ours.Evidence,
        };
    }

    private static int TopLogProbs(Parameters body)
    {
        int? top = (int?)body.Integer("top_logprobs", 0, 20);
        if (body.Bool("logprobs"))
            return top ?? 0;
        return top is null ? -1 : throw ApiErrors.BadParameter("top_logprobs", "'top_logprobs' needs 'logprobs' to be true.", "invalid_value");
    }

    private static List<ChatMessage> Messages(Parameters body)
    {
        if (body.Array("messages") is not { Count: > 0 and <= MaxMessages } items)
            throw ApiErrors.BadParameter("messages", $"You must provide 'messages', an array of 1 to {MaxMessages} messages.", "missing_required_parameter");
        return [.. items.Select(Message)];
    }

    private static ChatMessage Message(JsonElement item, int index)
    {
        string path = $"messages[{index}]";
        if (item.ValueKind != JsonValueKind.Object)
            throw ApiErrors.BadParameter(path, $"Invalid type for '{path}': expected an object.", "invalid_type");
        var message = new Parameters(item, path + ".");
        string role = message.Required("role") switch
        {
            "system" or "developer" => "system",
            "user" => "user",
            "assistant" => "assistant",
            "tool" or "function" => throw ApiErrors.Unsupported($"{path}.role", "Tool messages are not supported by this service."),
            _ => throw ApiErrors.BadParameter($"{path}.role", $"Invalid value for '{path}.role': use system, developer, user or assistant.", "invalid_value"),
        };
        if (message.Array("tool_calls") is { Count: > 0 } || message.Get("function_call") is not null)
            throw ApiErrors.Unsupported($"{path}.tool_calls", "Tool calls are not supported by this service.");
        return new ChatMessage(role, Content(message, path));
    }

    private static string Content(Parameters message, string path)
    {
        string name = $"{path}.content";
        switch (message.Get("content"))
        {
            case { ValueKind: JsonValueKind.String } text:
                return Parameters.Text(text, name);
            case { ValueKind: JsonValueKind.Array } parts:
                var content = new StringBuilder();
                foreach (var part in parts.EnumerateArray())
                    content.Append(Part(part, name));
                return content.ToString();
            case null:
                throw ApiErrors.BadParameter(name, $"You must provide '{name}'.", "missing_required_parameter");
            case { } other:
                throw message.Type("content", "a string or an array of text parts", other);
        }
    }

    private static string Part(JsonElement part, string name)
    {
        if (part.ValueKind != JsonValueKind.Object)
            throw ApiErrors.BadParameter(name, $"Invalid type for '{name}': expected content parts to be objects.", "invalid_type");
        var reader = new Parameters(part, name + ".");
        return reader.Required("type") == "text"
            ? reader.String("text") ?? throw ApiErrors.BadParameter($"{name}.text", $"You must provide '{name}.text'.", "missing_required_parameter")
            : throw ApiErrors.Unsupported(name, "Only text content is supported by this service.");
    }

    private static bool IsEmptyArray(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    private static bool IsNoneOrAuto(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && (value.ValueEquals("none"u8) || value.ValueEquals("auto"u8));
}
