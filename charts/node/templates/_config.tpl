{{/* Everything about a node that is no secret and the same for each replica. */}}
{{- define "node.configData" -}}
{{- $config := include "node.ownConfig" . | fromYaml -}}
{{- range $key, $value := .Values.worker.config -}}{{- $_ := set $config $key (toString $value) -}}{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* Whether the node logs in at a gateway: for everything, or with a broker for its shards. */}}
{{- define "node.logsIn" -}}
{{- if or (eq .Values.bus "gateway") (not .Values.dapr.blobUrl) -}}true{{- end -}}
{{- end -}}

{{- define "node.ownConfig" -}}
{{- $v := .Values -}}
Worker__Host: {{ $v.host.account | quote }}
Worker__Region: {{ $v.host.region | quote }}
Worker__PlatformKey: {{ $v.platform.publicKey | quote }}
Worker__CacheFolder: /var/lib/orchestrator/cache
Worker__CacheBytes: {{ include "node.bytes" (dict "size" $v.cache.size "percent" 90) | quote }}
Worker__EvidenceFolder: /var/lib/orchestrator/data/evidence
Worker__EvidenceBytes: {{ include "node.bytes" (dict "size" $v.data.size "percent" 75) | quote }}
Worker__MemoryBytes: {{ include "node.bytes" (dict "size" $v.worker.memory "percent" 100) | quote }}
Worker__MaxSessions: {{ int $v.worker.maxSessions | quote }}
Worker__Threads: {{ int $v.worker.threads | quote }}
Worker__PricePerLayerToken: {{ int64 $v.worker.pricePerLayerToken | quote }}
Worker__DataPort: "7443"
Worker__StreamPort: "7444"
Worker__DrainGrace: {{ include "node.timeSpan" $v.drain.graceSeconds | quote }}
Worker__HealthPort: "8080"
Telemetry__MetricsPort: "9464"
{{- $logsIn := include "node.logsIn" . }}
{{- if $logsIn }}
{{ ternary "Worker__GatewayUrl" "Worker__BlobGatewayUrl" (eq $v.bus "gateway") }}: {{ $v.gateway.url | quote }}
{{- with $v.gateway.certificate }}
Worker__GatewayCertificate: {{ . | quote }}
{{- end }}
{{- end }}
{{- if ne $v.gpu.mode "none" }}
Worker__AllowSharedGpu: {{ $v.gpu.allowShared | quote }}
{{- with $v.gpu.product }}
Worker__Gpu__Product: {{ . | quote }}
Worker__Gpu__Mig: {{ contains "/mig-" $v.gpu.resourceName | quote }}
Worker__Gpu__Sharing: {{ ternary "unknown" "none" $v.gpu.allowShared | quote }}
{{- with $v.gpu.memory }}
Worker__Gpu__MemoryBytes: {{ include "node.bytes" (dict "size" . "percent" 100) | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq $v.bus "dapr" }}
Worker__AppPort: "8081"
{{- with $v.dapr.blobUrl }}
Worker__BlobUrl: {{ . | quote }}
{{- end }}
{{- end }}
{{- if eq $v.dataPlane.mode "relay" }}
Worker__Direct: "false"
Worker__Relay: {{ $v.gateway.relay | quote }}
{{- with $v.gateway.relayCertificate }}
Worker__RelayCertificate: {{ . | quote }}
{{- end }}
{{- end }}
{{- if eq $v.dataPlane.mode "address" }}
Worker__AdvertiseAddress: {{ $v.dataPlane.address | quote }}
{{- end }}
{{- with $v.telemetry.otlpEndpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
OTEL_RESOURCE_ATTRIBUTES: {{ printf "service.namespace=%s,deployment.environment.name=%s" (include "node.fullname" $) $.Release.Namespace | quote }}
{{- end }}
{{- end -}}

{{- define "node.env" -}}
{{- if .Values.identity.existingSecret -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{ end -}}
- name: Worker__KeyFile
  value: {{ ternary "/var/run/orchestrator/identity/$(POD_NAME).key" "/var/lib/orchestrator/data/identity/node.key" (ne .Values.identity.existingSecret "") }}
{{- if eq .Values.dataPlane.mode "podIP" }}
- name: Worker__AdvertiseAddress
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
{{- end }}
{{- if eq .Values.bus "dapr" }}
- name: APP_API_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .Values.dapr.appTokenSecret }}
      key: token
- name: DAPR_API_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .Values.dapr.apiTokenSecret }}
      key: token
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
