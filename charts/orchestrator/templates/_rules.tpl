{{/* One file of rules for actors and control plane, which refuse to work together when they differ. */}}

{{- define "orchestrator.rulesName" -}}
{{- printf "%s-rules" (include "orchestrator.fullname" .) -}}
{{- end -}}

{{- define "orchestrator.rulesFile" -}}
{{- toPrettyJson .Values.networkRules -}}
{{- end -}}

{{- define "orchestrator.rulesMounts" -}}
- name: rules
  mountPath: /etc/orchestrator
  readOnly: true
{{- end -}}

{{- define "orchestrator.rulesVolumes" -}}
- name: rules
  configMap:
    name: {{ include "orchestrator.rulesName" . }}
{{- end -}}
