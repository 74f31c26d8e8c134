"""What scripts, notebooks and bookmarks of former versions rely on is still there; `recorded/` says what it is."""

import importlib
import json
from pathlib import Path
from urllib.parse import parse_qs

import click
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.views import (
    AttentionView,
    BeamTreeView,
    CaptioningView,
    TeacherForcingView,
    TranslateView,
    from_link,
)
from seq2seq.cli.verbs import VERBS

RECORDED = Path(__file__).parent / "recorded"
LINKS = [line.split("\t") for line in (RECORDED / "links.tsv").read_text(encoding="utf-8").splitlines()]

DEFAULTS = {"look", "measure", "moment"}  # links may say what is the default anyway


def spellings(parameter: click.Parameter) -> list[str]:
    """Return how a parameter is written on the command line; an argument has its name in brackets."""
    return list(parameter.opts) if isinstance(parameter, click.Option) else [f"({parameter.name})"]


@pytest.mark.parametrize(("verb", "recorded"), json.loads((RECORDED / "verbs.json").read_text()).items())
def test_every_verb_keeps_its_flags(verb: str, recorded: list[str]) -> None:
    found = VERBS[verb]
    command = getattr(importlib.import_module(f"seq2seq.cli.{found.module}"), found.function)
    assert set(recorded) <= {each for parameter in command.params for each in spellings(parameter)}


@pytest.mark.parametrize(("module", "recorded"), json.loads((RECORDED / "names.json").read_text()).items())
def test_figures_and_analyses_keep_their_names(module: str, recorded: list[str]) -> None:
    found = importlib.import_module(f"seq2seq.{module}")
    assert set(recorded) <= set(found.__all__)
    assert all(callable(getattr(found, name)) for name in recorded)


KINDS = {
    "translate": TranslateView,
    "attention": AttentionView,
    "beam_tree": BeamTreeView,
    "teacher_forcing": TeacherForcingView,
    "captioning": CaptioningView,
}


@pytest.mark.parametrize(("page", "link"), LINKS, ids=[f"{page}?{link}" for page, link in LINKS])
def test_an_old_link_opens_what_it_opened(page: str, link: str) -> None:
    def script(page: str) -> None:
        import importlib

        importlib.import_module(f"pages.{page}").page()

    app = AppTest.from_function(script, default_timeout=120, kwargs={"page": page})
    wanted = {name: values[0] for name, values in parse_qs(link).items()}
    for name, value in wanted.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert not [each.value for each in app.error]
    opened = from_link(KINDS[page], wanted).parameters()
    assert opened.keys() | DEFAULTS >= wanted.keys()
    assert opened.items() <= app.session_state["view"].parameters().items()
