{{- define "orchestrator.gateway.config" -}}
{}
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
{{ include "orchestrator.blobMounts" . }}
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
{{ include "orchestrator.blobVolumes" . }}
{{- end -}}
