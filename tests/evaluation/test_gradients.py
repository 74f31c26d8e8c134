"""Gradients that reach the source, against a finite difference."""

import pytest
import torch

from seq2seq.data.batches import make_batch
from seq2seq.evaluation.gradients import source_gradients
from seq2seq.models import TranslationModel
from tests.tiny import lively_model

SOURCE, TARGET = [[4, 5, 6]], [[7, 8]]


def loss(model: TranslationModel, embeddings: torch.Tensor) -> float:
    """Return the target's negative log-likelihood from the source's embeddings on."""
    batch = make_batch(SOURCE, TARGET)
    memory = model.encode_embeddings(embeddings, batch.source_mask)
    log_probs = model.decoder.unroll(batch.decoder_input, memory).logits.log_softmax(-1)
    return -float(log_probs.gather(2, batch.labels[:, :, None]).sum().detach())


@pytest.mark.parametrize("shape", [{}, {"cell": "gru", "attention": "none"}, {"cell": "rnn"}], ids=str)
def test_the_norm_is_that_of_a_finite_difference(shape: dict[str, object]) -> None:
    model = lively_model(**shape).double()
    batch = make_batch(SOURCE, TARGET)
    embeddings = model.encoder.embedding(batch.source).detach()
    found = source_gradients(model, SOURCE, TARGET)
    step = 1e-5
    for place in range(embeddings.shape[1]):
        slopes = []
        for width in range(embeddings.shape[2]):
            moved = [embeddings.clone(), embeddings.clone()]
            moved[0][0, place, width] += step
            moved[1][0, place, width] -= step
            slopes.append((loss(model, moved[0]) - loss(model, moved[1])) / (2 * step))
        assert found[place] == pytest.approx(float(torch.tensor(slopes).norm()), rel=1e-3, abs=1e-5)


def test_what_no_decoder_reads_gets_no_gradient() -> None:
    """Without attention the bridge is the only way to the source; cut, nothing is left."""
    model = lively_model(attention="none", cell="gru")
    with torch.no_grad():
        for parameter in model.bridge.parameters():
            parameter.zero_()
    assert source_gradients(model, SOURCE, TARGET) == [0.0] * 4


def test_attention_is_a_way_of_its_own() -> None:
    model = lively_model(cell="gru")
    with torch.no_grad():
        for parameter in model.bridge.parameters():
            parameter.zero_()
    assert all(norm > 0 for norm in source_gradients(model, SOURCE, TARGET))


def test_sentences_count_alike_whatever_their_targets_are_padded_with() -> None:
    model = lively_model(cell="gru")
    sources, targets = [[4, 5, 6], [7, 8, 9]], [[7, 8], [5, 6, 9, 4, 10]]
    alone = [source_gradients(model, [source], [target]) for source, target in zip(sources, targets, strict=True)]
    together = source_gradients(model, sources, targets)
    assert together == pytest.approx([sum(norms) / 2 for norms in zip(*alone, strict=True)], rel=1e-3, abs=1e-5)


def test_measuring_leaves_the_model_as_it_was() -> None:
    model = lively_model(cell="gru")
    before = [parameter.detach().clone() for parameter in model.parameters()]
    source_gradients(model, SOURCE, TARGET)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert all(parameter.grad is None for parameter in model.parameters())
