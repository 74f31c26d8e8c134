"""Make everything again that stands on a translation model, so that a new one costs a command and not a day.

python tools/remake.py checkpoints/fr-en --from models/fr-en --data data/fr-en --seen data/mix/fr-en.tsv

1. --from: the new model is written into the folder in 8 bits; its card stays, but for the figures.
2. Index, length penalty and atlas, comparison of greedy and beam search, scores of both test sets, finds, mistakes,
   first sentences.
3. The figures go into the card, between the two lines that say so, each under the command that gives it.
Tests then say which examples of texts and pages no longer hold: `pytest tests/test_together.py tests/pages`.
"""

import argparse
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from seq2seq.evaluation.opening import choose_opening, save_opening
from seq2seq.evaluation.searches import read_searches
from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.translator import Translator

BEGIN, END = "<!-- figures: made by tools/remake.py -->", "<!-- end of figures -->"
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Make everything again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--from", dest="new", type=Path, help="the newly trained model")
    parser.add_argument("--data", type=Path, required=True, help="the folder that prepare wrote")
    parser.add_argument("--seen", type=Path, nargs="*", default=[], help="the other pairs it was trained on")
    asked = parser.parse_args()
    if asked.new:
        replace(asked.checkpoint, asked.new)
    sections = []
    for title, command in tqdm(commands(asked.checkpoint, asked.data, asked.seen)):
        output = run(command)
        sections.append(f"### {title}\n\n```\n$ {shlex.join(command)}\n{output}\n```")
    write(asked.checkpoint / "README.md", "\n\n".join(sections))
    make_opening(asked.checkpoint)


def commands(folder: Path, data: Path, seen: list[Path]) -> list[tuple[str, list[str]]]:
    """Return the commands, each with the title of what it measures."""
    verb = ["python", "-m", "seq2seq"]
    model = ["--model", str(folder)]
    test, captions = str(data / "test.tsv"), str(data / "test_2016_flickr.tsv")
    valid = str(data / "valid.tsv")
    others = [part for file in seen for part in ("--seen", str(file))]
    return [
        ("Index of its training data", [*verb, "index", *model, str(data / "train.tsv"), *others]),
        (
            "Beam size and length penalty on valid",
            [*verb, "atlas", *model, "--sentences", "600", "--set-alpha", "--save", valid],
        ),
        (
            "Tatoeba test of `prepare`, beam 5, and what beam search changes",
            [*verb, "evaluate", *model, "--save-searches", test],
        ),
        ("Tatoeba test of `prepare`, greedy", [*verb, "evaluate", *model, "--beam-size", "1", test]),
        ("Multi30k test2016 Flickr, beam 5", [*verb, "evaluate", *model, captions]),
        ("Multi30k test2016 Flickr, greedy", [*verb, "evaluate", *model, "--beam-size", "1", captions]),
        ("Finds: sentences to look at, one of each kind", [*verb, "finds", *model, "--save", test]),
        (
            "What it still gets wrong, by simple rules, on valid",
            [*verb, "evaluate", *model, "--mistakes", "2", valid],
        ),
        (
            "First sentences that people type, and some that fail",
            ["python", "-m", "benchmarks.firstwords", str(folder), "--examples", "2"],
        ),
    ]


def replace(folder: Path, new: Path) -> None:
    """Replace the weights and vocabularies in a folder by those of a new model, in 8 bits; the card stays."""
    with tempfile.TemporaryDirectory() as temporary:
        small = Path(temporary) / "small"
        run(["python", "-m", "seq2seq", "average", "--int8", str(small), str(new)])
        for name in ("atlas.json", "searches.json", "lengths.json", "finds.json"):
            (folder / name).unlink(missing_ok=True)
        for file in small.iterdir():
            if file.name != "README.md":
                shutil.copy(file, folder / file.name)


def make_opening(folder: Path) -> None:
    """Keep the searches that the app shows first, of the sentence that gains most by beam search."""
    compared = read_searches(folder)
    if compared is None:
        sys.exit(f"{folder} keeps no comparison of searches.")
    translator = Translator.load(folder)
    sentence = choose_opening(compared)
    alpha = translator.config.alpha
    options = [SearchOptions(mode=Greedy()), SearchOptions(mode=Beam(size=5, alpha=alpha), n_best=5)]
    save_opening(folder, [translator.trace(sentence, options=each) for each in options])


def run(command: list[str]) -> str:
    """Return a command's output. Exits with its error if it fails."""
    done = subprocess.run(  # the commands are those above
        [sys.executable if part == "python" else part for part in command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{shlex.join(command)}\n{done.stderr}")
    return done.stdout.strip()


def write(card: Path, figures: str) -> None:
    """Put the figures between the two lines of a card that are there for them, or at its end."""
    text = card.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    card.write_text(f"{before.rstrip()}\n\n{BEGIN}\n\n{figures}\n\n{END}\n{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
