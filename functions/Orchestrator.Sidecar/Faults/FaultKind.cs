namespace Orchestrator.Sidecar.Faults;

internal enum FaultKind
{
    Duplicate,
    LostAck,
    Delay,
    DelayLength,
    Reorder,
    PublishFailure,
    PublishFailureStored,
    ETagConflict,
    Rebalance,
    Unavailable,
}
