#!/usr/bin/env bash
# What a release rests on, without making one: every target builds, the same source gives
# the same bytes wherever and whenever it is built, also as an image, what is in the binary
# can be listed, no known weakness is called, and the release's own files are valid.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$PWD/.build/release
rm -rf "$out" && mkdir -p "$out"
flags=(-trimpath -buildvcs=false "-ldflags=-s -w -X main.linkedVersion=v0.0.0-check -X main.linkedRevision=check")

echo "-- targets"
for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do
	CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build "${flags[@]}" -o "$out/semroute-${target/\//-}" ./cmd/semroute
	echo "$target $(wc -c <"$out/semroute-${target/\//-}") bytes"
done

echo "-- the same bytes from another folder, by another cache of the linker"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git archive HEAD | tar -x -C "$copy"
if [ -n "$(git status --porcelain -- '*.go' go.mod go.sum embed classify)" ]; then
	echo "skipped: there are changes that are not committed, and the copy is of what is"
else
	(cd "$copy" && touch -d 2001-01-01 go.mod && CGO_ENABLED=0 go build "${flags[@]}" -o "$copy/again" ./cmd/semroute)
	cmp "$out/semroute-linux-amd64" "$copy/again"
	sha256sum "$out/semroute-linux-amd64" | cut -d' ' -f1
fi

echo "-- image"
(cd deploy/image && go run . --binary "$out/semroute-linux-amd64" --root ../.. --out "$out/image.tar") | tee "$out/first"
(cd deploy/image && go run . --binary "$out/semroute-linux-amd64" --root ../.. --out "$out/again.tar") >"$out/second"
cmp "$out/image.tar" "$out/again.tar" && cmp "$out/first" "$out/second"

echo "-- what is in it"
deploy/release/sbom.sh "$out/semroute-linux-amd64" "$out/semroute.cdx.json"
python3 - "$out/semroute.cdx.json" <<'PY'
import json, sys
parts = json.load(open(sys.argv[1]))["components"]
assert len(parts) > 20 and any(p["name"] == "google.golang.org/grpc" for p in parts), "the list is not whole"
print(len(parts), "modules")
PY

echo "-- known weaknesses"
if said=$(go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./cmd/semroute 2>&1); then
	tail -3 <<<"$said"
elif grep -qE "vuln.go.dev|fetching vulnerabilities|no such host|connection refused|Forbidden" <<<"$said"; then
	echo "skipped: the database of govulncheck cannot be reached from here"
else
	echo "$said" >&2
	exit 1
fi

echo "-- goreleaser's and systemd's files"
go run github.com/goreleaser/goreleaser/v2@v2.15.0 check --quiet
if command -v systemd-analyze >/dev/null; then
	sed "s#/usr/bin/semroute#$out/semroute-linux-amd64#" deploy/systemd/semroute.service >"$out/semroute.service"
	systemd-analyze verify "$out/semroute.service"
	systemd-analyze security --offline=true --threshold=20 "$out/semroute.service" | tail -1
else
	echo "skipped: systemd-analyze is not installed"
fi
