"""Exposure bias: what a decoder does given its own prefix, after training on reference prefixes.

Bengio et al. 2015 and Ranzato et al. 2016 describe it: teacher forcing never trains on a prefix with a mistake.
Three measures: accuracy and loss by position given the gold prefix and given the model's own, and how fast the
model is back on its path after a wrong token is planted.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from seq2seq.data.batches import Batch, batches
from seq2seq.data.pairs import Pair
from seq2seq.evaluation.exposure_figures import Exposure, Recovery
from seq2seq.models import Memory, TranslationModel, device_of
from seq2seq.models.decoder import Decoder
from seq2seq.search import choose
from seq2seq.text import END, PAD, START
from seq2seq.translator import Translator

POSITIONS = 12  # number of target positions, from the first, in the curves
_BATCH_TOKENS = 6000
_SUFFIX = 3  # tokens, </s> included, that must match to count as back on the path
_LONGEST_DELAY = 6


class _Ids(NamedTuple):
    sources: list[list[int]]
    targets: list[list[int]]


@torch.inference_mode()
def exposure(translator: Translator, pairs: Sequence[Pair], positions: int = POSITIONS) -> Exposure:
    """Return accuracy and loss by position, given the gold prefix and given the model's own (greedy)."""
    # count, gold right, own right, losses, own alive
    sums = torch.zeros(6, positions, dtype=torch.float64, device=device_of(translator.model))
    for batch, memory in _encoded(translator, pairs):
        model = translator.model
        gold = _scored(model, batch, batch.decoder_input, memory)
        own = continue_greedily(
            model.decoder, memory, batch.decoder_input[:, :1], batch.decoder_input.shape[1]
        )  # (batch, target)
        decoder_input = torch.cat([batch.decoder_input[:, :1], own[:, :-1]], 1)
        alive = _alive(own)
        scored = _scored(model, batch, decoder_input, memory)
        rows = [
            batch.mask,
            gold.right & batch.mask,
            (own == batch.labels) & batch.mask,
            gold.loss * batch.mask,
            scored.loss * (batch.mask & alive),
            batch.mask & alive,
        ]
        width = min(positions, batch.mask.shape[1])
        sums[:, :width] += torch.stack([row.double().sum(0)[:width] for row in rows])
    count = sums[0].clamp_min(1)
    return Exposure(
        sentences=tuple(int(n) for n in sums[0]),
        teacher_forced_accuracy=_rounded(sums[1] / count),
        free_running_accuracy=_rounded(sums[2] / count),
        teacher_forced_loss=_rounded(sums[3] / count),
        free_running_loss=_rounded(sums[4] / sums[5].clamp_min(1)),
    )


@torch.inference_mode()
def recovery(translator: Translator, pairs: Sequence[Pair], step: int, seed: int = 1) -> Recovery:
    """Return how often and how soon greedy decoding is back on its path after a wrong token at `step`.

    The wrong token is a token of any reference, drawn with the seed, so that each model gets the same ones. A model
    is back once the rest is a suffix of its output without the mistake (at least three tokens, </s> included).
    """
    wrong_tokens = _other_tokens(translator, pairs, seed).to(device_of(translator.model))
    back = torch.zeros(_LONGEST_DELAY + 1, dtype=torch.float64)
    count = 0
    done = 0
    for batch, memory in _encoded(translator, pairs):
        rows = wrong_tokens[done : done + len(batch.source)]
        done += len(batch.source)
        longest = batch.decoder_input.shape[1] + 10
        path = continue_greedily(translator.model.decoder, memory, batch.decoder_input[:, :1], longest)
        prefix = torch.cat([batch.decoder_input[:, :1], path[:, : step - 1], rows[:, None]], 1)
        follows = continue_greedily(translator.model.decoder, memory, prefix, longest + _LONGEST_DELAY)
        for whole, rest, wrong in zip(path.tolist(), follows.tolist(), rows.tolist(), strict=True):
            old, new = _until_end(whole), _until_end(rest)
            if len(old) < step + _SUFFIX or old[-1] != END or wrong == old[step - 1]:
                continue
            count += 1
            delay = recovery_delay(old, new, step)
            if delay is not None and delay <= _LONGEST_DELAY:
                back[delay:] += 1
    return Recovery(step=step, sentences=count, back_within=_rounded(back / max(count, 1)))


def recovery_delay(path: Sequence[int], follows: Sequence[int], step: int) -> int | None:
    """Return how many tokens come between a wrong token and the resumed suffix of `path`; None without one.

    path: the output without the mistake, its last token </s>. follows: the output after the wrong token, which
    replaced token number `step` (from 1). The resumed suffix begins with that token or later.
    """
    longest = min(len(path) - (step - 1), len(follows))
    same = 0
    while same < longest and path[len(path) - 1 - same] == follows[len(follows) - 1 - same]:
        same += 1
    return len(follows) - same if same >= _SUFFIX else None


def continue_greedily(decoder: Decoder, memory: Memory, prefix: Tensor, length: int) -> Tensor:
    """Return the greedy continuation (batch, length) of prefix (batch, given); PAD after </s>.

    prefix: begins with <s>.
    """
    state, logits = decoder.start(memory), None
    for token in prefix.unbind(1):
        logits, state, _ = decoder.step(token, state, memory)
    ended = torch.zeros(len(prefix), dtype=torch.bool, device=prefix.device)
    tokens_out = []
    for _ in range(length):
        assert logits is not None  # a prefix has at least <s>
        scores = logits.clone()
        scores[:, [PAD, START]] = float("-inf")
        token = choose(scores).squeeze(1).masked_fill(ended, PAD)
        tokens_out.append(token)
        ended = ended | (token == END)
        if len(tokens_out) < length:
            logits, state, _ = decoder.step(token, state, memory)
    return torch.stack(tokens_out, 1)


class _StepScores(NamedTuple):
    right: Tensor  # (batch, target) bool
    loss: Tensor  # (batch, target), nats


def _scored(model: TranslationModel, batch: Batch, decoder_input: Tensor, memory: Memory) -> _StepScores:
    log_probs = model.decoder.unroll(decoder_input, memory).logits.log_softmax(-1)
    loss = -log_probs.gather(2, batch.labels[:, :, None]).squeeze(2)
    return _StepScores(log_probs.argmax(-1) == batch.labels, loss)


def _alive(own: Tensor) -> Tensor:
    """Return (batch, target) bool: whether the model's own output had not ended before this position."""
    ended = (own == END).cumsum(1) > 0
    return torch.cat([torch.ones_like(ended[:, :1]), ~ended[:, :-1]], 1)


def _encoded(translator: Translator, pairs: Sequence[Pair]) -> Iterator[tuple[Batch, Memory]]:
    ids = _ids(translator, pairs)
    device = device_of(translator.model)
    for batch in batches(ids.sources, ids.targets, _BATCH_TOKENS):
        moved = batch.to(device)
        yield moved, translator.model.encode(moved.source, moved.source_mask)


def _ids(translator: Translator, pairs: Sequence[Pair]) -> _Ids:
    checkpoint = translator.checkpoint
    given = [checkpoint.preparation.pair(*pair) for pair in pairs]
    return _Ids(
        checkpoint.source.encode_all([source for source, _ in given]),
        checkpoint.target.encode_all([target for _, target in given]),
    )


def _other_tokens(translator: Translator, pairs: Sequence[Pair], seed: int) -> Tensor:
    """Return a token for each pair, drawn from all tokens of all references."""
    every = torch.tensor([token for ids in _ids(translator, pairs).targets for token in ids])
    generator = torch.Generator().manual_seed(seed)
    return every[torch.randint(len(every), (len(pairs),), generator=generator)]


def _until_end(tokens: list[int]) -> list[int]:
    return tokens[: tokens.index(END) + 1] if END in tokens else tokens


def _rounded(values: Tensor) -> tuple[float, ...]:
    return tuple(round(value, 4) for value in values.tolist())
