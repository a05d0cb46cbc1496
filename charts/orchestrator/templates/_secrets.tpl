{{/* Names of secrets: the one that was named, or the one made here. */}}

{{- define "orchestrator.platformSecret" -}}
{{- default (printf "%s-platform" (include "orchestrator.fullname" .)) .Values.platform.existingSecret -}}
{{- end -}}

{{- define "orchestrator.apiTokenSecret" -}}
{{- default (printf "%s-dapr-api-token" (include "orchestrator.fullname" .)) .Values.dapr.apiTokenSecret -}}
{{- end -}}

{{- define "orchestrator.appTokenSecret" -}}
{{- default (printf "%s-dapr-app-token" (include "orchestrator.fullname" .)) .Values.dapr.appTokenSecret -}}
{{- end -}}

{{- define "orchestrator.gatewayTlsSecret" -}}
{{- /* Another name than the chart's own: Helm would delete what cert-manager has just taken over. */ -}}
{{- $made := ternary "%s-gateway-issued" "%s-gateway-tls" (ne .Values.gateway.tls.certManager.issuerRef.name "") -}}
{{- default (printf $made (include "orchestrator.fullname" .)) .Values.gateway.tls.existingSecret -}}
{{- end -}}

{{/* Whether the chart makes the gateway's certificate; empty for no. */}}
{{- define "orchestrator.makesGatewayTls" -}}
{{- if and .Values.generateSecrets .Values.gateway.enabled (not (or .Values.gateway.tls.existingSecret .Values.gateway.tls.certManager.issuerRef.name)) -}}true{{- end -}}
{{- end -}}

{{/* That certificate and its key as JSON, in base64: what the secret holds already, else made by whoever asks first in a rendering. */}}
{{- define "orchestrator.gatewayTls" -}}
{{- if not (hasKey .Values "gatewayTls") -}}
{{- $name := include "orchestrator.gatewayTlsSecret" . -}}
{{- $service := include "orchestrator.componentName" (dict "root" . "component" "gateway") -}}
{{- $hosts := concat (list $service (printf "%s.%s" $service .Release.Namespace) (printf "%s.%s.svc" $service .Release.Namespace)) (include "orchestrator.gatewayHosts" . | fromJsonArray) -}}
{{- $made := genSelfSignedCert $service nil $hosts 365 -}}
{{- $tls := dict "crt" (include "orchestrator.keep" (dict "root" . "name" $name "key" "tls.crt" "value" $made.Cert)) "key" (include "orchestrator.keep" (dict "root" . "name" $name "key" "tls.key" "value" $made.Key)) -}}
{{- $_ := set .Values "gatewayTls" $tls -}}
{{- end -}}
{{- toJson .Values.gatewayTls -}}
{{- end -}}

{{- define "orchestrator.gatewayTokenSecret" -}}
{{- default (printf "%s-gateway-token" (include "orchestrator.fullname" .)) .Values.gateway.tokenSecret -}}
{{- end -}}

{{- define "orchestrator.blobKeySecret" -}}
{{- default (printf "%s-platform" (include "orchestrator.fullname" .)) .Values.gateway.blobKeySecret -}}
{{- end -}}

{{- define "orchestrator.durableSecret" -}}
{{- default (printf "%s-azurite" (include "orchestrator.fullname" .)) .Values.durable.existingSecret -}}
{{- end -}}

{{- define "orchestrator.controllerSecret" -}}
{{- default (printf "%s-platform" (include "orchestrator.fullname" .)) .Values.controller.existingSecret -}}
{{- end -}}

{{- define "orchestrator.redisSecret" -}}
{{- default (printf "%s-valkey" (include "orchestrator.fullname" .root)) .redis.existingSecret -}}
{{- end -}}

{{- define "orchestrator.redisHost" -}}
{{- default (printf "%s-valkey.%s.svc:6379" (include "orchestrator.fullname" .root) .root.Release.Namespace) .redis.host -}}
{{- end -}}

{{/* What a secret already holds under a key, else the default. Takes dict root, name, key, value. Result is base64. */}}
{{- define "orchestrator.keep" -}}
{{- $there := lookup "v1" "Secret" .root.Release.Namespace .name -}}
{{- $held := "" -}}
{{- if $there -}}{{- $held = index (default dict $there.data) .key | default "" -}}{{- end -}}
{{- default (b64enc .value) $held -}}
{{- end -}}
