"""The draft of a photo search's card."""

from collections.abc import Mapping

from seq2seq.training.progress import Progress
from seq2seq.vision.retrieval.metrics import RetrievalScores, format_metrics


def search_card(
    progress: Progress, scores: RetrievalScores, held_out_auc: Mapping[str, float], words: int, captioned: int
) -> str:
    """Return what is known at training time; data, licences and limits are for people to add."""
    by_words, by_photos = scores
    told = [f"{word} {area:.2f}" for word, area in held_out_auc.items()]
    mean = sum(held_out_auc.values()) / max(1, len(held_out_auc))
    held_out = (
        f"\nHeld-out words, AUC over validation photos: {', '.join(told)}; mean {mean:.3f}.\n" if told else ""
    )
    return f"""# Photo search

Trained with `python -m seq2seq train-search train.toml` ({progress.epoch} epochs,
{progress.core_seconds / 60:.0f} core-minutes). {words:,} words, {captioned:,} of them from
captions.

Captions to photos ({by_words.queries:,} queries): {format_metrics(by_words)}.
Photos to captions ({by_photos.queries:,} queries): {format_metrics(by_photos)}.
{held_out}
Data, licences and limits: not written yet.
"""
