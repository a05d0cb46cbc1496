{{/* What the schema cannot say. Every message names the fix. */}}
{{- define "node.validate" -}}
{{- $v := .Values -}}
{{- if not $v.platform.publicKey -}}{{ fail "platform.publicKey is missing: ask the platform for its Ed25519 public key, 64 hex digits" }}{{- end -}}
{{- if not $v.host.account -}}{{ fail "host.account is missing: name the account that is paid" }}{{- end -}}
{{- if eq $v.bus "gateway" -}}
{{- if not $v.gateway.url -}}{{ fail "gateway.url is missing: ask the platform for its gateway's https:// address" }}{{- end -}}
{{- else -}}
{{- if not $v.dapr.appId -}}{{ fail "dapr.appId is missing: it is node- and the node's id, which the node prints at its first start" }}{{- end -}}
{{- if gt (int $v.replicas) 1 -}}{{ fail "replicas must be 1 with bus dapr: an app-id is one node; install the chart once per node" }}{{- end -}}
{{- if not (and $v.dapr.apiTokenSecret $v.dapr.appTokenSecret) -}}{{ fail "dapr.apiTokenSecret and dapr.appTokenSecret are required with bus dapr: name Secrets with token" }}{{- end -}}
{{- if not (or $v.gateway.url $v.dapr.blobUrl) -}}{{ fail "gateway.url is missing: with bus dapr the node gets its shards there by its key; ask the platform for it, or name another place in dapr.blobUrl" }}{{- end -}}
{{- if and $v.dapr.broker.url (not $v.dapr.broker.tlsSecret) -}}{{ fail "dapr.broker.tlsSecret is missing: name a Secret with ca.crt, tls.crt and tls.key of this node's user at the broker" }}{{- end -}}
{{- end -}}
{{- if eq $v.dataPlane.mode "relay" -}}
{{- if ne $v.bus "gateway" -}}{{ fail "dataPlane.mode relay needs bus gateway; use podIP or address" }}{{- end -}}
{{- if not $v.gateway.relay -}}{{ fail "gateway.relay is missing: give host:port of the platform's relay, or :port for that of the gateway, or choose another dataPlane.mode" }}{{- end -}}
{{- if and (hasPrefix ":" $v.gateway.relay) $v.gateway.relayCertificate -}}{{ fail "gateway.relayCertificate must be empty with a gateway.relay that is a port: the gateway's relay shows the gateway's certificate, which gateway.certificate pins" }}{{- end -}}
{{- end -}}
{{- if eq $v.dataPlane.mode "address" -}}
{{- if not $v.dataPlane.address -}}{{ fail "dataPlane.address is missing: give the name or address under which peers reach the node" }}{{- end -}}
{{- if gt (int $v.replicas) 1 -}}{{ fail "replicas must be 1 with dataPlane.mode address: one address is one node; install the chart once per node" }}{{- end -}}
{{- end -}}
{{- if ne $v.gpu.mode "none" -}}
{{- if and (regexMatch "\\.shared$" $v.gpu.resourceName) (not $v.gpu.allowShared) -}}{{ fail (printf "gpu.resourceName %s is a shared GPU: it isolates neither memory nor faults, and wrong answers cost stake; choose a whole GPU or MIG, or set gpu.allowShared" $v.gpu.resourceName) }}{{- end -}}
{{- end -}}
{{- if and (eq $v.gpu.mode "dra") (semverCompare "<1.34.0-0" .Capabilities.KubeVersion.Version) -}}{{ fail (printf "gpu.mode dra needs Kubernetes 1.34 or later (resource.k8s.io/v1), this is %s: use devicePlugin" .Capabilities.KubeVersion.Version) }}{{- end -}}
{{- if and (not $v.data.persistent) (not $v.identity.existingSecret) -}}{{ fail "data.persistent is off and identity.existingSecret is empty: the node's key, and the stake with it, would be lost with the pod; set one of them" }}{{- end -}}
{{- if eq $v.gpu.mode "none" -}}
{{- $limit := dig "limits" "memory" "" $v.resources -}}
{{- if regexMatch "^[0-9]+(Mi|Gi|Ti)$" $limit -}}
{{- if ge (include "node.mebibytes" $v.worker.memory | int64) (include "node.mebibytes" $limit | int64) -}}{{ fail (printf "worker.memory %s leaves nothing of the pod's limit %s: without a GPU shards lie in the pod's memory; lower it or raise resources.limits.memory" $v.worker.memory $limit) }}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
