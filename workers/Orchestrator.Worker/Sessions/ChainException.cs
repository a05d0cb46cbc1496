using Orchestrator.Contracts;

namespace Orchestrator.Worker.Sessions;

/// <summary>A chain cannot go on.</summary>
public sealed class ChainException(ChainFailure failure, Exception? cause = null) : Exception(failure.Message, cause)
{
    /// <summary>A failure of a stage.</summary>
    public ChainException(string code, string message, int? stage, Exception? cause = null)
        : this(new ChainFailure(code, message, stage), cause)
    {
    }

    /// <summary>What the platform is told.</summary>
    public ChainFailure Failure => failure;
}
