{{/* Names and labels. */}}

{{- define "orchestrator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "orchestrator.fullname" -}}
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

{{/* Takes dict root, component ("" for what belongs to all). */}}
{{- define "orchestrator.componentName" -}}
{{- $full := include "orchestrator.fullname" .root -}}
{{- if .component -}}{{ printf "%s-%s" $full .component }}{{- else -}}{{ $full }}{{- end -}}
{{- end -}}

{{- define "orchestrator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "orchestrator.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* Labels by which policies and monitors find the workers that the controller makes. */}}
{{- define "orchestrator.workerLabels" -}}
app.kubernetes.io/managed-by: orchestrator-controller
{{- end -}}

{{- define "orchestrator.labels" -}}
{{ include "orchestrator.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: orchestrator
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Name, namespace and labels of an object. Takes dict root, component. */}}
{{- define "orchestrator.metadata" -}}
name: {{ include "orchestrator.componentName" . }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "orchestrator.labels" . | nindent 2 }}
{{- end -}}

{{- define "orchestrator.serviceAccountName" -}}
{{- with (index .root.Values .component).serviceAccount -}}
{{- if .name -}}{{ .name }}{{- else if .create -}}{{ include "orchestrator.componentName" $ }}{{- else -}}default{{- end -}}
{{- end -}}
{{- end -}}

{{/* Names of gateways that are reached one by one, because each relays for its own nodes, as JSON. */}}
{{- define "orchestrator.relayHosts" -}}
{{- ternary (default list .Values.gateway.relay.hosts) list .Values.gateway.relay.enabled | toJson -}}
{{- end -}}

{{/* Names under which nodes dial the gateways, beyond those of the certificate, as JSON. */}}
{{- define "orchestrator.gatewayHosts" -}}
{{- concat .Values.gateway.hosts (include "orchestrator.relayHosts" . | fromJsonArray) | uniq | toJson -}}
{{- end -}}

{{/* Takes dict root, image (repository, tag, digest), own (whether the image is one of ours). */}}
{{- define "orchestrator.image" -}}
{{- $repository := .image.repository -}}
{{- if and .own .root.Values.image.registry -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .root.Values.image.registry) .image.repository -}}
{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .root.Chart.AppVersion .image.tag) -}}
{{- end -}}
{{- end -}}
