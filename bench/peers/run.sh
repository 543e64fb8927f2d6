#!/bin/sh
# Measures semroute beside aurelio's semantic-router and LiteLLM's proxy: the
# same vectors and prompts, the same upstream, in turns; and its embeddings beside
# ONNX Runtime's of the same weights, which are in the file that MODEL_JAR names,
# and beside Ollama's. Everything is installed into bench/out/venv, or into the
# folder that VENV names, LiteLLM and ONNX Runtime into folders of their own beside
# it. Bifrost is not among them: no version of its Go module can be had from the
# module proxy, and its npm package holds no gateway but fetches one from a server of
# its maker's when it starts.
# Arguments go to `go run ./bench`, for example:
#   bench/peers/run.sh --catalog my.yaml --data prompts.jsonl
set -eu
cd "$(dirname "$0")/../.."
out=bench/out
venv=${VENV:-$out/venv}
upstream=127.0.0.1:18091
proxy=127.0.0.1:18092

python=${PYTHON:-python3}
install() { # a virtual environment with what a file lists, unless it is there
	if ! cmp -s "$2" "$1/installed.txt"; then
		"$python" -m venv "$1"
		"$1/bin/pip" install --quiet --disable-pip-version-check -r "$2"
		cp "$2" "$1/installed.txt"
	fi
}
install "$venv" bench/peers/requirements.txt
install "$venv-litellm" bench/peers/litellm.txt
install "$venv-onnx" bench/peers/onnx_runtime.txt
go build -o "$out/bench" ./bench

LITELLM_LOCAL_MODEL_COST_MAP=True UPSTREAM=http://$upstream/v1 "$venv-litellm/bin/litellm" --config bench/peers/litellm.yaml \
	--host "${proxy%:*}" --port "${proxy#*:}" --num_workers 1 --telemetry False --keepalive_timeout 600 >"$out/litellm.log" 2>&1 &
litellm=$!
trap 'kill "$litellm" 2>/dev/null; wait "$litellm" 2>/dev/null || true' EXIT INT TERM
tries=0
until "$venv/bin/python" -c "import urllib.request as r; r.urlopen('http://$proxy/health/liveliness', timeout=2)" 2>/dev/null; do
	tries=$((tries + 1))
	if [ "$tries" -gt 120 ] || ! kill -0 "$litellm" 2>/dev/null; then
		echo "LiteLLM's proxy does not answer; see $out/litellm.log" >&2
		exit 1
	fi
	sleep 1
done

"$out/bench" --only aurelio,first-piece,http,embedding --out "$out/peers.json" \
	--aurelio "$venv/bin/python bench/peers/aurelio.py" \
	--onnx "$venv-onnx/bin/python bench/peers/onnx_runtime.py ${MODEL_JAR:?}" \
	--litellm "http://$proxy/v1" --double "$upstream" "$@"
