#!/usr/bin/env bash
# Holds the dashboard and the alert rules to the metrics that a server really has: a real
# Prometheus scrapes a real server under some traffic, every rule and every query of the
# dashboard is asked, and every metric that they name has to be there.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=deploy/observability
for tool in prometheus promtool; do
	command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 0; }
done
python3 $here/grafana/dashboards.py
git diff --exit-code -- $here/grafana/dashboards || { echo "commit what $here/grafana/dashboards.py writes" >&2; exit 1; }
promtool check rules $here/alerts.yaml

work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work/semroute" ./cmd/semroute
read -r grpc http admin prometheus upstream < <(python3 - <<'PY'
import socket
held = [socket.socket() for _ in range(5)]
for s in held:
    s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])
PY
)

# An upstream that answers as OpenAI's do, and fails now and then.
cat >"$work/upstream.py" <<'PY'
import http.server, json, sys
calls = 0
class Upstream(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global calls
        calls += 1
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if calls % 5 == 0:
            self.send_response(500); self.end_headers(); return
        self.send_response(200); self.send_header("Content-Type", "text/event-stream"); self.end_headers()
        for piece in ({"choices": [{"index": 0, "delta": {"role": "assistant", "content": "yes"}}]}, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 1}}):
            self.wfile.write(b"data: " + json.dumps({"id": "x", "object": "chat.completion.chunk", "model": asked["model"], **piece}).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Upstream).serve_forever()
PY
python3 "$work/upstream.py" "$upstream" & pids+=($!)
cat >"$work/catalog.yaml" <<YAML
models:
  - {name: small, provider: openai, model: small, base_url: "http://127.0.0.1:$upstream/v1", price: {input_per_mtok: 0.5, output_per_mtok: 1.5}}
routes:
  - {name: billing, models: [small], utterances: [i was billed twice, my invoice is wrong, why was my card charged]}
  - {name: delivery, models: [small], utterances: [where is my parcel, the courier has not come, track my order]}
YAML
"$work/semroute" serve --catalog "$work/catalog.yaml" --listen 127.0.0.1:$grpc --http-listen 127.0.0.1:$http --admin-listen 127.0.0.1:$admin \
	--ledger "$work/calls.db" --cache-dir off 2>"$work/log" & pids+=($!)
"$work/semroute" health --server 127.0.0.1:$grpc --wait 1m >/dev/null || { tail "$work/log" >&2; exit 1; }
cat >"$work/prometheus.yaml" <<YAML
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["$PWD/$here/alerts.yaml"]
scrape_configs: [{job_name: semroute, static_configs: [{targets: ["127.0.0.1:$admin"]}]}]
YAML
prometheus --config.file "$work/prometheus.yaml" --storage.tsdb.path "$work/tsdb" --web.listen-address 127.0.0.1:$prometheus 2>"$work/prometheus.log" & pids+=($!)

traffic() {
	for prompt in "i was billed twice" "where is my parcel" "who won the match last night"; do
		"$work/semroute" chat --server 127.0.0.1:$grpc "$prompt" >/dev/null 2>&1 || true
		decision=$("$work/semroute" route --server 127.0.0.1:$grpc --json "$prompt" | sed -n 's/.*"decision_id":"\([^"]*\)".*/\1/p')
		"$work/semroute" feedback --server 127.0.0.1:$grpc "$decision" --right >/dev/null
		curl -fsS -o /dev/null "http://127.0.0.1:$http/v1/models"
	done
}
traffic && sleep 2 && traffic && sleep 2 && traffic && sleep 3
python3 $here/check.py "http://127.0.0.1:$prometheus" $here/alerts.yaml $here/grafana/dashboards/semroute.json
