"""Finds: sentences of a test set in which a search does something that is worth looking at."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from sacrebleu.metrics.chrf import CHRF

from seq2seq.evaluation.finds import Find, sketch
from seq2seq.explain.flips import alpha_intervals
from seq2seq.explain.whatif import what_if
from seq2seq.search import Greedy, SearchOptions, length_penalty
from seq2seq.session import Session
from seq2seq.text import END, group_words
from seq2seq.trace import Trace, alignment
from seq2seq.trace.view import Divergence, divergence, nodes_at, prefix_text
from seq2seq.translator import Translator

_CHRF = CHRF()
_MUCH = 15  # chrF points that a reader sees
_LENGTHS = range(4, 13)  # words of a source that fits on one screen with its tree


@dataclass(frozen=True)
class Case:
    """A sentence with its reference, and what greedy and beam search did with it."""

    session: Session
    source: str
    reference: str
    greedy: Trace
    beam: Trace

    @cached_property
    def part(self) -> Divergence | None:
        """Where the two outputs part."""
        return divergence(self.greedy, self.beam)

    @cached_property
    def gain(self) -> float:
        """How much nearer the beam's output is to the reference, in chrF."""
        return self.near(self.beam.best.text) - self.near(self.greedy.best.text)

    def near(self, text: str) -> float:
        """Return the chrF of an output, from 0 to 100."""
        return float(_CHRF.sentence_score(text, [self.reference]).score)


class Sight(NamedTuple):
    """How striking a case is of its kind, and what to look at."""

    score: float
    look: str


class Kind(NamedTuple):
    """A kind of behaviour, and the function that sees it in a case."""

    title: str
    see: Callable[[Case], Sight | None]


def find(model: Translator, pairs: Iterable[tuple[str, str]], each: int = 1, beam_size: int = 5) -> list[Find]:
    """Return the `each` most striking sentences of each kind, in the order of KINDS.

    pairs: sources with their references; those of fewer than 4 or more than 12 words are passed over. A sentence is
    shown for one kind only. Raises SourceTooLongError.
    """
    best: dict[str, list[tuple[Sight, Case]]] = {kind: [] for kind in KINDS}
    for source, reference in pairs:
        if len(source.split()) in _LENGTHS:
            case = _case(model, source, reference, beam_size)
            for name, kind in KINDS.items():
                if sight := kind.see(case):
                    best[name].append((sight, case))
                    best[name].sort(key=lambda one: -one[0].score)
                    del best[name][4 * each :]  # some may be taken by other kinds
    return _chosen(best, each)


def _case(model: Translator, source: str, reference: str, beam_size: int) -> Case:
    session = model.session(source)
    greedy = session.trace(SearchOptions(mode=Greedy()))
    mode = session.options.mode.model_copy(update={"size": beam_size})
    beam = session.trace(SearchOptions(mode=mode, n_best=beam_size))
    return Case(session, source, reference, greedy, beam)


def _chosen(best: dict[str, list[tuple[Sight, Case]]], each: int) -> list[Find]:
    found: list[Find] = []
    taken: set[str] = set()
    # A kind with few sentences chooses before one with many.
    for name in sorted(best, key=lambda kind: len(best[kind])):
        own = [one for one in best[name] if one[1].source not in taken][:each]
        taken.update(case.source for _, case in own)
        found += [
            Find(
                kind=name,
                title=KINDS[name].title,
                source=case.source,
                look=sight.look,
                tree=sketch(case.greedy, case.beam),
            )
            for sight, case in own
        ]
    order = list(KINDS)
    return sorted(found, key=lambda one: order.index(one.kind))


def _beam_wins(case: Case) -> Sight | None:
    if case.part is None or case.gain < _MUCH or case.beam.best.log_prob <= case.greedy.best.log_prob:
        return None
    return Sight(case.gain, f"{_parts(case)}, and comes nearer: “{case.beam.best.text}”")


def _beam_loses(case: Case) -> Sight | None:
    if case.part is None or case.gain > -_MUCH:
        return None
    return Sight(-case.gain, f"{_parts(case)}; greedy's “{case.greedy.best.text}” is nearer to what people write.")


def _search_error(case: Case) -> Sight | None:
    """Greedy search's output beats the beam's by the beam's own score (Stahlberg and Byrne 2019)."""
    alpha, own = case.beam.options.alpha, case.greedy.best
    if case.part is None or not own.finished:
        return None
    gap = own.log_prob / length_penalty(own.length, alpha) - case.beam.best.normalised
    if gap < 1e-4:
        return None
    return Sight(
        gap, f"Greedy's “{own.text}” scores better than the beam's winner: the beam has dropped it on the way."
    )


def _model_error(case: Case) -> Sight | None:
    """The reference scores worse than a winner that shares little with it."""
    near = case.near(case.beam.best.text)
    if near > 35 or not case.beam.best.finished:
        return None
    (scores,) = case.session.score([case.session.tokens(case.reference)])
    total = sum(scores)
    ahead = case.beam.best.normalised - total / length_penalty(len(scores), case.beam.options.alpha)
    if ahead <= 0:
        return None
    return Sight(
        ahead,
        f"“{case.reference}” is {_times(case.beam.best.log_prob - total)} less likely to the model than what it "
        "writes: no wider beam would help.",
    )


def _penalty_flips(case: Case) -> Sight | None:
    alpha = case.beam.options.alpha
    found = alpha_intervals(case.beam, 0.0, 1.5)
    if len(found) < 2:
        return None
    edge = min((one.high for one in found[:-1]), key=lambda high: abs(high - alpha))
    below = next(one for one in found if one.high == edge)
    above = found[found.index(below) + 1]
    if above.length < below.length + 2:
        return None
    return Sight(
        1 / (0.05 + abs(edge - alpha)),
        f"Below a length penalty of {edge:.2f} “{below.text}” wins, above it “{above.text}”",
    )


def _loop(case: Case) -> Sight | None:
    """A word or two that occur twice in a row, which the reference has not."""
    for trace in (case.beam, case.greedy):
        words = trace.best.text.lower().split()
        for size in (3, 2, 1):
            for at in range(len(words) - 2 * size + 1):
                again = words[at : at + size]
                said = " ".join(again)
                if again == words[at + size : at + 2 * size] and f"{said} {said}" not in case.reference.lower():
                    return Sight(size + len(words) / 100, f"It says “{said}” twice: “{trace.best.text}”")
    return None


def _attention_misleads(case: Case) -> Sight | None:
    """A word of letters for which the model looks at the end of the sentence."""
    found = alignment(case.beam)
    if found is None:
        return None
    wrong = [
        (row[-1], word)
        for word, row in zip(found.target, found.weights, strict=True)
        if len(word) > 3 and word.isalpha() and row[-1] >= 0.4
    ]
    if not wrong:
        return None
    weight, word = max(wrong)
    return Sight(
        weight,
        f"While it writes “{word}”, {_percent(weight)} of its attention rests on the end mark: light is no reason.",
    )


def _rare_word(case: Case) -> Sight | None:
    words = [word for word in group_words(case.beam.source.pieces) if word.text.isalpha()]
    if not words:
        return None
    longest = max(words, key=lambda word: word.last - word.first)
    count = longest.last - longest.first
    if count < 4 or case.near(case.beam.best.text) < 60:
        return None
    return Sight(
        count + case.near(case.beam.best.text) / 100,
        f"The vocabulary has no “{longest.text}”: the model reads it in {count} parts.",
    )


def _ambiguity(case: Case) -> Sight | None:
    """Two words that are nearly as likely at one step."""
    nodes = case.beam.nodes
    found = []
    for node in case.beam.path(case.beam.best.leaf):
        other = max(
            (
                n
                for n in nodes_at(case.beam, nodes.step[node])
                if n != node and nodes.parent[n] == nodes.parent[node]
            ),
            key=lambda n: nodes.log_prob[n],
            default=None,
        )
        if other is None or not all(_is_word(nodes.piece[n]) for n in (node, other)):
            continue
        chances = [math.exp(nodes.log_prob[n]) for n in (node, other)]
        if min(chances) >= 0.25:
            found.append((min(chances), node, other, chances))
    if not found:
        return None
    score, node, other, chances = max(found)
    before = prefix_text(case.beam, nodes.parent[node])
    one, two = (nodes.piece[n].lstrip("▁") for n in (node, other))
    return Sight(
        score,
        f"{f'After “{before}”' if before else 'At the first word'} “{one}” has {_percent(chances[0])}, “{two}” "
        f"{_percent(chances[1])}: nearly even.",
    )


def _late_winner(case: Case) -> Sight | None:
    """A winner that was the last hypothesis of its beam once."""
    nodes = case.beam.nodes
    for node in reversed(case.beam.path(case.beam.best.leaf)):
        kept = [n for n in nodes_at(case.beam, nodes.step[node]) if nodes.status[n] != "pruned"]
        place = kept.index(node) + 1 if node in kept else 0
        if place >= 4:
            return Sight(
                place + nodes.step[node] / 10,
                f"At step {nodes.step[node]} the later winner stands {place}th of {len(kept)}; watch it rise.",
            )
    return None


def _other_beginning(case: Case) -> Sight | None:
    """Another first word, and the rest of the sentence is another."""
    nodes = case.beam.nodes
    first = [n for n in nodes_at(case.beam, 1) if nodes.token[n] != END]
    if len(first) < 2 or case.beam.best.length < 6:
        return None
    own = case.beam.path(case.beam.best.leaf)[0]
    other = max((n for n in first if n != own), key=lambda n: nodes.log_prob[n])
    if not _is_word(nodes.piece[other]) or math.exp(nodes.log_prob[other]) < 0.03:
        return None
    forced = what_if(case.session, case.greedy.options, [nodes.token[other]])
    same = float(_CHRF.sentence_score(forced.best.text, [case.beam.best.text]).score)
    if not forced.best.finished or same > 45:
        return None
    return Sight(
        100 - same, f"Begin it with “{nodes.piece[other].lstrip('▁')}”, and it becomes “{forced.best.text}”"
    )


def _too_short(case: Case) -> Sight | None:
    said, wanted = len(case.beam.best.text.split()), len(case.reference.split())
    if said > 0.65 * wanted or wanted < 6:
        return None
    return Sight(
        wanted / max(said, 1), f"It ends after {said} words, where people need {wanted}: what is left out?"
    )


def _copied(case: Case) -> Sight | None:
    passages = getattr(case.beam.source, "passages", ())
    if not passages or case.near(case.beam.best.text) < 50:
        return None
    return Sight(
        case.near(case.beam.best.text), "What training hardly had passes through as one piece: switch to “pieces”."
    )


def _reordered(case: Case) -> Sight | None:
    """Words that the two languages put in another order."""
    found = alignment(case.beam)
    if found is None or case.near(case.beam.best.text) < 60:
        return None
    peaks = [
        (row.index(max(row)), word)
        for word, row in zip(found.target, found.weights, strict=True)
        if max(row) >= 0.5 and word.isalpha()
    ]
    turns = [(one[0] - two[0], two[1], one[1]) for one, two in pairwise(peaks) if one[0] - two[0] in (1, 2)]
    if not turns:
        return None
    _, second, first = max(turns, key=lambda turn: len(turn[1]) + len(turn[2]))
    return Sight(
        len(turns) + (len(second) + len(first)) / 100,
        f"“{first}” comes before “{second}” here and behind it in the source: the light moves backwards.",
    )


def _sure(case: Case) -> Sight | None:
    nodes = case.greedy.nodes
    path = case.greedy.path(case.greedy.best.leaf)
    least = min(math.exp(nodes.log_prob[node]) for node in path)
    if case.part is not None or case.greedy.best.text != case.reference or least < 0.75 or len(path) < 6:
        return None
    return Sight(
        least + len(path) / 100, f"No choice has less than {_percent(least)}: greedy search is all it needs."
    )


def _parts(case: Case) -> str:
    assert case.part is not None
    return (
        f"After “{case.part.common}” the beam goes another way"
        if case.part.common
        else "At the first word the beam goes another way"
    )


def _is_word(piece: str) -> bool:
    """Return whether a piece begins a word and has letters alone."""
    return piece.startswith("▁") and piece[1:].isalpha()


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _times(gap: float) -> str:
    return f"{math.exp(gap):,.0f} times" if gap < math.log(1000) else "over a thousand times"


KINDS = {
    "beam-wins": Kind("Beam search wins", _beam_wins),
    "beam-loses": Kind("Beam search loses", _beam_loses),
    "late-winner": Kind("Last, and then first", _late_winner),
    "search-error": Kind("A search error", _search_error),
    "model-error": Kind("A model error", _model_error),
    "penalty-flips": Kind("The length penalty decides", _penalty_flips),
    "too-short": Kind("It stops too soon", _too_short),
    "loop": Kind("It repeats itself", _loop),
    "ambiguity": Kind("Two words, one place", _ambiguity),
    "other-beginning": Kind("One word changes all", _other_beginning),
    "reordered": Kind("Words change places", _reordered),
    "attention-misleads": Kind("Attention misleads", _attention_misleads),
    "rare-word": Kind("A rare word", _rare_word),
    "copied": Kind("Copied, not translated", _copied),
    "sure": Kind("Nothing to decide", _sure),
}
