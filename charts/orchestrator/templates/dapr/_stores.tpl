{{- define "orchestrator.dapr.postgresql" -}}
- name: connectionString
  secretKeyRef:
    name: {{ .Values.state.postgresql.existingSecret }}
    key: {{ .Values.state.postgresql.connectionStringKey }}
- name: tablePrefix
  value: {{ .Values.state.postgresql.tablePrefix | quote }}
{{- end -}}

{{- define "orchestrator.dapr.cosmosdb" -}}
{{- with .Values.state.cosmosdb -}}
- name: url
  value: {{ .url | quote }}
- name: database
  value: {{ .database | quote }}
- name: collection
  value: {{ .collection | quote }}
{{- if .existingSecret }}
- name: masterKey
  secretKeyRef:
    name: {{ .existingSecret }}
    key: {{ .masterKeyKey }}
{{- end }}
{{- end }}
{{- end -}}
