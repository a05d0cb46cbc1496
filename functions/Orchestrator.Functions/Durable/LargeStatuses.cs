using System.Text.Json;
using Orchestrator.Contracts;

namespace Orchestrator.Functions.Durable;

/// <summary>
/// Custom statuses of any size over a runtime that fails an orchestration whose status has more than 16 KiB of UTF-16: a larger one is kept as a blob, and the
/// status names it.
/// </summary>
internal sealed class LargeStatuses(IBlobStore blobs)
{
    private const int MaxChars = 8 * 1024;
    private const string Reference = "orchestrator:status";

    /// <summary>Whether the runtime takes it as it is.</summary>
    public static bool Fits(JsonElement status) => JsonSerializer.Serialize(status).Length <= MaxChars;

    /// <summary>What is shown in place of a kept status.</summary>
    public static JsonElement ReferTo(string digest) => JsonSerializer.SerializeToElement(new Dictionary<string, string> { [Reference] = digest });

    /// <summary>Keeps a status; its digest.</summary>
    public async Task<Digest> KeepAsync(JsonElement status, CancellationToken cancel)
    {
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(status));
        return await blobs.PutAsync(content, cancel);
    }

    /// <summary>A status as its workflow set it, from what the runtime shows; null when there is none, or it has been swept since.</summary>
    public async Task<string?> ReadAsync(string? shown, CancellationToken cancel)
    {
        if (shown is null or "null" || Kept(shown) is not { } digest)
            return shown is "null" ? null : shown;
        try
        {
            await using var content = await blobs.OpenAsync(digest, cancel);
            using var reader = new StreamReader(content);
            return await reader.ReadToEndAsync(cancel);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static Digest? Kept(string shown)
    {
        if (!shown.Contains(Reference, StringComparison.Ordinal))
            return null;
        var status = JsonSerializer.Deserialize<JsonElement>(shown);
        return status.ValueKind == JsonValueKind.Object && status.TryGetProperty(Reference, out var digest) && Digest.TryParse(digest.GetString(), out var kept) ? kept : null;
    }
}
