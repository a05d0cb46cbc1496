{{- define "orchestrator.runbook" -}}
{{- with .root.Values.telemetry.prometheusRule.runbookUrl -}}
runbook_url: {{ printf "%s/%s.md" (trimSuffix "/" .) $.alert | quote }}
{{- end -}}
{{- end -}}
