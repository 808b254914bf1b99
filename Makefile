# Lắng Nghe. `make` alone tells what there is.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## make the virtual environment and install what is pinned
$(VENV)/.ready: requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	touch $@

run: setup ## everything in one process: http://127.0.0.1:8000 (PORT=…); state lives in var/
	@$(BIN)/python -m ops.run

demo: setup ## fresh state: files the sample petitions, drives them to answers, verifies the log
	$(BIN)/python -m ops.demo

test: setup ## all tests in both worlds, browser and a short round of faults included
	$(BIN)/python -m ops.test

edge: setup ## the long fault rounds: kills, restarts, wipes, on real servers
	$(BIN)/python -m ops.test --edge

bench: setup ## ratios, costs per petition, ten million cases; written to docs/benchmarks*.md
	$(BIN)/python -m ops.bench
	$(BIN)/python -m ops.bench_desk

docs: setup ## write the documents that are made from the code
	$(BIN)/python -m ops.document_events
	$(BIN)/python -m ops.document_permissions

check: setup ## format, lint, types, imports, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m ops.test

up: ## the production stack in containers: http://127.0.0.1:8080
	$(PYTHON) ops/docker/make_secrets.py
	docker compose up -d --build --wait

down: ## stop the containers; their data stays
	docker compose down

.PHONY: help setup run demo test edge bench docs check up down
