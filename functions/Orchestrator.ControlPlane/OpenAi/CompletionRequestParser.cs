using System.Collections.Frozen;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.Core.Assurance;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Reads <c>POST /v1/completions</c>.</summary>
public static class CompletionRequestParser
{
    private const int DefaultMaxTokens = 16;

    private static readonly FrozenSet<string> Read = FrozenSet.Create(
        "model", "prompt", "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "logit_bias", "n", "stop", "stream",
        "stream_options", "max_tokens", "logprobs", "orchestrator");

    private static readonly FrozenSet<string> Ignored = FrozenSet.Create("user");

    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Refused = new Dictionary<string, Func<JsonElement, bool>>
    {
        ["echo"] = v => v.ValueKind == JsonValueKind.False,
        ["best_of"] = v => v.ValueKind == JsonValueKind.Number && v.TryGetInt64(out long n) && n == 1,
        ["suffix"] = v => v.ValueKind == JsonValueKind.String && v.ValueEquals(""u8),
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
        var ours = RequestParser.Ours(body, standard);
        return new InferenceRequest(
            RequestKind.Completion,
            model,
            new Prompt(Prompt(body), null),
            RequestParser.Sampling(body, (int?)body.Integer("logprobs", 0, 5) ?? -1),
            body.Get("seed") is not null,
            RequestParser.Choices(body),
            RequestParser.Tokens(body, "max_tokens") ?? DefaultMaxTokens,
            "max_tokens",
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

    private static string Prompt(Parameters body)
    {
        switch (body.Get("prompt"))
        {
            case { ValueKind: JsonValueKind.String } text:
                return Parameters.Text(text, "prompt");
            case { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() == 1 && array[0].ValueKind == JsonValueKind.String:
                return Parameters.Text(array[0], "prompt");
            case { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() > 1 && array[0].ValueKind == JsonValueKind.String:
                throw ApiErrors.Unsupported("prompt", "One prompt per request is supported by this service. Send several requests.");
            case { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() > 0:
                throw ApiErrors.Unsupported("prompt", "Prompts as token ids are not supported by this service. Send text.");
            case null:
                throw ApiErrors.BadParameter("prompt", "You must provide 'prompt'.", "missing_required_parameter");
            case { } other:
                throw body.Type("prompt", "a string", other);
        }
    }
}
