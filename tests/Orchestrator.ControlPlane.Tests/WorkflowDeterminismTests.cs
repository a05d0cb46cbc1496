using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Replay repeats a workflow: its code may not see the clock, randomness, new ids or anything outside but through its context.</summary>
public sealed class WorkflowDeterminismTests
{
    [Fact]
    public void No_workflow_of_the_control_plane_calls_what_replay_cannot_repeat() =>
        WorkflowCode.Violations(typeof(InferenceJob).Assembly).ShouldBeEmpty();
}
