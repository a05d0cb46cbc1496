{{- define "orchestrator.runbook" -}}
{{- with .root.Values.telemetry.prometheusRule.runbookUrl -}}
runbook_url: {{ printf "%s#%s" . (lower $.alert) | quote }}
{{- end -}}
{{- end -}}
