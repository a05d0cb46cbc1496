using System.Globalization;
using System.Text.Json.Serialization;
using Orchestrator.Contracts;

namespace Orchestrator.Core.Assurance;

/// <summary>
/// What a request asks for, in its one text form: <c>none</c>, <c>sampled</c>, <c>redundant:k</c> with k from 2 to 8, or <c>optimistic</c>.
/// <see cref="TryRead"/> also takes <c>redundant</c> for <c>redundant:2</c>.
/// </summary>
[JsonConverter(typeof(IdJsonConverter<AssuranceLevel>))]
public readonly record struct AssuranceLevel : IStringId<AssuranceLevel>
{
    /// <summary>Most chains of a redundant job.</summary>
    public const int MostChains = 8;

    /// <summary>For error messages.</summary>
    public const string Grammar = "none, sampled, redundant:k with k from 2 to 8, or optimistic";

    private const string RedundantPrefix = "redundant:";

    private readonly int chains;

    private AssuranceLevel(AssuranceKind kind, int chains) => (Kind, this.chains) = (kind, chains);

    /// <summary>Nobody checks beyond signatures.</summary>
    public static AssuranceLevel None => default;

    /// <summary>Random audits after the answer.</summary>
    public static AssuranceLevel Sampled => new(AssuranceKind.Sampled, 1);

    /// <summary>Delivered at once, final after the challenge window.</summary>
    public static AssuranceLevel Optimistic => new(AssuranceKind.Optimistic, 1);

    /// <summary>Which kind.</summary>
    public AssuranceKind Kind { get; }

    /// <summary>Chains on disjoint hosts that must agree; 1 unless redundant.</summary>
    public int Chains => Math.Max(1, chains);

    /// <inheritdoc />
    public string Value => Kind switch
    {
        AssuranceKind.Sampled => "sampled",
        AssuranceKind.Redundant => RedundantPrefix + chains.ToString(CultureInfo.InvariantCulture),
        AssuranceKind.Optimistic => "optimistic",
        _ => "none",
    };

    /// <summary>The answer stays provisional for a while after it is delivered.</summary>
    public bool HasWindow => Kind is AssuranceKind.Optimistic;

    /// <summary>Several chains compute the job and must agree.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 2 to 8 chains.</exception>
    public static AssuranceLevel Redundant(int chains) => chains is >= 2 and <= MostChains
        ? new(AssuranceKind.Redundant, chains)
        : throw new ArgumentOutOfRangeException(nameof(chains), chains, $"Redundant needs 2 to {MostChains} chains.");

    /// <inheritdoc />
    public static bool TryParse(string? text, out AssuranceLevel id)
    {
        (bool valid, id) = text switch
        {
            "none" => (true, None),
            "sampled" => (true, Sampled),
            "optimistic" => (true, Optimistic),
            _ when text?.StartsWith(RedundantPrefix, StringComparison.Ordinal) == true && text.Length == RedundantPrefix.Length + 1 && text[^1] is >= '2' and <= '8' =>
                (true, Redundant(text[^1] - '0')),
            _ => (false, default),
        };
        return valid;
    }

    /// <summary>Like <see cref="TryParse"/>, and takes the short form that people write.</summary>
    public static bool TryRead(string? text, out AssuranceLevel level) => TryParse(text == "redundant" ? "redundant:2" : text, out level);

    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>Kinds of assurance.</summary>
public enum AssuranceKind
{
    /// <summary>Nobody checks beyond signatures.</summary>
    None,

    /// <summary>Random audits.</summary>
    Sampled,

    /// <summary>Several chains that must agree.</summary>
    Redundant,

    /// <summary>Challenge window.</summary>
    Optimistic,
}
