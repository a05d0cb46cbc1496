{{/* The blob store, as the components that touch it see it. */}}

{{- define "orchestrator.blobClaim" -}}
{{- default (printf "%s-blobs" (include "orchestrator.fullname" .)) .Values.blobs.pvc.existingClaim -}}
{{- end -}}

{{- define "orchestrator.blobMounts" -}}
{{- if eq .Values.blobs.backend "pvc" -}}
- name: blobs
  mountPath: /var/lib/orchestrator/blobs
{{- end -}}
{{- end -}}

{{- define "orchestrator.blobVolumes" -}}
{{- if eq .Values.blobs.backend "pvc" -}}
- name: blobs
  persistentVolumeClaim:
    claimName: {{ include "orchestrator.blobClaim" . }}
{{- end -}}
{{- end -}}
