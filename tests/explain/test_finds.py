"""Finds: each kind is what the searches prove, and its sketch is the tree that was kept."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from seq2seq.cli.finds import finds
from seq2seq.errors import CheckpointError
from seq2seq.evaluation.finds import Branch, Find, Finds, read_finds, save_finds, sketch
from seq2seq.explain.finds import KINDS, find
from seq2seq.search import Beam, Greedy, SearchOptions
from seq2seq.trace import Trace
from seq2seq.translator import Translator

PAIRS = [
    ("Je suis froid.", "I am cold."),
    ("Il fait très froid dehors.", "It is very cold outside."),
    ("Où est le grand chien noir ?", "Where is the big black dog?"),
    ("J'ai vu un chat dans le jardin.", "I saw a cat in the garden."),
]


@pytest.fixture(scope="module")
def searches(translator: Translator) -> tuple[Trace, Trace]:
    session = translator.session("Où est le grand chien noir ?")
    return (
        session.trace(SearchOptions(mode=Greedy(), max_length=10)),
        session.trace(SearchOptions(mode=Beam(size=4), n_best=4, max_length=10)),
    )


def kept(trace: Trace) -> set[tuple[int, ...]]:
    """Return the prefixes that a search kept."""
    nodes = trace.nodes
    return {
        tuple(nodes.token[n] for n in trace.path(node))
        for node in range(len(nodes))
        if nodes.status[node] != "pruned"
    }


def test_a_sketch_has_every_prefix_that_either_search_kept_once(searches: tuple[Trace, Trace]) -> None:
    greedy, beam = searches
    tree = sketch(greedy, beam)
    assert len(tree) == len(kept(greedy) | kept(beam))
    assert all(node.step == tree[node.parent].step + 1 for node in tree[1:])


def test_a_sketch_marks_the_winners_way_and_greedys_own(searches: tuple[Trace, Trace]) -> None:
    greedy, beam = searches
    tree = sketch(greedy, beam)
    best = [{tuple(t.nodes.token[n] for n in t.path(node)) for node in t.path(t.best.leaf)} for t in searches]
    assert sum(node.way == "winner" for node in tree[1:]) == len(best[1])
    assert sum(node.way == "first" for node in tree) == len(best[0] - best[1])


def test_each_find_is_of_one_kind_and_of_one_of_the_sentences(translator: Translator) -> None:
    found = find(translator, PAIRS)
    assert len({one.source for one in found}) == len(found)
    assert {one.source for one in found} <= {source for source, _ in PAIRS if len(source.split()) >= 4}
    order = [list(KINDS).index(one.kind) for one in found]
    assert order == sorted(order)


def test_the_verb_says_what_it_found_and_keeps_it(tiny_checkpoint: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"{source}\t{target}\n" for source, target in PAIRS), encoding="utf-8")
    done = CliRunner().invoke(finds, ["--model", str(tiny_checkpoint), "--save", str(pairs)])
    assert done.exit_code == 0, done.output
    record = read_finds(tiny_checkpoint)
    assert record is not None
    assert record.test == "pairs.tsv"
    assert all(one.source in done.output and one.look in done.output for one in record.finds)
    (tiny_checkpoint / "finds.json").unlink()


def test_a_record_of_other_weights_is_refused(tiny_checkpoint: Path) -> None:
    tree = (Branch(parent=-1, step=0, way="winner"),)
    made = Find(kind="sure", title="Sure", source="Je dors.", look="Look.", tree=tree)
    save_finds(tiny_checkpoint, Finds(weights="others", test="t", finds=(made,)))
    with pytest.raises(CheckpointError, match="other weights"):
        read_finds(tiny_checkpoint)
    (tiny_checkpoint / "finds.json").unlink()
