using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Sharder.Model;

/// <summary>The names that exporters give to key/value caches.</summary>
internal static partial class CacheNames
{
    /// <summary>What a cache name means; null when it is none.</summary>
    public static CacheName? Parse(string name)
    {
        if (name.Length > ModelLimits.NameLength)
            return null;
        var match = LayerThenKind().Match(name);
        if (!match.Success)
            match = KindThenLayer().Match(name);
        if (!match.Success || !int.TryParse(match.Groups["layer"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int layer))
            return null;
        return new CacheName(match.Groups["past"].Success, layer, match.Groups["kind"].ValueSpan[0] is 'k' or 'K');
    }

    // past_key_values.0.key, present.0.value, past.0.key, past_key_values_0_key
    [GeneratedRegex(@"^(?:(?<past>past)|present)(?:_key_values|_kv)?[._](?<layer>\d{1,4})[._](?:self[._])?(?<kind>key|value|k|v)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LayerThenKind();

    // past_key_0, present_value_11, past_key.0
    [GeneratedRegex(@"^(?:(?<past>past)|present)[._](?<kind>key|value|k|v)s?[._](?<layer>\d{1,4})$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KindThenLayer();
}

/// <summary>A parsed cache name.</summary>
/// <param name="IsPast">Graph input (past) or graph output (present).</param>
/// <param name="Layer">0-based layer.</param>
/// <param name="IsKey">Key or value.</param>
internal readonly record struct CacheName(bool IsPast, int Layer, bool IsKey);
