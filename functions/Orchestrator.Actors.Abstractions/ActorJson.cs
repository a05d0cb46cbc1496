using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Contracts;

namespace Orchestrator.Actors;

/// <summary>JSON of actor calls and documents, the same on both sides: as <see cref="ContractsJson"/>, plus the types of the actor interfaces.</summary>
public static class ActorJson
{
    /// <summary>Read-only options; pass them to every actor proxy and to the actor runtime.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        // The SDK wraps call arguments in types it emits at run time, so reflection must stay as the last resolver.
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = JsonTypeInfoResolver.Combine(ContractsJson.Default, new DefaultJsonTypeInfoResolver()),
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.MakeReadOnly();
        return options;
    }
}
