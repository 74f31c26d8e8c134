"""The available translation models, loaded once for all visitors, and their cached translations."""

import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import heavy, memory, uploads
from pages.shared.cache import EVERYBODY, Keyed, cached
from pages.shared.runs import store, visitor
from pages.shared.runs.names import nickname
from seq2seq.checkpoint_config import CheckpointConfig, checkpoint_stamp, read_config, read_kind
from seq2seq.digests import fingerprint
from seq2seq.errors import CheckpointError, Seq2SeqError
from seq2seq.folders import CONFIG, stamp
from seq2seq.loading import load as load_translator
from seq2seq.loading import use_threads
from seq2seq.search import SearchOptions
from seq2seq.training.lab import title

if TYPE_CHECKING:
    from seq2seq.translation import Translation
    from seq2seq.translator import Translator

FIRST = "fr-en"  # the model that a visitor meets first
SHIPPED = Path(__file__).resolve().parents[2] / "checkpoints"
LAB = "lab"  # the folder of the recorded runs in SHIPPED, and the prefix of their models' names
_FOUND = "found_models"
LANGUAGES = {"fr": "French", "en": "English", "de": "German", "es": "Spanish", "it": "Italian"}


def available() -> dict[str, Path]:
    """Return the folders of the available translators by name: shipped, from --models, uploaded, from runs."""
    found = of_kind("translation")
    for folder in sorted((SHIPPED / LAB).glob("*/")):
        if (folder / "config.json").is_file():
            found.setdefault(f"{LAB}-{folder.name}", folder)
    return found | _runs()


def of_kind(kind: str) -> dict[str, Path]:
    """Return the checkpoint folders of a kind by name. Damaged ones count as translation.

    They are shipped, from --models, or uploaded. A name that is already taken gets the parent folder appended.
    """
    known: dict[str, dict[str, Path]] | None = st.session_state.get(_FOUND)
    if known is None:
        return _look(kind)
    if kind not in known:
        known[kind] = _look(kind)
    return dict(known[kind])


def look_once() -> None:
    """Look for models once in the run of the script that begins here, not each time that one is asked for."""
    st.session_state[_FOUND] = {}


def _look(kind: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for root in [SHIPPED, *_own_folders(), *uploads.folders()]:
        candidates = [root] if (root / "config.json").is_file() else sorted(root.glob("*/"))
        for folder in candidates:
            if (folder / "config.json").is_file() and _kind(folder) == kind:
                same = found.get(folder.name)
                if same is None:
                    found[folder.name] = folder
                elif not same.samefile(folder):
                    found[f"{folder.name} ({folder.resolve().parent.name})"] = folder
    return found


def _kind(folder: Path) -> str:
    return _kind_as_read(str(folder), stamp(folder, (CONFIG,)))


@lru_cache(500)  # called for each folder in each list: Streamlit's own cache would take longer than the reading
def _kind_as_read(folder: str, read_at: tuple[int, ...]) -> str:
    try:
        return read_kind(Path(folder))
    except Seq2SeqError:
        return "translation"  # the list of translators shows that it is damaged


def folder(name: str) -> Path:
    """Return the folder of the model called `name`. Raises CheckpointError if it no longer exists."""
    found = available().get(name)
    if found is None:
        raise CheckpointError(f"There is no model called {name!r} here any more; choose one from the list.")
    return found


def config(name: str) -> CheckpointConfig:
    """Return a model's config. Raises CheckpointError if the model is missing or damaged."""
    place = folder(name)
    return _config_as_read(str(place), stamp(place, (CONFIG,)))


@lru_cache(200)  # a page calls it dozens of times
def _config_as_read(folder: str, read_at: tuple[int, ...]) -> CheckpointConfig:
    return read_config(Path(folder))


def _runs() -> dict[str, Path]:
    """Return the models of the visitor's runs, and of those that the link names, whoever trained them."""
    view = st.session_state.get("view")
    linked = [getattr(view, field, "") for field in ("run", "model", "rival_model")]
    own = _own_runs(visitor.secret(), str(store.root())) if visitor.secret() else []
    names = dict.fromkeys([*own, *linked])
    folders = {name: store.model_folder(name) for name in names}
    return {name: folder for name, folder in folders.items() if folder is not None}


@st.cache_data(ttl=2, max_entries=100, show_spinner=False)  # called for each model in a list
def _own_runs(secret: str, root: str) -> list[str]:
    return [run.id for run in store.of_visitor(secret) if run.folder.parent == Path(root)]


def describe(name: str) -> str:
    """Return a model's name for the picker, with its languages."""
    try:
        found = config(name)
    except CheckpointError:
        return f"{name} (damaged)"
    source, target = (LANGUAGES.get(code, code) for code in (found.source, found.target))
    if name.startswith(f"{LAB}-"):
        name = f"laboratory: {title(name.removeprefix(f'{LAB}-').rpartition('-')[0])}"
    elif run := store.find(name):
        name = f"{'my run' if visitor.key_of(run) else 'a run'} · {nickname(name)}"
    return f"{source} → {target} ({name})"


def _own_folders() -> list[Path]:
    """Return the folders given by --models on the command line."""
    words = sys.argv[1:]
    return [Path(words[i + 1]) for i, word in enumerate(words[:-1]) if word == "--models"]


def load(name: str) -> "Translator":
    """Return the model called `name`. Raises CheckpointError if there is none, or it is damaged."""
    return named(name).value


def named(name: str) -> Keyed["Translator"]:
    """Return the model called `name` with its cache key.

    Raises CheckpointError if there is none, or it is damaged.
    """
    place = folder(name)
    read = _load_upload if uploads.is_upload(place) else _load
    translator = read(str(place), checkpoint_stamp(place))
    key = fingerprint(translator.name, translator.checkpoint.fingerprint)
    return Keyed(translator, key, uploads.owner() if uploads.is_upload(place) else EVERYBODY)


def load_ahead(name: str) -> None:
    """Load a model that ships before somebody asks for it; may be called outside of a visitor's script."""
    place = SHIPPED / name
    _read(str(place), checkpoint_stamp(place))


@st.cache_resource(max_entries=12, show_spinner="Loading the model …")
def _load(folder: str, read_at: tuple[int, ...]) -> "Translator":
    return _read(folder, read_at)


@st.cache_resource(max_entries=12, show_spinner=False)  # `load_ahead` has no page to show it on
def _read(folder: str, read_at: tuple[int, ...]) -> "Translator":
    # Each visitor has a thread already; more threads per model would only compete for the cores.
    use_threads(1)
    found = load_translator(folder)
    memory.settle()
    return found


@st.cache_resource(scope="session", max_entries=2, show_spinner="Loading your model …")
def _load_upload(folder: str, read_at: tuple[int, ...]) -> "Translator":
    use_threads(1)
    return load_translator(folder)


def latest_mtime(folder: Path) -> int:
    """Return the latest modification time of the folder's files, in nanoseconds; 0 if it has none."""
    return max((file.stat().st_mtime_ns for file in folder.glob("*")), default=0)


def translations(name: str, sentences: tuple[str, ...], options: SearchOptions) -> list["Translation"]:
    """Return the best translation of each sentence."""
    return _translations(named(name), sentences, options)


@cached("Translating …")
def _translations(
    model: Keyed["Translator"], sentences: tuple[str, ...], options: SearchOptions
) -> list["Translation"]:
    with heavy.TURNS.first():
        return model.value.translate(sentences, options)


def same_languages(name: str) -> dict[str, CheckpointConfig]:
    """Return the undamaged models for the same languages as `name`, itself included."""
    found = {}
    for other in available():
        try:
            found[other] = config(other)
        except Seq2SeqError:
            continue  # the list of models shows that it is damaged
    own = found.get(name)
    return {
        other: each
        for other, each in found.items()
        if own is not None and (each.source, each.target) == (own.source, own.target)
    }


def summary_size(name: str) -> int:
    """Return the size of the decoder's initial state: all that a model without attention keeps of the source."""
    model = config(name).model
    return model.decoder_hidden * model.decoder_layers * (2 if model.cell == "lstm" else 1)


def add_upload(name: str, data: bytes) -> str:
    """Unpack an uploaded checkpoint folder (zip) for this session and return the model's name.

    Raises CheckpointError if it is not a checkpoint, or there is no room for it.
    """
    place = uploads.add(name, data, _free(_printable(Path(name).stem)[:60] or "uploaded"))
    st.session_state.pop(_FOUND, None)
    return place.name


def _printable(name: str) -> str:
    """Return a file's name without characters that a folder's name can't have."""
    return "".join(c for c in name if c.isprintable() and c not in "/\\\0").strip(". ")


def _free(name: str) -> str:
    """Return `name`, or a similar name that no model has yet."""
    taken = available()
    names = [name, f"{name}-uploaded", *(f"{name}-uploaded-{number}" for number in range(2, len(taken) + 3))]
    return next(each for each in names if each not in taken)
