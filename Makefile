# What a bare checkout can do; it needs python3 (3.11 or newer) and the package registries.
# Another Python: make run PYTHON=python3.12        Another port: make run PORT=8080

PYTHON ?= python3

.PHONY: run test check clean

run:
	@$(PYTHON) -m ravisit.bootstrap
	@.venv/bin/python -m ravisit.launcher

test:
	@$(PYTHON) -m ravisit.bootstrap --for-tests
	@.venv/bin/python -m ravisit.testing

check:
	@$(PYTHON) -m ravisit.bootstrap --for-tests
	@.venv/bin/python -m ravisit.testing --lint-only

# The database, the mails and the uploads in var/ are yours: they stay.
clean:
	rm -rf .venv var/assets var/npm var/static var/test var/pycache var/mypy var/ruff var/pytest
