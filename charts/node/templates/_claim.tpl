{{/* A pod's claim for GPUs. */}}
{{- define "node.claim" -}}
spec:
  devices:
    requests:
      - name: gpu
        exactly:
          deviceClassName: {{ .Values.gpu.deviceClassName }}
          allocationMode: ExactCount
          count: {{ int .Values.gpu.count }}
          {{- with .Values.gpu.selectors }}
          selectors:
            {{- range . }}
            - cel:
                expression: {{ . | quote }}
            {{- end }}
          {{- end }}
{{- end -}}

{{/* Its template's name: of what is claimed, as Kubernetes lets no template change. */}}
{{- define "node.claimTemplate" -}}
{{ include "node.fullname" . }}-{{ include "node.claim" . | sha256sum | trunc 8 }}
{{- end -}}
