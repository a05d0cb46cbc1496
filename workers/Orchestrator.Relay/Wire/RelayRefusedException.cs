namespace Orchestrator.Relay.Wire;

/// <summary>The relay answered, and not as asked.</summary>
public sealed class RelayRefusedException(RelayCode code, string message) : IOException($"The relay answered '{code}': {message}")
{
    /// <summary>Its answer.</summary>
    public RelayCode Code => code;
}
