#!/bin/sh
# Measures semroute beside aurelio's semantic-router and LiteLLM's proxy: the
# same vectors and prompts, the same upstream, in turns. Everything is installed
# into bench/out/venv, or into the folder that VENV names. Arguments go to
# `go run ./bench`, for example:
#   bench/peers/run.sh --catalog my.yaml --data prompts.jsonl
set -eu
cd "$(dirname "$0")/../.."
out=bench/out
venv=${VENV:-$out/venv}
upstream=127.0.0.1:18091
proxy=127.0.0.1:18092

python=${PYTHON:-python3}
if ! cmp -s bench/peers/requirements.txt "$venv/installed.txt"; then
	"$python" -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check -r bench/peers/requirements.txt
	cp bench/peers/requirements.txt "$venv/installed.txt"
fi
go build -o "$out/bench" ./bench

UPSTREAM=http://$upstream/v1 "$venv/bin/litellm" --config bench/peers/litellm.yaml \
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

"$out/bench" --only aurelio,first-piece --out "$out/peers.json" \
	--aurelio "$venv/bin/python bench/peers/aurelio.py" \
	--litellm "http://$proxy/v1" --double "$upstream" "$@"
