using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Jobs;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Shapes one answer for one of the two APIs. One instance per request; it keeps what log-probabilities need.</summary>
public interface IAnswerShape
{
    /// <summary>Chunks that come first.</summary>
    IEnumerable<object> Opening();

    /// <summary>The chunk of an event; null when it adds nothing.</summary>
    object? Chunk(StreamEvent item);

    /// <summary>Chunks that come after the verdict: finish reasons, then usage when asked for.</summary>
    IEnumerable<object> Closing(JobAnswer answer);

    /// <summary>The whole answer; events must have been taken by <see cref="Chunk"/> before when log-probabilities are wanted.</summary>
    object Whole(JobAnswer answer);

    /// <summary>Writes any of the above.</summary>
    void Write(Utf8JsonWriter json, object part);
}
