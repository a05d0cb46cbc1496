using k8s;
using k8s.Models;
using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Orchestrator.Charts.Tests.Strict;

/// <summary>Reads every object into the type of its kind: unknown fields, duplicate keys and values of the wrong form are errors.</summary>
internal static class StrictKinds
{
    private static readonly Dictionary<string, Action<string>> Core = new(StringComparer.Ordinal)
    {
        ["v1/ConfigMap"] = Client<V1ConfigMap>,
        ["v1/Secret"] = Client<V1Secret>,
        ["v1/Service"] = Client<V1Service>,
        ["v1/ServiceAccount"] = Client<V1ServiceAccount>,
        ["v1/PersistentVolumeClaim"] = Client<V1PersistentVolumeClaim>,
        ["v1/Pod"] = Client<V1Pod>,
        ["apps/v1/Deployment"] = Client<V1Deployment>,
        ["apps/v1/StatefulSet"] = Client<V1StatefulSet>,
        ["policy/v1/PodDisruptionBudget"] = Client<V1PodDisruptionBudget>,
        ["autoscaling/v2/HorizontalPodAutoscaler"] = Client<V2HorizontalPodAutoscaler>,
        ["networking.k8s.io/v1/NetworkPolicy"] = Client<V1NetworkPolicy>,
        ["networking.k8s.io/v1/Ingress"] = Client<V1Ingress>,
        ["rbac.authorization.k8s.io/v1/Role"] = Client<V1Role>,
        ["rbac.authorization.k8s.io/v1/RoleBinding"] = Client<V1RoleBinding>,
        ["rbac.authorization.k8s.io/v1/ClusterRole"] = Client<V1ClusterRole>,
        ["rbac.authorization.k8s.io/v1/ClusterRoleBinding"] = Client<V1ClusterRoleBinding>,
        ["apiextensions.k8s.io/v1/CustomResourceDefinition"] = Client<V1CustomResourceDefinition>,
        ["resource.k8s.io/v1/ResourceClaimTemplate"] = Client<V1ResourceClaimTemplate>,
        ["dapr.io/v1alpha1/Component"] = Own<DaprComponent>,
        ["dapr.io/v2alpha1/Subscription"] = Own<DaprSubscription>,
        ["dapr.io/v1alpha1/Resiliency"] = Own<DaprResiliency>,
        ["dapr.io/v1alpha1/Configuration"] = Own<DaprConfiguration>,
        ["keda.sh/v1alpha1/ScaledObject"] = Own<KedaScaledObject>,
        ["keda.sh/v1alpha1/TriggerAuthentication"] = Own<KedaTriggerAuthentication>,
        ["monitoring.coreos.com/v1/PodMonitor"] = Own<PodMonitor>,
        ["monitoring.coreos.com/v1/PrometheusRule"] = Own<PrometheusRule>,
        ["cert-manager.io/v1/Certificate"] = Own<CertManagerCertificate>,
        ["gateway.networking.k8s.io/v1/HTTPRoute"] = Own<HttpRoute>,
    };

    private static readonly IDeserializer Reader = new DeserializerBuilder()
        .WithNamingConvention(CamelCaseNamingConvention.Instance).WithDuplicateKeyChecking().WithEnforceRequiredMembers().WithEnforceNullability().Build();

    /// <summary>What is wrong with an object; null when nothing is.</summary>
    public static string? Problem(Manifest manifest)
    {
        if (!Core.TryGetValue($"{manifest.ApiVersion}/{manifest.Kind}", out var read))
            return $"{manifest.Id} is of {manifest.ApiVersion}, a kind these tests do not know";
        try
        {
            read(manifest.Text);
            return null;
        }
        catch (Exception e) when (e is YamlException or FormatException or InvalidCastException or System.Text.Json.JsonException)
        {
            return $"{manifest.Id}: {e.InnerException?.Message ?? e.Message}";
        }
    }

    private static void Client<T>(string text) => KubernetesYaml.Deserialize<T>(text, strict: true);

    private static void Own<T>(string text) => Reader.Deserialize<T>(text);
}
