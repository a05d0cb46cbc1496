using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>JSON of stream chunks whose usage member is absent when it has none: only streams that asked for usage carry a null there.</summary>
internal static class ChunkJson
{
    /// <summary>Chat chunks.</summary>
    public static readonly JsonTypeInfo<ChatChunk> Chat = WithoutUsage<ChatChunk>();

    /// <summary>Completion chunks.</summary>
    public static readonly JsonTypeInfo<Completion> Completion = WithoutUsage<Completion>();

    private static JsonTypeInfo<T> WithoutUsage<T>()
    {
        var options = new JsonSerializerOptions(ControlPlaneJson.Default.Options)
        {
            TypeInfoResolver = ControlPlaneJson.Default.WithAddedModifier(static type =>
            {
                foreach (var property in type.Properties.Where(p => p.PropertyType == typeof(Usage)))
                    property.ShouldSerialize = static (_, value) => value is not null;
            }),
        };
        return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }
}
