{{- define "semroute.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{- else -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{- end -}}
{{- end -}}

{{- define "semroute.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "semroute.labels" -}}
{{ include "semroute.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "semroute.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "semroute.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}{{ .Values.serviceAccount.name | default (include "semroute.fullname" .) }}{{- else -}}{{ .Values.serviceAccount.name | default "default" }}{{- end -}}
{{- end -}}

{{- define "semroute.catalog" -}}
{{ .Values.catalog.existingConfigMap | default (printf "%s-catalog" (include "semroute.fullname" .)) }}
{{- end -}}

{{- define "semroute.storeSecret" -}}
{{- if .Values.store.existingSecret -}}{{ .Values.store.existingSecret }}{{- else if .Values.postgresql.enabled -}}{{ include "semroute.fullname" . }}-store{{- end -}}
{{- end -}}

{{/* What cannot work is refused here, where the sentence can say what to do. */}}
{{- define "semroute.check" -}}
{{- $store := include "semroute.storeSecret" . -}}
{{- if and .Values.postgresql.enabled (not .Values.postgresql.password) (not .Values.store.existingSecret) -}}
{{- fail "postgresql.enabled needs postgresql.password" -}}
{{- end -}}
{{- if and (eq .Values.catalog.source "store") (not $store) -}}
{{- fail "catalog.source=store needs a store: store.existingSecret, or postgresql.enabled" -}}
{{- end -}}
{{- if and .Values.auth.requireKeys (not $store) -}}
{{- fail "auth.requireKeys needs a store: store.existingSecret, or postgresql.enabled" -}}
{{- end -}}
{{- if and (eq .Values.index.kind "qdrant") (not .Values.qdrant.enabled) (not .Values.index.qdrantAddress) -}}
{{- fail "index.kind=qdrant needs index.qdrantAddress or qdrant.enabled" -}}
{{- end -}}
{{- if and (eq .Values.embedder.kind "ollama") (not .Values.ollama.enabled) (not .Values.embedder.ollamaHost) -}}
{{- fail "embedder.kind=ollama needs embedder.ollamaHost or ollama.enabled" -}}
{{- end -}}
{{- if and (not .Values.insecure) (not (and .Values.tls.secretName (or .Values.auth.secretName .Values.auth.requireKeys .Values.tls.clientCAKey))) -}}
{{- fail "without insecure, tls.secretName and a way to know callers are needed: auth.secretName, auth.requireKeys or tls.clientCAKey" -}}
{{- end -}}
{{- if .Values.catalog.existingConfigMap -}}
{{- if .Values.catalog.files -}}{{- fail "catalog.files and catalog.existingConfigMap are alternatives" -}}{{- end -}}
{{- end -}}
{{- end -}}
