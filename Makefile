# Everything that is done with this repository. `make` prints what there is.

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Settings, given as `make test RACE=1 RUN=TestStep PKG=./lang/window`.
PKG      ?= ./...
RUN      ?=
COUNT    ?= 1
FUZZTIME ?= 20s
TIMEOUT  ?= 20m
RACE     ?=

# The race detector watches all but SQLite, which is C made into Go: there it takes
# three quarters of the time, and finds nothing that is ours.
RACEFLAGS = -race -gcflags='modernc.org/...=-race=false'
TESTFLAGS = -parallel 8 -timeout $(TIMEOUT) $(if $(RACE),$(RACEFLAGS)) $(if $(RUN),-run '$(RUN)')

# A module of its own, so that what it measures against is no dependency.
PEERS = lang/cron/peers

# Packages whose tests compare with files that `make generate` writes.
GOLDEN = $(shell grep -rl --include='*_test.go' 'flag.Bool."update"' . | xargs -r -n1 dirname | sort -u)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## Print this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ See it

.PHONY: demo
demo: ## Plan, apply and run the example of examples/quickstart
	@examples/quickstart/demo.sh

.PHONY: build
build: ## Build build/waybill
	$(GO) build -trimpath -o build/waybill ./cmd/waybill

##@ Know that it works

# The tests of cmd/waybill run the steps of examples/ci as they stand, with the
# commands they call. Those of SFTP and of databases start OpenSSH's server and
# PostgreSQL.
.PHONY: tools
tools:
	@.ci/install git curl jq promtool=prometheus strace sshd=openssh-server '/usr/lib/postgresql/*/bin/postgres=postgresql'

.PHONY: test
test: $(if $(filter ./... ./cmd/% ./runtime/%,$(PKG)),tools) ## Run the tests (RACE=1 with the race detector, PKG=./lang/cron, RUN=TestName)
	$(GO) test $(TESTFLAGS) $(PKG)
	$(if $(filter ./...,$(PKG)),cd $(PEERS) && $(GO) test $(TESTFLAGS) ./...)

.PHONY: race
race: ## Run the tests with the race detector
	@$(MAKE) test RACE=1

.PHONY: check
check: check-source check-golden ## Check format, vet, staticcheck, go.mod, generated and golden files
	@echo "check: all is well"

# What the tests do not check, too.
.PHONY: check-source
check-source: check-format check-vet check-lint check-tidy

.PHONY: check-format
check-format:
	@files=$$(gofmt -s -l .); test -z "$$files" || \
		{ echo "gofmt would change these; run \`make fix\`:"; echo "$$files"; exit 1; }

.PHONY: check-vet
check-vet:
	$(GO) vet ./...
	cd $(PEERS) && $(GO) vet ./...

.PHONY: check-lint
check-lint:
	$(GO) run $(STATICCHECK) ./...
	cd $(PEERS) && $(GO) run $(STATICCHECK) ./...

.PHONY: check-tidy
check-tidy:
	@for module in . $(PEERS); do (cd $$module && $(GO) mod tidy -diff) || \
		{ echo "go.mod or go.sum of $$module is not tidy; run \`make fix\`"; exit 1; }; done

# Reads only: what is not committed yet stays as it is. The tests that take longest
# compare no files, and are left to `make test`.
.PHONY: check-golden
check-golden: tools
	$(GO) test -parallel 8 -timeout $(TIMEOUT) -skip '^Test(AYearAsAnnounced|Consequences|Source|Review$$|NoSecret)' $(filter-out ./runtime,$(GOLDEN))
	$(GO) test -parallel 8 -timeout $(TIMEOUT) -run '^Test(Why|Messages)' ./runtime

.PHONY: bench
bench: ## Run the benchmarks (COUNT=10 for benchstat)
	$(GO) test -run '^$$' -bench . -benchmem -count $(COUNT) -timeout 0 $(PKG)
	$(if $(filter ./... ./lang/cron,$(PKG)),@$(MAKE) bench-peers)

.PHONY: bench-peers
bench-peers: ## Run lang/cron beside other cron libraries
	cd $(PEERS) && $(GO) test -run '^$$' -bench . -count $(COUNT) -timeout 0 .

.PHONY: bench-speed
bench-speed: ## Hold waybill to its targets of speed, beside plain HCL and terraform (about five minutes)
	$(GO) test -run '^$$' -bench . -benchtime 1x -count $(COUNT) -timeout 0 ./cmd/waybill/bench

.PHONY: workspace
workspace: ## Write a workspace of the benchmarks (DIR=/tmp/large N=10000 SHAPE=sparse, chain, star or foreach)
	@$(GO) test -count 1 -run '^TestGenerate$$' ./cmd/waybill/bench -into "$(abspath $(or $(DIR),build/workspace))" -couriers $(or $(N),1000) -shape $(or $(SHAPE),sparse) >/dev/null
	@echo "$(or $(DIR),build/workspace)"

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME=20s
	@set -e; grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sort | \
	sed -E 's|^(.*)/[^/]*:[0-9]+:func (.*)$$|\1 \2|' | while read -r dir name; do \
		echo "$$dir $$name"; \
		$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$dir" </dev/null; \
	done

.PHONY: prove
prove: ## Compare lang/cron, plan/coverage and what plans say of changes with their oracles, for an hour or so (ZONE=Africa/Cairo for one zone)
	WAYBILL_PROVE=$(or $(ZONE),1) $(GO) test -v -count 1 -timeout 0 -run '^Test(Oracle|Gronx|Properties|Spans)' ./lang/cron
	WAYBILL_PROVE=1 $(GO) test -count 1 -timeout 0 -run '^TestAgainstEnumeration' ./plan/coverage
	WAYBILL_PROVE=1 $(GO) test -count 1 -timeout 0 -run '^TestSwitchOver$$' ./cmd/waybill

.PHONY: soak
soak: tools ## Break the runtime in every way while it works, with the race detector (SEED=1 ROUNDS=5 DEPTH=25)
	@first=$(or $(SEED),1); for seed in $$(seq $$first $$((first + $(or $(ROUNDS),5) - 1))); do \
		echo "soak: SEED=$$seed"; \
		WAYBILL_SEED=$$seed WAYBILL_SOAK=$(or $(DEPTH),25) $(GO) test $(RACEFLAGS) -parallel 8 -count 1 -timeout 0 \
			-run '^Test(Killed|TheDisk|PowerLoss|Model)' ./runtime/soak ./runtime/store || \
			{ echo "soak: this round again, and those after it: make soak SEED=$$seed"; exit 1; }; \
	done

.PHONY: emulators
emulators: ## Hold s3://, gs:// and azblob:// to their contract on versitygw, fake-gcs-server and Azurite (some minutes, needs npm)
	@.ci/emulators

.PHONY: cover
cover: tools ## Measure how much of the code the tests run
	@mkdir -p build
	$(GO) test -timeout $(TIMEOUT) -coverpkg ./... -coverprofile build/cover.out $(PKG)
	@$(GO) tool cover -html build/cover.out -o build/cover.html
	@$(GO) tool cover -func build/cover.out | tail -1
	@echo "build/cover.html shows the lines"

##@ Change it

.PHONY: fix
fix: ## Format the code and tidy go.mod
	gofmt -s -w .
	$(GO) mod tidy
	cd $(PEERS) && $(GO) mod tidy

.PHONY: generate
generate: tools ## Write docs/diagnostics.md and all golden files anew; look at the diff afterwards
	$(GO) test -count 1 -timeout $(TIMEOUT) $(GOLDEN) -update

.PHONY: tzdata
tzdata: ## Build the embedded time zone data from its pinned package (Debian, needs zip)
	cd lang/cron && ./zoneinfo.sh
