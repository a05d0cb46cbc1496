namespace Orchestrator.Durable.Journal;

/// <summary>Another engine has taken the journal over since this one did; nothing was written.</summary>
sealed class FencedException(long mine, long current) : Exception(
    $"The journal belongs to epoch {current}; this engine holds epoch {mine}. Its turn was not committed and runs again in the new owner.");

/// <summary>The instance is no longer where this turn thought it was; nothing was written.</summary>
sealed class StaleTurnException(string instance) : Exception($"Instance '{instance}' has moved on; the turn was not committed.");
