namespace Orchestrator.Controller.Resources;

/// <summary>Every kind of object that the controller touches.</summary>
public static class Kinds
{
    /// <summary>Group of our own kinds, and prefix of our labels.</summary>
    public const string Group = "orchestrator.dev";

    /// <summary><see cref="InferenceModel"/>.</summary>
    public static ResourceKind Models { get; } = new(Group, "v1alpha1", "inferencemodels", "InferenceModel");

    /// <summary>Workers of a shard.</summary>
    public static ResourceKind StatefulSets { get; } = new("apps", "v1", "statefulsets", "StatefulSet");

    /// <summary>Limits of voluntary disruption.</summary>
    public static ResourceKind DisruptionBudgets { get; } = new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget");

    /// <summary>DNS names of workers.</summary>
    public static ResourceKind Services { get; } = new("", "v1", "services", "Service");

    /// <summary>Identities of workers.</summary>
    public static ResourceKind ServiceAccounts { get; } = new("", "v1", "serviceaccounts", "ServiceAccount");

    /// <summary>Workers.</summary>
    public static ResourceKind Pods { get; } = new("", "v1", "pods", "Pod");

    /// <summary>Machines.</summary>
    public static ResourceKind Nodes { get; } = new("", "v1", "nodes", "Node");

    /// <summary>What happened, for <c>kubectl describe</c>.</summary>
    public static ResourceKind Events { get; } = new("events.k8s.io", "v1", "events", "Event");
}
