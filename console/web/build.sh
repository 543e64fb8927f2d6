#!/usr/bin/env bash
# Builds the page into console/assets, or into the folder that is given; needs Node.js 20.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --silent --ignore-scripts
node_modules/.bin/tsc
node build.mjs "$@"
