"""A model trained for real, by a visitor who looks away, comes back and uses it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, insist, settle
from tests.browser.looks import hard_to_read, overlapping, sideways

LINK = "teacher_forcing?look=training"


def ask_for_little(page: Page) -> None:
    """Ask for the smallest training that the form offers, of some seconds."""
    slider = page.get_by_role("slider", name="How many")
    insist(page, lambda: slider.press("Home"), lambda: slider.get_attribute("aria-valuetext") in ("1,000", "1000"))
    updates = page.get_by_role("spinbutton", name="Updates")
    insist(
        page,
        lambda: (updates.fill("50"), updates.press("Enter")),
        lambda: page.get_by_text("50 updates on one core").count() > 0,
    )


def test_a_model_is_trained_while_its_visitor_looks_away_and_is_used_then(visit: Visit) -> None:
    page = visit(LINK)
    ask_for_little(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile("Getting ready|Update \\d+ of 50|Finished")).first).to_be_visible()
    page.wait_for_url(re.compile("run="))
    shared = re.sub(r"^.*(run=[\w-]+).*$", r"\1", page.url)
    assert "control" not in page.url

    page.get_by_role("link", name="Translate").first.click()
    expect(page.get_by_text("your turn")).to_be_visible()
    page.get_by_role("link", name="Teacher forcing").first.click()
    expect(page.get_by_text(re.compile("Update \\d+ of 50|measuring|Finished")).first).to_be_visible(
        timeout=120_000
    )
    page.reload()
    expect(page.get_by_text("Finished after 50 updates")).to_be_visible(timeout=120_000)
    settle(page)
    expect(page.get_by_text("Unseen sentences, translated")).to_be_visible()
    expect(page.get_by_text("Your runs (1)")).to_be_visible()  # the browser knows its visitor after a reload
    assert overlapping(page) == []
    assert hard_to_read(page) == []

    use = page.get_by_role("button", name="all pages")
    insist(page, use.click, use.is_disabled)
    page.get_by_role("link", name="Translate").first.click()
    expect(page.get_by_role("combobox", name="Model")).to_have_value(re.compile("my run · "))
    area = page.get_by_role("textbox", name="French text")
    area.fill("Il fait froid.")
    area.press("Enter")
    expect(page.get_by_text("How sure is each word?")).to_be_visible()

    stranger = visit(f"{LINK}&{shared}", width=390, scheme="dark")
    expect(stranger.get_by_text("You follow somebody's run")).to_be_visible()
    expect(stranger.get_by_text("Finished after 50 updates")).to_be_visible()
    assert stranger.get_by_role("button", name="Delete").count() == 0
    assert overlapping(stranger) == []
    assert hard_to_read(stranger) == []
    assert sideways(stranger) <= 0
