using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Desired;

/// <summary>Names of what belongs to a model. With a model's name of at most 40 characters all are DNS labels, pods and their revisions included.</summary>
public static class ChildNames
{
    /// <summary>Of what all stages share.</summary>
    public static string Shared(InferenceModel model) => model.Metadata.Name + "-workers";

    /// <summary>Of what one stage has.</summary>
    public static string Workload(InferenceModel model, int stage) => $"{model.Metadata.Name}-s{stage}";

    /// <summary>Of one worker.</summary>
    public static string Pod(InferenceModel model, int stage, int replica) => $"{Workload(model, stage)}-{replica}";
}
