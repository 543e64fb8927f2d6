#!/usr/bin/env bash
# Writes what a binary is made of: deploy/release/sbom.sh BINARY DOCUMENT (CycloneDX, JSON).
set -euo pipefail
GOOS='' GOARCH='' go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 bin -json -std -noserial -output "$2" "$1"
