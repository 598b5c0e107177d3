SWIFT ?= swift
# What `make demo` trains.
DEMO ?= --preset demo
SOURCES = Sources Tests Package.swift

.DEFAULT_GOAL := help
.PHONY: help setup build demo test bench format lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## fetch the CPU plugin, oneDNN and MNIST into .setup/
	@Scripts/setup.sh

build: ## build the release configuration
	$(SWIFT) build -c release

demo: setup build ## train a small model and sample from it
	.build/release/flowmatch train $(DEMO)

test: setup ## run all tests
	$(SWIFT) test --parallel

bench: setup build ## measure and print the speed of training and sampling
	Benchmarks/run.sh

format: ## format the sources in place
	$(SWIFT) format -i -r $(SOURCES)

lint: ## check the sources' format and style
	$(SWIFT) format lint --strict -r $(SOURCES)

clean: ## remove what was built; .setup/ stays
	rm -rf .build
