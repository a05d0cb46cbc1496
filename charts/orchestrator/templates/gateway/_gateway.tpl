{{- define "orchestrator.gateway.config" -}}
Gateway__CertificateFile: /var/run/orchestrator/tls/tls.crt
Gateway__CertificateKeyFile: /var/run/orchestrator/tls/tls.key
Gateway__TokenKeyFile: /var/run/orchestrator/token/token
{{- range $index, $host := include "orchestrator.gatewayHosts" . | fromJsonArray }}
Gateway__Names__{{ $index }}: {{ $host | quote }}
{{- end }}
Gateway__NodesUrl: {{ printf "http://%s.%s.svc:%d/api/nodes" (include "orchestrator.componentName" (dict "root" . "component" "functions")) .Release.Namespace (int .Values.functions.service.port) }}
Gateway__AnswerUrl: {{ printf "http://%s.%s.svc:%d/api/demands" (include "orchestrator.componentName" (dict "root" . "component" "functions")) .Release.Namespace (int .Values.functions.service.port) }}
{{- if eq .Values.blobs.backend "pvc" }}
Gateway__BlobFolder: /var/lib/orchestrator/blobs
{{- else }}
Gateway__BlobUrl: {{ printf "http://%s.%s.svc:%d/api/blobs" (include "orchestrator.componentName" (dict "root" . "component" "functions")) .Release.Namespace (int .Values.functions.service.port) }}
Gateway__BlobKeyFile: /var/run/orchestrator/key/api-key
{{- end }}
{{- with .Values.gateway.relay }}
{{- if .enabled }}
Gateway__Relay__Enabled: "true"
Gateway__Relay__PlatformKey: {{ .platformKey | default $.Values.controller.platformKey | quote }}
Gateway__Relay__OpenToDial: {{ .openToDial | quote }}
Gateway__Relay__MaxNodes: {{ int .maxNodes | quote }}
Gateway__Relay__MaxSplices: {{ int .maxStreams | quote }}
Gateway__Relay__BytesPerSecond: {{ int .bytesPerSecond | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "orchestrator.gateway.ports" -}}
- name: nodes
  containerPort: 8443
{{- if .Values.gateway.relay.enabled }}
- name: relay
  containerPort: 8444
{{- end }}
{{- end -}}

{{- define "orchestrator.gateway.mounts" -}}
- name: tls
  mountPath: /var/run/orchestrator/tls
  readOnly: true
- name: token
  mountPath: /var/run/orchestrator/token
  readOnly: true
{{- if eq .Values.blobs.backend "pvc" }}
- name: blobs
  mountPath: /var/lib/orchestrator/blobs
  readOnly: true
{{- else }}
- name: key
  mountPath: /var/run/orchestrator/key
  readOnly: true
{{- end }}
{{- end -}}

{{- define "orchestrator.gateway.volumes" -}}
- name: tls
  secret:
    secretName: {{ include "orchestrator.gatewayTlsSecret" . }}
    defaultMode: 0440
    items:
      - key: tls.crt
        path: tls.crt
      - key: tls.key
        path: tls.key
- name: token
  secret:
    secretName: {{ include "orchestrator.gatewayTokenSecret" . }}
    defaultMode: 0440
    items:
      - key: token
        path: token
{{- if eq .Values.blobs.backend "pvc" }}
- name: blobs
  persistentVolumeClaim:
    claimName: {{ include "orchestrator.blobClaim" . }}
{{- else }}
- name: key
  secret:
    secretName: {{ include "orchestrator.blobKeySecret" . }}
    defaultMode: 0440
    items:
      - key: api-key
        path: api-key
{{- end }}
{{- end -}}

{{/* How nodes outside the cluster get to a service. */}}
{{- define "orchestrator.gateway.way" -}}
type: {{ .Values.gateway.service.type }}
{{- if ne .Values.gateway.service.type "ClusterIP" }}
# Keeps the address a node connects from.
externalTrafficPolicy: Local
{{- end }}
{{- with .Values.gateway.service.loadBalancerSourceRanges }}
loadBalancerSourceRanges:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
