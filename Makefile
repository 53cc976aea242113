# Science 3D. Every target sets up what it needs by itself and then does one thing; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build test test-format test-rust test-frontend test-plays fuzz kill-test bench docs-pictures

TARGET := $(or $(CARGO_TARGET_DIR),target)
PROGRAM := $(TARGET)/debug/science3d
LISTEN ?= 127.0.0.1:8080
DATA ?= science3d-data
CARGO := scripts/cargo.sh
# The whole workspace decides the features of dependencies, so that build and test share every one of them.
ONE := --workspace --bin science3d

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up, build and serve the demo catalogue on LISTEN (127.0.0.1:8080), with its data in DATA (science3d-data)
	@scripts/setup.sh build frontend
	@$(CARGO) build --quiet $(ONE)
	@exec $(PROGRAM) demo --listen $(LISTEN) --data $(DATA)

build: ## set up and build the one executable
	@scripts/setup.sh build frontend
	$(CARGO) build $(ONE)
	@echo "built: $(PROGRAM)"

test: ## set up and run every test: Rust, front end, browser
	@scripts/setup.sh build frontend test
	@$(MAKE) --no-print-directory test-rust test-frontend test-plays

test-rust: test-format # the executable is built along with the tests; asking for it alone would build dependencies twice
	PATH="$$(scripts/setup.sh venv)/bin:$$PATH" $(CARGO) test --workspace --tests --no-fail-fast

test-format:
	$(CARGO) fmt --all --check

test-frontend:
	cd frontend && npm test

test-plays:
	scripts/plays.sh $(PROGRAM)

fuzz: ## feed every reader with made-up files for SECONDS (60) each; READERS="tiff mrc" for some of them, JOBS=2 for two at a time
	@scripts/setup.sh build
	fuzz/run.sh $(if $(JOBS),--jobs $(JOBS)) $(or $(SECONDS),60) $(READERS)

kill-test: ## kill the server at 500 random moments and check that nothing acknowledged is lost
	@scripts/setup.sh build frontend
	$(CARGO) build $(ONE)
	SCIENCE3D_KILLS=500 $(CARGO) test --workspace --test kill -- --nocapture

bench: ## measure against nginx, @tus/server, zipstream-ng and PostgreSQL; prints ratios (see bench/README.md)
	@scripts/setup.sh build frontend test bench
	$(CARGO) build $(ONE)
	bench/run.sh $(PROGRAM)

docs-pictures: ## take the pictures of the documentation from a running demo
	@scripts/setup.sh build frontend test
	$(CARGO) build $(ONE)
	scripts/docs-pictures.sh $(PROGRAM)
