{{/* Names and labels. */}}

{{- define "node.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "node.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The component keeps the pods of `helm test` out of what selects nodes. */}}
{{- define "node.selectorLabels" -}}
app.kubernetes.io/name: {{ include "node.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: worker
{{- end -}}

{{- define "node.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: orchestrator
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "node.labels" -}}
{{ include "node.selectorLabels" . }}
{{ include "node.commonLabels" . }}
{{- end -}}

{{- define "node.metadata" -}}
name: {{ include "node.fullname" . }}
namespace: {{ .Release.Namespace | quote }}
labels:
  {{- include "node.labels" . | nindent 2 }}
{{- end -}}

{{- define "node.serviceAccountName" -}}
{{- with .Values.serviceAccount -}}
{{- if .name -}}{{ .name }}{{- else if .create -}}{{ include "node.fullname" $ }}{{- else -}}default{{- end -}}
{{- end -}}
{{- end -}}

{{- define "node.image" -}}
{{- $repository := default (ternary "orchestrator-worker" "orchestrator-worker-gpu" (eq .Values.gpu.mode "none")) .Values.image.repository -}}
{{- if .Values.image.registry -}}{{- $repository = printf "%s/%s" (trimSuffix "/" .Values.image.registry) $repository -}}{{- end -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}
