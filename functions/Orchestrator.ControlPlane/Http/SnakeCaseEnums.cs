using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.ControlPlane.Http;

/// <summary>Enum values as <c>snake_case</c> words, whatever the wire between nodes calls them.</summary>
internal sealed class SnakeCaseEnums : JsonConverterFactory
{
    private readonly JsonStringEnumConverter words = new(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);

    public override bool CanConvert(Type typeToConvert) => words.CanConvert(typeToConvert);

    public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) => words.CreateConverter(typeToConvert, options);
}
