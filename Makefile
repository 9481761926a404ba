# The verbs. `make demo` and `make test` need nothing else done first.
SHELL := /bin/bash

.PHONY: help build demo install package test test-unit test-package prove bench lint format clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

build: ## Install what is needed and build the program
	@tools/bootstrap build
	@tools/build release weir

demo: ## Build, and run the main job on real data with the embedded defaults
	@tools/bootstrap build
	@tools/build release weir
	@tools/demo

PREFIX ?= /usr/local
install: ## Put the program below PREFIX (/usr/local), with man pages and completion; DESTDIR for packagers
	@[ -x build/release/weir ] || $(MAKE) build
	@DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(PREFIX)" --strip >/dev/null
	@echo "installed $(DESTDIR)$(PREFIX)/bin/weir"

package: build ## Make a Debian package, and a folder that runs anywhere, in build/package
	@tools/package

test: ## Everything that CI runs
	@tools/bootstrap test
	@tools/test all

test-unit: ## The unit tests of a release build
	@tools/bootstrap test
	@tools/test unit

test-package: package ## Install, use, move and remove the packages in a bare Debian 12 (needs root)
	@tools/bootstrap test
	@tools/test_package

prove: ## Go on with the long columns of the proof for an hour (MINUTES=), and write docs/proof.md
	@tools/bootstrap test
	@.deps/py/bin/python tests/prove/run.py --minutes $(or $(MINUTES),60)

bench: ## Run the benchmarks against their reference loops and print both sides
	@tools/bootstrap bench
	@tools/bench

lint: ## clang-tidy, and the checks: format, layers, sizes, banned calls
	@tools/bootstrap test
	@tools/test checks lint

format: ## Rewrite the sources with clang-format
	@tools/check_format --fix

clean: ## Remove what was built (not what was fetched)
	rm -rf build demo-out
