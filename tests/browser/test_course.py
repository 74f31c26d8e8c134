"""The course in a browser: lessons by keyboard, by touch and by mouse; the glossary, links and pages to keep."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.lessons import do_lesson
from seq2seq.course.files import shipped
from tests.browser.conftest import Visit, saved, settle
from tests.browser.looks import hard_to_read, overlapping, sideways


def test_the_list_holds_all_lessons_and_opens_one(visit: Visit) -> None:
    page = visit("course", width=1440)
    cards = page.locator(".lessons button")
    expect(cards).to_have_count(len(shipped()))
    assert overlapping(page) == []
    assert hard_to_read(page) == []
    cards.filter(has_text="Greedy or beam?").click()
    expect(page.locator(".lesson h2")).to_have_text("Two ways to write")


def test_a_lesson_is_done_by_keyboard_alone(visit: Visit, app: str) -> None:
    page = visit("course?lesson=greedy")
    assert do_lesson(page, app, "greedy") == 5
    settle(page)
    assert "answers=greedy" in page.url


def test_a_lesson_is_done_by_touch_on_a_phone(visit: Visit) -> None:
    page = visit("course?lesson=heatmap", width=390, scheme="dark", touch=True)
    lesson = page.locator(".lesson")
    for number in range(4):
        expect(lesson.locator(".dot").nth(number)).to_have_attribute("aria-current", "step")
        lesson.locator("[data-pick]").nth(3).tap()
        lesson.locator(".prediction .check").tap()
        expect(lesson.locator(".judged")).to_be_visible()
        expect(lesson.locator(".heat .truth")).to_have_count(1)
        assert sideways(page) == 0
        if not number:
            assert overlapping(page) == []
            assert hard_to_read(page) == []
        lesson.locator(".onward .check").tap()
    expect(lesson.locator(".summary")).to_be_visible()


def test_a_lesson_is_done_by_mouse_and_its_answers_come_back_with_the_link(visit: Visit) -> None:
    page = visit("course?lesson=beam-by-hand", width=1440)
    lesson = page.locator(".lesson")
    for _ in range(3):
        for place in range(2):
            lesson.locator("[data-pick]").nth(place).click()
        expect(lesson.locator("[data-pick][aria-pressed=true]")).to_have_count(2)
        lesson.locator("[data-pick]").nth(2).click()  # the earliest gives way
        expect(lesson.locator("[data-pick][aria-pressed=true]")).to_have_count(2)
        lesson.locator(".prediction .check").click()
        expect(lesson.locator("[data-pick].truth")).to_have_count(2)
        lesson.locator(".onward .check").click()
    lesson.locator(".option").nth(1).click()
    expect(lesson.locator(".judged")).to_contain_text("Right.")
    expect(lesson.locator(".stage .tree .node").first).to_be_visible()
    assert overlapping(page) == []
    lesson.locator(".onward .check").click()
    expect(lesson.locator(".summary")).to_contain_text("of 4 predictions were right")
    settle(page)
    again = visit(page.url.rpartition("/")[2], width=1440)
    expect(again.locator(".lesson .dot.right, .lesson .dot.wrong")).to_have_count(4)
    again.locator(".lesson").get_by_role("button", name="All lessons").click()
    expect(again.locator(".lessons .right, .lessons .wrong")).to_have_count(4)
    name, data = saved(again, lambda: again.get_by_role("button", name="JSON").click(timeout=10_000))
    rows = json.loads(data)
    assert name == "predictions.json"
    assert [row["step"] for row in rows] == [1, 2, 3, 4]


def test_an_own_sentence_is_computed_and_a_bad_one_is_a_sentence(visit: Visit) -> None:
    page = visit("course?lesson=decoder-inputs&at=2&answers=decoder-inputs:2%2B1")
    own = page.locator(".trying")
    own.locator("input").fill("Je suis fatigué.")
    own.get_by_role("button", name="See").click()
    expect(page.locator(".seen h3").first).to_contain_text("Je suis fatigué.")
    expect(page.locator(".seen")).to_contain_text("tired")
    own.locator("input").fill("12345")
    own.get_by_role("button", name="See").click()
    expect(page.locator(".problem")).to_contain_text("type a sentence")


def test_a_step_opens_down_to_one_multiplication(visit: Visit) -> None:
    page = visit("course?lesson=numbers&at=1&answers=numbers:1%2B37", width=1440)
    figure = page.locator(".mapfigure")
    expect(figure.locator(".box")).to_have_count(12)
    expect(figure.locator(".sum caption").first).to_contain_text("the input gate")
    figure.get_by_role("button", name="Context").click()
    expect(figure.locator(".formula")).to_contain_text("Bahdanau et al. 2015, eq. 5")
    assert overlapping(page) == []


def test_terms_explain_themselves_by_pointer_by_focus_and_in_a_list(visit: Visit) -> None:
    page = visit("course?lesson=greedy", width=1440)
    page.get_by_text("Beam search", exact=True).hover()
    tip = page.locator(".term")
    expect(tip).to_contain_text("keeps the k likeliest beginnings")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("dialog.all dt").first).to_be_visible()
    page.keyboard.type("coverage")
    expect(page.locator("dialog.all dl > div:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("dialog.all")).to_be_hidden()


def test_a_lesson_embeds_without_frame_and_is_kept_as_a_page(visit: Visit, tmp_path: Path) -> None:
    page = visit("course?lesson=length-penalty&embed=true")
    expect(page.locator(".lesson h2")).to_be_visible()
    assert page.get_by_role("link", name="Translate").count() == 0
    name, data = saved(page, lambda: page.get_by_role("button", name="This lesson as a page").click(timeout=10_000))
    assert name == "length-penalty.html"
    (tmp_path / name).write_bytes(data)
    offline: Page = page.context.new_page()
    problems: list[str] = []
    offline.on("pageerror", lambda problem: problems.append(str(problem)))
    offline.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    offline.goto((tmp_path / name).as_uri())
    offline.locator(".option").first.click()
    expect(offline.locator(".judged")).to_be_visible()
    expect(offline.locator(".data")).to_be_visible()
    offline.close()
    assert problems == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_question_down_to_a_number_answers_on_the_translate_page(visit: Visit, width: int) -> None:
    page = visit("?text=Elle%20est%20l%C3%A0.&tool=numbers", width=width)
    expect(page.locator(".mapfigure .box").first).to_be_visible()
    assert sideways(page) == 0


def test_a_node_is_picked_in_the_drawn_tree(visit: Visit) -> None:
    page = visit("course?lesson=greedy&at=3", width=1440)
    lesson = page.locator(".lesson")
    expect(lesson.locator(".stage > .verdict")).to_be_hidden()
    expect(lesson.locator(".tree [aria-pressed=true]")).to_have_count(1)  # where the winner ends, not the fork
    lesson.locator(".tree .node").filter(has_text="thinking").locator(".hit").first.click()
    lesson.locator(".prediction .check").click()
    expect(lesson.locator(".judged")).to_contain_text("Right.")
    expect(lesson.locator(".stage > .verdict")).to_contain_text("the beam goes on with “thinking”")
