"""One sentence under teacher forcing, free running, or a mix of both; and the effect of a planted error."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from seq2seq.errors import EmptySourceError
from seq2seq.evaluation.exposure import continue_greedily, recovery_delay
from seq2seq.search import choose
from seq2seq.session import Session
from seq2seq.text import END, PAD, START
from seq2seq.training.sampling import Feedback, Flip, mixed_decoding

_BEYOND = 10  # tokens that a free run may have more than its reference


class WalkStep(NamedTuple):
    """One step of the decoder. Pieces are as SentencePiece writes them."""

    decoder_input: str
    forced: bool  # the decoder input is the reference's token
    predicted: str  # the most likely token
    probability: float
    label: str  # the reference's token
    loss: float  # negative log-likelihood of the label, in nats

    @property
    def correct(self) -> bool:
        """Whether the most likely token is the label."""
        return self.predicted == self.label


class Walk(NamedTuple):
    """The decoder steps of a whole reference."""

    steps: tuple[WalkStep, ...]

    @property
    def loss(self) -> float:
        """Mean loss in nats per token."""
        return sum(step.loss for step in self.steps) / len(self.steps)

    @property
    def accuracy(self) -> float:
        """Top-1 accuracy: share of steps whose most likely token is the label."""
        return sum(step.correct for step in self.steps) / len(self.steps)


class FreeRun(NamedTuple):
    """A greedy translation compared with its reference."""

    text: str
    diverges_at: int | None  # the first step, from 1, at which the two differ
    back_after: int | None  # tokens from there until the rest matches the reference again; None: never

    @property
    def same(self) -> bool:
        """Whether it equals the reference, token by token."""
        return self.diverges_at is None


class PlantedError(NamedTuple):
    """A greedy translation, and how it continues after one of its tokens is replaced by an error."""

    path: tuple[str, ...]  # pieces without the error
    step: int  # of the error, from 1
    wrong: tuple[str, ...]  # pieces of the error
    follows: tuple[str, ...]  # pieces after the error
    text: str
    back_after: int | None  # tokens after the error until the output rejoins the path; None: never


@torch.inference_mode()
def walk(
    session: Session,
    reference: str,
    ratio: float,
    *,
    seed: int = 0,
    feedback: Feedback = "argmax",
    flip: Flip = "token",
) -> Walk:
    """Return a reference's steps; its token is the input with probability `ratio`, otherwise the model's own.

    Raises EmptySourceError without a reference.
    """
    ids = _reference(session, reference)
    decoder, memory = session.require_single("Teacher forcing")
    decoder_input = torch.tensor([[START, *ids]], device=memory.mask.device)
    rng = torch.Generator().manual_seed(seed)
    mixed = mixed_decoding(decoder, decoder_input, memory, ratio, feedback, rng, flip)
    log_probs = mixed.logits[0].float().log_softmax(-1)  # (target, vocabulary)
    allowed = log_probs.clone()
    allowed[:, [PAD, START]] = float("-inf")
    said = choose(allowed).squeeze(1)
    labels = [*ids, END]
    pieces = session.pieces
    return Walk(
        tuple(
            WalkStep(fed_piece, forced, predicted, probability, asked_piece, -loss)
            for fed_piece, forced, predicted, probability, asked_piece, loss in zip(
                pieces(mixed.decoder_input[0].tolist()),
                mixed.truth[0].tolist(),
                pieces(said.tolist()),
                log_probs.gather(1, said[:, None]).exp().squeeze(1).tolist(),
                pieces(labels),
                log_probs.gather(1, torch.tensor(labels, device=memory.mask.device)[:, None]).squeeze(1).tolist(),
                strict=True,
            )
        )
    )


@torch.inference_mode()
def free_run(session: Session, reference: str) -> FreeRun:
    """Return the greedy translation, where it diverges from the reference, and whether it comes back.

    It is back if at least its last three tokens, </s> included, match the reference.
    Raises EmptySourceError without a reference.
    """
    labels = [*_reference(session, reference), END]
    own = _greedy(session, [START], len(labels) + _BEYOND)
    leaves = next((i for i, (one, other) in enumerate(zip(own, labels, strict=False)) if one != other), None)
    if leaves is None and len(own) != len(labels):
        leaves = min(len(own), len(labels))
    back = None if leaves is None else recovery_delay(labels, own[leaves + 1 :], leaves + 1)
    return FreeRun(session.text(own), None if leaves is None else leaves + 1, back)


@torch.inference_mode()
def plant(session: Session, step: int, wrong: str) -> PlantedError:
    """Return how greedy decoding continues after an error: the text `wrong` in place of its token `step`.

    step: from 1; beyond the end it is the last token before </s>.
    Raises EmptySourceError if `wrong` is empty.
    """
    mistake = session.tokens(wrong)
    if not mistake:
        raise EmptySourceError("The planted word contains no readable character; type a word.")
    longest = 2 * (session.memory.mask.shape[1] - 1) + 2 * _BEYOND
    path = _greedy(session, [START], longest)
    step = max(1, min(step, len(path) - 1))
    follows = _greedy(session, [START, *path[: step - 1], *mistake], longest)
    pieces = session.pieces
    return PlantedError(
        path=tuple(pieces(path)),
        step=step,
        wrong=tuple(pieces(mistake)),
        follows=tuple(pieces(follows)),
        text=session.text([*path[: step - 1], *mistake, *follows]),
        back_after=recovery_delay(path, follows, step) if path[-1] == END == follows[-1] else None,
    )


def _greedy(session: Session, prefix: Sequence[int], length: int) -> list[int]:
    """Return the greedy continuation of `prefix`, ending with </s> unless it was cut off."""
    decoder, memory = session.require_single("Teacher forcing")
    given = torch.tensor([prefix], device=memory.mask.device)
    found: list[int] = continue_greedily(decoder, memory, given, length)[0].tolist()
    return found[: found.index(END) + 1] if END in found else found


def _reference(session: Session, reference: str) -> list[int]:
    ids = session.tokens(reference)
    if not ids:
        raise EmptySourceError("The reference contains no readable character; type a translation.")
    return ids
