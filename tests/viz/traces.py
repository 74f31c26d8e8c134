"""Traces to draw: of hand-made searches, with awkward tokens, and of every size."""

from collections.abc import Sequence
from typing import Any

from seq2seq.search import Beam, Greedy, Mode, Sample, SearchOptions, search
from seq2seq.text import END, group_words
from seq2seq.trace import PhotoSource, TextSource, Trace, TraceRecorder
from seq2seq.trace.schema import ModelName
from tests.fakes import Blind, FakeDecoder, mixed, sources, table

AWKWARD = ["<pad>", "<s>", "</s>", "▁<b>", "▁$x$", "▁=1+1", "▁&amp;", "▁%{x}", "▁le", "▁le", "日本", "-"]


def drawn(
    decoder: FakeDecoder,
    mode: Mode,
    source: Sequence[str] = ("▁le", "▁ch", "at", "▁le", "</s>"),
    **common: Any,
) -> Trace:
    """Return the trace of a search whose target pieces are those of AWKWARD, then numbers."""
    words = group_words(source)
    record = TextSource(
        text="le chat le", pieces=list(source), words=[w.text for w in words], starts=[w.first for w in words]
    )
    return searched(decoder, record, SearchOptions(mode=mode, **common))


def searched(decoder: FakeDecoder, source: TextSource | PhotoSource, options: SearchOptions) -> Trace:
    """Return the trace of a search for this source."""
    recorder = TraceRecorder(source, ModelName(name="fake", digest="0"), options)
    found = search(decoder, sources(len(source.pieces)), options, recorder)[0]
    names = [*AWKWARD, *(f"▁{i}" for i in range(len(AWKWARD), 5000))]
    return recorder.trace(
        found, lambda ids: [names[i] for i in ids], lambda ids: " ".join(names[i] for i in ids if i != END)
    )


def one_step() -> Trace:
    """Return the trace of a search that ends at once."""
    return drawn(table({}, 12), Greedy())


def by_hand() -> Trace:
    """Return a beam of 2 over two tokens: 3 8 wins, 4 8 is the other output, and 5 is pruned at once."""
    rows = {
        (): {3: 0.6, 4: 0.3, 5: 0.1},
        (3,): {8: 0.9, END: 0.1},
        (4,): {8: 0.8, END: 0.2},
        (3, 8): {END: 1.0},
        (4, 8): {END: 1.0},
    }
    return drawn(table(rows, 12), Beam(size=2, alpha=0.0), n_best=2)


def blind() -> Trace:
    """Return the trace of a model without attention."""
    return drawn(Blind(mixed(12, 3).logits), Beam(size=2), max_length=4)


def photo(rows: int = 3, columns: int = 4) -> Trace:
    """Return the trace of a caption of a wide photo."""
    source = PhotoSource(name="<b>dog</b>.jpg", width=640, height=360, grid=(rows, columns))
    return searched(mixed(12, 5), source, SearchOptions(mode=Beam(size=3), n_best=3, max_length=6))


def long_beam(size: int = 10, steps: int = 30) -> Trace:
    """Return the trace of a beam that is still alive after `steps`."""
    return drawn(mixed(60, 1, end=-20), Beam(size=size), n_best=size, max_length=steps)


def every() -> dict[str, Trace]:
    """Return traces of all kinds by name."""
    return {
        "one step": one_step(),
        "greedy": drawn(mixed(12, 1), Greedy(), max_length=6),
        "by hand": by_hand(),
        "beam": drawn(mixed(12, 2), Beam(size=5), n_best=5, max_length=8),
        "sample": drawn(mixed(12, 4), Sample(seed=2), n_best=4, max_length=6),
        "forced": drawn(mixed(12, 2), Beam(size=3), n_best=3, max_length=8, prefix=(9, 3)),
        "blind": blind(),
        "photo": photo(),
    }


EVERY = every()
