namespace Orchestrator.Charts.Tests.Kit;

/// <summary>A set of objects that has everything an upgrade must leave alone.</summary>
internal static class Promised
{
    public const string Text = """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: { name: node, namespace: ai }
        spec:
          replicas: 1
          serviceName: node
          podManagementPolicy: Parallel
          selector: { matchLabels: { app: node } }
          template:
            metadata:
              labels: { app: node }
              annotations: { dapr.io/app-id: node-1 }
            spec: { containers: [{ name: node, image: "node:1" }] }
          volumeClaimTemplates:
            - metadata: { name: data, labels: { app: node } }
              spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 8Gi } } }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web, namespace: ai }
        spec:
          selector: { matchLabels: { app: web } }
          template: { metadata: { labels: { app: web } } }
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: { name: each, namespace: ai }
        spec: { selector: { matchLabels: { app: each } } }
        ---
        apiVersion: batch/v1
        kind: Job
        metadata: { name: once, namespace: ai }
        spec: { template: { spec: { containers: [{ name: once, image: "once:1" }] } } }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: node, namespace: ai }
        spec: { clusterIP: None, ports: [{ port: 80, targetPort: 8080 }] }
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: blobs
          namespace: ai
          annotations: { helm.sh/resource-policy: keep }
        spec: { accessModes: [ReadWriteMany], storageClassName: shared, resources: { requests: { storage: 1Ti } } }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: keys, namespace: ai }
        type: Opaque
        data: { token: YQ== }
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: rules, namespace: ai }
        immutable: true
        data: { limit: "3" }
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: { name: account, namespace: ai }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: bound, namespace: ai }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: bound }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: { name: everywhere }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: everywhere }
        ---
        apiVersion: resource.k8s.io/v1
        kind: ResourceClaimTemplate
        metadata: { name: gpu, namespace: ai }
        spec: { spec: { devices: { requests: [{ name: gpu, exactly: { count: 1 } }] } } }
        ---
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: { name: fast }
        provisioner: disks.example.com
        ---
        apiVersion: scheduling.k8s.io/v1
        kind: PriorityClass
        metadata: { name: first }
        value: 1000
        ---
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: { name: models.example.com }
        spec:
          group: example.com
          scope: Namespaced
          names: { kind: Model, plural: models }
          versions:
            - { name: v1, served: false, storage: true }
            - { name: v2, served: true, storage: false }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: statestore, namespace: ai }
        spec:
          type: state.postgresql
          version: v2
          metadata:
            - { name: keyPrefix, value: appid }
            - { name: timeout, value: 1s }
        ---
        apiVersion: dapr.io/v2alpha1
        kind: Subscription
        metadata: { name: results, namespace: ai }
        spec: { pubsubname: pubsub, topic: results }
        """;
}
