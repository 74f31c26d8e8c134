"""Robustness: killed training runs, malformed inputs (fuzzing) at every entry point, all lessons by keyboard, and
the page that translates by itself against PyTorch.

python -m benchmarks.soak [--kills 25] [--inputs 1000] [--seed 1] [--no-lessons] [--sentences 1000]
                          [--pairs PAIRS.tsv]

A kill passes if the resumed training ends with the same bytes as an uninterrupted one. An input passes if it is
accepted, or refused by the project's own error in one sentence; anything else is shown with its cause. The same
seed repeats the same test; it takes some ten minutes on one core.
"""

import argparse
import io
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click
from click.testing import CliRunner
from PIL import Image

from benchmarks import exported
from benchmarks.lessons import every_lesson
from pages.shared import uploads
from pages.shared.views import KINDS, from_link
from seq2seq.checkpoint_config import WEIGHTS
from seq2seq.cli import main as command_line
from seq2seq.cli.verbs import VERBS
from seq2seq.course.files import SHIPPED, read_lesson
from seq2seq.data.languages import Languages
from seq2seq.data.readers import ZIP_ERRORS
from seq2seq.data.upload import check_upload
from seq2seq.errors import Seq2SeqError
from seq2seq.history import HISTORY
from seq2seq.trace import History, Trace
from seq2seq.training.progress import STATE
from seq2seq.training.resuming import training_folder
from seq2seq.translator import Translator
from seq2seq.vision.photos import read_photo

ROOT = Path(__file__).resolve().parents[1]
RECIPE = """
[data]
grammar = 400
valid_pairs = 8
[text]
kind = "word"
source_size = 200
target_size = 200
[model]
cell = "gru"
embedding = 12
encoder_hidden = 12
decoder_hidden = 24
[training]
batch_tokens = 60
precision = "float32"
log_every = 7
validate_every = 10
[training.schedule]
kind = "one-cycle"
updates = 120
[averaging]
of = "last"
count = 2
"""
_SLOW = 20.0  # seconds above which an input is reported, too
_TIMED = ("tokens_per_second", "core_minutes")


class Bad(NamedTuple):
    """A failure, and where it occurred."""

    where: str
    what: str


# -- kills -------------------------------------------------------------------------------------------------------


def kills(count: int, seed: int, work: Path) -> tuple[list[Bad], Counter[str]]:
    """Kill that many training runs at random times; return the failures, and counts of when the kills fell."""
    draw = random.Random(seed)
    recipe = work / "soak.toml"
    recipe.write_text(RECIPE, encoding="utf-8")
    whole = work / "whole"
    start = time.perf_counter()
    if message := _train(recipe, whole):
        return [Bad("an undisturbed training", message)], Counter()
    seconds = time.perf_counter() - start - _seconds_to_first_file(recipe, work / "first")
    bad: list[Bad] = []
    fell: Counter[str] = Counter()
    for number in range(count):
        out = work / f"killed-{number}"
        delay = draw.uniform(0, 1) * seconds
        fell[_killed(recipe, out, delay)] += 1
        resume = ("--resume",) if (training_folder(out) / STATE).is_file() else ()
        if message := _train(recipe, out, *resume):
            bad.append(Bad(f"kill {number} {delay:.2f} s after its first file", message))
        elif (out / WEIGHTS).read_bytes() != (whole / WEIGHTS).read_bytes():
            bad.append(Bad(f"kill {number} {delay:.2f} s after its first file", "the weights differ"))
        elif _history(out) != _history(whole):
            bad.append(Bad(f"kill {number} {delay:.2f} s after its first file", "the histories differ"))
        for folder in (out, training_folder(out)):
            shutil.rmtree(folder, ignore_errors=True)
    return bad, fell


def _command(recipe: Path, out: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "seq2seq", "train", str(recipe), "--out", str(out), "--threads", "1", *words]


def _train(recipe: Path, out: Path, *words: str) -> str:
    """Train to the end; return the end of stderr if it failed, otherwise ""."""
    done = subprocess.run(_command(recipe, out, *words), cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr[-300:] or "no message"


def _killed(recipe: Path, out: Path, delay: float) -> str:
    """Train and kill `delay` seconds after the first file; return how far the run had come."""
    process = _begun(recipe, out)
    try:
        process.wait(delay)
        return "after the end"
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return "with a state" if (training_folder(out) / STATE).is_file() else "before the first state"


def _begun(recipe: Path, out: Path) -> subprocess.Popen[bytes]:
    """Start a training and return at its first file: a kill before that, while torch is imported, tests nothing."""
    process = subprocess.Popen(
        _command(recipe, out), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and not training_folder(out).exists():
        time.sleep(0.002)
    return process


def _seconds_to_first_file(recipe: Path, out: Path) -> float:
    start = time.perf_counter()
    process = _begun(recipe, out)
    seconds = time.perf_counter() - start
    process.kill()
    process.wait()
    return seconds


def _history(out: Path) -> list[dict[str, object]]:
    lines = (json.loads(line) for line in (out / HISTORY).read_text(encoding="utf-8").splitlines())
    return [{key: value for key, value in line.items() if key not in _TIMED} for line in lines]


# -- inputs ------------------------------------------------------------------------------------------------------


def inputs(count: int, seed: int, work: Path, model: Path) -> tuple[list[Bad], Counter[str], float]:
    """Try malformed inputs at each entry point; return failures, inputs per entry point and the longest time."""
    draw = random.Random(seed)
    doors = _doors(draw, work, model)
    bad: list[Bad] = []
    taken: Counter[str] = Counter()
    longest = 0.0
    for number in range(count):
        name, knock = doors[number % len(doors)]
        start = time.perf_counter()
        try:
            told = knock()
        except Exception as failure:  # any other exception is a failure to report
            told = f"{type(failure).__name__}: {str(failure)[:300]}"
        seconds = time.perf_counter() - start
        longest = max(longest, seconds)
        taken[name] += 1
        if told or seconds > _SLOW:
            bad.append(Bad(f"{name}, input {number}", told or f"took {seconds:.0f} s"))
    return bad, taken, longest


def _doors(draw: random.Random, work: Path, model: Path) -> list[tuple[str, Callable[[], str]]]:
    """Return the entry points by name; each tries one input and returns what was wrong, or "" if nothing was."""
    trace = Translator.load(model).trace("il fait froid", beam_size=3).to_json().encode()
    pairs = "".join(f"phrase {n} du chat\tsentence {n} of the cat\n" for n in range(250)).encode()
    photo = io.BytesIO()
    Image.effect_mandelbrot((64, 48), (-2, -1, 1, 1), 40).convert("RGB").save(photo, "JPEG")
    files = {path.name: path.read_bytes() for path in model.iterdir() if path.is_file()}
    return [
        ("pairs", lambda: _own(lambda: check_upload(mutated(draw, pairs), "p.tsv", Languages("fr", "en")))),
        ("traces", lambda: _own(lambda: Trace.from_json(mutated(draw, trace)))),
        ("photos", lambda: _own(lambda: read_photo(mutated(draw, photo.getvalue()), "p.jpg"))),
        ("links", lambda: _own(lambda: from_link(draw.choice(KINDS), _parameters(draw)))),
        ("lessons", lambda: _own(lambda: _lesson(draw, work))),
        ("edits", lambda: _own(lambda: History.from_text(_word(draw)))),
        ("uploads", lambda: _own(lambda: _upload(draw, files, work), *ZIP_ERRORS)),
        *((f"verb {verb}", lambda verb=verb: _verb(draw, verb, work, model, pairs)) for verb in VERBS),
    ]


def mutated(draw: random.Random, data: bytes) -> bytes:
    """Return a damaged copy of some bytes: truncated, overwritten, duplicated, with nasty bytes inserted."""
    found = bytearray(data)
    for _ in range(draw.choice((0, 1, 1, 2, 5, 20))):
        place = draw.randrange(len(found) + 1)
        kind = draw.randrange(6)
        if kind == 0:
            del found[place:]
        elif kind == 1 and found:
            found[place % len(found)] = draw.randrange(256)
        elif kind == 2:
            found[place:place] = draw.choice(_HURTS)
        elif kind == 3:
            del found[place : place + draw.randrange(1, 40)]
        elif kind == 4:
            found[place:place] = found[: draw.randrange(1, 200)]
        else:
            found = bytearray(draw.choice((bytes(found).decode("latin-1").encode("utf-16"), found[::-1], found)))
    return bytes(found)


_HURTS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\t\t", b'"', b"[" * 2000, b"9" * 5000, b"-1", b"null",
    b"{}", b"1e999", b"true", "\u2028".encode(), b"\xed\xa0\x80", b"#separator:x\n", b"PK\x03\x04", b"\x1f\x8b\x08",
    b"<svg",
)  # fmt: skip
# No path that leads out of the folder that a command is run in, and no recipe that would train for minutes.
_WORDS = (
    "", " ", "0", "-1", "1", "3", "nan", "inf", "1e999", "99999999999999999999", "true", "None", "é", "\udcff",
    "a\0b", "\n", "x" * 5000, "[1]", "{}", "=", "a=b", "training.seed=true", "model.embedding=[]", 'data.train=["',
    ".", "cuda", "meta", "cpu:7", "fr", "en,fr", "-,-", "captions", "il fait froid",
)  # fmt: skip


def _word(draw: random.Random) -> str:
    if draw.random() < 0.6:
        return draw.choice(_WORDS)
    return "".join(
        chr(draw.choice((draw.randrange(32, 127), draw.randrange(0xD7FF)))) for _ in range(draw.randrange(30))
    )


def _parameters(draw: random.Random) -> dict[str, str]:
    fields = sorted({name for kind in KINDS for name in kind.model_fields})
    return {draw.choice((*fields, "nonsense")): _word(draw) for _ in range(draw.randrange(8))}


def _own(act: Callable[[], object], *also: type[Exception]) -> str:
    """Return "" if something is done, or refused by the project's own error, in one short line."""
    try:
        act()
    except Seq2SeqError as problem:
        said = str(problem)
        return "" if said and "\n" not in said and len(said) < 2000 else f"not one short line: {said[:300]!r}"
    except also:
        return ""
    return ""


def _lesson(draw: random.Random, work: Path) -> None:
    """Read a damaged lesson."""
    file = draw.choice(sorted(SHIPPED.glob("*.toml")))
    path = Path(tempfile.mkdtemp(dir=work)) / file.name
    path.write_bytes(mutated(draw, file.read_bytes()))
    read_lesson(path)


def _upload(draw: random.Random, files: dict[str, bytes], work: Path) -> None:
    """Unpack and read a damaged checkpoint: one of its files, or the zip."""
    packed = io.BytesIO()
    damaged = draw.choice((*files, "history.jsonl", "calibration.json", "searches.json", ""))
    with zipfile.ZipFile(packed, "w") as archive:
        for name in {*files, damaged} - {""}:
            data = files.get(name, b'{"update": 1, "loss": 2.0, "valid": {"bleu": 1.0}}\n')
            archive.writestr(f"model/{name}", mutated(draw, data) if name == damaged else data)
    data = mutated(draw, packed.getvalue()) if not damaged else packed.getvalue()
    place = Path(tempfile.mkdtemp(dir=work)) / "model"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            uploads.unpack(archive, place)
        uploads.validate_checkpoint(place)
    finally:
        shutil.rmtree(place.parent)


def _verb(draw: random.Random, verb: str, work: Path, model: Path, pairs: bytes) -> str:
    """Run a command with options and files, many of them malformed; return what was wrong with its answer."""
    command = command_line.get_command(click.Context(command_line), verb)
    assert command is not None
    folder = Path(tempfile.mkdtemp(dir=work))
    file = folder / draw.choice(("pairs.tsv", "a b.tsv", "é.tsv.gz", "x.toml"))
    file.write_bytes(mutated(draw, RECIPE.encode() if file.suffix == ".toml" else pairs[:4000]))
    words = [verb, *_options(draw, list(command.params), folder, file, model)]
    result = CliRunner().invoke(command_line, words, input=mutated(draw, b"il fait froid\n" * 3))
    shutil.rmtree(folder, ignore_errors=True)
    if result.exit_code in (0, 130):
        return ""
    last = result.stderr.splitlines()[-1] if result.stderr.strip() else ""
    if (
        result.exit_code == 2
        and (last.startswith("Error: ") or verb == "caption")
        and "Traceback" not in result.output
    ):
        return ""
    return f"exit {result.exit_code}: {words!r:.400}: {result.exception!r:.300}"


def _options(
    draw: random.Random, parameters: Sequence[object], folder: Path, file: Path, model: Path
) -> Iterator[str]:
    """Yield command-line arguments that fit a command's parameters more or less."""
    values = (str(file), str(folder), str(model), str(folder / "none"))
    for parameter in parameters:
        options = getattr(parameter, "opts", [])
        name = options[0] if options else ""
        needed = getattr(parameter, "required", False)
        if name == "--updates" or draw.random() > (0.95 if needed else 0.25):
            continue
        if getattr(parameter, "is_flag", False):
            yield name
            continue
        if name.startswith("--"):
            yield name
        for _ in range(max(1, getattr(parameter, "nargs", 1))):
            fitting = (
                str(model)
                if name == "--model" and draw.random() < 0.7
                else str(folder / "out")
                if name == "--out"
                else ""
            )
            yield fitting or (draw.choice(values) if draw.random() < 0.6 else _word(draw))


def main() -> None:
    """Run both and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-lessons", action="store_true")
    parser.add_argument("--sentences", type=int, default=1000, help="for the page; 0 leaves it out")
    parser.add_argument("--pairs", type=Path, help="where they come from; without it, the built-in grammar")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        start = time.perf_counter()
        bad, fell = kills(asked.kills, asked.seed, work)
        places = ", ".join(f"{place} {count}" for place, count in sorted(fell.items()))
        print(f"{asked.kills} kills ({places}): {asked.kills - len(bad)} resumed to equal bytes.")
        print(f"That took {time.perf_counter() - start:.0f} s.")
        start = time.perf_counter()
        worse, taken, longest = inputs(asked.inputs, asked.seed, work, work / "whole")
        print(f"{asked.inputs} inputs at {len(taken)} entry points: {len(worse)} failed.")
        print(f"The longest took {longest:.1f} s, all of them {time.perf_counter() - start:.0f} s.")
    for one in (*bad, *worse):
        print(f"{one.where}: {one.what}")
    failed: list[str] = []
    if not asked.no_lessons:
        done, failed = every_lesson()
        print(f"{done} steps of lessons done by keyboard, in a wide and a narrow window: {len(failed)} failed.")
        print("\n".join(failed))
    different: list[str] = []
    if asked.sentences:
        folder = ROOT / "checkpoints" / "fr-en"
        with exported.opened(folder) as (_, page, _, _):
            lines = exported.sentences(asked.pairs, asked.sentences)
            searches, ties, different = exported.compare(page, Translator.load(folder), lines)
        print(f"{searches} searches in the page: {len(different)} differ, {ties} ties went another way.")
        print("\n".join(different))
    if bad or worse or failed or different:
        sys.exit(1)


if __name__ == "__main__":
    main()
