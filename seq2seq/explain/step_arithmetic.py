"""One step of a model as arithmetic: every part of it with its real values, down to single products.

The parts are the boxes of a map, from a source word's embedding to a probability. Each shows its values, and for
some of its units the weighted sums that make them: the largest products, the rest, the bias, the function.
All of it is computed in float64 from the model's weights, a second time beside the model's own float32.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.explain.step_sums import Unit, cell_unit, share, weighted
from seq2seq.models.cells import CellState, RecurrentLayer
from seq2seq.models.decoder import Decoder
from seq2seq.models.memory import Memory, State
from seq2seq.search import DecoderEnsemble, EnsembleMemory
from seq2seq.session import Sentence, Session
from seq2seq.text import END, START

UNITS = 4  # units of a box whose sums are shown


class Box(NamedTuple):
    """A part of the model at this step."""

    name: str
    title: str
    formula: str
    source: str  # paper and equation
    reads: tuple[str, ...]  # names of the boxes it reads
    values: tuple[float, ...]
    labels: tuple[str, ...] = ()  # what each value is about, if that has a name
    units: tuple[Unit, ...] = ()


class Arithmetic(NamedTuple):
    """A step of the decoder: `written` after `before`, looking mostly at `word`."""

    before: tuple[str, ...]  # pieces
    written: str
    word: str  # the source piece whose way is shown
    probability: float
    boxes: tuple[Box, ...]
    members: int = 1  # decoders that decide together, of which this is the first

    def box(self, name: str) -> Box:
        """Return a box."""
        return next(box for box in self.boxes if box.name == name)


_CELLS = {
    "lstm": (
        "i, f, o = σ(W x + U h′ + b)   g = tanh(W x + U h′ + b)   c = f c′ + i g   h = o tanh(c)",
        "Graves 2013, eq. 7 to 11, without peepholes",
    ),
    "gru": (
        "r, z = σ(W x + U h′ + b)   n = tanh(W x + b + r (U h′ + b))   h = (1 − z) n + z h′",
        "Cho et al. 2014, eq. 5 to 8, reset after the product",
    ),
    "rnn": ("h = tanh(W x + U h′ + b)", "Elman 1990"),
}
_SCORES = {
    "dot": ("e = s · h", "Luong et al. 2015, eq. 8, dot"),
    "general": ("e = s · W h", "Luong et al. 2015, eq. 8, general"),
    "additive": ("e = v · tanh(U s + V h)", "Bahdanau et al. 2015, appendix A.1.2"),
}


@torch.inference_mode()
def arithmetic(session: Session, prefix: Sequence[int], token: int) -> Arithmetic:
    """Return the step that writes `token` after the tokens `prefix` as arithmetic.

    The encoder is shown for the source piece with the most attention (without attention: the last one); for a photo
    there is no encoder. Of several decoders that decide together the first is shown. Raises ConfigError for a token
    that is not in the vocabulary.
    """
    decoder, memory, members = _one_decoder(session)
    session.require_tokens([*prefix, token])
    state, device = decoder.start(memory), memory.mask.device
    for written in [START, *prefix][:-1]:
        _, state, _ = decoder.step(torch.tensor([written], device=device), state, memory)
    before = ([START, *prefix])[-1]
    logits, after, attention = decoder.step(torch.tensor([before], device=device), state, memory)
    place = memory.states.shape[1] - 1 if attention is None else int(attention[0].argmax())
    words = [_plain(piece) for piece in session.source.pieces]
    boxes: list[Box] = []
    if session.sentence is not None:
        boxes += _Encoding(session.sentence, memory, place, words[place]).boxes()
    boxes += _Decoding(session, decoder, memory, state, after, before, token, place, words, attention).boxes(
        logits[0]
    )
    return Arithmetic(
        tuple(session.pieces(prefix)),
        session.pieces([token])[0],
        words[place],
        boxes[-1].units[0].steps[-1].result,
        tuple(boxes),
        members,
    )


def _one_decoder(session: Session) -> tuple[Decoder, Memory, int]:
    """Return the decoder that is shown, its memory, and how many decide together."""
    if not isinstance(session.decoder, DecoderEnsemble):
        return *session.require_single("A step's arithmetic"), 1
    assert isinstance(session.memory, EnsembleMemory)
    decoder, memory = session.decoder.members[0], session.memory.members[0]
    assert isinstance(decoder, Decoder)
    assert isinstance(memory, Memory)
    return decoder, memory, len(session.decoder.members)


def _values(vector: Tensor) -> tuple[float, ...]:
    return tuple(vector.double().tolist())


def _strongest(vector: Tensor, count: int = UNITS) -> list[int]:
    """Return the units with the largest values, by size."""
    return vector.abs().topk(min(count, len(vector))).indices.tolist()


def _cell_box(
    name: str,
    title: str,
    reads: tuple[str, ...],
    layer: RecurrentLayer,
    inputs: Tensor,
    names: Sequence[str],
    state: CellState,
    result: Tensor,
) -> Box:
    formula, source = _CELLS[layer.cell]
    units = tuple(cell_unit(layer, unit, inputs, names, state) for unit in _strongest(result))
    return Box(name, title, formula, source, reads, _values(result), (), units)


class _Encoding:
    """The way of one source piece through the encoder."""

    def __init__(self, sentence: Sentence, memory: Memory, place: int, word: str) -> None:
        self.sentence, self.memory, self.place, self.word = sentence, memory, place, word

    def boxes(self) -> Iterator[Box]:
        encoder = self.sentence.model.encoder
        ids = torch.tensor([[*self.sentence.ids, END]], device=self.memory.mask.device)
        states = encoder.embedding(ids)
        embedded = states[0, self.place]
        yield Box(
            "embedding",
            f"Embedding of “{self.word}”",
            "x = E[number of the piece]",
            "Bahdanau et al. 2015, appendix A.2.1",
            (),
            _values(embedded),
        )
        below: tuple[str, ...] = ("embedding",)
        for number, forwards in enumerate(encoder.forwards):
            ways = [("forward", forwards, states[0])]
            if encoder.backwards:
                ways.append(("backward", encoder.backwards[number], states[0].flip(0)))
            outputs = []
            for way, layer, inputs in ways:
                assert isinstance(layer, RecurrentLayer)
                at = self.place if way == "forward" else len(inputs) - 1 - self.place
                zero = inputs.new_zeros(1, layer.hidden)
                state: CellState = (zero, zero) if layer.cell == "lstm" else (zero,)
                every = []
                held = state
                for i, each in enumerate(inputs):
                    held = state if i == at else held
                    state = layer.step(layer.project_inputs(each[None]), state)
                    every.append(state[0][0])
                names = [f"x[{i}]" for i in range(inputs.shape[1])]
                depth = f", layer {number + 1}" if len(encoder.forwards) > 1 else ""
                yield _cell_box(
                    f"{way}{number or ''}",
                    f"Encoder, {way}{depth}",
                    below,
                    layer,
                    inputs[at],
                    names,
                    held,
                    every[at],
                )
                outputs.append(torch.stack(every if way == "forward" else every[::-1]))
            whole = torch.cat(outputs, 1)[None]
            states = whole if number == 0 else whole + states
            below = tuple(f"{way}{number or ''}" for way, _, _ in ways)
        result = self.memory.states[0, self.place]
        both = "h = [forward; backward]" if encoder.backwards else "h = forward"
        if len(encoder.forwards) > 1:
            both += " + the layer below"
        normed = ", normalised" if not isinstance(encoder.norm, torch.nn.Identity) else ""
        yield Box(
            "state",
            f"Source state of “{self.word}”",
            both + normed,
            "Bahdanau et al. 2015, section 3.2",
            below,
            _values(result),
        )


class _Decoding:
    """A step of the decoder."""

    def __init__(
        self,
        session: Session,
        decoder: Decoder,
        memory: Memory,
        state: State,
        after: State,
        before: int,
        token: int,
        place: int,
        words: Sequence[str],
        attention: Tensor | None,
    ) -> None:
        self.session, self.decoder, self.memory = session, decoder, memory
        self.state, self.after, self.before, self.token = state, after, before, token
        self.place, self.words, self.attention = place, words, attention

    def boxes(self, logits: Tensor) -> Iterator[Box]:
        decoder = self.decoder
        embedded = decoder.embedding(torch.tensor(self.before, device=self.memory.mask.device))
        read = self.session.pieces([self.before])[0]
        yield Box(
            "input",
            f"Embedding of “{_plain(read)}”, read at this step",
            "y = E[number of the piece]",
            "Luong et al. 2015, section 3" if not decoder.before else "Bahdanau et al. 2015, appendix A.2.2",
            (),
            _values(embedded),
        )
        weights = None if self.attention is None else self.attention[0].double()
        context = None if weights is None else weights @ self.memory.states[0].double()
        if decoder.before:
            yield from self._attention(self.state.vector()[0], weights, context)
        inputs, names, reads = [embedded], [f"y[{i}]" for i in range(len(embedded))], ["input"]
        if decoder.before and context is not None:
            inputs.append(context.float())
            names += [f"context[{i}]" for i in range(len(context))]
            reads.append("context")
        elif self.state.feed is not None:
            inputs.append(self.state.feed[0])
            names += [f"last readout[{i}]" for i in range(self.state.feed.shape[1])]
        outputs = torch.cat(inputs)
        for number, after in enumerate(self.after.layers):
            depth = f", layer {number + 1}" if len(self.after.layers) > 1 else ""
            yield _cell_box(
                f"cell{number or ''}",
                f"Decoder cell{depth}",
                tuple(reads),
                decoder.layer(number),
                outputs,
                names,
                self.state.layers[number],
                after[0][0],
            )
            outputs = after[0][0] if number == 0 else after[0][0] + outputs
            names, reads = [f"s[{i}]" for i in range(len(outputs))], [f"cell{number or ''}"]
        query = decoder.norm(outputs)
        if not decoder.before:
            yield from self._attention(query, weights, context)
        parts = [query] if context is None else [query, context.float()]
        named = [f"s[{i}]" for i in range(len(query))] + (
            [] if context is None else [f"context[{i}]" for i in range(len(context))]
        )
        if decoder.before:
            parts.append(embedded)
            named += [f"y[{i}]" for i in range(len(embedded))]
        values = torch.cat(parts)
        linear = decoder.readout
        readout = torch.tanh(linear(values))
        yield Box(
            "readout",
            "Readout",
            *self._readout_formula(context is not None),
            (*reads, *(() if context is None else ("context",)), *(("input",) if decoder.before else ())),
            _values(readout),
            (),
            tuple(
                Unit(f"r[{i}]", i, (weighted("r", linear.weight[i], values, named, float(linear.bias[i]), "tanh"),))
                for i in _strongest(readout)
            ),
        )
        best = list(dict.fromkeys([self.token, *logits.topk(UNITS).indices.tolist()]))[: UNITS + 1]
        labels = tuple(_plain(piece) for piece in self.session.pieces(best))
        each = [f"r[{i}]" for i in range(len(readout))]
        tied = decoder.output.weight is decoder.embedding.weight
        yield Box(
            "logits",
            "Scores of the vocabulary",
            "score = E[piece] · r + b" if tied else "score = W[piece] · r + b",
            "Luong et al. 2015, eq. 6" + ("; E is the embedding, Press and Wolf 2017" if tied else ""),
            ("readout",),
            tuple(float(logits[i]) for i in best),
            labels,
            tuple(
                Unit(
                    label,
                    i,
                    (weighted("score", decoder.output.weight[i], readout, each, float(decoder.output.bias[i])),),
                )
                for i, label in zip(best, labels, strict=True)
            ),
        )
        shares = [share("probability", logits, i) for i in best]
        yield Box(
            "softmax",
            "Probabilities",
            "p = exp(score) / Σ exp(all scores)",
            "Luong et al. 2015, eq. 6",
            ("logits",),
            tuple(one.result for one in shares),
            labels,
            tuple(Unit(label, i, (one,)) for i, label, one in zip(best, labels, shares, strict=True)),
        )

    def _readout_formula(self, looks: bool) -> tuple[str, str]:
        """Return formula and source of the readout. looks: whether the decoder has attention."""
        if not looks:
            return "r = tanh(W s + b)", "Sutskever et al. 2014, with a hidden layer"
        if self.decoder.before:
            return "r = tanh(W [s; context; y] + b)", "Bahdanau et al. 2015, appendix A.2.2, with tanh for maxout"
        return "r = tanh(W [s; context] + b)", "Luong et al. 2015, eq. 5"

    def _attention(self, query: Tensor, weights: Tensor | None, context: Tensor | None) -> Iterator[Box]:
        attention = self.decoder.attention
        if attention is None or weights is None or context is None:
            return
        states, keys = self.memory.states[0], self.memory.keys
        assert keys is not None
        formula, source = _SCORES[attention.kind]
        order = weights.argsort(descending=True).tolist()[:UNITS]
        if attention.kind == "additive":
            inner = torch.tanh(attention.query(query) + keys[0])
            scores = inner @ attention.score.weight[0]
            sums = [
                weighted("e", attention.score.weight[0], inner[i], [f"tanh[{j}]" for j in range(inner.shape[1])])
                for i in order
            ]
        else:
            projected = attention.query(query) if attention.kind == "general" else query
            scores = keys[0] @ projected
            sums = [weighted("e", projected, keys[0, i], [f"h[{j}]" for j in range(keys.shape[2])]) for i in order]
        reads = ("cell", "state") if not self.decoder.before else ("state",)
        yield Box(
            "scores",
            "Attention scores",
            formula,
            source,
            reads,
            _values(scores),
            tuple(self.words),
            tuple(Unit(self.words[i], i, (one,)) for i, one in zip(order, sums, strict=True)),
        )
        yield Box(
            "weights",
            "Attention",
            "α = exp(e) / Σ exp(e)",
            "Bahdanau et al. 2015, eq. 6; Luong et al. 2015, eq. 7",
            ("scores",),
            _values(weights),
            tuple(self.words),
            tuple(Unit(self.words[i], i, (share("α", scores, i),)) for i in order),
        )
        yield Box(
            "context",
            "Context",
            "c = Σ α h",
            "Bahdanau et al. 2015, eq. 5",
            ("weights", "state"),
            _values(context),
            (),
            tuple(
                Unit(f"c[{i}]", i, (weighted("c", weights, states[:, i], self.words),)) for i in _strongest(context)
            ),
        )


def _plain(piece: str) -> str:
    named = {"<s>": "⟨start⟩", "</s>": "⟨end⟩"}
    return named.get(piece) or piece.replace("▁", "").replace("￭", "") or "␣"
