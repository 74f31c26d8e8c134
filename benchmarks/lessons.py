"""Lessons done in a browser by keyboard alone, as somebody would who has no mouse.

It presses Tab to get somewhere, Enter to press, digits and arrow keys to answer. What it answers is not meant to be
right; each step has to take an answer, show the figure and say why.
"""

from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect, sync_playwright

from benchmarks.running import running_app
from seq2seq.course.files import shipped
from tests.browser.conftest import FLAGS, find_browser

_MOST_TABS = 80
_INSIDE = """([selector]) => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return Boolean(active?.matches(selector));
}"""


def every_lesson(widths: Sequence[int] = (1440, 390)) -> tuple[int, list[str]]:
    """Do all shipped lessons in windows of some widths; return the number of steps done, and what went wrong."""
    done, bad = 0, []
    with running_app() as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        for width in widths:
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("pageerror", lambda problem: bad.append(str(problem)))
            for file in shipped():
                try:
                    done += do_lesson(page, app.address, file.name)
                except AssertionError as problem:
                    bad.append(f"{width} pixels, {' '.join(str(problem).split())[:300]}")
            page.close()
        browser.close()
    return done, bad


def do_lesson(page: Page, address: str, name: str) -> int:
    """Do a lesson from its first step to its end; return the number of its steps.

    address: of the app. Raises AssertionError, naming the step, if one takes no answer or a key does not reach it.
    """
    page.goto(f"{address}/course?lesson={name}")
    lesson = page.locator(".lesson")
    steps = lesson.locator(".dot")
    expect(steps.first).to_be_visible(timeout=120_000)
    count = steps.count()
    for number in range(1, count + 1):
        try:
            expect(steps.nth(number - 1)).to_have_attribute("aria-current", "step")
            if lesson.locator(".prediction").count():
                answer(page, lesson)
                expect(lesson.locator(".judged")).to_be_visible()
            expect(lesson.locator(".why p").first).not_to_be_empty()
            expect(lesson.locator(".seen > *").first).to_be_visible()
            tab_to(page, ".onward .check")
            page.keyboard.press("Enter")
        except AssertionError as problem:
            raise AssertionError(f"{name}, step {number}: {problem}") from None
    expect(lesson.locator(".summary")).to_contain_text("predictions were right")
    return count


def answer(page: Page, lesson: Locator) -> None:
    """Give some answer to the open question, by keys."""
    if lesson.locator(".option").count():
        page.keyboard.press("1")
        return
    picks = lesson.locator("[data-pick]:enabled").count()
    check = lesson.locator(".prediction .check")
    if picks:
        for digit in range(1, min(picks, 9) + 1):
            if check.is_enabled():
                break
            page.keyboard.press(str(digit))
    elif lesson.locator(".asks .node").count():
        tab_to(page, ".asks .node")
        page.keyboard.press("Enter")
    elif lesson.locator("input[type=range]").count():
        tab_to(page, ".prediction input[type=range]")
        page.keyboard.press("ArrowRight")
    elif lesson.locator(".typed").count():
        tab_to(page, ".typed")
        page.keyboard.type("ch u")
    tab_to(page, ".prediction .check")
    page.keyboard.press("Enter")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what the selector names has the focus. Raises AssertionError if it never has."""
    for _ in range(_MOST_TABS):
        if page.evaluate(_INSIDE, [selector]):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not reach {selector}")
