"""How much of the loss's gradient reaches each position of the source (Hochreiter 1991, Bengio et al. 1994)."""

from collections.abc import Sequence

import torch

from seq2seq.data.batches import make_batch
from seq2seq.models import TranslationModel, backward_through_recurrence, device_of


def source_gradients(
    model: TranslationModel, sources: Sequence[list[int]], targets: Sequence[list[int]]
) -> list[float]:
    """Return the mean norm of d loss / d embedding at each source position, </s> included, from the first on.

    The loss is the target's teacher-forced negative log-likelihood in nats. All sources have the same length, so
    that each position has one distance to the end.
    """
    batch = make_batch(sources, targets).to(device_of(model))
    embeddings = model.encoder.embedding(batch.source).detach().requires_grad_()  # (batch, source, embedding)
    with backward_through_recurrence():
        memory = model.encode_embeddings(embeddings, batch.source_mask)
        log_probs = model.decoder.unroll(batch.decoder_input, memory).logits.log_softmax(-1)
        loss = -log_probs.gather(2, batch.labels[:, :, None]).squeeze(2)[batch.mask].sum()
        (gradient,) = torch.autograd.grad(loss, embeddings)
    return [round(value, 6) for value in gradient.norm(dim=2).mean(0).tolist()]
