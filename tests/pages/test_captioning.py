"""The captioning page without a browser: what it says, and that it never breaks."""

import io
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.captioning import ASK
from pages.captioning_panels.grey import changed_places
from pages.shared import models, photos
from seq2seq.trace import Trace
from seq2seq.vision.captioning.captioner import Captioner
from tests.pages.opening import all_texts as texts
from tests.pages.opening import open_page
from tests.photos import photo

OpenPage = Callable[..., AppTest]
File = tuple[str, bytes, str]
Staged = list[dict[str, Any]]


@pytest.fixture
def run(caption_models: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Open the page with the parameters of a link, and the tiny captioners as the only models."""
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(caption_models)])
    monkeypatch.setattr(models, "SHIPPED", caption_models / "none")

    return partial(open_page, "captioning")


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> Staged:
    """What each run of a page gives to the stage."""
    given: Staged = []
    monkeypatch.setattr("pages.shared.stage._stage", lambda **all_: given.append(all_["data"]))
    return given


def file(name: str, colour: str = "red", place: str = "left") -> File:
    """Return a drawn photo as an upload."""
    written = io.BytesIO()
    photo(colour, place).save(written, "PNG")
    return name, written.getvalue(), "image/png"


def upload(app: AppTest, *files: File) -> AppTest:
    """Upload files, and let the page take them in."""
    uploader = next(each for each in app.file_uploader if "photos" in each.label)
    uploader.set_value(list(files)).run()
    return app


def test_without_a_photo_it_says_what_to_do(run: OpenPage) -> None:
    app = run()
    assert not app.exception
    assert "Upload a photo above" in texts(app)


def test_without_a_model_it_says_how_to_train_one(
    run: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(tmp_path)])
    app = run(photo="coffee")
    assert not app.exception
    assert "train-captions" in app.warning[0].value


def test_a_missing_encoder_gives_one_error_box(
    run: OpenPage, caption_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(caption_models / "tiny-plain", tmp_path / "tiny-plain")
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(tmp_path)])
    app = run(photo="coffee")
    assert not app.exception
    assert len(app.error) == 1
    assert "needs the image encoder" in app.error[0].value


def test_a_sample_is_captioned_and_can_be_watched(run: OpenPage, staged: Staged) -> None:
    app = run(photo="coffee", step="2")
    assert not app.exception
    data = staged[-1]
    assert data["step"] == 2
    assert [one["name"] for one in data["searches"]] == ["Greedy", "Beam 5"]
    assert data["picture"].startswith("data:image/jpeg;base64,")
    assert data["hides"]


def test_uploads_are_captioned_one_by_one_and_a_bad_one_stops_none(run: OpenPage, caption_models: Path) -> None:
    app = upload(run(), file("one.png"), ("bad.jpg", b"no photo", "image/jpeg"), file("two.png", "blue", "right"))
    assert not app.exception
    assert [one.name for one in app.session_state["photos"].values()] == ["one.png", "two.png"]
    assert len(app.error) == 1
    assert "bad" in app.error[0].value
    captioner = Captioner.load(caption_models / "tiny-attention")
    for said in captioner.caption([photo("red", "left"), photo("blue", "right")]):
        assert said[0].text in texts(app)
    app.button(key=f"own_{list(app.session_state['photos'])[1]}").click().run()
    assert app.session_state["photo_chosen"] == list(app.session_state["photos"])[1]
    app.button(key="photos_remove").click().run()
    assert not app.exception
    assert "Upload a photo above" in texts(app)


def test_the_page_opens_with_a_sample_that_ships_captioned(
    run: OpenPage, staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(Path(__file__).parents[2] / "checkpoints")])
    app = run()
    assert not app.exception
    assert "Point at a word or at the photo" in texts(app)
    assert [one["name"] for one in staged[-1]["searches"]] == ["Greedy", "Beam 5"]
    assert not staged[-1]["force"]


def test_every_sample_is_a_readable_photo_with_a_credit() -> None:
    credits = (photos._FOLDER / "CREDITS.md").read_text(encoding="utf-8")
    for name in photos.SAMPLES:
        found = photos.sample(name)
        assert found is not None
        assert f"`{name}.jpg`" in credits
    assert len(photos.FITTING) >= 8
    assert {*photos.FITTING, *photos.BEYOND} <= set(photos.SAMPLES)


def test_more_photos_than_are_kept_are_refused(run: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MOST", 1)
    app = upload(run(), file("one.png"), file("two.png", "blue"))
    assert not app.exception
    assert "one photo too many" in app.error[0].value


@pytest.mark.parametrize("size", [(1, 1), (3000, 3), (3, 3000)])
def test_photos_of_odd_shapes_are_shown(run: OpenPage, size: tuple[int, int], staged: Staged) -> None:
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, "PNG")
    app = upload(run(ask="grey", grey="1"), ("odd.png", written.getvalue(), "image/png"))
    assert not app.exception
    assert staged[-1]["searches"]


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize("model", ["tiny-attention", "tiny-plain"])
def test_every_panel_opens(run: OpenPage, ask: str, model: str) -> None:
    app = run(photo="chelsea", captioner=model, ask=ask)
    assert not app.exception
    assert not app.error
    if ask == "words":
        assert ("no attention" in texts(app)) == (model == "tiny-plain")


def test_greying_out_shows_both_captions_and_can_be_taken_back(run: OpenPage) -> None:
    app = run(photo="chelsea", ask="grey", grey="1.2.3.9", box="20.20.70.80", captioner="tiny-attention")
    assert not app.exception
    assert "Without regions 1 to 3 and 9 and the box" in texts(app)
    assert "After" in texts(app)
    app.button(key="grey_none").click().run()
    assert "Nothing is greyed out yet" in texts(app)
    app.multiselect(key="grey_regions").set_value([5, 4]).run()
    assert app.session_state["view"].grey == "4.5"
    app.slider(key="grey_x").set_value((10, 40)).run()
    assert app.session_state["view"].box == "10.0.40.100"
    assert not app.exception


def test_the_words_that_changed_are_found() -> None:
    before, after = ["a", "brown", "dog", "runs", "on", "grass"], ["a", "dog", "is", "running", "on", "grass"]
    assert changed_places(before, after) == ({1, 3}, {2, 3})
    assert changed_places(before, before) == (set(), set())
    assert changed_places([], after) == (set(), set(range(6)))


def test_a_beginning_is_forced_and_shows_in_the_tree(run: OpenPage, staged: Staged) -> None:
    app = run(photo="coffee", ask="force", begins="the")
    assert not app.exception
    assert "Of its own" in texts(app)
    assert [one["kind"] for one in staged[-1]["searches"]] == ["before", "search"]
    app = run(photo="coffee", ask="tree", begins="the", node="1")
    assert not app.exception
    assert "double line" in texts(app)
    app = run(photo="coffee", ask="force", begins="日本")
    assert not app.exception
    assert "can't be spelt" in app.error[0].value


def test_photos_are_ranked_by_words(run: OpenPage) -> None:
    app = upload(run(ask="find"), file("one.png"), file("two.png", "blue"))
    assert "Words nearest to" in texts(app)
    app.text_input(key="cap_find_words").set_value("a blue zorglub")
    next(each for each in app.button if each.label == "Search").click().run()
    assert not app.exception
    assert "left out: a, zorglub" in texts(app)
    assert "2. " in texts(app)


def test_a_trace_of_a_photo_opens_without_the_photo(run: OpenPage, caption_models: Path, staged: Staged) -> None:
    trace = Captioner.load(caption_models / "tiny-attention").trace(photo("red", "left"), name="red.png")
    app = run()
    app.session_state["opened_trace"] = Trace.from_json(trace.to_json())
    app.run()
    assert not app.exception
    assert "needs the photo" in texts(app)
    assert len(staged[-1]["searches"]) == 1


def test_translators_do_not_stand_among_captioners_nor_the_other_way_round(
    run: OpenPage, tiny_checkpoint: Path, caption_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys, "argv", ["app.py", "--models", str(caption_models), "--models", str(tiny_checkpoint.parent)]
    )
    app = run()
    assert app.selectbox(key="cap_model").options == [
        "additive attention (tiny-attention)",
        "one glance, no attention (tiny-plain)",
    ]
    assert set(models.of_kind("translation")) == {"tiny"}


@pytest.mark.parametrize(("question", "button"), [("widths", "Try widths 1 to 20"), ("autopsy", "Find out why")])
def test_what_is_asked_of_a_translation_is_asked_of_a_caption(run: OpenPage, question: str, button: str) -> None:
    app = run(photo="coffee", ask=question, expected="A red box on the left.")
    next(each for each in app.button if each.label == button).click().run()
    assert not app.exception
    assert not app.error
    assert "caption" in app.dataframe[-1].value.columns


def test_exact_search_proves_a_caption_or_says_that_it_is_undecided(run: OpenPage) -> None:
    app = run(photo="coffee", ask="autopsy", beam="1")
    next(each for each in app.button if "true best" in each.label).click().run()
    assert not app.exception
    assert "caption" in app.dataframe[-1].value.columns
