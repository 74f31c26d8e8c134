"""Recipes: TOML files that say how a model is trained. Every key is documented here."""

import tomllib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from seq2seq.config import Paths, Settings, T, parse, read_json, read_toml
from seq2seq.data.prepare import CARD
from seq2seq.errors import ConfigError
from seq2seq.models import ModelConfig
from seq2seq.text import LARGEST_VOCABULARY, VocabularyKind

Precision = Literal["float32", "bfloat16"]


class DataRecipe(Settings):
    """[data]: which pairs, in which direction."""

    source: str = "fr"
    """Language code of the left column."""
    target: str = "en"
    """Language code of the right column."""
    train: Paths = ()
    """Files of source<TAB>target, with paths relative to the folder that train is started in."""
    valid: Paths = ()
    """Files of source<TAB>target for validation only."""
    grammar: int = Field(0, ge=0, le=1_000_000)
    """In place of files: this many French-English pairs from the built-in grammar; validation uses other ones.
    Naming files with --set switches it off."""
    valid_pairs: int = Field(2000, ge=1, le=1_000_000)
    """How many validation pairs are used while training, evenly spaced among all of them."""
    longest: int = Field(100, ge=2)
    """Training pairs with more pieces than this on a side are left out."""
    noise: float = Field(0.0, ge=0, le=1)
    """Share of training sources with typing noise: without accents, capitals or final full stop."""

    @model_validator(mode="after")
    def _has_pairs(self) -> Self:
        if bool(self.grammar) == bool(self.train) or bool(self.train) != bool(self.valid):
            raise ValueError("name files for both train and valid, or a number of grammar pairs")
        return self


class TextRecipe(Settings):
    """[text]: the two SentencePiece vocabularies, learnt from training pairs alone."""

    later_names: ClassVar[AbstractSet[str]] = {"joint", "placeholders", "rare_name", "masked"}
    kind: VocabularyKind = "bpe"
    """bpe and unigram split into subwords, word into words, char into characters."""
    source_size: int = Field(4000, ge=8, le=LARGEST_VOCABULARY)
    """Pieces of the source vocabulary at most, special tokens included."""
    target_size: int = Field(4000, ge=8, le=LARGEST_VOCABULARY)
    """Pieces of the target vocabulary at most, special tokens included."""
    unknown: float = Field(0.05, ge=0, lt=1)
    """For the kind word: share of training pairs whose rarest word becomes the unknown token on both sides, redrawn
    in each epoch, so that the model learns to handle unknown words."""
    source_dropout: float = Field(0.0, ge=0, lt=1)
    """Probability that a merge in sources is skipped, redrawn each epoch (BPE-dropout, Provilkov et al. 2020)."""
    target_dropout: float = Field(0.0, ge=0, lt=1)
    """The same for targets. It makes the labels harder to predict, so training takes longer."""
    pairs: Paths = ()
    """Files of source<TAB>target that the vocabularies are learnt from; without any, all training pairs."""
    joint: bool = False
    """Whether one vocabulary of `source_size` pieces, learnt from both sides, serves both."""
    placeholders: bool = False
    """Whether figures, addresses, emoji and rare names become placeholders, which an output puts back unchanged."""
    rare_name: int = Field(20, ge=1)
    """With placeholders: a name that occurs less often than this in the training sources counts as rare."""
    masked: float = Field(0.15, ge=0, le=1)
    """With placeholders: share of training pairs in which frequent names and number words become placeholders as
    well, redrawn in each epoch, so that there are enough examples."""
    source_vectors: Path | None = None
    """For the kind word: initial source embeddings, in the text form of fastText (.vec), word2vec or GloVe."""
    target_vectors: Path | None = None
    """The same for the target."""

    @model_validator(mode="after")
    def _has_words(self) -> Self:
        if (self.source_vectors or self.target_vectors) and self.kind != "word":
            raise ValueError(f"word vectors are for the kind word, not {self.kind}; change one of them")
        return self

    @model_validator(mode="after")
    def _has_merges(self) -> Self:
        if (self.source_dropout or self.target_dropout) and self.kind != "bpe":
            raise ValueError(f"dropout skips merges, which only the kind bpe has, not {self.kind}; leave it out")
        return self


class Constant(Settings):
    """The same ratio throughout; 1 is teacher forcing, 0 is free running."""

    kind: Literal["constant"] = "constant"
    """The same ratio throughout."""
    ratio: float = Field(1.0, ge=0, le=1)
    """1 is teacher forcing, 0 is free running."""


class Linear(Settings):
    """max(floor, 1 - slope * update), Bengio et al. 2015, section 2.4."""

    kind: Literal["linear"]
    """Falls by the same amount with each update."""
    slope: float = Field(gt=0)
    """How much the ratio falls with each update."""
    floor: float = Field(0.0, ge=0, le=1)
    """The ratio falls no further than this."""


class Exponential(Settings):
    """base ** update, Bengio et al. 2015."""

    kind: Literal["exponential"]
    """Falls by the same factor with each update."""
    base: float = Field(gt=0, lt=1)
    """That factor; 0.9999 halves the ratio in about 6,900 updates."""


class InverseSigmoid(Settings):
    """k / (k + exp(update / k)), Bengio et al. 2015."""

    kind: Literal["inverse-sigmoid"]
    """Stays near 1, then falls, then fades out."""
    k: float = Field(ge=1)
    """The ratio is a half near update k * ln(k)."""


Forcing = Annotated[Constant | Linear | Exponential | InverseSigmoid, Field(discriminator="kind")]


class ForcingRecipe(Settings):
    """[forcing]: how often the decoder input is the reference token instead of the model's own last token."""

    ratio: Forcing = Constant()
    """Probability that the decoder input is the reference token."""
    feedback: Literal["argmax", "sample"] = "argmax"
    """How the model's own token is picked."""
    flip: Literal["token", "sequence"] = "token"
    """A coin flip for every token (Bengio et al. 2015), or one for a whole sentence."""


class OneCycle(Settings):
    """Up to the peak and down to nothing over a fixed number of updates (Smith 2018)."""

    former_names: ClassVar[Mapping[str, str]] = {"rise": "warmup"}
    kind: Literal["one-cycle"] = "one-cycle"
    """One rise and one fall of the learning rates."""
    updates: int = Field(ge=1)
    """When the training ends."""
    warmup: float = Field(0.1, ge=0, lt=1)
    """Share of the updates spent on warm-up."""


class InverseSqrt(Settings):
    """Up to the peak, then down as 1 / sqrt(update) (Vaswani et al. 2017, equation 3)."""

    former_names: ClassVar[Mapping[str, str]] = {"warm_up": "warmup"}
    kind: Literal["inverse-sqrt"]
    """Rises linearly, then falls ever more slowly, whenever the training ends."""
    updates: int = Field(ge=1)
    """When the training ends."""
    warmup: int = Field(4000, ge=1)
    """The update with the peak rates; after four times as many they are half of that."""


class OpenEnded(Settings):
    """Warm-up, then constant, then halved whenever validation has not improved `patience` times in a row."""

    former_names: ClassVar[Mapping[str, str]] = {"warm_up": "warmup"}
    kind: Literal["open-ended"]
    """Continues until validation no longer improves."""
    updates: int = Field(1_000_000, ge=1)
    """Maximum number of updates."""
    warmup: int = Field(500, ge=0)
    """Updates over which the learning rates rise to their peaks."""
    patience: int = Field(3, ge=1)
    """Validations without a better BLEU before the rates are halved."""
    halvings: int = Field(4, ge=0)
    """After this many, the next lack of improvement stops the training (early stopping)."""


Schedule = Annotated[OneCycle | InverseSqrt | OpenEnded, Field(discriminator="kind")]


class Averaging(Settings):
    """[averaging]: the mean of the weights of several validated snapshots becomes the model."""

    of: Literal["last", "best"] = "last"
    """Which validated snapshots: the last ones, or those with the best score (BLEU of translations)."""
    count: int = Field(1, ge=1, le=20)
    """How many; 1 averages nothing."""


class InitialiseFrom(Settings):
    """[initialise_from]: start from the weights of another checkpoint."""

    checkpoint: Path
    """Its folder."""
    parts: list[Literal["encoder", "decoder", "bridge"]] = Field(["encoder", "bridge", "decoder"], min_length=1)
    """A part's own vocabulary is taken over with it; with encoder and decoder, both vocabularies are."""
    vocabularies: Literal["kept", "learnt"] = "kept"
    """learnt: [text] makes new ones; pieces that the old ones have keep their weights, others are reinitialised."""
    freeze: bool = False
    """Whether these parts stay as they are while the others learn."""


class TrainingRecipe(Settings):
    """[training]: batches, losses, rates."""

    former_names: ClassVar[Mapping[str, str]] = {"moments": "snapshot_updates"}
    seed: int = Field(1, ge=0, lt=2**31)
    """Determines initial weights, order of batches, dropout and coin flips."""
    batch_tokens: int = Field(1500, ge=1, le=1_000_000)
    """Real target tokens in a batch."""
    label_smoothing: float = Field(0.1, ge=0, lt=1)
    """Szegedy et al. 2016; the losses in the history are without it."""
    clip: float = Field(1.0, gt=0)
    """Gradient clipping: the largest norm of all gradients together."""
    encoder_rate: float = Field(0.002, gt=0)
    """Peak learning rate of the encoder."""
    decoder_rate: float = Field(0.002, gt=0)
    """Peak learning rate of the decoder and the bridge."""
    weight_decay: float = Field(0.01, ge=0)
    """Weight decay of AdamW (Loshchilov and Hutter 2019)."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto measures both on a batch and takes the faster."""
    log_every: int = Field(100, ge=1)
    """Updates between two lines of history.jsonl."""
    validate_every: int = Field(2000, ge=1)
    """Updates between two validations, each with a checkpoint."""
    snapshot_updates: tuple[int, ...] = ()
    """Updates after which a snapshot of the model is kept in FOLDER.training/moments, to watch it learn."""
    schedule: Schedule
    """How the learning rates change."""


class DecoderRecipe(Settings):
    """What the recipes of all decoders have in common; each field is a table of the TOML file."""

    data: Settings
    text: Settings
    model: Settings
    forcing: ForcingRecipe = ForcingRecipe()
    """Teacher forcing and scheduled sampling."""
    training: TrainingRecipe
    """Batches, losses, rates; the encoder of a captioning decoder is its projection."""
    averaging: Averaging = Averaging()
    """Averaging of checkpoints."""
    initialise_from: InitialiseFrom | None = None
    """Start from the weights of another checkpoint."""


class Recipe(DecoderRecipe):
    """A whole recipe of a translation model."""

    data: DataRecipe
    """Which pairs, in which direction."""
    text: TextRecipe = TextRecipe()
    """The two vocabularies."""
    model: ModelConfig = ModelConfig()
    """The shape of encoder and decoder."""

    @model_validator(mode="after")
    def _drops_weights_throughout(self) -> Self:
        ratio = self.forcing.ratio
        if self.model.weight_drop and not (isinstance(ratio, Constant) and ratio.ratio == 1):
            raise ValueError("model.weight_drop is for teacher forcing throughout; leave it or forcing.ratio out")
        return self


def read_recipe(path: Path, changes: tuple[str, ...] = ()) -> Recipe:
    """Return the recipe in a TOML file, with changes like "training.seed=2" made to it.

    Files named in changes switch the built-in grammar off and set the languages from the data.json next to them,
    unless a change sets others.
    Raises ConfigError that names the wrong key.
    """
    tables = changed_tables(path, changes)
    named = {change.partition("=")[0].strip() for change in changes}
    data = tables.get("data")
    if isinstance(data, dict) and "data.train" in named:
        if "data.grammar" not in named:
            data["grammar"] = 0
        for side, code in _languages_of(data.get("train")).items():
            if f"data.{side}" not in named:
                data[side] = code
    return parse(Recipe, tables, str(path))


def _languages_of(files: object) -> dict[str, str]:
    """Return the languages that `prepare` recorded next to the first of some files, by side, if it did."""
    first = files[0] if isinstance(files, list) and files else files
    if not isinstance(first, str):
        return {}
    card = Path(first).parent / CARD
    try:
        values = read_json(card) if card.is_file() else {}
    except (ConfigError, ValueError):
        return {}  # `prepare` reports what is wrong with it; training only needs the pairs
    known = values if isinstance(values, dict) else {}
    return {side: str(known[side]) for side in ("source", "target") if isinstance(known.get(side), str)}


def read_changed(record: type[T], path: Path, changes: tuple[str, ...] = ()) -> T:
    """Return the settings (of class `record`) in a TOML file, changed as in `read_recipe`."""
    return parse(record, changed_tables(path, changes), str(path))


def changed_tables(path: Path, changes: tuple[str, ...]) -> dict[str, Any]:
    """Return the tables of a TOML file with changes like "training.seed=2" made to them.

    Raises ConfigError that names the file or the change that can't be read.
    """
    tables = read_toml(path)
    for change in changes:
        _apply(tables, change)
    return tables


def _apply(tables: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    if not equals:
        raise ConfigError(f"--set {change!r} has no =; write key=value, as in training.seed=2.")
    try:
        change.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"--set {key!a}: the value is not UTF-8; give the file a name that is.") from None
    *path, last = key.strip().split(".")
    table = tables
    for name in path:
        inner = table.setdefault(name, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {change!r}: {name} is a value, not a table; check the key.")
        table = inner
    table[last] = _value(text)


def _value(text: str) -> Any:
    """Return the value of the text after `key=`: TOML; otherwise a bare word, or a list of them in brackets.

    Shells eat quotes, and Windows writes paths with backslashes, which TOML reads as escapes.
    """
    for attempt in (text, text.replace("\\", "\\\\")):
        try:
            value = tomllib.loads(f"value = {attempt}")["value"]
        except (ValueError, RecursionError):  # ValueError: TOMLDecodeError, or a number of thousands of digits
            continue
        texts = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
        if "\\" not in text or attempt != text or all(map(str.isprintable, texts)):
            return value
    bare = text.strip()
    if bare.startswith("[") and bare.endswith("]"):
        return [part.strip().strip("\"'") for part in bare[1:-1].split(",") if part.strip()]
    return text
