namespace Orchestrator.Durable.Engine;

/// <summary>Places where a process may die; tests make it die at each.</summary>
enum CrashPoint
{
    ScheduleCommitted,
    EventCommitted,
    BeforeTurnCommit,
    DuringCommit,
    TurnCommitted,
    BeforeActivity,
    AfterActivity,
}

/// <summary>Faults that tests inject; the default injects none.</summary>
class Faults
{
    public static readonly Faults None = new();

    /// <summary>Whether the process dies here.</summary>
    public virtual bool Crashes(CrashPoint point) => false;

    /// <summary>How many times a message (an activity delivery, its result, a fired timer) arrives.</summary>
    public virtual int Copies() => 1;
}

/// <summary>Stands for the death of the process: whoever sees it does nothing more.</summary>
sealed class SimulatedCrashException(CrashPoint point) : Exception($"Simulated crash at {point}.")
{
    public CrashPoint Point { get; } = point;
}
