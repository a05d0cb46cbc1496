{{/*
Never CONTAINER_NAME or POD_NAMESPACE: with them the Functions host believes it is at another hoster. Without WEBSITE_HOSTNAME no function that
uses workflows can be called. The limit of bodies is that of blobs; the host's own is 100 MiB.
*/}}
{{- define "orchestrator.functions.config" -}}
ASPNETCORE_URLS: http://+:8080
AzureFunctionsWebHost__hostid: {{ include "orchestrator.componentName" (dict "root" . "component" "cp") | trunc 32 | trimSuffix "-" }}
AzureFunctionsJobHost__Logging__Console__IsEnabled: "true"
AzureWebJobsDisableHomepage: "true"
FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: "8589934592"
WEBSITE_HOSTNAME: localhost:8080
ControlPlane__ApiKeysFile: /var/run/orchestrator/platform/api-keys.json
ControlPlane__PlatformKeyFile: /var/run/orchestrator/platform/platform.key
ControlPlane__RulesFile: /etc/orchestrator/rules.json
{{ include "orchestrator.blobConfig" . }}
{{- with .Values.functions }}
{{- if .publicUrl }}
ControlPlane__PublicUrl: {{ .publicUrl | quote }}
{{- else if .ingress.enabled }}
ControlPlane__PublicUrl: {{ printf "%s://%s" (ternary "https" "http" (ne .ingress.tlsSecret "")) .ingress.host | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "orchestrator.functions.env" -}}
- name: AzureWebJobsStorage
  valueFrom:
    secretKeyRef:
      name: {{ include "orchestrator.durableSecret" . }}
      key: webjobs
- name: ORCHESTRATOR_DURABLE_STORAGE
  valueFrom:
    secretKeyRef:
      name: {{ include "orchestrator.durableSecret" . }}
      key: durable
{{- end -}}

{{- define "orchestrator.functions.mounts" -}}
- name: platform
  mountPath: /var/run/orchestrator/platform
  readOnly: true
{{ include "orchestrator.rulesMounts" . }}
{{ include "orchestrator.blobMounts" . }}
{{- end -}}

{{- define "orchestrator.functions.volumes" -}}
- name: platform
  secret:
    secretName: {{ include "orchestrator.platformSecret" . }}
    defaultMode: 0440
    items:
      - key: api-keys.json
        path: api-keys.json
      - key: platform.key
        path: platform.key
{{ include "orchestrator.rulesVolumes" . }}
{{ include "orchestrator.blobVolumes" . }}
{{- end -}}
