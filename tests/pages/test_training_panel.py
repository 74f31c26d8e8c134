"""Train it yourself, without a browser: each state of a run, the form, and what others may see."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.runs import process, store
from pages.shared.runs.follow import Status
from pages.shared.runs.names import nickname
from pages.shared.runs.store import Run
from pages.teacher_forcing_panels.training_run import learnt_too_little
from seq2seq.data.upload import LEAST
from seq2seq.training import read_recipe
from tests.pages.opening import texts
from tests.pages.runs import OTHER, SECRET, alive, new_run, trained_run, write_history, write_log

OpenPanel = Callable[..., AppTest]
_VALID = {"forced_loss": 1.0, "accuracy": 0.5, "bleu": 12.0, "chrf": 20.0, "exact": 0.25}
_LINE = {
    "update": 4, "loss": 2.0, "ratio": 1.0, "norms": {"encoder": 1.0, "decoder": 1.0},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["app.py"])


@pytest.fixture
def run() -> OpenPanel:
    """Run the panel as the visitor with a secret, with the parameters of a link."""

    def open_panel(secret: str = SECRET, **parameters: str) -> AppTest:
        def script() -> None:
            from pages.shared.view import current
            from pages.shared.views import TeacherForcingView
            from pages.teacher_forcing_panels import training

            current(TeacherForcingView)
            training.panel()

        app = AppTest.from_function(script, default_timeout=60)
        app.session_state["visitor_secret"] = secret
        for name, value in parameters.items():
            app.query_params[name] = value
        return app.run()

    return open_panel


def html_of(app: AppTest) -> str:
    """Return what the panel draws as HTML of its own."""
    return "\n".join(element.proto.body for element in app.get("html"))


def buttons(app: AppTest) -> set[str]:
    """Return what can be pressed."""
    return {button.label for button in app.button}


def test_idle_it_offers_a_form_that_is_ready_to_go(run: OpenPanel) -> None:
    app = run()
    assert not app.exception
    assert not app.error
    assert {"Train", "Find a learning rate"} <= buttons(app)
    assert not app.button(key="train_start").disabled


def test_train_starts_a_process_and_shows_its_run(run: OpenPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Run] = []
    monkeypatch.setattr(process, "start", started.append)
    app = run()
    app.selectbox(key="train_forcing").set_value("inverse-sigmoid").run()
    app.number_input(key="train_rate").set_value(0.01).run()
    app.button(key="train_start").click().run()
    assert not app.exception
    [begun] = started
    assert app.session_state["view"].run == begun.id
    recipe = read_recipe(begun.folder / "recipe.toml")
    assert recipe.forcing.ratio.kind == "inverse-sigmoid"
    assert recipe.training.decoder_rate == 0.01
    assert "inverse-sigmoid decay" in begun.about


def test_a_run_going_on_can_be_stopped(run: OpenPanel) -> None:
    mine = new_run()
    with alive(mine):
        app = run(run=mine.id)
        assert "Stop" in buttons(app)
        assert "Getting ready" in app.get("progress")[0].proto.text
        write_history(mine, _LINE)
        app.run()
        assert "Update 4 of 8" in app.get("progress")[0].proto.text
        (mine.folder / "stopped").touch()
        app.run()
        assert "Stop at once" in buttons(app)
    assert not app.exception


def test_a_finished_run_says_its_score_and_can_be_used(run: OpenPanel) -> None:
    mine = trained_run()
    app = run(run=mine.id)
    assert not app.exception
    assert "Finished after 8 updates" in app.warning[0].value
    assert "It has trained too little to be of use" in app.warning[0].value
    assert "Unseen sentences, translated" in texts(app)
    app.button(key="run_use").click().run()
    assert app.session_state["view"].model == mine.id
    assert app.button(key="run_use").disabled


def test_a_stopped_and_a_killed_run_offer_to_resume(run: OpenPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Run] = []
    mine = trained_run(stop_at=3)
    app = run(run=mine.id)
    assert "killed" in app.warning[0].value
    assert "Resume goes on from update 3" in app.warning[0].value
    (mine.folder / "stopped").touch()
    app.run()
    assert "Stopped at update 3 of 8" in app.info[0].value
    monkeypatch.setattr(process, "start", started.append)
    app.button(key="run_resume").click().run()
    assert started == [mine]
    assert not app.exception


def test_a_diverged_run_says_so_and_starts_again_slower(run: OpenPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Run] = []
    monkeypatch.setattr(process, "start", started.append)
    mine = new_run()
    write_history(mine, _LINE, {"update": 4, "valid": _VALID}, {"update": 6, "diverged": None})
    write_log(mine, "Error: The loss is not a number any more at update 6\n")
    app = run(run=mine.id)
    assert "at update 6 the loss was not a number" in app.error[0].value
    assert "at update 4, are kept" in app.error[0].value
    assert "Resume" not in buttons(app)
    app.button(key="run_slower").click().run()
    before, after = (read_recipe(one.folder / "recipe.toml").training for one in (mine, started[0]))
    assert after.decoder_rate == pytest.approx(before.decoder_rate / 3, rel=0.05)
    assert app.session_state["view"].run == started[0].id
    assert not app.exception


def test_what_the_process_said_is_one_line_and_no_traceback(run: OpenPanel) -> None:
    mine = new_run()
    write_log(mine, "Error: model can't be written: No space left on device; free some room.\n")
    app = run(run=mine.id)
    assert "No space left on device" in app.error[0].value
    write_log(mine, "Traceback (most recent call last):\n  File secret.py\nKeyError: 1\n")
    app.run()
    assert not app.error
    assert "secret.py" not in texts(app)


def test_by_its_link_somebody_elses_run_can_be_followed_and_not_touched(run: OpenPanel) -> None:
    theirs = new_run(OTHER)
    with alive(theirs):
        app = run(run=theirs.id)
        assert "by its link; whoever started it" in "".join(str(one.proto) for one in app.get("html"))
        assert not buttons(app) & {"Stop", "Resume", "Delete for good"}
        assert not any("Your runs" in one.label for one in app.expander)
    key = store.control_key(OTHER, theirs.id)
    app = run(run=theirs.id, control=key)
    assert "Resume" in buttons(app)
    wrong = run(run=theirs.id, control=store.control_key(SECRET, theirs.id))
    assert "Resume" not in buttons(wrong)


@pytest.mark.parametrize(("secret", "whose"), [(SECRET, "my run"), (OTHER, "a run")])
def test_a_model_is_found_by_its_maker_and_by_whoever_has_its_link(secret: str, whose: str) -> None:
    mine = trained_run(stop_at=5)  # half-trained, validated once
    new_run()  # without a model yet

    def script() -> None:
        from pages import translate

        translate.page()

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["visitor_secret"] = secret
    app.query_params["model"] = mine.id
    app.query_params["text"] = "Il fait froid."
    app.run()
    assert not app.exception
    assert "which is not here" not in texts(app)
    assert app.selectbox(key="in_model").value == mine.id
    labels = [label for label in app.selectbox(key="in_model").options if " · " in label]
    assert labels == [f"French → English ({whose} · {nickname(mine.id)})"]


def test_a_run_that_is_gone_is_said_and_the_form_stays(run: OpenPanel) -> None:
    for name in ("brave-otter-0123456789ab", "../../etc/passwd"):
        app = run(run=name)
        assert not app.exception
        assert "not here any more" in app.info[0].value
        assert "Train" in buttons(app)


def test_the_limits_are_said_in_one_sentence(run: OpenPanel) -> None:
    app = run()
    with alive(new_run()):
        app.button(key="train_start").click().run()
        assert len(app.error) == 1
        assert "One training at a time" in app.error[0].value
    with alive(new_run(OTHER)), alive(new_run("third")):
        app.button(key="train_start").click().run()
        assert len(app.error) == 1
        assert "2 trainings are going on here" in app.error[0].value
    assert not app.exception
    assert len(store.of_visitor(SECRET)) == 1, "a run that could not start is not kept"


def test_ones_runs_are_listed_opened_and_deleted(run: OpenPanel) -> None:
    mine, other = new_run(), new_run()
    new_run(OTHER)
    app = run()
    assert [one.label for one in app.expander] == ["Your runs (2)"]
    app.button(key=f"open_{other.id}").click().run()
    assert app.session_state["view"].run == other.id
    app.button(key="run_delete").click().run()
    assert store.find(other.id) is None
    assert store.find(mine.id) == mine
    assert "Train" in buttons(app)


def _upload(app: AppTest, data: bytes) -> AppTest:
    app.segmented_control(key="train_pairs").set_value("upload").run()
    return app.file_uploader[0].upload("pairs.tsv", data, "text/tab-separated-values").run()


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "is empty"), (b"a\tb\nalone\n", "line 2 has no tab"), (b"\xff\xfe", "is empty")],
)
def test_a_bad_upload_is_one_sentence_and_nothing_can_start(run: OpenPanel, data: bytes, says: str) -> None:
    app = _upload(run(), data)
    assert not app.exception
    assert len(app.error) == 1
    assert says in app.error[0].value
    assert app.button(key="train_start").disabled


def test_a_good_upload_trains_from_its_columns(run: OpenPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Run] = []
    monkeypatch.setattr(process, "start", started.append)
    data = "".join(f"Satz {n}\tsentence {n}\n" for n in range(LEAST)).encode()
    app = _upload(run(), data)
    assert "200 pairs, checked" in app.success[0].value
    app.text_input(key="train_source").set_value("de").run()
    app.button(key="train_start").click().run()
    [begun] = started
    assert begun.languages == ("de", "en")
    assert (begun.folder / "pairs.tsv").read_bytes() == data
    app.button(key="run_new").click().run()
    app.text_input(key="train_source").set_value("en").run()
    assert "name two languages" in app.error[0].value
    assert app.button(key="train_start").disabled


def test_a_range_test_hands_its_rate_to_the_form(run: OpenPanel) -> None:
    test = new_run(kind="rates")
    app = run()
    with alive(test):
        app.run()
        assert "Cancel" in buttons(app)
    table = io.StringIO()
    table.write("rate\tloss\tsmoothed\n")
    for number in range(100):
        rate = 1e-5 * 10 ** (number / 20)
        loss = 4.0 if rate < 1e-3 else 4.0 - 20 * (rate - 1e-3) if rate < 0.1 else 40.0
        table.write(f"{rate:.6g}\t{loss:.6f}\t{loss:.6f}\n")
    (test.folder / "rates.tsv").write_text(table.getvalue())
    app.run()
    assert not app.exception
    [take] = [button for button in app.button if button.label.endswith("a tenth of where it breaks")]
    take.click().run()
    assert app.session_state["train_rate"] == pytest.approx(0.01, rel=0.3)
    app.button(key="rates_close").click().run()
    assert store.find(test.id) is None


def test_a_switch_turns_the_columns_around(run: OpenPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Run] = []
    monkeypatch.setattr(process, "start", started.append)
    app = _upload(run(), "".join(f"the sentence {n}\tla phrase {n}\n" for n in range(LEAST)).encode())
    app.text_input(key="train_source").set_value("en").run()
    app.text_input(key="train_target").set_value("fr").run()
    app.toggle(key="train_swapped").set_value(True).run()
    app.button(key="train_start").click().run()
    [begun] = started
    words = process.prepare_arguments(begun.languages or ("", ""), swapped=begun.swapped)
    assert words[words.index("--columns") + 1] == "en,fr"
    assert words[words.index("--source") + 1] == "fr"


def test_what_looks_odd_in_an_upload_is_said_and_stops_nothing(run: OpenPanel) -> None:
    data = "".join(f"La phrase numéro {n}\tThe sentence number {n}\tCC-BY\n" for n in range(LEAST)).encode()
    app = _upload(run(), data)
    assert not app.exception
    assert any("Columns beyond the second" in warning.value for warning in app.warning)
    assert not app.button(key="train_start").disabled


def test_few_updates_are_said_to_teach_little(run: OpenPanel) -> None:
    app = run()
    assert "each pair is seen about" in html_of(app)
    app.number_input(key="train_updates").set_value(100).run()
    assert "So few teach hardly anything" in html_of(app)


@pytest.mark.parametrize(
    ("accuracy", "said", "little"), [(0.3, "abcd", True), (0.8, "aaaa", True), (0.8, "abcd", False)]
)
def test_a_model_that_has_learnt_next_to_nothing_is_told_from_one_that_has(
    accuracy: float, said: str, little: bool
) -> None:
    line = {"update": 8, "valid": {"accuracy": accuracy, "bleu": 1.0}, "samples": list(said)}
    assert learnt_too_little(Status("finished", 8, (line,))) == little
