# Every target makes what it needs; `make help` lists them. Python 3.11 or newer is all it takes.
PYTHON ?= python3
export PYTHONUTF8 := 1
# Some containers set it, and hundreds of processes would each compile what they import.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
GENERATE := $(BIN)/python -m get3w_codegen generate --schemas schemas --output generated/get3w_models --package get3w_models

.DEFAULT_GOAL := help

.PHONY: help  ## Show this list
help:
	@sed -nE 's/^\.PHONY: ([a-z-]+)  ## (.*)/\1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{printf "  make %-15s %s\n", $$1, $$2}'

# Made anew where it does not fit: for another Python, after a move, or half made.
STAMP := $(CURDIR) $(PYTHON)
FOUND := $(shell $(BIN)/python -c "import pip" 2>/dev/null && cat $(READY) 2>/dev/null)
ifneq ($(STAMP),$(FOUND))
.PHONY: $(READY)
endif

$(READY): pyproject.toml core/get3w_core/_version.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 ..."; exit 2; }
	@test "$(STAMP)" = "$(FOUND)" || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing what is needed into $(VENV) ..."
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' > $(VENV)/dev-requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --editable ".[codegen,emulator,cli,batch]" --requirement $(VENV)/dev-requirements.txt || \
	  { echo "Installing failed: is there a way to a package registry? Run make again when there is."; exit 2; }
	@echo "$(STAMP)" > $@

.PHONY: demo  ## Regenerate, submit a typed request, wait, save the picture (MODEL=... for another model)
demo: generate
	@$(BIN)/python examples/demo.py $(MODEL)

.PHONY: test  ## Run the tests, on all cores, and say why any was skipped
test: $(READY)
	@$(BIN)/python -m pytest -n auto --dist worksteal -rfE -rs

.PHONY: coverage  ## Measure which lines the tests run, in other processes too (TESTS=tests/core for a part)
coverage: $(READY)
	@$(BIN)/python -m coverage erase
	@status=0; $(BIN)/python -m coverage run -m pytest -q -n auto --dist worksteal $(TESTS) || status=$$?; \
	  $(BIN)/python -m coverage combine --quiet && $(BIN)/python -m coverage report && \
	  $(BIN)/python -m coverage html --quiet --directory build/coverage/html && \
	  echo "Line by line: build/coverage/html/index.html" && exit $$status

.PHONY: hooks  ## Let git run lint, format and --check before each commit, and mypy before each push
hooks: $(READY)
	@$(BIN)/pre-commit install --hook-type pre-commit --hook-type pre-push

.PHONY: generate  ## Bring generated/ in step with schemas/
generate: $(READY)
	@$(GENERATE)
	@$(BIN)/python -m get3w_codegen page

.PHONY: soak  ## Run the long checks: whole crossings, 10,000 submits under faults, 100,000 schemas
soak: $(READY)
	@GET3W_FUZZ_SCHEMAS=100000 $(BIN)/python -m pytest -q tests/codegen/build/test_fuzz.py
	@$(BIN)/python -m pytest tests -m soak -s
	@GET3W_KILLS=30 $(BIN)/python -m pytest -q tests/cli/test_killed.py

.PHONY: editors  ## Ask language servers about every model and write docs/editors.md (SCHEMAS=DIR for others)
editors: $(READY)
ifdef SCHEMAS
	@$(BIN)/python -m tests.editors.unseen "$(abspath $(SCHEMAS))" $(if $(COUNT),--count $(COUNT))
else
	@$(BIN)/python -m pytest tests/editors -m "editors or not editors"
endif

.PHONY: fidelity  ## Compare the classes of a whole corpus with their schemas (CORPUS=DIR, or SUITE=DIR)
fidelity: $(READY)
	@cd tests && ../$(BIN)/python -m fidelity $(if $(SUITE),--suite "$(abspath $(SUITE))","$(abspath $(CORPUS))") $(OPTIONS)

.PHONY: freeze  ## Freeze a program with PyInstaller and run it where nothing is installed
freeze: $(READY)
	@GET3W_FREEZE=1 $(BIN)/python -m pytest -q tests/codegen/build/test_frozen.py

.PHONY: fuzz-emulator  ## Fuzz the emulator along its OpenAPI document for some minutes
fuzz-emulator: $(READY)
	@GET3W_FUZZ_EXAMPLES=30 $(BIN)/python -m pytest -q tests/emulator/api/test_openapi.py -k fuzzer

.PHONY: soak-emulator  ## Put an hour of dense simulated load with faults on the emulator
soak-emulator: $(READY)
	@GET3W_SOAK_STEPS=3600 $(BIN)/python -m pytest -q tests/emulator/faults/test_soak.py

.PHONY: bench-emulator  ## Measure the emulator: submits, memory, start (beside Prism with PRISM=...)
bench-emulator: $(READY)
	@$(BIN)/python bench/emulator.py $(if $(PRISM),--prism $(PRISM))

.PHONY: bench  ## Measure requests beside plain pydantic, submits beside a bare httpx client
bench: $(READY)
	@$(BIN)/python bench/build_request.py
	@$(BIN)/python bench/submit.py

.PHONY: bench-batch  ## Measure a batch beside a bare loop over the client (ROWS=100000)
bench-batch: $(READY)
	@$(BIN)/python bench/batch.py $(if $(ROWS),--rows $(ROWS))

.PHONY: bench-generate  ## Measure generating 2,000 models and importing them (CORPUS="DIR ..." for other schemas)
bench-generate: $(READY)
	@$(BIN)/python bench/generate.py $(CORPUS)
	@$(BIN)/python bench/imports.py $(CORPUS)

.PHONY: bench-cli  ## Time how quickly get3w starts and completes on 2,000 models
bench-cli: $(READY)
	@$(BIN)/python bench/cli.py

.PHONY: bench-editors  ## Time language servers on 2,000 models beside 50 (CORPUS="DIR ..." for other schemas)
bench-editors: $(READY)
	@$(BIN)/python -m bench.editors $(CORPUS) $(OPTIONS)

.PHONY: check  ## Lint, format, types, and generated/ up to date
check: $(READY)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff check --isolated --select S generated
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pyright
	$(BIN)/python -m ty check --output-format=concise
	$(BIN)/python -m pyrefly check --output-format=min-text --summary=none
	$(GENERATE) --check
	$(BIN)/python -m get3w_codegen page --check
	$(BIN)/zizmor --offline --quiet --no-progress .github

.PHONY: format  ## Format the hand-written code
format: $(READY)
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

.PHONY: build  ## Build the sdist and the wheel into dist/
build: $(READY)
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

.PHONY: clean  ## Remove everything that make made, the environment included
clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: golden  ## Write the golden tree of the generator's tests anew, to be read in the diff
golden: $(READY)
	@$(BIN)/python -m get3w_codegen generate --package golden_models \
	  --schemas tests/codegen/golden/schemas --output tests/codegen/golden/golden_models

.PHONY: new-model  ## Add MODEL=owner/model, or a file: schema, code, a run through the emulator, page, changelog
new-model: $(READY)
	@test -n "$(MODEL)" || { echo "Name a model, or a file: make new-model MODEL=owner/model [FROM=URL|FILE] [ID=owner/model]"; exit 2; }
	@$(BIN)/python -m get3w_codegen add "$(MODEL)" $(if $(FROM),--from "$(FROM)") $(if $(ID),--model-id "$(ID)") > $(VENV)/new-model || \
	  { status=$$?; echo "To make, --from is FROM=URL|FILE, and --model-id is ID=owner/model" >&2; exit $$status; }
	@cat $(VENV)/new-model
	@$(MAKE) --no-print-directory generate
	env -u GET3W_API_KEY $(BIN)/python examples/demo.py "$$(awk '{print $$2}' $(VENV)/new-model)"
	$(BIN)/python -m pytest -q tests/e2e/test_all_models.py -k "$$(awk '{print $$2}' $(VENV)/new-model)"
	$(BIN)/python -m get3w_codegen diff HEAD --changelog || test $$? -eq 1
	@git --no-pager diff --stat && git status --short schemas generated docs/models.md CHANGELOG.md
	@echo "Read the changes, then commit them; or take them back: git checkout schemas generated docs/models.md CHANGELOG.md && git clean -fd schemas generated"
