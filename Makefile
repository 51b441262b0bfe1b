# Every target makes what it needs; `make help` lists them. Python 3.11 or newer is all it takes.
PYTHON ?= python3
export PYTHONUTF8 := 1
# Some containers set it, and hundreds of processes would each compile what they import.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
# What the environment holds: the generator; what a demo needs; everything, with the tools.
CODEGEN := $(VENV)/.codegen
DEMO := $(VENV)/.demo
READY := $(VENV)/.ready
# What installs the rest: a pip that is twice as quick as that of Python 3.11 and reads dependency
# groups, and the build backend, which is then not fetched into an environment of its own.
TOOLS := pip==26.3 hatchling==1.33.0 hatch-fancy-pypi-readme==25.1.0
INSTALL := install --quiet --disable-pip-version-check --no-compile
GENERATE := $(BIN)/python -m get3w_codegen generate --schemas schemas --output generated/get3w_models --package get3w_models

.DEFAULT_GOAL := help

.PHONY: help  ## Show this list
help:
	@sed -nE 's/^\.PHONY: ([a-z-]+)  ## (.*)/\1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{printf "  make %-15s %s\n", $$1, $$2}'

# Made anew where it does not fit: for another Python, after a move, or half made.
STAMP := $(CURDIR) $(PYTHON)
FITS = test "$(STAMP)" = "$$(cat $(VENV)/.made 2>/dev/null)" && $(BIN)/python -c "import pip" 2>/dev/null
ifneq (yes,$(shell $(FITS) && echo yes))
$(shell rm -f $(CODEGEN) $(DEMO) $(READY))
endif

$(CODEGEN): NEEDS := --editable ".[codegen]"
$(DEMO): NEEDS := --editable ".[codegen,emulator]"
$(READY): NEEDS := --editable ".[codegen,emulator,cli,batch]" --group dev
$(DEMO): HOLDS := $(CODEGEN)
$(READY): HOLDS := $(CODEGEN) $(DEMO)
$(CODEGEN) $(DEMO) $(READY): pyproject.toml core/get3w_core/_version.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 ..."; exit 2; }
	@$(FITS) || $(PYTHON) -m venv --clear --without-pip $(VENV)
	@rm -f $(VENV)/.made
	@echo "Installing what is needed into $(VENV) ..."
	@{ $(PYTHON) -m pip --python $(BIN)/python $(INSTALL) $(TOOLS) 2>/dev/null || \
	  { $(BIN)/python -m ensurepip >/dev/null && $(BIN)/python -m pip $(INSTALL) $(TOOLS); } \
	  } && $(BIN)/python -m pip $(INSTALL) --no-build-isolation $(NEEDS) || \
	  { echo "Installing failed: is there a way to a package registry? Run make again when there is."; exit 2; }
	@echo "$(STAMP)" > $(VENV)/.made
	@touch $(HOLDS) $@

.PHONY: demo  ## Regenerate, submit a typed request, wait, save the picture (MODEL=... for another model)
demo: $(DEMO)
	@$(MAKE) --no-print-directory generate
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
generate: $(CODEGEN)
	@$(GENERATE)
	@$(BIN)/python -m get3w_codegen page

.PHONY: pictures  ## Make the pictures of the documentation anew; needs a Chromium
pictures: $(READY)
	@$(BIN)/python docs/pictures/make.py

.PHONY: soak  ## Run the long checks: whole crossings, 10,000 submits under faults, 100,000 schemas
soak: $(READY)
	@GET3W_FUZZ_SCHEMAS=100000 $(BIN)/python -m pytest -q tests/codegen/build/test_fuzz.py
	@$(BIN)/python -m pytest tests -m soak -s
	@GET3W_EXAMPLES=500 $(BIN)/python -m pytest -q -n auto --dist worksteal -m "hypothesis and not soak"
	@GET3W_KILLS=30 $(BIN)/python -m pytest -q tests/cli/test_killed.py

.PHONY: editors  ## Ask language servers about every model and write docs/editors.md (SCHEMAS=DIR for others)
editors: $(READY)
ifdef SCHEMAS
	@$(BIN)/python -m tests.editors.unseen "$(abspath $(SCHEMAS))" $(if $(COUNT),--count $(COUNT))
else
	@$(BIN)/python -m pytest tests/editors -m "editors or not editors"
endif

DOCS := $(VENV)/.docs
$(DOCS): $(READY)
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["docs"], sep="\n")' > $(VENV)/docs-requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement $(VENV)/docs-requirements.txt
	@touch $@

.PHONY: docs  ## Build the documentation as a site, build/docs/site/index.html (SCHEMAS=DIR for other models)
docs: $(DOCS)
	@$(BIN)/python -m website $(if $(SCHEMAS),--schemas "$(abspath $(SCHEMAS))" --output build/docs-other)

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

# The peers have an environment of their own. One that cannot be installed is left out, and the
# page says so; Prism comes where node is.
BENCH := build/bench-venv
$(BENCH)/.ready: pyproject.toml | $(READY)
	@test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	@echo "Installing what is compared into $(BENCH) ..."
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[codegen,emulator]"
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["bench"], sep="\n")' > $(BENCH)/requirements.txt
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $(BENCH)/requirements.txt || \
	  while read -r each; do $(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check "$$each" || \
	  echo "$$each cannot be installed and is left out"; done < $(BENCH)/requirements.txt
	@! command -v npm >/dev/null || npm install --silent --no-audit --no-fund --prefix build/bench-node $(PRISM_PACKAGE) || \
	  echo "Prism cannot be installed and is left out"
	@touch $@
PRISM_PACKAGE := @stoplight/prism-cli@5.16.0

.PHONY: bench  ## Measure beside other packages and write docs/benchmarks/ (PARTS="imports submit", CORPUS="DIR ...", SHARE=0.5 MOST=500)
bench: $(READY) $(BENCH)/.ready
	@BENCH_CORPUS="$(abspath $(CORPUS))" BENCH_ROWS="$(ROWS)" $(BIN)/python -m bench $(PARTS) $(if $(SHARE),--share $(SHARE)) $(if $(MOST),--most $(MOST))

.PHONY: bench-emulator  ## Only the part on the emulator: submits, start, memory, beside Prism
.PHONY: bench-batch  ## Only the part on batches, beside a bare loop over the client (ROWS="500 100000")
.PHONY: bench-generate  ## Only the part on generating, beside other generators
.PHONY: bench-cli  ## Only the part on the command line: how quickly get3w starts and completes
bench-emulator bench-batch bench-generate bench-cli:
	@$(MAKE) --no-print-directory bench PARTS=$(@:bench-%=%)

.PHONY: bench-editors  ## Time language servers on packages in other forms and sizes (OPTIONS="--layout grouped")
bench-editors: $(READY)
	@BENCH_CORPUS="$(abspath $(CORPUS))" $(BIN)/python -m bench.parts.editors $(OPTIONS)

.PHONY: check  ## Lint, format, types, spelling, and generated/ up to date
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
	$(BIN)/typos
	$(BIN)/zizmor --offline --quiet --no-progress .github

.PHONY: format  ## Format the hand-written code
format: $(READY)
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

.PHONY: build  ## Build the sdist and the wheel into dist/
build: $(READY)
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

# What judges a release, in an environment of its own.
JUDGES := build/judges/bin
build/judges/.made: pyproject.toml $(READY)
	@$(BIN)/python -m venv --clear --without-pip build/judges
	@$(BIN)/python -m pip --python $(JUDGES)/python $(INSTALL) --group release
	@touch $@

# An environment that holds the wheel with every extra, and nothing of this checkout.
RELEASE := build/release
EXTRAS = $$($(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"], sep=",")')

.PHONY: release-check  ## Build a release, and judge metadata, contents, licences and the way through README
release-check: build build/judges/.made
	$(JUDGES)/twine check --strict dist/*
	$(JUDGES)/check-wheel-contents dist/*.whl
	@# AuthorEmail: there is no address yet that anybody reads.
	$(JUDGES)/pyroma --min 10 --skip-tests AuthorEmail dist/*.tar.gz
	@rm -rf $(RELEASE) && $(BIN)/python -m venv --without-pip $(RELEASE)
	$(BIN)/python -m pip --python $(RELEASE)/bin/python $(INSTALL) "$$(ls dist/*.whl)[$(EXTRAS)]"
	$(JUDGES)/pip-licenses --python $(RELEASE)/bin/python --output-file $(RELEASE)/licences.txt
	@# It does not ask the build backend for the version, as a dynamic one would need.
	sed "s/^dynamic = .*/version = \"$$($(RELEASE)/bin/python -c 'import get3w_core as core; print(core.__version__)')\"/" \
	  pyproject.toml > $(RELEASE)/pyproject.toml
	$(JUDGES)/cyclonedx-py environment --pyproject $(RELEASE)/pyproject.toml --mc-type library \
	  --output-reproducible --output-file $(RELEASE)/sbom.cdx.json $(RELEASE)/bin/python
	GET3W_WALK=$(RELEASE)/bin/python $(BIN)/python -m pytest -q tests/test_release.py tests/typing/test_distribution.py tests/typing/test_newcomer.py tests/e2e/test_walk.py

# The tests of the wheel with the versions of its dependencies that uv chooses.
TESTED := tests/core tests/generated tests/emulator tests/e2e tests/batch
# These need tools of the tests, some of which refuse the oldest versions.
TOOLED := tests/core/files/test_file_objects.py tests/core/http/test_foreign_exceptions.py \
  tests/core/http/test_http_environment.py tests/core/http/test_mocks.py \
  tests/core/outputs/test_output_display.py tests/emulator/api/test_openapi.py \
  tests/emulator/media/test_outputs.py tests/emulator/server/test_foreign_client.py \
  tests/emulator/playground/test_playground_calls.py tests/e2e/test_example_programs.py
# httpx 0.27 passes over an SSL_CERT_FILE that is not there; later ones refuse it.
NEWER := tests/core/http/test_concurrency.py::test_an_environment_that_cannot_be_used[SSL_CERT_FILE]

.PHONY: test-minimum  ## Run the tests of what is installed with the lowest dependencies that are allowed
test-minimum: RESOLUTION := lowest-direct
.PHONY: test-newest  ## The same with the newest ones
test-newest: RESOLUTION := highest
test-minimum test-newest: build build/judges/.made
	@rm -rf build/$@ && $(JUDGES)/uv venv --quiet --python $(BIN)/python build/$@
	@$(JUDGES)/uv pip install --quiet --python build/$@/bin/python --resolution $(RESOLUTION) \
	  --requirement pyproject.toml --all-extras --group tests
	@$(JUDGES)/uv pip install --quiet --python build/$@/bin/python --no-deps dist/*.whl
	@$(JUDGES)/uv pip freeze --python build/$@/bin/python
	build/$@/bin/python -m pytest -n auto -q -rfE -o pythonpath= -p no:cacheprovider $(TESTED) \
	  $(addprefix --ignore=,$(TOOLED)) --deselect "$(NEWER)"

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
