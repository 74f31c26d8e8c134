"""The teacher-forcing page in a real browser: two models on a sentence, a planted mistake, curves, a link."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, insist, reach, settle
from tests.browser.looks import cut_or_half_empty, hard_to_read, overlapping, sideways


def drawn(page: Page, key: str) -> None:
    """Wait until a figure stands there."""
    expect(page.locator(f".st-key-{key} .main-svg").first).to_be_visible()


def test_two_models_a_planted_mistake_and_curves(visit: Visit) -> None:
    page = visit("teacher_forcing")
    expect(page.get_by_text("Without the mistake")).to_have_count(2)  # it opens with one
    for key in ("strip_0", "strip_1"):
        drawn(page, key)
    word = page.get_by_label("Wrong word")

    def plant() -> None:
        word.fill("banana")
        word.press("Enter")

    insist(page, plant, lambda: "wrong=banana" in page.url)
    expect(page.get_by_text("Without the mistake")).to_have_count(2)
    act = page.get_by_role("radio", name="Train it", exact=True)
    reach(page, lambda: act.click(), lambda: "look=moments" in page.url)
    curves = page.get_by_role("radio", name="Training curves")
    reach(page, lambda: curves.click(), lambda: "look=curves" in page.url)
    drawn(page, "lab_curves")
    again = visit("teacher_forcing?" + page.url.partition("?")[2])
    drawn(again, "lab_curves")


@pytest.mark.parametrize(
    ("look", "key"), [("sentence", "strip_1"), ("curves", "lab_curves"), ("exposure", "recovery")]
)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_views_are_legible(visit: Visit, look: str, key: str, scheme: str, width: int) -> None:
    page = visit(f"teacher_forcing?look={look}", width=width, scheme=scheme)
    page.emulate_media(reduced_motion="reduce")  # words that still appear are pale
    drawn(page, key)
    settle(page)
    assert overlapping(page) == []
    assert cut_or_half_empty(page) == []
    assert hard_to_read(page) == []
    assert sideways(page) <= 0
