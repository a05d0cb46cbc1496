using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>Identity of a job: <c>job-</c> and 32 lower-case hex digits of a version 7 UUID, so ids sort by creation time.</summary>
[JsonConverter(typeof(IdJsonConverter<JobId>))]
public readonly record struct JobId : IStringId<JobId>
{
    private const string Prefix = "job-";

    private readonly string? value;

    private JobId(string value) => this.value = value;

    /// <summary>The text form; empty for <c>default</c>.</summary>
    public string Value => value ?? "";

    /// <summary>A fresh id stamped with the clock's time.</summary>
    public static JobId New(TimeProvider time) => new(Prefix + Guid.CreateVersion7(time.GetUtcNow()).ToString("n"));

    /// <inheritdoc />
    public static bool TryParse(string? text, out JobId id)
    {
        bool valid = text is { Length: 36 } && text.StartsWith(Prefix, StringComparison.Ordinal) && Hex.IsLower(text.AsSpan(Prefix.Length));
        id = valid ? new JobId(text!) : default;
        return valid;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}
