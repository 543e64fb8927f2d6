#!/usr/bin/env bash
# Writes the generated part of the package, src/semroute/v1, out of the schema. With an
# argument it writes there instead.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-clients/python/src}
env=.build/python-generate
if [ ! -e "$env/done" ]; then
	python3 -m venv --clear "$env"
	"$env/bin/pip" install --quiet grpcio-tools==1.85.1 mypy-protobuf==5.1.0
	touch "$env/done"
fi
mkdir -p "$out/semroute/v1"
go run ./clients/schema >.build/client-schema.binpb
files=$(cd proto && ls semroute/v1/*.proto)
# shellcheck disable=SC2086 # a list of names
PATH="$PWD/$env/bin:$PATH" "$env/bin/python" -m grpc_tools.protoc --descriptor_set_in=.build/client-schema.binpb \
	--python_out="$out" --mypy_out="$out" --grpc_python_out="$out" --mypy_grpc_out="$out" $files
touch "$out/semroute/v1/__init__.py"
# Files without services have an empty one.
grep -L "Stub" "$out"/semroute/v1/*_pb2_grpc.py | while read -r file; do rm -f "$file" "${file}i"; done
