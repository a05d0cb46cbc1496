using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>How a fake chain behaves for one assignment.</summary>
internal sealed record Script
{
    public static Script Honest { get; } = new();

    /// <summary>Changes the answer's tokens; both stream and result lie the same way.</summary>
    public Func<int, int>? Lie { get; init; }

    /// <summary>The stream lies, the signed result does not.</summary>
    public bool LieInStreamOnly { get; init; }

    /// <summary>Reports a failure instead of an answer.</summary>
    public ChainFailure? Failure { get; init; }

    /// <summary>Never does anything: as an edge that was killed before it began.</summary>
    public bool Silent { get; init; }

    /// <summary>Events after which stream and session vanish, as of an edge that is killed; no result is sent.</summary>
    public int? DieAfter { get; init; }

    /// <summary>Cuts each connection after this many events; the session stays.</summary>
    public int? CutEvery { get; init; }

    /// <summary>Waits here before the token with this index.</summary>
    public (int Before, Task Until)? Pause { get; init; }

    /// <summary>Answers on the stream and keeps its session, and never sends the result.</summary>
    public bool Withhold { get; init; }

    /// <summary>Sends the result this many times.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>Stages that put out something else than they computed; tokens and text stay as they are.</summary>
    public Func<int, bool>? Falsifies { get; init; }

    /// <summary>Changes the signed result before it is sealed.</summary>
    public Func<ChainResult, ChainResult>? Forge { get; init; }
}
