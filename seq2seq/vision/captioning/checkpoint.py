"""Folders of captioning models: like those of translators, but with the image encoder in its own folder.

config.json (`CaptionCheckpointConfig`), weights.safetensors (float16, projection and decoder alone), target.model,
familiar.safetensors (what training photos are like), and for people history.jsonl, train.toml and README.md.
Several of them share one image encoder.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from seq2seq.checkpoint import fill_folder, read_vocabulary
from seq2seq.checkpoint_config import TARGET, WEIGHTS
from seq2seq.config import Settings
from seq2seq.digests import fingerprint
from seq2seq.errors import CheckpointError
from seq2seq.folders import check_unused, new_folder, read_whole
from seq2seq.history import HISTORY, read_history
from seq2seq.text import Tokenizer
from seq2seq.vision.captioning.checkpoint_config import (
    FAMILIAR,
    CaptionCheckpointConfig,
    ImageEncoderName,
    read_caption_config,
)
from seq2seq.vision.captioning.config import CaptionConfig
from seq2seq.vision.captioning.ensemble import CaptionEnsemble, build_caption_model, members_of
from seq2seq.vision.captioning.familiarity import Familiarity, read_familiarity, stored_familiarity
from seq2seq.vision.captioning.model import CaptionModel
from seq2seq.vision.encoder_checkpoint import LoadedImageEncoder, read_image_encoder, read_image_encoder_record
from seq2seq.weights import load_model


class CaptionCheckpoint(Settings, arbitrary_types_allowed=True):
    """A loaded captioning checkpoint."""

    config: CaptionCheckpointConfig
    model: CaptionModel | CaptionEnsemble
    target: Tokenizer
    digest: str
    """Digest of the weights file."""
    familiarity: Familiarity | None = None
    """What the training photos are like; None if the folder does not say."""

    @cached_property
    def fingerprint(self) -> str:
        """Identifies the model in answers and traces: from config (with its encoder), vocabulary and weights."""
        # A model that decides alone keeps the fingerprint that it had before there were ensembles.
        alone = {"members"} if self.config.members == 1 else None
        return fingerprint("captions", self.config.model_dump_json(exclude=alone), self.target.proto, self.digest)


def write_caption_checkpoint(
    folder: Path,
    config: CaptionCheckpointConfig,
    model: CaptionModel | CaptionEnsemble,
    target: Tokenizer,
    extra: Mapping[str, str],
    familiarity: Familiarity | None = None,
    *,
    int8: bool = False,
) -> None:
    """Write a complete folder, or nothing. extra: further text files by name (card, recipe, history).

    int8: matrices in 8 bits, with a scale for each row.
    """
    with new_folder(folder) as draft:
        if familiarity is not None:
            (draft / FAMILIAR).write_bytes(stored_familiarity(familiarity))
        fill_folder(draft, config, model, {TARGET: target}, extra, int8=int8)


def read_caption_checkpoint(folder: Path) -> CaptionCheckpoint:
    """Return the decoder in `folder`, in float32 and in eval mode.

    Raises CheckpointError in one sentence if it is missing, damaged, foreign or half written.
    """
    return read_whole(folder, lambda: _read(folder))


def _read(folder: Path) -> CaptionCheckpoint:
    config = read_caption_config(folder)
    target = read_vocabulary(folder / TARGET, config.vocabulary.get("target"))
    read_history(folder / HISTORY)
    model, found = load_model(
        lambda: build_caption_model(config.model, len(target), config.members), folder / WEIGHTS, config.weights
    )
    familiarity = read_familiarity(folder)
    if familiarity is not None and len(familiarity.mean) != config.model.image_width:
        raise CheckpointError(f"{folder / FAMILIAR} is of another image encoder; delete it.")
    return CaptionCheckpoint(
        config=config, model=model.eval(), target=target, digest=found, familiarity=familiarity
    )


def write_ensemble(out: Path, folders: Sequence[Path], *, int8: bool = False) -> None:
    """Write the models of several folders as one that averages their probabilities.

    The length penalty and what training photos are like come from the first. Raises CheckpointError that names the
    first folder which does not fit, or `out` if it is in use.
    """
    check_unused(out)
    read = [read_caption_checkpoint(folder) for folder in folders]
    first = read[0]
    for folder, other in zip(folders, read, strict=True):
        differ = [
            what for what in ("target", "trunk") if getattr(other.config, what) != getattr(first.config, what)
        ]
        differ += ["shape"] if _shape(other) != _shape(first) else []
        # The files of equal vocabularies may differ, since they also tell how they were learnt.
        pieces = (each.target.pieces(range(len(each.target))) for each in (other, first))
        differ += ["vocabulary"] if len(set(map(tuple, pieces))) > 1 else []
        if differ:
            raise CheckpointError(f"{folder} has another {differ[0]} than {folders[0]}; join models that share it.")
    members = [member for each in read for member in members_of(each.model)]
    config = first.config.model_copy(update={"members": len(members)})
    names = "".join(f"- {folder.resolve().name}\n" for folder in folders)
    card = f"# Captions of photos\n\nSeveral models that decide together:\n\n{names}\nScores: not measured yet.\n"
    model = CaptionEnsemble(members) if len(members) > 1 else members[0]
    write_caption_checkpoint(out, config, model, first.target, {"README.md": card}, first.familiarity, int8=int8)


def _shape(checkpoint: CaptionCheckpoint) -> CaptionConfig:
    """Return the shape that members have to share; how much was dropped out while training says nothing now."""
    return checkpoint.config.model.model_copy(update={"dropout": 0.0})


def image_encoder_name(folder: Path) -> ImageEncoderName:
    """Return the reference of models to the image encoder in `folder`. Raises CheckpointError if there is none."""
    config = read_image_encoder_record(folder)
    return ImageEncoderName(name=folder.resolve().name, digest=config.weights, image=config.image)


def read_image_encoder_of(
    folder: Path, named: ImageEncoderName | None, trunk: Path | None = None
) -> LoadedImageEncoder:
    """Return the image encoder of the model in `folder`: the `named` one next to it, or the one at `trunk`.

    Raises CheckpointError if there is none, or another one than the model was trained on.
    """
    if named is None:
        raise CheckpointError(
            f"{folder} was trained on features from elsewhere, for comparison, so it can't caption photos; "
            "choose another model."
        )
    place = folder.resolve().parent / named.name if trunk is None else trunk
    if not place.is_dir():
        raise CheckpointError(f"{folder} needs the image encoder {named.name} at {place}; copy it there.")
    found = read_image_encoder_record(place)
    if (found.weights, found.image) != (named.digest, named.image):
        raise CheckpointError(
            f"{place} is another image encoder than the one that {folder} was trained on; a model works with its "
            "own encoder only, so restore that one or train a model for this one."
        )
    return read_image_encoder(place)
