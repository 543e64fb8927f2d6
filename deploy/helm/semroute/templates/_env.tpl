{{/* The environment of `semroute serve`: settings are SEMROUTE_… variables. */}}
{{- define "semroute.env" -}}
{{- $full := include "semroute.fullname" . -}}
- {name: SEMROUTE_LISTEN, value: "0.0.0.0:{{ .Values.grpc.port }}"}
{{- if .Values.http.enabled }}
- {name: SEMROUTE_HTTP_LISTEN, value: "0.0.0.0:{{ .Values.http.port }}"}
{{- end }}
{{- if .Values.admin.enabled }}
- {name: SEMROUTE_ADMIN_LISTEN, value: "0.0.0.0:{{ .Values.admin.port }}"}
{{- end }}
- {name: SEMROUTE_CATALOG, value: /etc/semroute/catalog}
- {name: SEMROUTE_CACHE_DIR, value: /var/cache/semroute}
{{- if eq .Values.catalog.source "store" }}
- {name: SEMROUTE_SOURCE, value: store}
{{- end }}
{{- if .Values.insecure }}
- {name: SEMROUTE_INSECURE, value: "true"}
{{- end }}
{{- if .Values.tls.secretName }}
- {name: SEMROUTE_TLS_CERT, value: /etc/semroute/tls/tls.crt}
- {name: SEMROUTE_TLS_KEY, value: /etc/semroute/tls/tls.key}
{{- if .Values.tls.clientCAKey }}
- {name: SEMROUTE_TLS_CLIENT_CA, value: "/etc/semroute/tls/{{ .Values.tls.clientCAKey }}"}
{{- end }}
{{- end }}
{{- if .Values.auth.secretName }}
- {name: SEMROUTE_AUTH, value: /etc/semroute/auth/auth.yaml}
{{- end }}
{{- if .Values.auth.requireKeys }}
- {name: SEMROUTE_REQUIRE_KEYS, value: "true"}
{{- end }}
{{- with include "semroute.storeSecret" . }}
- name: SEMROUTE_STORE
  valueFrom: {secretKeyRef: {name: {{ . | quote }}, key: url}}
- {name: SEMROUTE_STORE_PROMPTS, value: {{ $.Values.store.prompts | quote }}}
{{- end }}
- {name: SEMROUTE_EMBEDDER, value: {{ .Values.embedder.kind | quote }}}
{{- if eq .Values.embedder.kind "ollama" }}
- {name: SEMROUTE_OLLAMA_MODEL, value: {{ .Values.embedder.ollamaModel | quote }}}
{{- end }}
{{- if or .Values.ollama.enabled .Values.embedder.ollamaHost }}
- {name: OLLAMA_HOST, value: {{ .Values.embedder.ollamaHost | default (printf "%s-ollama:11434" .Release.Name) | quote }}}
{{- end }}
- {name: SEMROUTE_INDEX, value: {{ .Values.index.kind | quote }}}
{{- if eq .Values.index.kind "qdrant" }}
- {name: SEMROUTE_QDRANT, value: {{ .Values.index.qdrantAddress | default (printf "%s-qdrant:6334" .Release.Name) | quote }}}
{{- end }}
{{- range $key, $value := .Values.settings }}
- {name: {{ printf "SEMROUTE_%s" ($key | replace "-" "_" | upper) }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The admin listener answers /readyz; without it a gRPC probe does where
     there is no TLS, which probes do not speak, and the binary asks itself else. */}}
{{- define "semroute.probe" -}}
{{- if .Values.admin.enabled }}
httpGet: {path: /readyz, port: admin{{ if .Values.tls.secretName }}, scheme: HTTPS{{ end }}}
{{- else if .Values.tls.secretName }}
exec: {command: [/semroute, health, --server, "127.0.0.1:{{ .Values.grpc.port }}", --wait, 0s, --tls-ca, /etc/semroute/tls/tls.crt]}
{{- else }}
grpc: {port: {{ .Values.grpc.port }}}
{{- end }}
{{- end -}}
