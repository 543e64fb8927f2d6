#!/usr/bin/env python3
"""Writes dashboards/semroute.json: what is asked is here, how Grafana wants it is below.

    python3 deploy/observability/grafana/dashboards.py
"""
import json
import pathlib

I = '{instance=~"$instance"}'

# Rows of panels: title, unit, and queries with their legends.
ROWS = [
    ("Now", [
        ("Ready", "none", [("min(semroute_ready" + I + ")", "ready")], "stat"),
        ("Decisions a second", "ops", [("sum(rate(semroute_decisions_total" + I + "[1m]))", "all")], "stat"),
        ("Without a route", "percentunit", [('sum(rate(semroute_decisions_total{instance=~"$instance",route=""}[5m])) / sum(rate(semroute_decisions_total' + I + "[5m]))", "share")], "stat"),
        ("Cost an hour", "currencyUSD", [("sum(rate(semroute_call_cost_usd_total" + I + "[5m])) * 3600", "all")], "stat"),
    ]),
    ("Decisions", [
        ("By route", "ops", [("sum by (route) (rate(semroute_decisions_total" + I + "[1m]))", "{{route}}")], "lines"),
        ("By stage", "ops", [("sum by (stage) (rate(semroute_decisions_total" + I + "[1m]))", "{{stage}}")], "lines"),
        ("Why none", "ops", [('sum by (reason) (rate(semroute_decisions_total{instance=~"$instance",reason!=""}[1m]))', "{{reason}}")], "lines"),
        ("Confidence, lowest tenth and median", "percentunit", [("histogram_quantile(%s, sum by (le) (rate(semroute_decision_confidence_bucket%s[5m])))" % (q, I), "p%g" % (100 * q)) for q in (0.1, 0.5)], "lines"),
        ("Degraded and not decided", "ops", [("sum by (cause) (rate(semroute_decisions_degraded_total" + I + "[1m]))", "degraded: {{cause}}"), ("sum(rate(semroute_decisions_failed_total" + I + "[1m]))", "not decided")], "lines"),
    ]),
    ("Time", [
        ("To decide", "s", [("histogram_quantile(%s, sum by (le) (rate(semroute_decision_duration_seconds_bucket%s[5m])))" % (q, I), "p%g" % (100 * q)) for q in (0.5, 0.95, 0.99)], "lines"),
        ("To embed and to search, p95", "s", [("histogram_quantile(0.95, sum by (le) (rate(semroute_%s_duration_seconds_bucket%s[5m])))" % (s, I), s) for s in ("embed", "search")], "lines"),
        ("Of gRPC calls, p99", "s", [("histogram_quantile(0.99, sum by (rpc_method, le) (rate(rpc_server_call_duration_seconds_bucket" + I + "[5m])))", "{{rpc_method}}")], "lines"),
        ("Of HTTP requests, p99", "s", [("histogram_quantile(0.99, sum by (http_route, le) (rate(http_server_request_duration_seconds_bucket" + I + "[5m])))", "{{http_route}}")], "lines"),
    ]),
    ("Models", [
        ("Calls", "ops", [("sum by (model, outcome) (rate(semroute_calls_total" + I + "[1m]))", "{{model}} {{outcome}}")], "lines"),
        ("Tries", "ops", [("sum by (model, status) (rate(semroute_call_attempts_total" + I + "[1m]))", "{{model}} {{status}}")], "lines"),
        ("First piece, p95", "s", [("histogram_quantile(0.95, sum by (model, le) (rate(semroute_call_first_piece_duration_seconds_bucket" + I + "[5m])))", "{{model}}")], "lines"),
        ("Whole answer, p95", "s", [("histogram_quantile(0.95, sum by (gen_ai_request_model, le) (rate(gen_ai_client_operation_duration_seconds_bucket" + I + "[5m])))", "{{gen_ai_request_model}}")], "lines"),
        ("Tokens", "ops", [("sum by (model, type) (rate(semroute_call_tokens_total" + I + "[1m]))", "{{model}} {{type}}")], "lines"),
        ("Dollars an hour", "currencyUSD", [("sum by (model, part) (rate(semroute_call_cost_usd_total" + I + "[5m])) * 3600", "{{model}} {{part}}")], "lines"),
        ("Left alone", "none", [("max by (model) (semroute_circuit_open" + I + ")", "{{model}}")], "lines"),
    ]),
    ("Routes, feedback, drift", [
        ("Generations", "none", [("sum(increase(semroute_generation_swaps_total" + I + "[1h]))", "put in place"), ("sum(increase(semroute_generation_failures_total" + I + "[1h]))", "failed")], "lines"),
        ("Known", "none", [("max(semroute_generation_routes" + I + ")", "routes"), ("max(semroute_generation_utterances" + I + ")", "utterances"), ("max(semroute_generation_left_out" + I + ")", "left out")], "lines"),
        ("Feedback", "none", [("sum by (verdict) (increase(semroute_feedback_total" + I + "[1h]))", "{{verdict}}")], "lines"),
        ("Alarms", "none", [("sum by (kind) (increase(semroute_alarms_total" + I + "[1h]))", "{{kind}}")], "lines"),
    ]),
    ("Process", [
        ("Let in at once", "none", [("semroute_admission_limit" + I, "limit"), ("semroute_admission_queued" + I, "waiting")], "lines"),
        ("Memory", "bytes", [("process_resident_memory_bytes" + I, "resident"), ("go_memstats_heap_inuse_bytes" + I, "heap")], "lines"),
        ("Processor", "none", [("rate(process_cpu_seconds_total" + I + "[1m])", "cores")], "lines"),
        ("Descriptors", "none", [("process_open_fds" + I, "open"), ("process_max_fds" + I, "most")], "lines"),
        ("Records", "none", [("semroute_store_waiting" + I, "waiting"), ("increase(semroute_store_lost_total" + I + "[1h])", "lost in an hour")], "lines"),
    ]),
]


def panel(number, title, unit, queries, kind, x, y, width):
    return {
        "id": number, "title": title, "type": {"stat": "stat", "lines": "timeseries"}[kind],
        "datasource": {"type": "prometheus", "uid": "prometheus"},
        "gridPos": {"h": 4 if kind == "stat" else 8, "w": width, "x": x, "y": y},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [{"refId": chr(65 + i), "expr": query, "legendFormat": legend} for i, (query, legend) in enumerate(queries)],
    }


def main():
    panels, number, y = [], 0, 0
    for row, members in ROWS:
        number += 1
        panels.append({"id": number, "type": "row", "title": row, "collapsed": False, "panels": [], "gridPos": {"h": 1, "w": 24, "x": 0, "y": y}})
        y += 1
        x = 0
        for title, unit, queries, kind in members:
            width = 6 if kind == "stat" else 8
            if x + width > 24:
                x, y = 0, y + 8
            number += 1
            panels.append(panel(number, title, unit, queries, kind, x, y, width))
            x += width
        y += 4 if members[0][3] == "stat" else 8
    dashboard = {
        "uid": "semroute", "title": "semroute", "tags": ["semroute"], "schemaVersion": 39, "version": 1, "editable": True,
        "time": {"from": "now-3h", "to": "now"}, "refresh": "30s", "timezone": "browser", "panels": panels,
        "templating": {"list": [{"name": "instance", "type": "query", "datasource": {"type": "prometheus", "uid": "prometheus"}, "query": "label_values(semroute_ready, instance)", "refresh": 2, "includeAll": True, "multi": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"}}]},
    }
    out = pathlib.Path(__file__).parent / "dashboards" / "semroute.json"
    out.write_text(json.dumps(dashboard, indent=2) + "\n")


if __name__ == "__main__":
    main()
