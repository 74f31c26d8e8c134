"""The group of all verbs. A verb's module is imported when the verb is used, so `--help` answers at once."""

import importlib
import os
import sys
from typing import Any, NamedTuple, NoReturn

import click
from click.exceptions import NoArgsIsHelpError, NoSuchCommand

from seq2seq.errors import Seq2SeqError
from seq2seq.version import VERSION

# Libraries that come with an extra of the package.
_EXTRAS = {"torchvision": "official", "PIL": "vision", "pi_heif": "vision"}


class Verb(NamedTuple):
    """Where a verb's function is, and its description in the list of verbs."""

    module: str
    function: str
    does: str


VERBS = {
    "prepare": Verb("data", "prepare", "Clean and split pairs of sentences, ready to train from."),
    "mix": Verb("mix", "mix", "Mix sets of pairs into one training file, by weight."),
    "train": Verb("train", "train", "Train a model from a recipe; it can be stopped and resumed."),
    "find-rate": Verb("find_rate", "find_rate", "Try growing learning rates and suggest one."),
    "lab": Verb("lab", "lab", "Make the recorded runs of the teacher-forcing laboratory."),
    "translate": Verb("translate", "translate", "Translate lines from a file, stdin or the command line."),
    "synthesise": Verb(
        "synthesise", "synthesise", "Make synthetic training pairs: back-translation and distillation."
    ),
    "score": Verb("translate", "score", "Print the log-probability of given translations."),
    "evaluate": Verb("evaluate", "evaluate", "Measure BLEU and chrF on a test set; compare two models."),
    "atlas": Verb("atlas", "atlas", "Try beam sizes and length penalties on a set of pairs."),
    "finds": Verb("finds", "finds", "Find sentences in which a search does something worth looking at."),
    "trace": Verb("trace", "trace", "Record everything a search did, as JSON or as a page."),
    "export-page": Verb("export_page", "export_page", "Write a model as one HTML file that translates by itself."),
    "train-captions": Verb("captions", "train_captions", "Train a captioning decoder for photos."),
    "caption": Verb("captions", "caption", "Caption photos."),
    "evaluate-captions": Verb(
        "evaluate_captions", "evaluate_captions", "Measure BLEU-1 to 4 and CIDEr-D of captions."
    ),
    "join-captions": Verb("captions", "join_captions", "Let several captioning models decide together."),
    "check-lessons": Verb("lessons", "check_lessons", "Say whether the course's lessons hold for a model."),
    "index": Verb("index", "index", "Index a model's training pairs: nearest states, and seen sentences."),
    "train-trunk": Verb("image_encoder", "train_trunk", "Distil an image encoder from a better one."),
    "import-trunk": Verb("image_encoder", "import_trunk", "Import torchvision's official Inception weights."),
    "train-search": Verb(
        "photo_search", "train_search", "Train a search for photos by words; it can be stopped and resumed."
    ),
    "search-photos": Verb("photo_search", "search_photos", "Rank the photos of a folder by words."),
    "average": Verb("checkpoints", "average", "Average the weights of several checkpoints."),
    "info": Verb("checkpoints", "info", "Show the contents of a checkpoint folder."),
}


class Verbs(click.Group):
    """A group that imports its verbs lazily and turns every user error into one line and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the verbs, in the order of a typical workflow."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the verb. Raises NoSuchCommand with the nearest ones if there is none of this name."""
        if cmd_name not in VERBS:
            if cmd_name.startswith("-"):
                return None  # click then reports that there is no such option
            raise NoSuchCommand(cmd_name, possibilities=list(VERBS), ctx=ctx)
        verb = VERBS[cmd_name]
        command = getattr(importlib.import_module(f"seq2seq.cli.{verb.module}"), verb.function)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb to run; from here on, SIGTERM ends it as Ctrl-C does."""
        found = super().resolve_command(ctx, args)
        from seq2seq.cli.interrupts import sigterm_as_interrupt

        # Not before: Python may swallow an interrupt in the middle of an import, and there is nothing to lose yet.
        ctx.with_resource(sigterm_as_interrupt())
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.does) for name, verb in VERBS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; end quietly when nobody reads its output any more (`... | head`)."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The interpreter flushes the rest when it exits; that has to go nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a verb and exit with 0, with 2 and a line on stderr, or with 130 after Ctrl-C or SIGTERM."""
        extra["standalone_mode"] = False
        given = args[0] if args else extra.get("args")
        if any("\0" in word for word in given or ()):
            _fail("Error: A word of the command line holds a null byte, so it names nothing; take it out.", 2)
        try:
            code = super().main(*args, **extra)
        except NoArgsIsHelpError as failure:
            click.echo(failure.format_message())
            sys.exit(0)
        except ModuleNotFoundError as failure:
            library = (failure.name or "").partition(".")[0]
            if library not in _EXTRAS:
                raise
            _fail(f"Error: {library} is not installed; run: pip install 'seq2seq[{_EXTRAS[library]}]'", 2)
        except click.Abort:
            _fail("Stopped.", 130)
        except (Seq2SeqError, click.ClickException, OSError) as failure:
            _fail(f"Error: {_sentence(failure)}", 2)
        sys.exit(code if isinstance(code, int) else 0)


def _sentence(failure: Exception) -> str:
    """Return the error message, on one line."""
    if isinstance(failure, OSError):
        name = f"{failure.filename}: " if failure.filename else ""
        return f"{name}{failure.strerror or failure}; nothing more was done."
    if not isinstance(failure, click.ClickException):
        return " ".join(str(failure).split())
    message = " ".join(failure.format_message().split())
    if isinstance(failure, click.UsageError) and failure.ctx is not None:
        message += f" See: {failure.ctx.command_path} --help"
    return message


def _fail(line: str, code: int) -> NoReturn:
    click.echo(line, err=True)
    sys.exit(code)


@click.group(cls=Verbs, subcommand_metavar="VERB [ARGS]...")
@click.version_option(VERSION, package_name="seq2seq", message="seq2seq %(version)s")
def main() -> None:
    """Train, use and inspect sequence-to-sequence models.

    \b
    Examples:
      python -m seq2seq translate --model checkpoints/fr-en --text "Il fait froid dehors."
      python -m seq2seq train quick-start --out models/quick-start
      python -m seq2seq translate --help

    Results go to stdout, progress to stderr. The exit code is 0, or 2 with one line that says what is wrong.
    """
