using System.Globalization;

namespace Orchestrator.Contracts;

/// <summary>
/// The labels that NVIDIA's GPU feature discovery gives a machine, as text that travels into a pod: one <c>name=value</c> per line, or
/// <see cref="None"/> for a machine without them.
/// </summary>
public static class GpuLabels
{
    /// <summary>The machine has no such labels.</summary>
    public const string None = "none";

    /// <summary>Longest text that is read.</summary>
    public const int MaxLength = 4096;

    private const string Gpu = "nvidia.com/gpu.";
    private const string Mig = "nvidia.com/mig-";
    private const string MigStrategy = "nvidia.com/mig.strategy";
    private const string Product = "product";
    private const string Memory = "memory";
    private const string Sharing = "sharing-strategy";
    private const string Compute = "compute.major";
    private const int LongestValue = 63;
    private const long MebiByte = 1L << 20;

    private static readonly string[] Copied = [Product, Memory, Sharing, Compute];

    /// <summary>
    /// What a pod that asked for a resource should know of its machine. A slice of a GPU that is cut in several ways (<c>nvidia.com/mig-1g.10gb</c>) has labels of its own name; they
    /// come out under the names of a whole GPU.
    /// </summary>
    public static string Select(IEnumerable<KeyValuePair<string, string>> labels, string resource)
    {
        var all = labels.ToDictionary(StringComparer.Ordinal);
        bool slice = resource.StartsWith(Mig, StringComparison.Ordinal);
        var lines = Copied
            .Select(name => (Name: Gpu + name, Value: (slice ? all.GetValueOrDefault($"{resource}.{name}") : null) ?? all.GetValueOrDefault(Gpu + name)))
            .Append((Name: MigStrategy, Value: slice ? "mixed" : all.GetValueOrDefault(MigStrategy)))
            .Where(l => l.Value is { Length: > 0 and <= LongestValue })
            .Select(l => $"{l.Name}={l.Value}")
            .ToList();
        return lines.Count == 0 ? None : string.Join('\n', lines);
    }

    /// <summary>Reads such a text; null when it says that there are no labels, or none that names a product.</summary>
    /// <exception cref="FormatException">It has another form; the message says where.</exception>
    public static GpuCapability? Parse(string text)
    {
        if (text.Length > MaxLength)
            throw new FormatException($"it has more than {MaxLength} characters");
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(l => l != None))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || line.Length - equals - 1 > LongestValue)
                throw new FormatException($"'{(line.Length > 80 ? line[..80] + "…" : line)}' is not name=value with a value of at most {LongestValue} characters");
            values[line[..equals]] = line[(equals + 1)..];
        }

        if (values.GetValueOrDefault(Gpu + Product) is not { Length: > 0 } product)
            return null;
        string sharing = values.GetValueOrDefault(Gpu + Sharing) ?? GpuCapability.UnknownSharing;
        bool mig = values.GetValueOrDefault(MigStrategy) == "mixed" || product.Contains("-MIG-", StringComparison.Ordinal);
        return new GpuCapability(
            product, Number(values, Memory) * MebiByte, GpuCapability.Sharings.Contains(sharing) ? sharing : GpuCapability.UnknownSharing, mig, (int)Number(values, Compute));
    }

    private static long Number(Dictionary<string, string> values, string name)
    {
        if (!values.TryGetValue(Gpu + name, out string? text))
            return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new FormatException($"'{Gpu}{name}={text}' is not a whole number");
    }
}
