{{- define "node.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ int .Values.podSecurity.runAsUser }}
runAsGroup: {{ int .Values.podSecurity.runAsUser }}
fsGroup: {{ int .Values.podSecurity.runAsUser }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "node.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
readOnlyRootFilesystem: true
{{- end -}}

{{/* Requests and limits with the GPU in them. */}}
{{- define "node.resources" -}}
{{- $resources := deepCopy .Values.resources -}}
{{- if eq .Values.gpu.mode "devicePlugin" -}}
{{- $gpu := dict .Values.gpu.resourceName (int .Values.gpu.count) -}}
{{- $_ := set $resources "limits" (merge $gpu (default dict $resources.limits)) -}}
{{- else if eq .Values.gpu.mode "dra" -}}
{{- $_ := set $resources "claims" (list (dict "name" "gpu")) -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{/*
Affinity, with a rule that keeps the pod off machines whose GPUs are shared in time: the device plugin labels those. Pods cannot read labels of
machines, so that the scheduler must hold them back.
*/}}
{{- define "node.affinity" -}}
{{- $affinity := deepCopy .Values.affinity -}}
{{- if and (ne .Values.gpu.mode "none") (not .Values.gpu.allowShared) -}}
{{- $whole := dict "key" "nvidia.com/gpu.sharing-strategy" "operator" "NotIn" "values" (list "time-slicing" "mps") -}}
{{- $nodes := deepCopy (default dict $affinity.nodeAffinity) -}}
{{- $required := default dict $nodes.requiredDuringSchedulingIgnoredDuringExecution -}}
{{- $terms := list -}}
{{- range default (list dict) $required.nodeSelectorTerms -}}
{{- $terms = append $terms (merge (dict "matchExpressions" (append (default list .matchExpressions) $whole)) .) -}}
{{- end -}}
{{- $_ := set $nodes "requiredDuringSchedulingIgnoredDuringExecution" (dict "nodeSelectorTerms" $terms) -}}
{{- $_ := set $affinity "nodeAffinity" $nodes -}}
{{- end -}}
{{- if $affinity -}}{{- toYaml $affinity -}}{{- end -}}
{{- end -}}

{{- define "node.daprAnnotations" -}}
dapr.io/enabled: "true"
dapr.io/app-id: {{ .Values.dapr.appId }}
dapr.io/app-port: "8081"
dapr.io/app-protocol: http
{{- with .Values.dapr.config }}
dapr.io/config: {{ . }}
{{- end }}
dapr.io/api-token-secret: {{ .Values.dapr.apiTokenSecret }}
dapr.io/app-token-secret: {{ .Values.dapr.appTokenSecret }}
dapr.io/disable-builtin-k8s-secret-store: "true"
dapr.io/block-shutdown-duration: {{ printf "%ds" (int .Values.drain.graceSeconds) | quote }}
dapr.io/sidecar-seccomp-profile-type: RuntimeDefault
{{- end -}}
