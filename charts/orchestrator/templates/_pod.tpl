{{/* One shape of workload for every component. */}}

{{- define "orchestrator.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ int .Values.podSecurity.runAsUser }}
runAsGroup: {{ int .Values.podSecurity.runAsUser }}
fsGroup: {{ int .Values.podSecurity.runAsUser }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "orchestrator.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
readOnlyRootFilesystem: {{ .readOnly }}
{{- end -}}

{{- define "orchestrator.topologySpread" -}}
{{- if .root.Values.topologySpread.enabled }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "orchestrator.selectorLabels" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Annotations that make Dapr add its sidecar. */}}
{{- define "orchestrator.daprAnnotations" -}}
{{- $d := .root.Values.dapr -}}
dapr.io/enabled: "true"
dapr.io/app-id: {{ .appId }}
dapr.io/app-port: "8080"
dapr.io/app-protocol: http
dapr.io/config: {{ include "orchestrator.fullname" .root }}
dapr.io/api-token-secret: {{ include "orchestrator.apiTokenSecret" .root }}
dapr.io/app-token-secret: {{ include "orchestrator.appTokenSecret" .root }}
dapr.io/enable-app-health-check: "true"
dapr.io/app-health-check-path: /healthz
dapr.io/max-body-size: {{ $d.maxBodySize | quote }}
dapr.io/graceful-shutdown-seconds: {{ int $d.gracefulShutdownSeconds | quote }}
dapr.io/block-shutdown-duration: {{ printf "%ds" (max 1 (sub (int .values.terminationGracePeriodSeconds) (add (int $d.gracefulShutdownSeconds) 5)) | int) | quote }}
dapr.io/enable-native-sidecar: {{ $d.nativeSidecar | quote }}
dapr.io/disable-builtin-k8s-secret-store: "true"
dapr.io/log-level: {{ $d.logLevel }}
dapr.io/log-as-json: {{ $d.logAsJson | quote }}
dapr.io/sidecar-seccomp-profile-type: RuntimeDefault
dapr.io/sidecar-cpu-request: {{ .values.sidecarResources.cpuRequest | quote }}
dapr.io/sidecar-memory-request: {{ .values.sidecarResources.memoryRequest | quote }}
dapr.io/sidecar-memory-limit: {{ .values.sidecarResources.memoryLimit | quote }}
{{- end -}}

{{/* Tokens between an app and its sidecar. */}}
{{- define "orchestrator.daprEnv" -}}
- name: APP_API_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ include "orchestrator.appTokenSecret" . }}
      key: token
- name: DAPR_API_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ include "orchestrator.apiTokenSecret" . }}
      key: token
{{- end -}}

{{/* Settings all our programs share. */}}
{{- define "orchestrator.commonConfig" -}}
Telemetry__MetricsPort: "9464"
{{- with .root.Values.telemetry.otlpEndpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
OTEL_RESOURCE_ATTRIBUTES: {{ printf "service.namespace=%s,deployment.environment.name=%s" (include "orchestrator.fullname" $.root) $.root.Release.Namespace | quote }}
{{- end }}
{{- end -}}

{{/* ConfigMap of a component: its own options first, those of the values win. Takes dict root, component, own (YAML). */}}
{{- define "orchestrator.configData" -}}
{{- $config := merge (dict) (include "orchestrator.commonConfig" . | fromYaml) (.own | fromYaml) -}}
{{- range $key, $value := (index .root.Values .component).config -}}
{{- $_ := set $config $key (toString $value) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/*
A Deployment, or with a serviceName a StatefulSet, whose pods have names that stay. Takes dict root, component, config (YAML of its ConfigMap), and optionally
appId (with a sidecar), args, ports, env, mounts, volumes (YAML), file (further configuration, whose change restarts the pods), readOnly, token (mounts the service
account's token).
*/}}
{{- define "orchestrator.deployment" -}}
{{- $values := index .root.Values .component -}}
{{- $scaled := and $values.autoscaling (ne (default "none" ($values.autoscaling | default dict).kind) "none") -}}
apiVersion: apps/v1
kind: {{ ternary "StatefulSet" "Deployment" (hasKey . "serviceName") }}
metadata:
  {{- include "orchestrator.metadata" . | nindent 2 }}
spec:
  {{- if not $scaled }}
  replicas: {{ int $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "orchestrator.selectorLabels" . | nindent 6 }}
  {{- with .serviceName }}
  serviceName: {{ . }}
  podManagementPolicy: Parallel
  {{- else }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  {{- end }}
  template:
    metadata:
      labels:
        {{- include "orchestrator.labels" . | nindent 8 }}
        {{- with $values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        kubectl.kubernetes.io/default-container: {{ .component }}
        checksum/config: {{ printf "%s%s" .config (default "" .file) | sha256sum }}
        {{- if .appId }}
        {{- include "orchestrator.daprAnnotations" (dict "root" .root "appId" .appId "values" $values) | nindent 8 }}
        {{- end }}
        {{- with $values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "orchestrator.serviceAccountName" . }}
      automountServiceAccountToken: {{ default false .token }}
      enableServiceLinks: false
      {{- with .root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      {{- with .root.Values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      securityContext:
        {{- include "orchestrator.podSecurityContext" .root | nindent 8 }}
      terminationGracePeriodSeconds: {{ int $values.terminationGracePeriodSeconds }}
      containers:
        - name: {{ .component }}
          image: {{ include "orchestrator.image" (dict "root" .root "image" $values.image "own" true) | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          {{- with .args }}
          args: {{ toJson . }}
          {{- end }}
          securityContext:
            {{- include "orchestrator.containerSecurityContext" (dict "readOnly" (ne .readOnly false)) | nindent 12 }}
          ports:
            {{- with .ports }}
            {{- . | nindent 12 }}
            {{- end }}
            - name: http
              containerPort: 8080
            - name: metrics
              containerPort: 9464
          envFrom:
            - configMapRef:
                name: {{ include "orchestrator.componentName" . }}
          {{- if or .appId .env $values.extraEnv }}
          env:
            {{- if .appId }}
            {{- include "orchestrator.daprEnv" .root | nindent 12 }}
            {{- end }}
            {{- with .env }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with $values.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          {{- end }}
          startupProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 5
            failureThreshold: 36
          livenessProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 15
            timeoutSeconds: 5
            failureThreshold: 4
          readinessProbe:
            httpGet:
              path: /readyz
              port: http
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 3
          lifecycle:
            preStop:
              sleep:
                seconds: 5
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            {{- with .mounts }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with $values.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        - name: tmp
          emptyDir:
            sizeLimit: 1Gi
        {{- with .volumes }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with $values.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- include "orchestrator.topologySpread" . | trim | nindent 6 }}
{{- end -}}

{{/* What surrounds a Deployment: ConfigMap, service account, budget, HPA. Takes the same dict. */}}
{{- define "orchestrator.company" -}}
{{- $values := index .root.Values .component -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "orchestrator.metadata" . | nindent 2 }}
data:
  {{- .config | nindent 2 }}
{{- if and $values.serviceAccount.create }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "orchestrator.serviceAccountName" . }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "orchestrator.labels" . | nindent 4 }}
  {{- with $values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}
{{- $kind := default "none" ($values.autoscaling | default dict).kind }}
{{- $least := int $values.replicas }}
{{- if ne $kind "none" }}{{- $least = int $values.autoscaling.minReplicas }}{{- end }}
{{- if and $values.podDisruptionBudget $values.podDisruptionBudget.enabled (gt $least (int $values.podDisruptionBudget.maxUnavailable)) }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "orchestrator.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ int $values.podDisruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "orchestrator.selectorLabels" . | nindent 6 }}
{{- end }}
{{- if eq $kind "hpa" }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "orchestrator.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "orchestrator.componentName" . }}
  minReplicas: {{ int $values.autoscaling.minReplicas }}
  maxReplicas: {{ int $values.autoscaling.maxReplicas }}
  metrics:
    # The container's own use: a busy sidecar must not look like a busy app.
    - type: ContainerResource
      containerResource:
        name: cpu
        container: {{ .component }}
        target:
          type: Utilization
          averageUtilization: {{ int $values.autoscaling.targetCpuPercent }}
  behavior:
    scaleDown:
      # Streams outlive a quiet moment.
      stabilizationWindowSeconds: 300
{{- end }}
{{- end -}}
