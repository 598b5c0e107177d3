SWIFT ?= swift
# What `make demo` trains: a smaller UNet for fewer steps than the reference run.
DEMO ?= --model unet --set model.num_residual_layers=1 --batch-size 64 --steps 1500 --learning-rate 2e-3 --warmup-steps 50 --cosine-decay
DEMO_RUN = runs/demo
# How long `make torture` goes on, and `make fuzz` with each of its targets.
SECONDS ?= 600
# Where `make install` puts the program. DESTDIR, for packages, goes before it.
PREFIX ?= /usr/local
# What `make studio` serves, and where.
RUNS ?= runs
PORT ?= 8080
SOURCES = Sources Tests Plugins Examples Package.swift Studio/Sources Studio/Tests Studio/Package.swift

.DEFAULT_GOAL := help
.PHONY: help setup setup-fashion setup-cuda build install uninstall demo test test-cuda studio studio-test examples docs torture \
	sanitize fuzz bench dist dist-check slurm-check format lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## fetch the CPU plugin, oneDNN, libpng, libjpeg-turbo and MNIST into .setup/
	@Scripts/setup.sh

setup-fashion: ## fetch Fashion-MNIST into .setup/ (31 MB, from Debian's package)
	@Scripts/setup-fashion.sh

setup-cuda: ## fetch the CUDA plugin and NVIDIA's libraries into .setup/ (1.9 GB)
	@Scripts/setup-cuda.sh

build: ## build the release configuration
	$(SWIFT) build -c release

install: setup ## install the program, its manual and completions under PREFIX (/usr/local)
	@SWIFT="$(SWIFT)" DESTDIR="$(DESTDIR)" Scripts/install.sh "$(PREFIX)"

uninstall: ## remove what `make install` put under PREFIX
	@DESTDIR="$(DESTDIR)" Scripts/install.sh --remove "$(PREFIX)"

demo: setup build ## train a small UNet on MNIST and write a picture of its digits
	@rm -rf $(DEMO_RUN)
	.build/release/flowmatch train $(DEMO) --out $(DEMO_RUN)
	.build/release/flowmatch sample $(DEMO_RUN) --guidance 3 --out $(DEMO_RUN)/digits.png
	@echo "look at $(DEMO_RUN)/digits.png"

test: setup ## run all tests
	$(SWIFT) build --build-tests
	@SWIFT="$(SWIFT)" Scripts/test.sh

test-cuda: setup-cuda ## compile what runs on NVIDIA's GPUs, without one: Benchmarks/CUDA-PROGRAMS.md
	$(SWIFT) build -c release --product cuda-programs
	TF_CPP_MIN_LOG_LEVEL=2 .build/release/cuda-programs --table Benchmarks/CUDA-PROGRAMS.md

studio: setup ## build the studio and serve the runs in RUNS (runs) at PORT (8080)
	$(SWIFT) build -c release --package-path Studio --product flowmatch-studio
	@mkdir -p $(RUNS)
	Studio/.build/release/flowmatch-studio $(RUNS) --port $(PORT)

studio-test: setup ## run the studio's tests, in a browser too where there is chromium
	XLA_FLAGS="--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true" \
		SWT_SWIFT_ERROR_BACKTRACING_ENABLED=0 $(SWIFT) test --package-path Studio

examples: setup ## build and run the packages in Examples/
	@SWIFT="$(SWIFT)" Scripts/examples.sh

docs: ## make the site of the documentation in .build/documentation/site
	@SWIFT="$(SWIFT)" Scripts/docs.sh

torture: setup ## disturb the program for SECONDS; SEED, TRIAL repeat a trial
	$(SWIFT) build -c release --product flowmatch
	$(SWIFT) build -c release --product torture
	.build/release/torture --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(if $(TRIAL),--trial $(TRIAL))

sanitize: ## run the CPU kernels at odd shapes under sanitizers, and in arm64's form
	@Scripts/sanitize.sh

fuzz: ## look for bytes that stop a reader or a kernel, for SECONDS each
	@SWIFT="$(SWIFT)" SECONDS_EACH=$(SECONDS) Scripts/fuzz.sh

bench: setup build ## compare the speed of training and sampling with PyTorch and JAX (about an hour)
	Benchmarks/setup.sh
	.setup/bench-venv/bin/python Benchmarks/peers/verify_goldens.py Tests/VerificationTests/Goldens
	Benchmarks/run.sh $(BENCH)

dist: setup ## make a tarball in dist/ that runs on a machine without Swift
	@SWIFT="$(SWIFT)" Scripts/dist.sh

dist-check: dist ## run that tarball, and what `make install` installs, in a bare root
	@SWIFT="$(SWIFT)" Scripts/check-dist.sh

slurm-check: setup build ## do a comparison by a Slurm of its own, and hold it against one without
	@Scripts/check-slurm.sh

format: ## format the sources in place
	$(SWIFT) format -i -r $(SOURCES)

lint: ## check the sources' format and style
	$(SWIFT) format lint --strict -r $(SOURCES)

clean: ## remove what was built; .setup/ stays
	rm -rf .build .build-dist dist Studio/.build
