using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>An identifier with one canonical text form. <see cref="TryParse"/> accepts that form only.</summary>
public interface IStringId<TSelf>
    where TSelf : struct, IStringId<TSelf>
{
    /// <summary>The canonical text form.</summary>
    string Value { get; }

    /// <summary>Parses the canonical form; false for anything else, never throws.</summary>
    static abstract bool TryParse(string? text, out TSelf id);

    /// <summary>Parses the canonical form.</summary>
    /// <exception cref="FormatException">The text is not in canonical form.</exception>
    static virtual TSelf Parse(string? text) =>
        TSelf.TryParse(text, out var id) ? id : throw new FormatException($"'{Printable(text)}' is not a valid {typeof(TSelf).Name}.");

    private static string Printable(string? text) => text is { Length: > 80 } ? text[..80] + "…" : text ?? "";
}

/// <summary>Reads and writes an id as its canonical string; usable as a dictionary key.</summary>
public sealed class IdJsonConverter<T> : JsonConverter<T>
    where T : struct, IStringId<T>
{
    /// <inheritdoc />
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    /// <inheritdoc />
    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    /// <inheritdoc />
    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(value.Value);

    private static T Parse(string? text) =>
        T.TryParse(text, out var id) ? id : throw new JsonException($"Expected a {typeof(T).Name}.");
}
