"""The models on offer, loaded once for all visitors, and what they are asked, remembered for a while."""

import io
import json
import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

import streamlit as st
import torch

from pages.shared.runs import store, visitor
from pages.shared.runs.names import nickname
from pages.shared.view import current
from seq2seq.checkpoint import read_config
from seq2seq.data.readers import ZIP_ERRORS
from seq2seq.errors import CheckpointError, Seq2SeqError
from seq2seq.evaluation.calibration import Calibration, read_calibration
from seq2seq.explain import Neighbours, SeenSet, index_folder, load_neighbours, load_seen
from seq2seq.search import SearchOptions
from seq2seq.trace import Edit, Trace
from seq2seq.training.lab import title
from seq2seq.translator import Translation, Translator

SHIPPED = Path(__file__).resolve().parents[2] / "checkpoints"
LAB = "lab"  # the folder of the recorded runs in SHIPPED, whose models' names begin so
LARGEST_UPLOAD = 200 * 2**20  # bytes, unpacked
_ROOM = "seq2seq-upload-"
_DAY = 24 * 3600.0
LANGUAGES = {"fr": "French", "en": "English", "de": "German", "es": "Spanish", "it": "Italian"}


class Timed(NamedTuple):
    """A trace and how long its search took the first time."""

    trace: Trace
    milliseconds: float


def available() -> dict[str, Path]:
    """Return the folders of translators on offer by name: shipped, of --models, uploaded, of runs."""
    found = of_kind("translation")
    for folder in sorted((SHIPPED / LAB).glob("*/")):
        if (folder / "config.json").is_file():
            found.setdefault(f"{LAB}-{folder.name}", folder)
    return found | _runs()


def of_kind(kind: str) -> dict[str, Path]:
    """Return the checkpoint folders of a kind by name: shipped, of --models, uploaded. Damaged ones translate.

    A name that is taken already gets the folder's parent behind it.
    """
    found: dict[str, Path] = {}
    for root in [SHIPPED, *_own_folders(), *_uploads()]:
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
    try:
        values = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        values = None
    kind = values.get("kind") if isinstance(values, dict) else None
    return kind if isinstance(kind, str) else "translation"


def _runs() -> dict[str, Path]:
    """Return the models of the visitor's runs, and of those that the link names, whoever trained them."""
    view = current()
    own = _own_runs(visitor.secret(), str(store.root())) if visitor.secret() else []
    names = dict.fromkeys([*own, view.run, view.model, view.rival_model])
    folders = {name: store.model_folder(name) for name in names}
    return {name: folder for name, folder in folders.items() if folder is not None}


@st.cache_data(ttl=2, max_entries=100, show_spinner=False)  # it is asked for each model in a list
def _own_runs(secret: str, root: str) -> list[str]:
    return [run.id for run in store.of_visitor(secret) if run.folder.parent == Path(root)]


def describe(name: str) -> str:
    """Return a model's name for the picker, with its languages."""
    try:
        config = read_config(available()[name])
    except (CheckpointError, KeyError):
        return f"{name} (damaged)"
    source, target = (LANGUAGES.get(code, code) for code in (config.source, config.target))
    if name.startswith(f"{LAB}-"):
        name = f"laboratory: {title(name.removeprefix(f'{LAB}-').rpartition('-')[0])}"
    elif run := store.find(name):
        name = f"{'my run' if visitor.key_of(run) else 'a run'} · {nickname(name)}"
    return f"{source} → {target} ({name})"


def _own_folders() -> list[Path]:
    """Return the folders behind --models on the command line."""
    words = sys.argv[1:]
    return [Path(words[i + 1]) for i, word in enumerate(words[:-1]) if word == "--models"]


def _uploads() -> list[Path]:
    return [Path(each) for each in st.session_state.get("uploads", [])]


def load(name: str) -> Translator:
    """Return the model called `name`. Raises CheckpointError if there is none, or it is damaged."""
    folders = available()
    if name not in folders:
        raise CheckpointError(f"There is no model called {name!r} here; choose one from the list.")
    read_at = stamp(folders[name])
    try:
        return _load(str(folders[name]), read_at)
    except CheckpointError:
        # A model in training is replaced whole, but its files are read one by one.
        if stamp(folders[name]) == read_at:
            raise
        return _load(str(folders[name]), stamp(folders[name]))


def stamp(folder: Path) -> int:
    """Return what changes when the folder's weights do."""
    try:
        return (folder / "weights.safetensors").stat().st_mtime_ns
    except OSError:
        return 0


def newest(folder: Path) -> int:
    """Return what changes when a file of the folder is made or made again; 0 if it has none."""
    return max((file.stat().st_mtime_ns for file in folder.glob("*")), default=0)


@st.cache_resource(max_entries=12, show_spinner="Loading the model …")
def _load(folder: str, stamp: int) -> Translator:
    # Visitors run in threads of their own; more threads inside each would only wait for one another.
    torch.set_num_threads(1)
    return Translator.load(folder)


def trace(name: str, text: str, options: SearchOptions, edits: tuple[Edit, ...] = ()) -> Timed:
    """Return the trace of one sentence, from memory if it was asked before.

    edits: what is forced, as `History.lineage` has it; the last one is obeyed.
    """
    translator = load(name)
    forced = tuple(edit.model_dump_json() for edit in edits)
    return _trace(translator, translator.checkpoint.digest, text, options.model_dump_json(), forced)


@st.cache_data(max_entries=300, show_spinner=False)
def _trace(_translator: Translator, digest: str, text: str, options: str, edits: tuple[str, ...]) -> Timed:
    start = time.perf_counter()
    found = _translator.trace(
        text,
        options=SearchOptions.model_validate_json(options),
        edits=[Edit.model_validate_json(edit) for edit in edits],
    )
    return Timed(found, 1000 * (time.perf_counter() - start))


def translations(name: str, sentences: tuple[str, ...], options: SearchOptions) -> list[Translation]:
    """Return the best translation of each sentence."""
    translator = load(name)
    return _translations(translator, translator.checkpoint.digest, sentences, options.model_dump_json())


@st.cache_data(max_entries=100, show_spinner="Translating …")
def _translations(
    _translator: Translator, digest: str, sentences: tuple[str, ...], options: str
) -> list[Translation]:
    return _translator.translate(sentences, SearchOptions.model_validate_json(options))


def calibration(name: str) -> Calibration | None:
    """Return how the model's confidences held on its validation set, or None if that was not measured."""
    return read_calibration(available()[name])


def seen(name: str) -> SeenSet | None:
    """Return the sentences that the model was trained on, None if its folder does not keep them.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    folder = available()[name]
    return _seen(str(folder), load(name).checkpoint.digest, newest(index_folder(folder)))


@st.cache_resource(max_entries=6, show_spinner=False)
def _seen(folder: str, digest: str, made: int) -> SeenSet | None:
    return load_seen(folder)


def neighbours(name: str) -> Neighbours | None:
    """Return the model's index of training moments, None if its folder has none.

    Raises CheckpointError if the file is damaged, or made for other weights.
    """
    folder = available()[name]
    return _neighbours(str(folder), load(name).checkpoint.digest, newest(index_folder(folder)))


@st.cache_resource(max_entries=3, show_spinner="Loading the training moments …")
def _neighbours(folder: str, digest: str, made: int) -> Neighbours | None:
    return load_neighbours(folder)


def summary_size(name: str) -> int:
    """Return how many numbers the decoder's first state has: all that a model without attention keeps."""
    model = read_config(available()[name]).model
    return model.decoder_hidden * model.decoder_layers * (2 if model.cell == "lstm" else 1)


def validation_bleu(name: str) -> float | None:
    """Return the last BLEU on the validation set while training, None if the folder has no history."""
    history = available()[name] / "history.jsonl"
    if not history.is_file():
        return None
    found = None
    for line in history.read_text(encoding="utf-8").splitlines():
        if '"valid"' in line:
            found = float(json.loads(line)["valid"]["bleu"])
    return found


def add_upload(name: str, data: bytes) -> str:
    """Unpack an uploaded checkpoint folder (zip) for this session and return the model's name.

    Raises CheckpointError in one sentence if it is none.
    """
    _sweep()
    room = Path(tempfile.mkdtemp(prefix=_ROOM))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            folder = _unpack(archive, room / _free(Path(name).stem or "uploaded"))
        Translator.load(folder)
    except ZIP_ERRORS as failure:
        shutil.rmtree(room, ignore_errors=True)
        raise CheckpointError(
            f"{name} is not a zip file that can be read ({failure}); zip the folder again."
        ) from None
    except Seq2SeqError:
        shutil.rmtree(room, ignore_errors=True)
        raise
    st.session_state.setdefault("uploads", []).append(str(folder))
    return folder.name


def _sweep() -> None:
    """Delete what was uploaded over a day ago, since a session says nothing when it ends."""
    for old in Path(tempfile.gettempdir()).glob(f"{_ROOM}*"):
        try:
            if time.time() - old.stat().st_mtime > _DAY:
                shutil.rmtree(old)
        except OSError:
            continue  # another session sweeps too, or it is another user's


def _free(name: str) -> str:
    """Return `name`, or one like it that no model has yet."""
    taken = available()
    names = [name, f"{name}-uploaded", *(f"{name}-uploaded-{number}" for number in range(2, len(taken) + 3))]
    return next(each for each in names if each not in taken)


def _unpack(archive: zipfile.ZipFile, folder: Path) -> Path:
    """Write the files of a checkpoint into `folder`; names alone count, so nothing lands elsewhere."""
    configs = [item for item in archive.namelist() if Path(item).name == "config.json"]
    if len(configs) != 1:
        raise CheckpointError(f"The zip holds {len(configs)} files config.json; zip one checkpoint folder.")
    inside = str(Path(configs[0]).parent)
    members = [m for m in archive.infolist() if str(Path(m.filename).parent) == inside and not m.is_dir()]
    if sum(member.file_size for member in members) > LARGEST_UPLOAD:
        raise CheckpointError(f"The zip unpacks to more than {LARGEST_UPLOAD // 2**20} MB; that is no checkpoint.")
    folder.mkdir(parents=True)
    for member in members:
        with archive.open(member) as source, (folder / Path(member.filename).name).open("wb") as target:
            shutil.copyfileobj(source, target)
    return folder
