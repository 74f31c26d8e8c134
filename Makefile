# make app: run the app.   make test: lint, type-check, test.   Both set up what they need in .venv.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.PHONY: app test browser test-pages test-rest clean

# One arena for all threads: glibc gives each its own, which keeps what it frees (70 MB with ten visitors).
app: export MALLOC_ARENA_MAX = 1
app: $(VENV)/.app-ready
	$(BIN)/streamlit run app.py

test: $(VENV)/.test-ready browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) --no-print-directory -j2 test-pages test-rest

# Side by side: one drives the browser and mostly waits for it, the other computes. `pytest` alone runs both in turn.
test-pages:
	$(BIN)/pytest tests/browser

test-rest:
	$(BIN)/pytest --ignore tests/browser

# The browser tests drive a Chromium or Chrome of this machine; where there is none, Debian's is installed.
browser:
	@command -v chromium chromium-browser google-chrome google-chrome-stable > /dev/null || sh tests/browser/install.sh

$(VENV)/.app-ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python tools/install.py -r requirements.txt
	$(BIN)/python -m compileall -q app.py pages seq2seq
	touch $@

$(VENV)/.test-ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -e ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
