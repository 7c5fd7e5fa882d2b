# On a fresh machine with Python 3.11, git and make: `make demo`, `make test`.
# contrib/bootstrap.sh does the setting up; stamp files keep repeated runs quick.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test oldest quick soak bench bench-peers check format-check lint types contracts fmt completions man pictures record lock dist clean python tmux shells ssh claude

BIN := .venv/bin
# Three more than there are cores: many tests wait for an agent rather than compute.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 3)
# Nothing of these waits, and each process collects all tests once more.
CORES ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# More for pytest: make test ARGS="-k say"
ARGS ?=

# The real claude that the tests drive. Set either to try another version.
TMUXAGENTS_TEST_CLAUDE_OLDEST ?= $(CURDIR)/tests/npm/bin/oldest/claude
TMUXAGENTS_TEST_CLAUDE_NEWEST ?= $(CURDIR)/tests/npm/bin/newest/claude
export TMUXAGENTS_TEST_CLAUDE_OLDEST TMUXAGENTS_TEST_CLAUDE_NEWEST

# Each process of a run would compile and rewrite every test anew, which takes it longer than to collect them.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: python tmux ## the main job on three scripted agents; no account needed
	$(BIN)/tmuxagents demo

test: python tmux shells claude ## the tests, on the real tmux, git and the newest claude
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "not oldest" $(ARGS)

oldest: python tmux claude ## the same of what the oldest claude that is supported draws, asks and reports
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "oldest and not soak" $(ARGS)

quick: python tmux ## the tests that need no agent and no tmux server, in seconds
	$(BIN)/pytest -n $(CORES) --dist worksteal -m "not real and not claude and not slow" $(ARGS)

soak: python tmux ssh claude ## the long runs that make test leaves out: crowds, hundreds of kills, whole matrices
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m hypothesis --hypothesis-profile=long $(ARGS)
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "soak or oldest" $(ARGS)
	TMUXAGENTS_TEST_WHOLE=1 $(BIN)/pytest -n $(JOBS) --dist worksteal tests/cli $(ARGS)

bench: python tmux claude ## the figures that matter, in one table; bench.json
	$(BIN)/python -m tests.bench $(ARGS)

bench-peers: python tmux claude ## the same figures of other tools, installed in .peers (1 GB, 15 minutes)
	$(BIN)/python -m tests.bench.peers $(ARGS)

check: python ## what CI runs
	# The packages of npm come while what needs none of them is checked.
	@contrib/bootstrap.sh claude & $(MAKE) format-check lint types contracts && wait
	@$(MAKE) test

format-check: python
	$(BIN)/ruff format --check .

lint: python
	$(BIN)/ruff check .

types: python
	$(BIN)/mypy

contracts: python
	$(BIN)/lint-imports --no-logo

fmt: python ## put the code in form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

pictures: python ## draw the pictures of the README anew
	$(BIN)/python -m tests.support.pictures

completions: python ## write completions/ anew
	$(BIN)/tmuxagents completion bash > completions/tmuxagents.bash
	$(BIN)/tmuxagents completion zsh > completions/_tmuxagents
	$(BIN)/tmuxagents completion fish > completions/tmuxagents.fish

man: python ## the manual pages, in build/man
	$(BIN)/python contrib/man.py build/man

record: python tmux claude ## every dialog of the real claude, as screens under tests/data
	$(BIN)/python -m tests.support.record $(ARGS)
	$(BIN)/python -m tests.support.golden

lock: ## write the lock files anew (needs uv and npm)
	contrib/bootstrap.sh lock

dist: python tmux ## sdist and wheel in dist/, the wheel tried in an empty environment
	rm -rf dist build/wheel
	$(BIN)/python -m hatchling build
	$(BIN)/python -m venv build/wheel
	build/wheel/bin/pip install -q dist/*.whl
	cd build/wheel/share && ls man/man1/tmuxagents.1 man/man1/tmuxagents-ls.1 bash-completion/completions/tmuxagents \
		zsh/site-functions/_tmuxagents fish/vendor_completions.d/tmuxagents.fish
	cd build && env -i PATH="$$PATH" HOME="$(CURDIR)/build" LANG=C.UTF-8 wheel/bin/tmuxagents demo

clean: ## remove what make made here, .venv and the npm packages included
	rm -rf .venv .peers build dist tests/npm/node_modules tests/npm/bin
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find tmuxagents tests -name __pycache__ -type d -prune -exec rm -rf {} +

python: .venv/.stamp

tmux:
	@contrib/bootstrap.sh tmux

shells:
	@contrib/bootstrap.sh shells

ssh:
	@contrib/bootstrap.sh ssh

claude: tests/npm/node_modules/.stamp

.venv/.stamp: pyproject.toml requirements-dev.lock
	@contrib/bootstrap.sh python

tests/npm/node_modules/.stamp: tests/npm/package.json tests/npm/package-lock.json
	@contrib/bootstrap.sh claude
