"""The teacher-forcing page in a real browser: two models on a sentence, a planted mistake, curves, a link."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, settle
from tests.browser.looks import check_looks


def test_two_models_a_planted_mistake_and_curves(visit: Visit) -> None:
    page = visit("teacher_forcing")
    expect(page.get_by_text("always forced").first).to_be_visible()
    expect(page.locator(".st-key-strip_0 .main-svg").first).to_be_visible()
    expect(page.locator(".st-key-strip_1 .main-svg").first).to_be_visible()
    word = page.get_by_label("Wrong word")
    word.fill("banana")
    word.press("Enter")
    expect(page.get_by_text("Without the mistake").nth(1)).to_be_visible()
    expect(page).to_have_url(re.compile("wrong=banana"))
    settle(page)
    page.get_by_role("radio", name="Training curves").click()
    expect(page.locator(".st-key-lab_curves .main-svg").first).to_be_visible()
    expect(page).to_have_url(re.compile("look=curves"))


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_views_are_legible(visit: Visit, scheme: str, width: int) -> None:
    for look, key in (("sentence", "strip_0"), ("curves", "lab_curves"), ("exposure", "recovery")):
        page = visit(f"teacher_forcing?look={look}", width=width, scheme=scheme)
        expect(page.locator(f".st-key-{key} .main-svg").first).to_be_visible()
        settle(page)
        check_looks(page)
