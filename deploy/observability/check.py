"""Asks a Prometheus every query of the alert rules and of the dashboard."""
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

# What only happens when something goes wrong, so that a healthy server has no series of
# it: it has to be in docs/metrics.md, which a test holds to the code.
RARE = {"semroute_alarms_total", "semroute_decisions_degraded_total", "semroute_decisions_failed_total"}
NAMES = re.compile(r"\b((?:semroute|rpc|http|gen_ai|process|go)_[a-z0-9_]+)\b")


def ask(server, path, **values):
    with urllib.request.urlopen(f"{server}/api/v1/{path}?{urllib.parse.urlencode(values)}", timeout=20) as answer:
        return json.load(answer)["data"]


def main():
    server, rules, dashboard = sys.argv[1:]
    page = open("docs/metrics.md").read()
    known = set(ask(server, "label/__name__/values"))
    loaded = [rule for group in ask(server, "rules")["groups"] for rule in group["rules"]]
    problems = [f"rule {r['name']}: {r['lastError']}" for r in loaded if r["health"] != "ok"]
    queries = [(f"alert {r['name']}", r["query"]) for r in loaded]
    wanted = open(rules).read().count("- alert:")
    if len(loaded) != wanted:
        problems.append(f"{len(loaded)} rules were loaded of {wanted}")
    for panel in json.load(open(dashboard))["panels"]:
        for target in panel.get("targets", []):
            queries.append((f"panel {panel['title']}", target["expr"].replace("$instance", ".*")))
    empty = 0
    for where, query in queries:
        try:
            answer = ask(server, "query", query=query)["result"]
        except urllib.error.HTTPError as problem:
            problems.append(f"{where}: {query}: {problem.read().decode()}")
            continue
        named = set(NAMES.findall(re.sub(r"\{[^}]*\}|\b(?:by|without) \([^)]*\)", "", query)))
        if not named:
            problems.append(f"{where}: names no metric: {query}")
        missing = {n for n in named - known if not (n in RARE and n in page)}
        problems += [f"{where}: {name} is nothing that the server has" for name in sorted(missing)]
        if where.startswith("panel") and not answer:
            if named & RARE or "reason!=" in query:
                empty += 1
            else:
                problems.append(f"{where}: nothing to show: {query}")
    if problems:
        sys.exit("\n".join(problems))
    print(f"{wanted} alert rules and {len(queries) - wanted} queries of the dashboard hold against a server that was scraped; {empty} are of what did not happen")


if __name__ == "__main__":
    main()
