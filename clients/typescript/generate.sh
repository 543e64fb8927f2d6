#!/usr/bin/env bash
# Writes src/gen out of the schema; needs npm ci.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p .build
go run ./clients/schema >.build/client-schema.binpb
rm -rf clients/typescript/src/gen
go run github.com/bufbuild/buf/cmd/buf@v1.75.0 generate .build/client-schema.binpb --template clients/typescript/buf.gen.yaml
rm -rf clients/typescript/src/gen/google # is in @bufbuild/protobuf
