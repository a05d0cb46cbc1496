{{- define "orchestrator.dapr.rabbitmq" -}}
- name: connectionString
  secretKeyRef:
    name: {{ .Values.pubsub.rabbitmq.existingSecret }}
    key: {{ .Values.pubsub.rabbitmq.connectionStringKey }}
{{- end -}}

{{- define "orchestrator.dapr.servicebus" -}}
{{- with .Values.pubsub.servicebus -}}
{{- if .existingSecret -}}
- name: connectionString
  secretKeyRef:
    name: {{ .existingSecret }}
    key: {{ .connectionStringKey }}
{{- else -}}
- name: namespaceName
  value: {{ .namespace | quote }}
{{- end }}
- name: disableEntityManagement
  value: {{ .disableEntityManagement | quote }}
{{- end -}}
{{- end -}}
