{{/* The blob store, as the control plane sees it. */}}

{{- define "orchestrator.blobClaim" -}}
{{- default (printf "%s-blobs" (include "orchestrator.fullname" .)) .Values.blobs.pvc.existingClaim -}}
{{- end -}}

{{- define "orchestrator.blobConfig" -}}
{{- if eq .Values.blobs.backend "pvc" -}}
ControlPlane__Blobs__Folder: /var/lib/orchestrator/blobs
{{- else if .Values.blobs.azure.existingSecret -}}
ControlPlane__Blobs__ConnectionStringFile: /var/run/orchestrator/blobs/blobs
ControlPlane__Blobs__ContainerName: {{ .Values.blobs.azure.container | quote }}
{{- else -}}
ControlPlane__Blobs__Container: {{ printf "%s/%s" (trimSuffix "/" .Values.blobs.azure.accountUrl) .Values.blobs.azure.container | quote }}
{{- end -}}
{{- end -}}

{{- define "orchestrator.blobMounts" -}}
{{- if eq .Values.blobs.backend "pvc" -}}
- name: blobs
  mountPath: /var/lib/orchestrator/blobs
{{- else if .Values.blobs.azure.existingSecret -}}
- name: blobs
  mountPath: /var/run/orchestrator/blobs
  readOnly: true
{{- end -}}
{{- end -}}

{{- define "orchestrator.blobVolumes" -}}
{{- if eq .Values.blobs.backend "pvc" -}}
- name: blobs
  persistentVolumeClaim:
    claimName: {{ include "orchestrator.blobClaim" . }}
{{- else if .Values.blobs.azure.existingSecret -}}
- name: blobs
  secret:
    secretName: {{ .Values.blobs.azure.existingSecret }}
    defaultMode: 0440
    items:
      - key: blobs
        path: blobs
{{- end -}}
{{- end -}}
