{{/* What the schema cannot say. Every message names the fix. */}}
{{- define "orchestrator.validate" -}}
{{- $v := .Values -}}
{{- if not $v.generateSecrets -}}
{{- if not $v.platform.existingSecret -}}{{ fail "platform.existingSecret is missing: name a Secret with platform.key and api-keys.json, or set generateSecrets to try it out" }}{{- end -}}
{{- if not $v.dapr.apiTokenSecret -}}{{ fail "dapr.apiTokenSecret is missing: name a Secret with token, or set generateSecrets to try it out" }}{{- end -}}
{{- if not $v.dapr.appTokenSecret -}}{{ fail "dapr.appTokenSecret is missing: name a Secret with token, or set generateSecrets to try it out" }}{{- end -}}
{{- if and $v.gateway.enabled (not (or $v.gateway.tls.existingSecret $v.gateway.tls.certManager.issuerRef.name)) -}}{{ fail "gateway.tls.existingSecret is missing: name a kubernetes.io/tls Secret or a gateway.tls.certManager.issuerRef, or set generateSecrets to try it out" }}{{- end -}}
{{- if and $v.gateway.enabled (not $v.gateway.tokenSecret) -}}{{ fail "gateway.tokenSecret is missing: name a Secret with token, 32 characters or more, or set generateSecrets to try it out" }}{{- end -}}
{{- if and $v.gateway.enabled (eq $v.blobs.backend "azure") (not $v.gateway.blobKeySecret) -}}{{ fail "gateway.blobKeySecret is missing: the gateway reads blobs through the HTTP API, so name a Secret with api-key, an admin key" }}{{- end -}}
{{- if and $v.controller.enabled (not $v.controller.existingSecret) -}}{{ fail "controller.existingSecret is missing: name a Secret with api-key, or set generateSecrets to try it out" }}{{- end -}}
{{- end -}}
{{- if and $v.gateway.enabled $v.gateway.tls.certManager.issuerRef.name -}}
{{- if $v.gateway.tls.existingSecret -}}{{ fail "gateway.tls.existingSecret and gateway.tls.certManager.issuerRef.name exclude each other: cert-manager makes a secret of its own" }}{{- end -}}
{{- if not (include "orchestrator.gatewayHosts" . | fromJsonArray) -}}{{ fail "gateway.hosts is missing: name what cert-manager's certificate is for" }}{{- end -}}
{{- end -}}
{{- if and $v.controller.enabled (not $v.controller.platformKey) -}}{{ fail "controller.platformKey is missing: workers obey only messages signed by it; copy the platform's public key" }}{{- end -}}
{{- if and $v.controller.enabled (not $v.controller.workers.environment.Worker__GatewayUrl) (not (include "orchestrator.makesGatewayTls" .)) -}}{{ fail "controller.workers.environment.Worker__GatewayUrl is missing: give workers the https:// address of a gateway, as its certificate names it" }}{{- end -}}
{{- if and $v.generateSecrets $v.platform.existingSecret $v.controller.enabled (not $v.controller.existingSecret) -}}{{ fail "controller.existingSecret is missing: with a platform.existingSecret no key of the API is made, so name a Secret with api-key" }}{{- end -}}
{{- if not (or $v.durable.existingSecret $v.azurite.enabled) -}}{{ fail "durable.existingSecret is missing: name a Secret with durable and webjobs, or set azurite.enabled to try it out" }}{{- end -}}
{{- if and (eq $v.durable.backend "mssql") (not $v.durable.existingSecret) -}}{{ fail "durable.existingSecret is missing: Azurite is no SQL Server, so durable.backend mssql needs a Secret with durable and webjobs" }}{{- end -}}
{{- if and (eq $v.durable.backend "mssql") (eq $v.functions.image.repository "orchestrator-functions") -}}{{ fail "functions.image.repository orchestrator-functions keeps workflows in Azure Storage: durable.backend mssql needs the image built with --build-arg DURABLE_BACKEND=mssql, e.g. orchestrator-functions-mssql" }}{{- end -}}
{{- if and (eq $v.durable.backend "azureStorage") (hasSuffix "-mssql" $v.functions.image.repository) -}}{{ fail (printf "functions.image.repository %s keeps workflows in SQL Server: set durable.backend to mssql" $v.functions.image.repository) }}{{- end -}}
{{- if and (eq $v.functions.autoscaling.kind "keda") (ne $v.durable.backend "mssql") -}}{{ fail "functions.autoscaling.kind keda needs durable.backend mssql: the Azure Storage backend has no scaler that works; use hpa or fixed replicas" }}{{- end -}}
{{- if and $v.gateway.enabled $v.gateway.relay.enabled -}}
{{- if not (or $v.gateway.relay.platformKey $v.controller.platformKey) -}}{{ fail "gateway.relay.platformKey is missing: the platform reaches nodes through the relay by its key; copy the platform's public key" }}{{- end -}}
{{- $hosts := include "orchestrator.relayHosts" . | fromJsonArray -}}
{{- $gateways := max 1 (len $hosts) | int -}}
{{- if or (ne (int $v.gateway.replicas) $gateways) (ne $v.gateway.autoscaling.kind "none") -}}{{ fail (printf "gateway.relay with %d hosts needs gateway.replicas %d and gateway.autoscaling.kind none: a node is registered at one gateway, so each needs a name of its own in gateway.relay.hosts" (len $hosts) $gateways) }}{{- end -}}
{{- if ne (len $hosts) (len (uniq $hosts)) -}}{{ fail "gateway.relay.hosts names a host twice: each gateway needs one of its own" }}{{- end -}}
{{- end -}}
{{- range $name := list "functions" "actors" "gateway" -}}
{{- $a := (index $v $name).autoscaling -}}
{{- if gt (int $a.minReplicas) (int $a.maxReplicas) -}}{{ fail (printf "%s.autoscaling.minReplicas is above maxReplicas" $name) }}{{- end -}}
{{- end -}}
{{- range $name, $c := dict "pubsub" $v.pubsub "state" $v.state -}}
{{- if eq $c.type "redis" -}}
{{- if not (or $c.redis.host $v.valkey.enabled) -}}{{ fail (printf "%s.redis.host is missing: give host:port, or set valkey.enabled to try it out" $name) }}{{- end -}}
{{- if and $c.redis.host (not (or $c.redis.existingSecret $c.redis.useEntraId)) -}}{{ fail (printf "%s.redis.existingSecret is missing: name the Secret with the password of %s, or set useEntraId" $name $c.redis.host) }}{{- end -}}
{{- if and (not $c.redis.host) $c.redis.enableTls -}}{{ fail (printf "%s.redis.enableTls must be false with the built-in Valkey, which has no certificate" $name) }}{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (eq $v.pubsub.type "rabbitmq") (not $v.pubsub.rabbitmq.existingSecret) -}}{{ fail "pubsub.rabbitmq.existingSecret is missing: name the Secret with the amqps:// address" }}{{- end -}}
{{- if and (eq $v.pubsub.type "servicebus") (not (or $v.pubsub.servicebus.existingSecret $v.pubsub.servicebus.namespace)) -}}{{ fail "pubsub.servicebus needs existingSecret (a connection string) or namespace (the workload identity)" }}{{- end -}}
{{- if and (eq $v.state.type "postgresql") (not $v.state.postgresql.existingSecret) -}}{{ fail "state.postgresql.existingSecret is missing: name the Secret with the connection string" }}{{- end -}}
{{- if and (eq $v.state.type "cosmosdb") (not $v.state.cosmosdb.url) -}}{{ fail "state.cosmosdb.url is missing: give the address of the account" }}{{- end -}}
{{- if and (eq $v.blobs.backend "azure") (not (or $v.blobs.azure.existingSecret $v.blobs.azure.accountUrl)) -}}{{ fail "blobs.azure needs existingSecret (a connection string) or accountUrl (the workload identity)" }}{{- end -}}
{{- if and (eq $v.blobs.backend "pvc") (not $v.blobs.pvc.existingClaim) (not (has "ReadWriteMany" $v.blobs.pvc.accessModes)) (or $v.gateway.enabled (gt (int $v.functions.replicas) 1) (ne $v.functions.autoscaling.kind "none")) (not $v.generateSecrets) -}}{{ fail "blobs.pvc.accessModes needs ReadWriteMany: functions and gateway share the folder; or use blobs.backend azure" }}{{- end -}}
{{- if and $v.functions.ingress.enabled (not $v.functions.ingress.host) -}}{{ fail "functions.ingress.host is missing: give the host name of the API" }}{{- end -}}
{{- if and $v.functions.httpRoute.enabled (not $v.functions.httpRoute.parentRefs) -}}{{ fail "functions.httpRoute.parentRefs is empty: name the Gateway it hangs on" }}{{- end -}}
{{- end -}}
