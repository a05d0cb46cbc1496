namespace Orchestrator.Charts.Tests.Kit;

/// <summary>A small set of objects that keeps every rule, and ways to break it: a rule that finds nothing there finds nothing.</summary>
internal static class Broken
{
    public const string Sound = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: { name: web, namespace: ai }
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: web, namespace: ai }
        data:
          Worker__Threads: "2"
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: keys, namespace: ai }
        data:
          token: YQ==
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: web, namespace: ai }
        spec:
          selector: { app: web }
          ports:
            - { name: http, port: 80, targetPort: http }
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: { name: web, namespace: ai }
        spec:
          maxUnavailable: 1
          selector:
            matchLabels: { app: web }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          namespace: ai
          labels: { app: web, version: "1.0" }
        spec:
          replicas: 2
          selector:
            matchLabels: { app: web }
          template:
            metadata:
              labels: { app: web }
              annotations: { note: "1" }
            spec:
              serviceAccountName: web
              automountServiceAccountToken: false
              terminationGracePeriodSeconds: 60
              securityContext:
                runAsNonRoot: true
                runAsUser: 65532
                seccompProfile: { type: RuntimeDefault }
              containers:
                - name: web
                  image: web:1
                  args: ["--port", "8080"]
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: true
                    capabilities: { drop: [ALL] }
                  ports:
                    - { name: http, containerPort: 8080 }
                  envFrom:
                    - configMapRef: { name: web }
                  env:
                    - { name: Worker__MaxSessions, value: "7" }
                    - { name: Worker__DrainGrace, value: "00:00:30" }
                    - name: TOKEN
                      valueFrom:
                        secretKeyRef: { name: keys, key: token }
                  readinessProbe:
                    httpGet: { path: /readyz, port: http }
                  lifecycle:
                    preStop:
                      sleep: { seconds: 5 }
                  resources:
                    limits: { memory: 1Gi }
                  volumeMounts:
                    - { name: tmp, mountPath: /tmp }
              volumes:
                - name: tmp
                  emptyDir: { sizeLimit: 1Gi }
        """;

    /// <summary>The sound set with one text replaced by another.</summary>
    public static IReadOnlyList<Manifest> By(string text, string other)
    {
        Sound.ShouldContain(text);
        int at = Sound.IndexOf(text, StringComparison.Ordinal);
        return Manifest.Read(Sound[..at] + other + Sound[(at + text.Length)..]);
    }
}
