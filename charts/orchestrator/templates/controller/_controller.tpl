{{/* How workers reach the platform. With a certificate of the chart's own, by the Service and the certificate's digest; otherwise the values say (validate.yaml). */}}
{{- define "orchestrator.controller.way" -}}
{{- if and (include "orchestrator.makesGatewayTls" .) (not .Values.controller.workers.environment.Worker__GatewayUrl) -}}
Worker__GatewayUrl: {{ printf "https://%s.%s.svc:%d" (include "orchestrator.componentName" (dict "root" . "component" "gateway")) .Release.Namespace (int .Values.gateway.service.nodesPort) }}
Worker__GatewayCertificate: {{ regexReplaceAllLiteral "-----[A-Z ]+-----|\\s" (b64dec (include "orchestrator.gatewayTls" . | fromJson).crt) "" | b64dec | sha256sum }}
{{- end -}}
{{- end -}}

{{/* Options as a file: names of a worker's environment have double underscores, which environment variables would split. */}}
{{- define "orchestrator.controller.file" -}}
{{- $c := .Values.controller -}}
{{- $workers := dict "image" (include "orchestrator.image" (dict "root" . "image" $c.workers.image "own" true)) "gpuImage" (include "orchestrator.image" (dict "root" . "image" $c.workers.gpuImage "own" true)) -}}
{{- $_ := set $workers "imagePullPolicy" .Values.image.pullPolicy -}}
{{- $_ := set $workers "imagePullSecrets" .Values.image.pullSecrets -}}
{{- $_ := set $workers "platformKey" $c.platformKey -}}
{{- range list "hostAccount" "region" "secrets" -}}{{- $_ := set $workers . (index $c.workers .) -}}{{- end -}}
{{- $_ := set $workers "environment" (merge (dict) $c.workers.environment (include "orchestrator.controller.way" . | fromYaml)) -}}
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

{{/* Who else has installed the resource definition, of which a cluster has one: Helm would refuse to install it again. Empty for nobody. */}}
{{- define "orchestrator.crdOwner" -}}
{{- with lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "inferencemodels.orchestrator.dev" -}}
{{- $annotations := default dict .metadata.annotations -}}
{{- $name := index $annotations "meta.helm.sh/release-name" -}}
{{- $namespace := index $annotations "meta.helm.sh/release-namespace" -}}
{{- if not $name -}}
somebody without Helm
{{- else if or (ne $name $.Release.Name) (ne $namespace $.Release.Namespace) -}}
release {{ $name }} in namespace {{ $namespace }}
{{- end -}}
{{- end -}}
{{- end -}}
