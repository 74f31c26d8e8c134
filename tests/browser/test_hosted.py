"""The app as a host runs it that interrupts scripts (fast reruns), and heavy questions that wait in the queue."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, Window, reach, served, settle, visits
from tests.browser.test_translate import link, shown_step, type_and_translate

LONG = "Je n'ai jamais vu un aussi beau chien dans le grand jardin de ma tante qui habite près de la mer."


@pytest.fixture(scope="module")
def hosted(tiny_checkpoint: Path, caption_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app with the settings of Streamlit Community Cloud."""
    folders = [tiny_checkpoint.parent, caption_models]
    with served(tmp_path_factory.mktemp("hosted"), folders, STREAMLIT_RUNNER_FAST_RERUNS="true") as address:
        yield address


@pytest.fixture
def visit(window: Window, hosted: str) -> Iterator[Visit]:
    with visits(window, hosted) as visit:
        yield visit


def test_sentences_in_quick_succession_end_with_the_last(visit: Visit) -> None:
    page = visit("?model=tiny")
    field = page.get_by_role("textbox", name="French text")

    def enter(text: str) -> None:
        field.fill(text)
        field.press("Enter")

    enter("il fait beau")
    enter("il pleut")
    last = page.locator(".chip").filter(has_text="froid")
    # What is typed between two drawings of a slow page can get lost, and is then typed again.
    reach(page, lambda: enter("il fait froid dehors"), lambda: last.count() == 1)
    expect(page.locator(".verdict")).to_be_visible()
    expect(page.locator(".chip").filter(has_text="froid")).to_have_count(1)
    settle(page)
    assert field.input_value() == "il fait froid dehors"


def test_the_stage_plays_steps_and_forces(visit: Visit) -> None:
    page = visit("?model=tiny")
    type_and_translate(page, "il fait froid dehors", "Greedy")
    page.keyboard.press("Home")
    expect(page.locator(".count")).to_contain_text("Step 1 of")
    page.keyboard.press("ArrowRight")
    assert shown_step(page) == 2
    page.locator(".row.candidate[aria-pressed=false]").first.click()
    undo = page.get_by_role("button", name="Undo")
    reach(page, page.get_by_role("button", name="Force “").first.click, undo.is_visible)
    undo.click()
    expect(undo).to_have_count(0)


def test_answers_of_a_lesson_are_all_kept(visit: Visit) -> None:
    page = visit("course?lesson=beam-by-hand")
    lesson = page.locator(".lesson")
    for _ in range(3):
        for place in range(2):
            lesson.locator("[data-pick]").nth(place).click()
        lesson.locator(".prediction .check").click()
        lesson.locator(".onward .check").click()
    settle(page)
    assert page.url.count("%2C") + page.url.count(",") >= 2  # three answers


def _ask_for_widths(visit: Visit) -> Page:
    page = visit(link(LONG, model="fr-en", tool="widths"))
    page.get_by_role("button", name="Try widths 1 to 20").click()
    return page


def test_two_heavy_questions_are_both_answered(visit: Visit) -> None:
    page = _ask_for_widths(visit)
    other = visit(link(LONG.replace("chien", "chat"), model="fr-en", tool="widths"))
    other.get_by_role("button", name="Try widths 1 to 20").click()
    result = page.get_by_text("What each beam ends with")
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(stop.or_(result).first).to_be_visible()
    expect(result).to_be_visible()
    expect(other.get_by_text("What each beam ends with")).to_be_visible()


def test_a_heavy_question_is_stopped_and_asked_again(visit: Visit) -> None:
    """Exact search of words that the model does not know takes all of its five seconds."""
    for word in ("tribule", "mirobule", "cachabule"):  # a browser may be slower than that
        page = visit(
            link(f"Zorgluber fipette bricatou mangelou {word} chamboulire.", model="fr-en", tool="autopsy")
        )
        page.get_by_role("button", name="Find the model's true best").click()
        stop = page.get_by_role("button", name="Stop", exact=True)
        done = page.get_by_text(re.compile("exact search (has proved|found)"))
        expect(stop.or_(done).first).to_be_visible()
        if done.count():
            continue
        stop.click()
        again = page.get_by_role("button", name="Ask again")
        expect(again.or_(done).first).to_be_visible()
        if again.count():
            again.click()
            expect(stop.or_(done).first).to_be_visible()
            return
    pytest.fail("no search took long enough to be stopped")
