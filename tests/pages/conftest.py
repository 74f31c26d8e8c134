"""What the tests of pages share."""

import pytest

from pages.shared import heavy


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for heavy questions: a page that is run by a test is not run again by a browser."""
    monkeypatch.setattr(heavy, "AT_ONCE", 120)
