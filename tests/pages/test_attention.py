"""The attention page without a browser: what it says, what a click changes, and that it never breaks."""

import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.attention import CLOSER
from pages.shared.inputs import EXAMPLES
from seq2seq.checkpoint import digest, write_checkpoint
from seq2seq.checkpoint_config import CheckpointConfig
from seq2seq.explain import SeenSet, save_seen
from seq2seq.explain.storage import weights_digest
from seq2seq.text import Tokenizer
from seq2seq.trace import looks_at
from seq2seq.translator import Translator
from tests.pages.opening import html, open_page, texts
from tests.tiny import lively_model, tiny_config

SENTENCE = "il fait froid dehors"
OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="module")
def models(
    tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory, tokenizers: tuple[Tokenizer, Tokenizer]
) -> Path:
    """A folder with the tiny checkpoint, which knows what it has seen, and one without attention."""
    folder = tmp_path_factory.mktemp("attention")
    shutil.copytree(tiny_checkpoint, folder / "tiny")
    seen = SeenSet.of(["Il fait froid dehors.", "Le chat dort."])
    save_seen(folder / "tiny", seen, weights_digest(folder / "tiny"))
    source, target = tokenizers
    for name in ("blind", "attention-none", "attention-dot"):
        record = CheckpointConfig(
            source="fr",
            target="en",
            model=tiny_config(tied=False, attention="none"),
            vocabulary={"source": digest(source.proto), "target": digest(target.proto)},
        )
        history = '{"update": 1, "loss": 2.0}\n{"update": 1, "valid": {"bleu": 12.5}}\n'
        files = {"README.md": "# Blind\n", "history.jsonl": history}
        model = lively_model(len(source), len(target), attention="none")
        write_checkpoint(folder / name, record, model, source, target, files)
    return folder


@pytest.fixture
def run(models: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Run the page with the parameters of a link."""
    monkeypatch.setattr(sys, "argv", ["app.py", "--models", str(models)])

    return partial(open_page, "attention", model="tiny")


def test_without_text_it_says_what_to_do(run: OpenPage) -> None:
    app = run()
    assert not app.exception
    assert "Type a sentence above" in texts(app)


def test_it_says_in_sentences_where_each_word_looks(run: OpenPage, models: Path) -> None:
    app = run(text=SENTENCE, searched="greedy")
    assert not app.exception
    trace = Translator.load(models / "tiny").trace(SENTENCE, beam_size=1, alpha=0.0)
    told = looks_at(trace, trace.best.leaf)
    assert f"<b>{told[0]}</b>" in html(app).replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.parametrize("drawn", ["heatmap", "lines"])
@pytest.mark.parametrize("by", ["words", "pieces"])
def test_every_way_of_drawing_works(run: OpenPage, drawn: str, by: str) -> None:
    app = run(text=SENTENCE, drawn=drawn, by=by, step="2", column="1", threshold="0.2")
    assert not app.exception
    assert not app.error


def test_buttons_walk_through_the_steps_and_stop_at_the_ends(run: OpenPage) -> None:
    app = run(text=SENTENCE)
    assert app.button(key="att_back").disabled
    app.button(key="att_forward").click().run()
    assert app.session_state["view"].step == 2
    assert app.selectbox(key="att_step").value == 2
    app.button(key="att_back").click().run()
    assert app.session_state["view"].step == 1
    app.selectbox(key="att_step").select_index(len(app.selectbox(key="att_step").options) - 1).run()
    assert app.button(key="att_forward").disabled
    assert not app.exception


def test_a_step_beyond_the_output_is_its_last(run: OpenPage) -> None:
    app = run(text=SENTENCE, step="400", column="400", rank="20")
    assert not app.exception
    assert app.selectbox(key="att_step").value == len(app.selectbox(key="att_step").options)


def test_each_output_can_be_chosen(run: OpenPage, models: Path) -> None:
    translator = Translator.load(models / "tiny")
    count = len(translator.trace(SENTENCE, beam_size=3).hypotheses)
    app = run(text=SENTENCE, beam="3")
    names = [name.split(":")[0] for name in app.selectbox(key="att_output").options]
    assert names == ["Greedy", "Beam 3, winner", *(f"Beam 3, number {rank}" for rank in range(2, count + 1))]
    app.selectbox(key="att_output").select_index(count).run()
    assert (app.session_state["view"].searched, app.session_state["view"].rank) == ("beam", count)
    app.selectbox(key="att_output").select_index(0).run()
    assert (app.session_state["view"].searched, app.session_state["view"].rank) == ("greedy", 1)
    assert not app.exception


def test_another_sentence_keeps_the_way_of_looking_and_begins_at_its_first_step(run: OpenPage) -> None:
    app = run(text=SENTENCE, by="pieces", drawn="lines", threshold="0.2", step="3", rank="2")
    other = EXAMPLES["fr"][1]
    next(button for button in app.button if button.label == other).click().run()
    view = app.session_state["view"]
    assert (view.text, view.step, view.rank, view.by, view.drawn) == (other, 1, 1, "pieces", "lines")


@pytest.mark.parametrize(
    ("text", "lamp"),
    [
        ("il fait froid dehors", "This sentence stood among the training pairs"),
        ("il fait chaud dehors", "differ from it by one word"),
        ("nous mangeons du pain ici", "No training sentence"),
    ],
)
def test_the_lamp_says_whether_the_sentence_was_seen(run: OpenPage, text: str, lamp: str) -> None:
    app = run(text=text)
    assert not app.exception
    assert lamp in texts(app)
    assert ("il fait **froid** dehors (here: chaud)" in texts(app)) == ("chaud" in text)


def test_without_the_training_sentences_there_is_no_lamp(run: OpenPage) -> None:
    assert "one word" not in texts(run(text=SENTENCE, model="blind"))


def test_a_model_without_attention_says_what_it_has_instead(
    run: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.shared.models.SHIPPED", tmp_path)  # so that the test's own models are compared
    app = run(text=SENTENCE, model="blind")
    assert not app.exception
    assert "one vector of 16 numbers" in texts(app)
    assert "What it costs" in texts(app)
    assert app.dataframe[0].value["BLEU"].tolist() == [12.5, 12.5]
    app.button(key="att_forward").click().run()
    assert not app.exception


def test_an_opened_trace_is_looked_at_without_a_model(run: OpenPage, models: Path) -> None:
    app = run()
    trace = Translator.load(models / "tiny").trace("le chat dort", beam_size=2)
    app.file_uploader[-1].upload("trace.json", trace.to_json().encode(), "application/json").run()
    assert not app.exception
    assert "The model itself is not open" in texts(app)
    assert len(app.selectbox(key="att_output").options) == len(trace.hypotheses)
    assert not [one for one in app.selectbox if one.key == "in_model"]
    app.button(key="opened_close").click().run()
    assert not app.exception
    assert app.selectbox(key="in_model").value == "tiny"


@pytest.mark.parametrize("data", [b"", b"{}", b'{"version": 1}', b"\xff\xfe", b"[" * 100_000])
def test_a_bad_trace_file_gives_one_sentence(run: OpenPage, data: bytes) -> None:
    app = run()
    app.file_uploader[-1].upload("trace.json", data, "application/json").run()
    assert not app.exception
    assert len(app.error) == 1
    assert app.error[0].value.startswith("This")


@pytest.mark.parametrize("text", ["\u202e\u200b", "x" * 3001])
def test_bad_input_gives_one_error_box(run: OpenPage, text: str) -> None:
    app = run(text=text)
    assert not app.exception
    assert len(app.error) == 1


@pytest.mark.parametrize("closer", CLOSER)
@pytest.mark.parametrize("model", ["tiny", "blind"])
def test_each_panel_opens(run: OpenPage, closer: str, model: str) -> None:
    app = run(text=SENTENCE, model=model, closer=closer, beam="2")
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("closer", CLOSER)
def test_each_panel_opens_without_a_model(run: OpenPage, models: Path, closer: str) -> None:
    app = run(closer=closer)
    data = Translator.load(models / "tiny").trace("le chat dort", beam_size=2).to_json().encode()
    app.file_uploader[-1].upload("trace.json", data, "application/json").run()
    assert not app.exception
    assert not app.error


def test_an_unknown_panel_of_a_link_opens_none(run: OpenPage) -> None:
    app = run(text=SENTENCE, closer="os")
    assert not app.exception
    assert app.segmented_control(key="att_closer").value is None
