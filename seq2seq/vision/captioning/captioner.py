"""`Captioner`: a checkpoint that captions photos. What `seq2seq.load_captioner` returns."""

import base64
import io
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import torch
from PIL.Image import Image

from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.folders import as_folder
from seq2seq.models import CompiledDecoder, Decoder, Memory, device_of, for_search
from seq2seq.search import (
    DecoderEnsemble,
    EnsembleMemory,
    Hypothesis,
    Mode,
    SearchOptions,
    forced_log_probs,
    search,
)
from seq2seq.session import Session, search_options
from seq2seq.text.captions import normalise_caption
from seq2seq.trace import Edit, ModelName, PhotoSource, Trace
from seq2seq.trace.schema import LARGEST_THUMBNAIL
from seq2seq.vision.captioning.checkpoint import CaptionCheckpoint, read_caption_checkpoint, read_image_encoder_of
from seq2seq.vision.captioning.config import LONGEST_CAPTION
from seq2seq.vision.captioning.ensemble import CaptionEnsemble, members_of
from seq2seq.vision.encoder_checkpoint import LoadedImageEncoder
from seq2seq.vision.image_encoder import ImageFeatures, imagenet_labels
from seq2seq.vision.photos import photo_warning
from seq2seq.vision.pixels import squash
from seq2seq.vision.regions import Box, grey_out, region_box

_PHOTOS = 16  # per encoder batch; more gain no speed and cost memory
_ROWS = 400  # photos times hypotheses in one search
_THUMBNAIL = 200  # pixels of the longer side of the small picture in a trace
UNFAMILIAR = "The photo is unlike those that the model learnt from, so its caption may well be wrong."


class Caption(NamedTuple):
    """One caption of one photo. Scores are natural logarithms."""

    text: str
    log_prob: float
    score: float
    finished: bool


class Label(NamedTuple):
    """A class that the encoder's own head predicts for a photo."""

    name: str
    probability: float


class Captioner:
    """A captioning model with its image encoder and vocabulary. Immutable, so threads may share it."""

    def __init__(self, checkpoint: CaptionCheckpoint, name: str, image_encoder: LoadedImageEncoder | None) -> None:
        """image_encoder: None for a decoder that gets features only."""
        self.checkpoint = checkpoint
        self.name = name
        self.config = checkpoint.config
        self.model = checkpoint.model
        self._image_encoder = image_encoder

    @classmethod
    def load(cls, folder: str | Path, device: str = "cpu", *, image_encoder: Path | None = None) -> "Captioner":
        """Return the model of a checkpoint folder, with the image encoder next to it (or at `image_encoder`).

        Raises CheckpointError if one of them can't be read, or they do not match.
        """
        folder = as_folder(folder)
        checkpoint = read_caption_checkpoint(folder)
        found = read_image_encoder_of(folder, checkpoint.config.trunk, image_encoder)
        checkpoint.model.to(device)
        found.encoder.to(device)
        return cls(checkpoint, folder.resolve().name, found)

    @classmethod
    def load_decoder(cls, folder: str | Path, device: str = "cpu") -> "Captioner":
        """Return the model of a checkpoint folder without its image encoder, for features only."""
        folder = as_folder(folder)
        checkpoint = read_caption_checkpoint(folder)
        checkpoint.model.to(device)
        return cls(checkpoint, folder.resolve().name, None)

    @cached_property
    def _decoder(self) -> Decoder | CompiledDecoder | DecoderEnsemble:
        """The decoder that searches; compiled when the first search needs it."""
        decoders = [for_search(member.decoder) for member in members_of(self.model)]
        return DecoderEnsemble(decoders) if isinstance(self.model, CaptionEnsemble) else decoders[0]

    @property
    def image_encoder_name(self) -> str:
        """Name of the image encoder's folder."""
        return self.image_encoder.name

    @property
    def image_encoder(self) -> LoadedImageEncoder:
        """The image encoder. Raises CheckpointError if the decoder has none."""
        if self._image_encoder is None:
            raise CheckpointError(f"{self.name} has no image encoder, so it can't caption photos.")
        return self._image_encoder

    def options(self, mode: Mode | None = None, **common: int | None) -> SearchOptions:
        """Return search options; the default mode is a beam of 5 with the model's own alpha.

        Raises ConfigError that names the invalid option.
        """
        return search_options(self.config.alpha, mode, **{"max_length": LONGEST_CAPTION, **common})

    @torch.inference_mode()
    def encode_photos(self, photos: Sequence[Image]) -> ImageFeatures:
        """Return the image features of photos, in float32 on the CPU.

        Raises ConfigError without a photo.
        """
        if not photos:
            raise ConfigError("There is no photo to look at; name at least one.")
        encoder = self.image_encoder.encoder
        device = next(encoder.parameters()).device
        parts = [
            encoder(torch.stack([squash(photo) for photo in photos[start : start + _PHOTOS]]).to(device))
            for start in range(0, len(photos), _PHOTOS)
        ]
        logits = [part.logits.float().cpu() for part in parts if part.logits is not None]
        return ImageFeatures(
            torch.cat([part.regions.float().cpu() for part in parts]),
            parts[0].grid,
            torch.cat([part.pooled.float().cpu() for part in parts]),
            torch.cat(logits) if logits else None,
        )

    def labels(self, image_features: ImageFeatures, count: int = 5) -> list[list[Label]]:
        """Return the most likely ImageNet classes of each photo, best first; none if the encoder has no head."""
        logits = image_features.logits
        if logits is None and self._image_encoder is not None:  # stored features have none
            with torch.inference_mode():
                encoder = self._image_encoder.encoder
                logits = encoder.classify(image_features.pooled.to(device_of(encoder)))
        if logits is None:
            return [[] for _ in image_features.pooled]
        names = imagenet_labels()
        best = logits.softmax(1).topk(min(count, logits.shape[1]), dim=1)
        return [
            [Label(names[place], value) for place, value in zip(places, values, strict=True)]
            for places, values in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]

    def doubts(self, photos: Sequence[Image], image_features: ImageFeatures) -> list[str]:
        """Return a sentence for each photo on why its caption is not to be trusted; "" if there is none.

        A photo may show nothing, have an extreme shape, or be unlike those of the training (`Familiarity`).
        """
        known = self.checkpoint.familiarity
        familiar = [True] * len(photos) if known is None else known.familiar(image_features.pooled)
        return [
            photo_warning(photo) or ("" if fits else UNFAMILIAR)
            for photo, fits in zip(photos, familiar, strict=True)
        ]

    def caption(self, photos: Sequence[Image], options: SearchOptions | None = None) -> list[list[Caption]]:
        """Return the n best captions of each photo."""
        return self.caption_features(self.encode_photos(photos), options) if photos else []

    def caption_features(
        self, image_features: ImageFeatures, options: SearchOptions | None = None
    ) -> list[list[Caption]]:
        """Return the n best captions of each photo, from its features."""
        options = options or self.options()
        found: list[list[Caption]] = []
        for rows in _cut(len(image_features.pooled), _ROWS // options.width):
            memory = self.memory(part_of(image_features, rows))
            results = search(self._decoder, memory, options, lines=rows)
            found += [[self._said(one) for one in hypotheses] for hypotheses in results]
        return found

    def trace(
        self,
        photo: Image,
        *,
        name: str = "",
        image_features: ImageFeatures | None = None,
        hidden: Collection[int] = (),
        boxes: Sequence[Box] = (),
        beam_size: int = 5,
        alpha: float | None = None,
        options: SearchOptions | None = None,
        edits: Sequence[Edit] = (),
    ) -> Trace:
        """Return everything that a search for one photo did; beam_size 1 is greedy.

        name, image_features, hidden, boxes: as in `session`. edits: what is forced, as in `Session.trace`.
        Raises ConfigError for an impossible beam or edit, PhotoError for a region that is not there.
        """
        if options is None:
            own = self.config.alpha if alpha is None else alpha
            options = search_options(own, None, beam_size, n_best=beam_size, max_length=LONGEST_CAPTION)
        return self.session(photo, name=name, image_features=image_features, hidden=hidden, boxes=boxes).trace(
            options, edits
        )

    def session(
        self,
        photo: Image,
        *,
        name: str = "",
        image_features: ImageFeatures | None = None,
        hidden: Collection[int] = (),
        boxes: Sequence[Box] = (),
    ) -> Session:
        """Return a session of this model with one photo, for searches, traces and explanations.

        name: of the photo. image_features: its image features (with parts greyed out already), if known.
        hidden: numbers of regions, from 1, that are greyed out before encoding; boxes: further parts.
        Raises PhotoError for a region that is not there.
        """
        boxes = [*(region_box(region, self.config.model.grid) for region in sorted(set(hidden))), *boxes]
        if image_features is None:
            image_features = self.encode_photos([grey_out(photo, boxes) if boxes else photo])
        return Session(
            self.model.decoder,
            self.memory(image_features),
            self.checkpoint.target,
            search_options(self.config.alpha, n_best=5, max_length=LONGEST_CAPTION),
            self._source(photo, name, boxes),
            ModelName(name=self.name, digest=self.checkpoint.fingerprint),
            prepare=normalise_caption,
            search_decoder=self._decoder,
        )

    def _source(self, photo: Image, name: str, boxes: Sequence[Box]) -> PhotoSource:
        width, height = photo.size
        pixels = (
            (round(box.left * width), round(box.top * height), round(box.right * width), round(box.bottom * height))
            for box in boxes
        )
        return PhotoSource(
            name=name,
            width=width,
            height=height,
            grid=self.config.model.grid,
            greyed=tuple(box for box in pixels if box[0] < box[2] and box[1] < box[3]),
            thumbnail=_thumbnail(photo),
        )

    @torch.inference_mode()
    def memory(self, image_features: ImageFeatures) -> Memory | EnsembleMemory:
        """Return the decoder's memory of photos, from their features.

        Raises ShapeError if the features are of another encoder.
        """
        device = next(self.model.parameters()).device
        return self.model.encode(image_features.regions.to(device), image_features.pooled.to(device))

    def score(self, image_features: ImageFeatures, captions: Sequence[str]) -> list[list[float]]:
        """Return the natural log-probability of each token, </s> included, of one caption for each photo."""
        if len(captions) != len(image_features.pooled):
            raise ConfigError(
                f"{len(captions)} captions do not fit {len(image_features.pooled)} photos; give one for each."
            )
        targets = self.checkpoint.target.encode_all(list(captions))
        found: list[list[float]] = []
        for rows in _cut(len(targets), _ROWS // 5):
            memory = self.memory(part_of(image_features, rows))
            found += forced_log_probs(self.model.decoder, memory, [targets[row] for row in rows])
        return found

    def text(self, tokens: Sequence[int]) -> str:
        """Return tokens as text."""
        return self.checkpoint.target.decode(tokens)

    def _said(self, found: Hypothesis) -> Caption:
        return Caption(self.text(found.tokens), found.log_prob, found.score, found.finished)


def part_of(image_features: ImageFeatures, rows: range) -> ImageFeatures:
    """Return the features of these photos only."""
    part = slice(rows.start, rows.stop)
    logits = None if image_features.logits is None else image_features.logits[part]
    return ImageFeatures(image_features.regions[part], image_features.grid, image_features.pooled[part], logits)


def _cut(count: int, most: int) -> Iterator[range]:
    """Yield 0 .. count - 1 in runs of at most `most`."""
    most = max(1, most)
    return (range(start, min(count, start + most)) for start in range(0, count, most))


def _thumbnail(photo: Image) -> str:
    """Return a small JPEG of a photo in base64, which `PhotoSource` keeps."""
    small = photo.copy()
    small.thumbnail((_THUMBNAIL, _THUMBNAIL))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=70)
    return base64.b64encode(file.getvalue()).decode("ascii") if file.tell() <= LARGEST_THUMBNAIL else ""
