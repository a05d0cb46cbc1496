using System.Globalization;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.Core.Assurance;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Reads what both inference APIs share.</summary>
internal static class RequestParser
{
    private const int MaxStops = 4;
    private const int MaxStopLength = 256;
    private const int MaxBias = 300;
    private const int MaxModelName = 128;

    // Logits divided by much less are no longer finite.
    private const double Least = 1e-6;

    public static string Model(Parameters body)
    {
        string model = body.Required("model");
        return model.Length <= MaxModelName ? model : throw ApiErrors.ModelNotFound(model[..MaxModelName] + "…");
    }

    public static SamplingParameters Sampling(Parameters body, int topLogProbs) => new(
        Temperature: body.Number("temperature", 0, 2) is { } temperature ? temperature > 0 ? Math.Max(temperature, Least) : 0 : 1,
        TopP: Math.Max(body.Number("top_p", 0, 1) ?? 1, Least),
        FrequencyPenalty: body.Number("frequency_penalty", -2, 2) ?? 0,
        PresencePenalty: body.Number("presence_penalty", -2, 2) ?? 0,
        Seed: unchecked((ulong)(body.Integer("seed", long.MinValue, long.MaxValue) ?? 0)),
        TopLogProbs: topLogProbs,
        LogitBias: LogitBias(body));

    public static int Choices(Parameters body)
    {
        long n = body.Integer("n", 1, 128) ?? 1;
        return n <= Assignment.MaxChoices
            ? (int)n
            : throw ApiErrors.BadParameter("n", $"This service makes at most {Assignment.MaxChoices} choices per request, and 'n' is {n}. Send several requests.", "invalid_value");
    }

    public static int? Tokens(Parameters body, string name) => (int?)body.Integer(name, 1, int.MaxValue);

    public static bool IncludeUsage(Parameters body, bool stream)
    {
        if (body.Object("stream_options") is not { } options)
            return false;
        if (!stream)
            throw ApiErrors.BadParameter("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is true.", "invalid_value");
        foreach (string name in options.Names)
        {
            if (name is not ("include_usage" or "include_obfuscation"))
                throw ApiErrors.BadParameter($"stream_options.{name}", $"Unknown parameter: 'stream_options.{name}'.", "unknown_parameter");
        }

        return options.Bool("include_usage");
    }

    public static IReadOnlyList<string> Stop(Parameters body)
    {
        if (body.Get("stop") is not { } value)
            return [];
        JsonElement[] items = value.ValueKind switch
        {
            JsonValueKind.String => [value],
            JsonValueKind.Array => [.. value.EnumerateArray()],
            _ => throw body.Type("stop", "a string or an array of strings", value),
        };
        if (items.Length > MaxStops)
            throw ApiErrors.BadParameter("stop", $"'stop' may have at most {MaxStops} sequences, and has {items.Length}.", "invalid_value");
        return [.. items.Select(item => StopSequence(body, item))];
    }

    /// <summary>
    /// Our own request field: <c>{"assurance":"none"|"sampled"|"redundant:k"|"optimistic","chains":2,"webhook":"https://…","evidence":"owner"|"public","ignore_end":false}</c>;
    /// <c>chains</c> alone is short for redundant.
    /// </summary>
    public static OwnParameters Ours(Parameters body, AssuranceLevel standard)
    {
        if (body.Object("orchestrator") is not { } ours)
            return new OwnParameters(standard, null, EvidenceAudience.Owner, false);
        foreach (string name in ours.Names)
        {
            if (name is not ("assurance" or "chains" or "webhook" or "evidence" or "ignore_end"))
                throw ApiErrors.BadParameter($"orchestrator.{name}", $"Unknown parameter: 'orchestrator.{name}'.", "unknown_parameter");
        }

        int? chains = (int?)ours.Integer("chains", 1, AssuranceLevel.MostChains);
        string? text = ours.String("assurance");
        var level = standard;
        if (text == "redundant" && chains is > 1)
            level = AssuranceLevel.Redundant(chains.Value);
        else if (text is not null && !AssuranceLevel.TryRead(text, out level))
            throw ApiErrors.BadParameter("orchestrator.assurance", $"'orchestrator.assurance' must be {AssuranceLevel.Grammar}.", "invalid_value");
        else if (text is null && chains is not null)
            level = chains == 1 ? AssuranceLevel.None : AssuranceLevel.Redundant(chains.Value);
        return chains is null || chains == level.Chains
            ? new OwnParameters(level, ours.String("webhook"), Audience(ours, level), ours.Bool("ignore_end"))
            : throw ApiErrors.BadParameter("orchestrator.chains", $"Assurance '{level}' takes {level.Chains} chain(s), not {chains}. Leave 'chains' out, or ask for 'redundant:{Math.Max(2, chains.Value)}'.", "invalid_value");
    }

    private static EvidenceAudience Audience(Parameters ours, AssuranceLevel level) => ours.String("evidence") switch
    {
        null or "owner" => EvidenceAudience.Owner,
        "public" when level.HasWindow => EvidenceAudience.Public,
        "public" => throw ApiErrors.BadParameter(
            "orchestrator.evidence", $"'orchestrator.evidence' can be 'public' only with assurance 'optimistic': nobody may challenge an answer of '{level}'.", "invalid_value"),
        _ => throw ApiErrors.BadParameter("orchestrator.evidence", "'orchestrator.evidence' must be owner or public.", "invalid_value"),
    };

    /// <summary>Refuses members that are not in <paramref name="read"/>, <paramref name="ignored"/> or harmless values of <paramref name="refused"/>.</summary>
    public static void Refuse(Parameters body, IReadOnlySet<string> read, IReadOnlySet<string> ignored, IReadOnlyDictionary<string, Func<JsonElement, bool>> refused)
    {
        foreach (string name in body.Names)
        {
            if (read.Contains(name) || ignored.Contains(name) || body.Get(name) is not { } value)
                continue;
            if (!refused.TryGetValue(name, out var harmless))
                throw ApiErrors.BadParameter(Printable(name), $"Unknown parameter: '{Printable(name)}'.", "unknown_parameter");
            if (!harmless(value))
                throw ApiErrors.Unsupported(name, $"'{name}' is not supported by this service. Leave it out.");
        }
    }

    private static string Printable(string name) => name.Length <= 64 ? name : name[..64] + "…";

    private static string StopSequence(Parameters body, JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.String)
            throw body.Type("stop", "a string or an array of strings", item);
        string text = Parameters.Text(item, "stop");
        return text.Length is > 0 and <= MaxStopLength
            ? text
            : throw ApiErrors.BadParameter("stop", $"A stop sequence must have 1 to {MaxStopLength} characters.", "invalid_value");
    }

    private static Dictionary<int, double>? LogitBias(Parameters body)
    {
        if (body.Object("logit_bias") is not { } bias)
            return null;
        var entries = new Dictionary<int, double>();
        foreach (string name in bias.Names)
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int token) || entries.Count == MaxBias)
                throw ApiErrors.BadParameter("logit_bias", $"'logit_bias' takes at most {MaxBias} token ids, each with a value from -100 to 100.", "invalid_value");
            entries[token] = bias.Number(name, -100, 100) ?? 0;
        }

        return entries.Count == 0 ? null : entries;
    }
}
