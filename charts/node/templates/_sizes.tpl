{{/* A size such as 40Gi in MiB. */}}
{{- define "node.mebibytes" -}}
{{- $number := regexReplaceAll "[A-Za-z]+$" . "" | int64 -}}
{{- if hasSuffix "Ti" . -}}{{- mul $number 1048576 -}}{{- else if hasSuffix "Gi" . -}}{{- mul $number 1024 -}}{{- else -}}{{- $number -}}{{- end -}}
{{- end -}}

{{/* A part of a size in bytes. Takes dict size, percent. */}}
{{- define "node.bytes" -}}
{{- mul (div (mul (include "node.mebibytes" .size | int64) (int64 .percent)) 100) 1048576 -}}
{{- end -}}

{{/* The pod's grace period: the drain, and the time to let go of shards and connections. */}}
{{- define "node.gracePeriod" -}}
{{- add (int .Values.drain.preStopSeconds) (int .Values.drain.graceSeconds) 60 -}}
{{- end -}}

{{/* Seconds as a .NET time span. */}}
{{- define "node.timeSpan" -}}
{{- $s := int . -}}
{{- printf "%02d:%02d:%02d" (div $s 3600) (div (mod $s 3600) 60) (mod $s 60) -}}
{{- end -}}
