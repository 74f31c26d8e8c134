"""The verb trace: records what a search did."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from seq2seq.checkpoint_config import read_kind
from seq2seq.cli.lines import encodable
from seq2seq.cli.options import PATH, beam_mode, beam_options, device_option, threads_option
from seq2seq.config import parse, read_text
from seq2seq.errors import TraceError
from seq2seq.folders import write_file
from seq2seq.search import SearchOptions
from seq2seq.trace import Trace
from seq2seq.translator import Translator


def _print_schema(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(json.dumps(Trace.model_json_schema(), indent=2, ensure_ascii=False))
        context.exit()


@click.command()
@click.option("--model", "folder", type=PATH, metavar="FOLDER", help="Checkpoint folder.")
@beam_options
@click.option(
    "--from",
    "saved",
    type=PATH,
    metavar="TRACE.json",
    help="A trace saved before, in place of --model and SENTENCE; - is stdin.",
)
@click.option(
    "--html",
    "page",
    type=PATH,
    metavar="FILE",
    help="Write a page that replays the search, in place of the JSON on stdout.",
)
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON schema of a trace.",
)
@device_option
@threads_option
@click.argument("sentence", required=False)
def trace(
    folder: Path | None,
    beam_size: int | None,
    alpha: float | None,
    coverage: float | None,
    groups: int | None,
    diversity: float | None,
    no_repeat: int | None,
    saved: Path | None,
    page: Path | None,
    device: str,
    sentence: str | None,
) -> None:
    """Write everything that the search for one SENTENCE did to stdout, as one line of JSON.

    With a captioning model the SENTENCE is the file of a photo.

    Every candidate of every step with its probability, total, rank and fate (kept, pruned, finished), one row
    of attention for each hypothesis that was continued, and the finished translations. The page draws such a file
    without the model. All columns of a table have one entry for each candidate; `--schema` prints the JSON
    schema, with what each key means.

    --html writes one HTML file in its place that replays the search step by step in any browser, without a
    network; the trace can be downloaded from it again.

    \b
    Examples:
      python -m seq2seq trace --model checkpoints/fr-en --beam-size 5 "J'ai froid." > cold.json
      python -m seq2seq trace --model checkpoints/fr-en "J'ai froid." --html cold.html
      python -m seq2seq trace --model checkpoints/captions-attention dog.jpg --html dog.html
      python -m seq2seq trace --from cold.json --html cold.html
      python -m seq2seq trace --schema
    """
    if saved is not None:
        given = {
            "--model": folder,
            "--beam-size": beam_size,
            "--alpha": alpha,
            "--coverage": coverage,
            "--groups": groups,
            "--diversity": diversity,
            "--no-repeat": no_repeat,
            "--device": None if device == "cpu" else device,
            "SENTENCE": sentence,
        }
        if too_much := [name for name, value in given.items() if value is not None]:
            raise click.UsageError(f"--from takes a trace as it is; leave out {' and '.join(too_much)}.")
        found = _read(saved)
    else:
        mode = beam_mode(beam_size, alpha, coverage, groups, diversity)
        found = _search(folder, sentence, mode, no_repeat or 0, device)
    if page is None:
        click.echo(found.to_json())
        return
    from seq2seq.viz.replay import replay_html  # Plotly, which the figures need, takes half a second to import

    write_file(page, replay_html(found))
    click.echo(f"{page} replays the search; open it in a browser.")


def _read(saved: Path) -> Trace:
    """Return a saved trace. Raises TraceError, which names the file, if it is none."""
    text = sys.stdin.buffer.read() if str(saved) == "-" else read_text(saved, TraceError)
    try:
        return Trace.from_json(text)
    except TraceError as failure:
        raise TraceError(f"{'Standard input' if str(saved) == '-' else saved}: {failure}") from None


def _search(folder: Path | None, sentence: str | None, mode: dict[str, Any], no_repeat: int, device: str) -> Trace:
    """Return the trace of a new search. Raises UsageError if there is no model or no sentence."""
    if folder is None:
        raise click.UsageError("Missing option '--model' (or '--from', to open a saved trace).")
    if sentence is None:
        raise click.UsageError("Missing argument 'SENTENCE'; put the sentence in quotes.")
    if read_kind(folder) == "captions":
        return _search_photo(folder, Path(sentence), mode, no_repeat, device)
    model = Translator.load(folder, device)
    return model.trace(encodable(sentence), options=_options(model.config.alpha, mode, no_repeat, None))


def _search_photo(folder: Path, file: Path, mode: dict[str, Any], no_repeat: int, device: str) -> Trace:
    # The libraries for photos may not be installed.
    from seq2seq.vision.captioning.captioner import Captioner
    from seq2seq.vision.captioning.config import LONGEST_CAPTION
    from seq2seq.vision.photos import read_photo

    model = Captioner.load(folder, device)
    options = _options(model.config.alpha, mode, no_repeat, LONGEST_CAPTION)
    return model.trace(read_photo(file), name=encodable(file.name), options=options)


def _options(alpha: float, mode: dict[str, Any], no_repeat: int, longest: int | None) -> SearchOptions:
    """Return the options of a beam search; mode: the given beam options."""
    mode = {"kind": "beam", "size": 5, "alpha": alpha} | mode
    common = {"n_best": mode["size"], "no_repeat": no_repeat, "max_length": longest}
    return parse(SearchOptions, {"mode": mode, **common}, "The options")
