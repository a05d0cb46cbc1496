{{/* Options as a file: names of a worker's environment have double underscores, which environment variables would split. */}}
{{- define "orchestrator.controller.file" -}}
{{- $c := .Values.controller -}}
{{- $workers := dict "image" (include "orchestrator.image" (dict "root" . "image" $c.workers.image "own" true)) "gpuImage" (include "orchestrator.image" (dict "root" . "image" $c.workers.gpuImage "own" true)) -}}
{{- $_ := set $workers "imagePullPolicy" .Values.image.pullPolicy -}}
{{- $_ := set $workers "imagePullSecrets" .Values.image.pullSecrets -}}
{{- $_ := set $workers "platformKey" $c.platformKey -}}
{{- range list "hostAccount" "region" "environment" "secrets" -}}{{- $_ := set $workers . (index $c.workers .) -}}{{- end -}}
{{- $profiles := dict -}}
{{- range $name, $profile := $c.profiles -}}
{{- $profile = deepCopy $profile -}}
{{- range list "modelMemoryBytes" "maxSessions" "threads" "pricePerLayerToken" -}}
{{- if hasKey $profile . -}}{{- $_ := set $profile . (int64 (index $profile .)) -}}{{- end -}}
{{- end -}}
{{- $_ := set $profiles $name $profile -}}
{{- end -}}
{{- $options := dict "platformUrl" (printf "http://%s.%s.svc:%d" (include "orchestrator.componentName" (dict "root" . "component" "functions")) .Release.Namespace (int .Values.functions.service.port)) -}}
{{- $_ := set $options "apiKeyFile" "/var/run/orchestrator/key/api-key" -}}
{{- $_ := set $options "watchNamespaces" $c.watchNamespaces -}}
{{- $_ := set $options "sourceHosts" $c.sourceHosts -}}
{{- $_ := set $options "lease" (dict "name" (include "orchestrator.componentName" (dict "root" . "component" "controller"))) -}}
{{- $_ := set $options "workers" $workers -}}
{{- $_ := set $options "profiles" $profiles -}}
{{- dict "Controller" $options | toPrettyJson -}}
{{- end -}}

{{- define "orchestrator.controller.env" -}}
- name: Controller__Namespace
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: Controller__Identity
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- end -}}

{{- define "orchestrator.controller.mounts" -}}
- name: key
  mountPath: /var/run/orchestrator/key
  readOnly: true
- name: options
  mountPath: /etc/orchestrator
  readOnly: true
{{- end -}}

{{- define "orchestrator.controller.volumes" -}}
- name: key
  secret:
    secretName: {{ include "orchestrator.controllerSecret" . }}
    defaultMode: 0440
    items:
      - key: api-key
        path: api-key
- name: options
  configMap:
    name: {{ include "orchestrator.componentName" (dict "root" . "component" "controller") }}-options
{{- end -}}
