# The targets; "make help" prints those whose line ends in a ## comment.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

VERSION  = $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
FUZZTIME ?= 30s
COUNT    ?= 6
BENCH    ?= .
KILLS    ?= 200
SEED     ?= 0
SINK     ?= all
WANT     ?=
SAMPLE   := bin/sample
PACKAGES := ./... ./testdata/sample/gen ./testdata/sample/show
TOOL     := go tool -modfile=.ci/tools.mod

# The race detector needs a C compiler; "go env CGO_ENABLED" is 0 without one.
RACE = $(shell [ "$$(go env CGO_ENABLED)" = 1 ] && command -v "$$(go env CC)" >/dev/null 2>&1 && echo -race)

.PHONY: build run test bench fuzz chaos check lint help clean

build: ## build bin/sluice: static, no C compiler needed
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/sluice ./cmd/sluice

run: build ## run the sample from stdin into SQLite and show what came out
	@rm -rf $(SAMPLE) && mkdir -p $(SAMPLE)
	bin/sluice run -c testdata/sample/sluice.yaml --sink sqlite://$(SAMPLE)/events.db < testdata/sample/events.ndjson.gz
	@go run ./testdata/sample/show $(SAMPLE)/events.db

test: ## run all tests, with the race detector where there is a C compiler
	@.ci/missing
	go test $(RACE) -shuffle=on -timeout 18m ./...

bench: ## run the benchmarks COUNT times into bench.txt, which benchstat reads (BENCH=regexp)
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./... | tee bench.txt

fuzz: ## run every fuzz target for FUZZTIME each
	@for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    echo "fuzz $$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package; \
	  done; \
	done

chaos: ## kill sluice KILLS times and look at what is stored (SEED=n, SINK=sqlite|postgres|ndjson|all)
	CGO_ENABLED=0 go build -tags chaos -o bin/sluice-chaos ./cmd/sluice
	CGO_ENABLED=0 go run ./cmd/chaos --sluice bin/sluice-chaos --kills $(KILLS) --seed $(SEED) --sink $(SINK) --want "$(WANT)" $(if $(CI),--complete)

check: lint test ## everything that must hold before a change goes in

lint: ## formatting, vet, go fix, tidiness of go.mod, staticcheck
	@files=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$files" ] || { echo "not formatted; run gofmt -w on:"; echo "$$files"; exit 1; }
	go vet $(PACKAGES)
	go vet -tags chaos ./stages/crash ./stages/persist/disk
	@fixes=$$(go fix -diff $(PACKAGES) || true); [ -z "$$fixes" ] || { echo "$$fixes"; echo "not modern; run go fix ./..."; exit 1; }
	go mod tidy -diff
	$(TOOL) staticcheck $(PACKAGES)

clean: ## remove what the other targets made
	rm -rf bin bench.txt

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
