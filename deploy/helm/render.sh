#!/usr/bin/env bash
# Makes deploy/kubernetes.yaml from the chart, and checks the chart: helm's lint, every
# variant rendered, and each object held to the schemas of several Kubernetes versions.
#   deploy/helm/render.sh           check, and fail where deploy/kubernetes.yaml differs
#   deploy/helm/render.sh --write   write deploy/kubernetes.yaml
set -euo pipefail
cd "$(dirname "$0")/../.."
helm() { go run helm.sh/helm/v3/cmd/helm@v3.22.0 "$@"; }
chart=deploy/helm/semroute
build=.build/helm
mkdir -p "$build"

plain() {
	cat <<'HEADER'
# semroute on Kubernetes: two pods with the model in their binary. Made from the chart in
# deploy/helm by `deploy/helm/render.sh --write`; change that, not this.
#   kubectl create configmap semroute-catalog --from-file=examples/support
#   kubectl apply -f deploy/kubernetes.yaml
# A changed config map reaches the pods within a minute or so, and is served as soon as
# it does. A broken one is not: the log says why.
HEADER
	helm template semroute "$chart" --kube-version 1.33.0 --set catalog.existingConfigMap=semroute-catalog |
		sed -e '/^# Source:/d' -e 's/managed-by: Helm/managed-by: kubectl/' -e '/./,$!d'
}

# The chart's own catalog is the example, so that a first try decides something.
if [ "${1:-}" = --write ]; then
	rm -rf "$chart/catalog" && cp -R examples/support "$chart/catalog"
fi
diff -r examples/support "$chart/catalog"

plain >"$build/kubernetes.yaml"
if [ "${1:-}" = --write ]; then
	cp "$build/kubernetes.yaml" deploy/kubernetes.yaml
	exit
fi
diff -u deploy/kubernetes.yaml "$build/kubernetes.yaml" || { echo "run deploy/helm/render.sh --write and commit the result" >&2; exit 1; }

helm lint --quiet --strict --kube-version 1.33.0 "$chart"

# What is installed differs much by these; each line is one variant.
everything="autoscaling.enabled=true,admin.enabled=true,qdrant.enabled=true,index.kind=qdrant,ollama.enabled=true,embedder.kind=ollama"
everything+=",postgresql.enabled=true,postgresql.password=p@ss/word,catalog.source=store,store.prompts=redact,podAnnotations.a=b"
closed="insecure=false,tls.secretName=certificate,tls.clientCAKey=ca.crt,auth.secretName=callers,auth.requireKeys=true"
closed+=",store.existingSecret=store,secretMounts[0].name=q,secretMounts[0].secretName=qdrant,env[0].name=OPENAI_API_KEY"
closed+=",env[0].valueFrom.secretKeyRef.name=openai,env[0].valueFrom.secretKeyRef.key=key"
variants=(
	""
	"$everything"
	"$closed"
	"http.enabled=false,networkPolicy.enabled=false,podDisruptionBudget.enabled=false,serviceAccount.create=false,topologySpread=false"
	"catalog.files.a\\.yaml=routes: []"
)
number=0
for set in "${variants[@]}"; do
	helm template semroute "$chart" --kube-version 1.33.0 --set "$set" >"$build/variant-$number.yaml"
	number=$((number + 1))
done

# What cannot work is refused, in words.
refused() {
	local said
	if said=$(helm template semroute "$chart" --kube-version 1.33.0 --set "$1" 2>&1); then
		echo "the chart takes $1" >&2
		exit 1
	fi
	grep -q "$2" <<<"$said" || { echo "$1: $said" >&2; exit 1; }
}
refused insecure=false "tls.secretName"
refused index.kind=qdrant "index.qdrantAddress or qdrant.enabled"
refused embedder.kind=ollama "embedder.ollamaHost or ollama.enabled"
refused catalog.source=store "needs a store"
refused postgresql.enabled=true "postgresql.password"
refused replicas=many "replicas"
refused htttp.enabled=true "htttp"

if [ ! -x "$build/venv/bin/kubernetes-validate" ]; then
	python3 -m venv "$build/venv"
	"$build/venv/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate==1.37.0
fi
for version in 1.29 1.33 1.37; do
	"$build/venv/bin/kubernetes-validate" --strict --quiet -k "$version" "$build"/*.yaml
done
echo "chart: ${#variants[@]} variants hold for Kubernetes 1.29, 1.33 and 1.37"
