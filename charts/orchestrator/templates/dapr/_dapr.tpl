{{/* Dapr's objects are files of dapr-components/, copied to files/dapr; only what differs between installations is replaced here. */}}

{{/* An object as this release's. Takes dict root, object, scopes. */}}
{{- define "orchestrator.dapr.object" -}}
{{- $metadata := dict "name" .object.metadata.name "namespace" .root.Release.Namespace "labels" (include "orchestrator.labels" (dict "root" .root) | fromYaml) -}}
{{- $_ := set .object "metadata" $metadata -}}
{{- with .scopes -}}{{- $_ := set $.object "scopes" . -}}{{- end -}}
{{- toYaml .object -}}
{{- end -}}

{{/* App-ids that use the topics. */}}
{{- define "orchestrator.dapr.apps" -}}
- control-plane
- actors
{{- if .Values.gateway.enabled }}
- gateway
{{- end }}
{{- end -}}

{{/*
A component: the file's metadata, where an item of `ours` or `extra` replaces the file's item of its name, and `without` removes one.
Takes dict root, file, ours (YAML list), extra (list), without (list), scopes.
Secrets come through Dapr's operator (store `kubernetes`): neither pods nor sidecars get a token for the cluster's API or the right to read secrets.
*/}}
{{- define "orchestrator.dapr.component" -}}
{{- $object := .root.Files.Get .file | fromYaml -}}
{{- $ours := concat (.ours | fromYamlArray) .extra -}}
{{- $skip := .without -}}
{{- range $ours -}}{{- $skip = append $skip .name -}}{{- end -}}
{{- $metadata := list -}}
{{- range $object.spec.metadata -}}
{{- if not (has .name $skip) -}}{{- $metadata = append $metadata . -}}{{- end -}}
{{- end -}}
{{- $_ := set $object.spec "metadata" (concat $ours $metadata) -}}
{{- $_ := set $object "auth" (dict "secretStore" "kubernetes") -}}
{{- include "orchestrator.dapr.object" (dict "root" .root "object" $object "scopes" .scopes) -}}
{{- end -}}

{{/* Metadata of Redis. Takes dict root, redis. */}}
{{- define "orchestrator.dapr.redis" -}}
- name: redisHost
  value: {{ include "orchestrator.redisHost" . | quote }}
- name: enableTLS
  value: {{ .redis.enableTls | quote }}
{{- if .redis.useEntraId }}
- name: useEntraID
  value: "true"
{{- else }}
- name: redisPassword
  secretKeyRef:
    name: {{ include "orchestrator.redisSecret" . }}
    key: {{ ternary .redis.passwordKey "password" (ne .redis.existingSecret "") }}
{{- end }}
{{- end -}}
