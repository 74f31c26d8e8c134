"""Training states: their vectors, the index, its questions and its file."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from seq2seq.data import Pair
from seq2seq.data.batches import make_batch
from seq2seq.errors import CheckpointError, ConfigError, DataError, ShapeError, TraceError
from seq2seq.explain import (
    Neighbours,
    build_neighbours,
    how_to_make,
    load_neighbours,
    nearest_neighbors,
    sample_pairs,
    save_neighbours,
    state_map,
    trace_states,
)
from seq2seq.explain.build import sample_positions
from seq2seq.explain.index_files import NEIGHBOURS_FILE, index_folder
from seq2seq.explain.neighbours import SIDE_OF, find
from seq2seq.explain.states import STATE_KINDS, StateKind, decoding_states
from seq2seq.explain.storage import weights_digest
from seq2seq.models import ModelConfig
from seq2seq.text import END, START
from seq2seq.translator import Translator
from tests.tiny import PAIRS, encode, tiny_config, tiny_model

CORPUS = [Pair(source, target) for source, target in PAIRS]
CONFIGS = [
    tiny_config(),
    tiny_config(attention="none"),
    tiny_config(attention="additive", attention_at="before", cell="gru"),
    tiny_config(input_feeding=True, decoder_layers=2),
]


@pytest.fixture(scope="module")
def index(translator: Translator) -> Neighbours:
    """An index of all states of eleven of the twelve pairs."""
    return build_neighbours(translator, CORPUS)


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_states_are_what_the_steps_hand_out(config: ModelConfig) -> None:
    model = tiny_model(config)
    sources, targets = [[4, 5, 6], [7]], [[5], [6, 7, 8]]
    for source, target, found in zip(
        sources, targets, decoding_states(model.decoder, encode(model, sources), targets), strict=True
    ):
        memory = encode(model, [source])
        state = model.decoder.start(memory)
        torch.testing.assert_close(found.encoder, memory.states[0])
        assert len(found.decoder) == len(target) + 1
        for place, token in enumerate([START, *target]):
            _, state, attention = model.decoder.step(torch.tensor([token]), state, memory)
            torch.testing.assert_close(found.decoder[place], state.vector()[0])
            if attention is None:
                assert found.context is None
            else:
                assert found.context is not None
                torch.testing.assert_close(found.context[place], attention[0] @ memory.states[0])


def test_states_of_the_unrolled_target_have_its_attention(translator: Translator) -> None:
    model = translator.model
    batch = make_batch([[4, 5, 6]], [[7, 8]])
    with torch.inference_mode():
        memory = model.encode(batch.source, batch.source_mask)
        unrolled = model.decoder.unroll(batch.decoder_input, memory)
    found = decoding_states(model.decoder, encode(model, [[4, 5, 6]]), [[7, 8]])[0]
    assert unrolled.attention is not None
    assert found.context is not None
    torch.testing.assert_close(found.context, (unrolled.attention @ memory.states)[0])
    torch.testing.assert_close(found.decoder[-1], unrolled.state.vector()[0])


def test_a_trace_has_a_state_for_each_step(translator: Translator) -> None:
    trace = translator.trace("Le chat dort.", beam_size=3)
    for hypothesis in trace.hypotheses:
        found = trace_states(translator.session(trace.source.text), trace, hypothesis.leaf)
        assert len(found.decoder) == hypothesis.length
        assert len(found.encoder) == len(trace.source.pieces)
        tokens = [trace.nodes.token[node] for node in trace.path(hypothesis.leaf)]
        ids = translator.checkpoint.source.encode("Le chat dort.")
        alone = decoding_states(
            translator.model.decoder, translator.encode([ids]), [[token for token in tokens if token != END]]
        )[0]
        torch.testing.assert_close(found.decoder, alone.decoder[: len(tokens)])


def test_the_trace_of_another_model_is_refused(translator: Translator) -> None:
    trace = translator.trace("Le chat dort.")
    other = trace.model_copy(update={"model": trace.model.model_copy(update={"digest": "0"})})
    with pytest.raises(TraceError, match="which is not the tiny at hand"):
        trace_states(translator.session(other.source.text), other)


@pytest.mark.parametrize("kind", STATE_KINDS)
def test_the_query_is_a_search_through_all(index: Neighbours, translator: Translator, kind: StateKind) -> None:
    vectors = trace_states(translator.session("Où est le chat ?"), translator.trace("Où est le chat ?")).of(kind)
    assert vectors is not None
    space = index.spaces[kind]
    stored, reduced = space.vectors(), space.projection.reduce(vectors)
    wanted = [sorted((float((row - query).norm()), i) for i, row in enumerate(stored))[:4] for query in reduced]
    rows, distances = find(index, kind, vectors, 4)
    torch.testing.assert_close(distances, torch.tensor([[d for d, _ in row] for row in wanted]), atol=2e-3, rtol=0)
    told = nearest_neighbors(index, kind, vectors, 4)
    places = index.positions[SIDE_OF[kind]]
    assert [[(n.sentence, n.position) for n in row] for row in told] == [
        [tuple(places[i].tolist()) for i in row] for row in rows.tolist()
    ]


def test_a_training_state_is_nearest_to_itself(index: Neighbours, translator: Translator) -> None:
    source, target = (index.sentences[side].sentence(3) for side in ("source", "target"))
    found = decoding_states(translator.model.decoder, translator.encode([source]), [target])[0]
    near = nearest_neighbors(index, "decoder", found.decoder, 1)
    assert sum(row[0].sentence == 3 and row[0].position == t for t, row in enumerate(near)) >= len(near) - 1
    first = near[0][0]
    assert (first.before, first.word) == ("", "")
    assert first.after == first.target == translator.checkpoint.target.decode(target)
    assert first.source == translator.checkpoint.source.decode(source)


def test_the_record_tells_recall_by_held_out_queries(index: Neighbours) -> None:
    assert set(index.record.recall) == set(STATE_KINDS) == set(index.record.kinds)
    assert all(0.3 < value <= 1 for value in index.record.recall.values())
    assert len(index.sentences["source"].starts) == len(CORPUS)  # eleven sentences: one pair was held out


def test_a_model_without_attention_has_no_contexts(translator: Translator) -> None:
    model = tiny_model(tiny_config(attention="none"))
    results = decoding_states(model.decoder, encode(model, [[4, 5], [6, 7]]), [[5], [6]])
    assert all(found.of("context") is None for found in results)


def test_unknown_kinds_and_widths_are_refused(index: Neighbours) -> None:
    with pytest.raises(ShapeError, match="expects"):
        nearest_neighbors(index, "decoder", torch.zeros(2, 3))
    fewer = Neighbours(index.record, {}, index.positions, index.sentences, index.tokenizers)
    with pytest.raises(ConfigError, match="no states of the kind context"):
        nearest_neighbors(fewer, "context", torch.zeros(2, 8))


def test_one_pair_is_too_few(translator: Translator) -> None:
    with pytest.raises(DataError, match="two is the least"):
        build_neighbours(translator, CORPUS[:1])


def test_drawn_states_are_different_and_lie_in_their_sentences() -> None:
    sentences = [[4], [], [5, 6, 7]]
    chosen = sample_positions(sentences, 5, torch.Generator().manual_seed(3)).tolist()
    assert len({tuple(place) for place in chosen}) == 5
    assert chosen == sorted(chosen)
    assert all(0 <= position <= len(sentences[number]) for number, position in chosen)
    everything = sample_positions(sentences, 100, torch.Generator().manual_seed(3)).tolist()
    assert everything == [[0, 0], [0, 1], [1, 0], [2, 0], [2, 1], [2, 2], [2, 3]]


def test_sampled_pairs_have_different_sources_and_no_order() -> None:
    pairs = [Pair(f"phrase {i % 40}", f"sentence {i}") for i in range(100)]
    some = sample_pairs(pairs, 10)
    assert len({pair.source for pair in some}) == 10
    assert sample_pairs(pairs[::-1], 10) == some
    assert sample_pairs(pairs, 10, seed=1) != some
    assert len(sample_pairs(pairs, 1000)) == 40


def test_the_map_has_every_step_and_its_nearest(index: Neighbours, translator: Translator) -> None:
    vectors = trace_states(translator.session("Je suis froid."), translator.trace("Je suis froid.")).decoder
    found = state_map(index, "decoder", vectors, sample=20, k=3)
    assert len(found.path) == len(vectors)
    assert 0 < found.shown <= 1
    rows, distances = find(index, "decoder", vectors, 3)
    near = [one for one in found.states if one.steps]
    assert sum(len(one.steps) for one in near) == rows.numel()
    assert min(one.neighbour.distance for one in found.states) == pytest.approx(float(distances.min()), abs=1e-3)
    assert state_map(index, "decoder", vectors, sample=20, k=3) == found


def test_what_is_written_is_read(index: Neighbours, writable_checkpoint: Path, translator: Translator) -> None:
    assert load_neighbours(writable_checkpoint) is None
    assert "python -m seq2seq index --model" in how_to_make(writable_checkpoint, NEIGHBOURS_FILE)
    save_neighbours(writable_checkpoint, index)
    read = load_neighbours(writable_checkpoint)
    assert read is not None
    assert read.record == index.record
    vectors = trace_states(translator.session("Je suis froid."), translator.trace("Je suis froid.")).encoder
    assert nearest_neighbors(read, "encoder", vectors) == nearest_neighbors(index, "encoder", vectors)


def spoil(tensors: dict[str, torch.Tensor], name: str) -> dict[str, torch.Tensor]:
    """Return the tensors of a file with one of them wrong."""
    tensors = dict(tensors)
    match name:
        case "lacks":
            del tensors["decoder.mean"]
        case "unknown tensor":
            tensors["more"] = torch.zeros(1)
        case "not finite":
            tensors["decoder.spread"] = tensors["decoder.spread"] * float("nan")
        case "outside of the vocabulary":
            tensors["source.ids"] = tensors["source.ids"] + 9999
        case "belongs to no sentence":
            tensors["target.moments"] = tensors["target.moments"] + torch.tensor([99, 0], dtype=torch.int32)
        case "is beyond the end of its sentence":
            tensors["source.moments"] = tensors["source.moments"] + torch.tensor([0, 99], dtype=torch.int32)
        case "do not fit their tokens":
            tensors["target.starts"] = tensors["target.starts"] + 1
        case "codes is uint8":
            tensors["encoder.codes"] = tensors["encoder.codes"][1:]
    return tensors


@pytest.mark.parametrize(
    "says",
    ["lacks", "unknown tensor", "not finite", "outside of the vocabulary", "belongs to no sentence",
     "is beyond the end of its sentence", "do not fit their tokens", "codes is uint8"],
)  # fmt: skip
def test_a_damaged_index_is_one_sentence(index: Neighbours, writable_checkpoint: Path, says: str) -> None:
    save_neighbours(writable_checkpoint, index)
    path = index_folder(writable_checkpoint) / NEIGHBOURS_FILE
    save_file(spoil(load_file(path), says), path, {"record": index.record.model_dump_json()})
    with pytest.raises(CheckpointError, match=says):
        load_neighbours(writable_checkpoint)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"weights": "0"}, "other weights"), ({"more": 1}, "unknown key"), ({"kinds": ["decoder"]}, "its kinds are")],
)
def test_a_foreign_record_is_one_sentence(
    index: Neighbours, writable_checkpoint: Path, change: dict[str, object], says: str
) -> None:
    save_neighbours(writable_checkpoint, index)
    path = index_folder(writable_checkpoint) / NEIGHBOURS_FILE
    record = json.loads(index.record.model_dump_json()) | change
    save_file(load_file(path), path, {"record": json.dumps(record)})
    with pytest.raises(CheckpointError, match=says):
        load_neighbours(writable_checkpoint)


def test_the_index_is_bound_to_the_weights_beside_it(index: Neighbours, writable_checkpoint: Path) -> None:
    assert index.record.weights == weights_digest(writable_checkpoint)
