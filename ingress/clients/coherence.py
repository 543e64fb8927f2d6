"""JevBench over its bundled requests: nothing malformed, and what holds of any
answer that depends on its own question alone is exact."""

import jevbench as jb

import checks

report = jb.evaluate(jb.systemone(checks.BASE + "/v1/systemone", model="auto"), suite="examples", cache=None)
table = report.table("group")
print(table)
scores = {}
for line in table.splitlines():
    words = line.split()
    if words and "." in words[0] and words[0].isupper() is False:
        scores[words[0]] = words[1]


def exact(group):
    @checks.check
    def holds():
        assert scores[group] == "100.0", (group, scores[group])

    return holds


@checks.check
def nothing_is_malformed():
    assert scores and "n/a" not in table, table


for name in ("BAT.isolation", "REP.equivariance", "REP.binding"):
    exact(name)

checks.finish()
