"""From corpora to a training folder: train, valid and test, and data.json, which records their origin."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b, file_digest
from itertools import chain
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeVar

from tqdm import tqdm

from seq2seq.config import Settings, parse, read_json
from seq2seq.data.clean import DUPLICATE, DroppedPair, Rules, clean, dropped_summary
from seq2seq.data.languages import Languages, check_languages
from seq2seq.data.lint import FEW_VALID, Lint
from seq2seq.data.pairs import Pair, write_pairs
from seq2seq.data.readers import Published, corpus_name, read_moses, read_multi30k, read_pairs, read_table
from seq2seq.data.split import Hashed, Side, hashed, one_reference, split, without_shared
from seq2seq.data.table import Row, Table
from seq2seq.errors import ConfigError, DataError

P = TypeVar("P")
CARD = "data.json"
_NOTHING_PUBLISHED: Final = Published([], {})
_SIDES: Final[tuple[Side, ...]] = ("train", "valid", "test")


class Part(Settings):
    """One file of pairs: its size, and a BLAKE2b digest (16 bytes, hexadecimal) of its bytes."""

    sentences: int
    source_words: int
    target_words: int
    blake2b: str


class CorpusRecord(Settings):
    """One corpus as it was read: the name of its file, and its pairs before cleaning."""

    name: str
    pairs: int


class DataCard(Settings):
    """What `data.json` records about the files next to it. No seed: the split follows from hashes of the text."""

    version: Literal[1] = 1
    source: str
    target: str
    corpora: tuple[CorpusRecord, ...]
    rules: Rules
    dropped: dict[str, int]  # by cleaning, by reason
    groups: dict[Side, int]  # of pairs joined by a common sentence
    other_references: int  # pairs of valid and test whose source is there with another target
    shared_with_held_out: int  # pairs taken out of train
    moved: dict[str, int]  # pairs that an earlier split in this folder had elsewhere, as "train to valid"
    files: dict[str, Part]


class _Corpora(NamedTuple):
    """What was read: pairs to split, and pairs with a published split."""

    free: list[Pair]
    published: Published
    dropped: dict[str, int]
    first: dict[str, DroppedPair]
    read: tuple[CorpusRecord, ...]


class Parts(NamedTuple):
    """Pairs by the file that they go to, and statistics of the split."""

    files: dict[str, list[Pair]]  # by name without its extension
    free: list[Hashed]  # pairs that were split
    sides: list[Side]  # of each of them
    groups: dict[Side, int]
    other_references: int
    shared: int
    duplicates: int


class _Earlier(NamedTuple):
    """Where an earlier run put each pair (by its hashes), and the names of its files."""

    sides: dict[bytes, Side]
    files: tuple[str, ...]


def prepare(
    out: Path,
    languages: Languages,
    tables: Sequence[str] = (),
    *,
    columns: Sequence[str] | None = None,
    moses: Sequence[tuple[Path, Path]] = (),
    multi30k: Path | None = None,
    rules: Rules | None = None,
    autoencode: bool = False,
    warn: Callable[[str], object] = lambda _: None,
) -> DataCard:
    """Return the card of the data written to the folder `out`: cleaned pairs, train disjoint from valid and test.

    tables: manythings zips or tables, paths or URLs; `columns` names the languages of their columns.
    moses: pairs of parallel files, source first. multi30k: a folder whose published split is kept.
    autoencode: write each source as its own target, split as the pairs are, for an autoencoder.
    warn: called with a sentence for each thing that looks wrong but is not fatal.

    Raises:
        ConfigError: the options contradict each other.
        DataError: a corpus can't be read, or too little is left of it; `out` is then unchanged.
    """
    check_languages(languages)
    if not (tables or moses or multi30k):
        raise ConfigError("There is no corpus to prepare; name a file, --moses or --multi30k.")
    rules = rules or Rules()
    earlier = _earlier(out, Languages(languages.source, languages.source) if autoencode else languages)
    corpora = _read(languages, tables, columns, moses, multi30k, rules, warn)
    parts = split_parts(corpora.free, languages, corpora.published)
    check_parts(parts, corpora.dropped, corpora.first)
    measured = len(parts.files.get("valid", []))
    if 0 < measured < FEW_VALID:
        warn(f"{measured} pairs are left to validate with: scores of so few jump by chance.")
    moved = _moved(earlier.sides, parts.free, parts.sides, mirrored=autoencode)
    if autoencode:
        parts = parts._replace(files={name: _mirrored(pairs) for name, pairs in parts.files.items()})
    with _staged(out, earlier.files) as folder:
        files = {f"{name}.tsv": _write(folder / f"{name}.tsv", pairs) for name, pairs in parts.files.items()}
        card = DataCard(
            source=languages.source,
            target=languages.source if autoencode else languages.target,
            corpora=corpora.read,
            rules=rules,
            dropped=corpora.dropped | {DUPLICATE: corpora.dropped[DUPLICATE] + parts.duplicates},
            groups=parts.groups,
            other_references=parts.other_references,
            shared_with_held_out=parts.shared,
            moved=moved,
            files=files,
        )
        (folder / CARD).write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return card


def _mirrored(pairs: Iterable[Pair]) -> list[Pair]:
    """Return each source once, with itself as its target."""
    return [Pair(source, source) for source in dict.fromkeys(pair.source for pair in pairs)]


def _read(
    languages: Languages,
    tables: Sequence[str],
    columns: Sequence[str] | None,
    moses: Sequence[tuple[Path, Path]],
    multi30k: Path | None,
    rules: Rules,
    warn: Callable[[str], object],
) -> _Corpora:
    published = read_multi30k(multi30k, languages) if multi30k else Published([], {})
    sources = [read_table(table, languages, columns) for table in tables]
    sources += [Table(f"{source.name}, {target.name}", read_moses(source, target)) for source, target in moses]
    counts: Counter[int] = Counter()  # by position: two corpora may have the same name
    lints = [Lint(source.name, languages) for source in sources]

    def counted(place: int, rows: Iterable[Row]) -> Iterator[Row]:
        for row in lints[place].watch(rows):
            counts[place] += 1
            yield row

    everything = chain.from_iterable(counted(place, source.rows) for place, source in enumerate(sources))
    free = clean(_progress(everything, "cleaning"), rules)
    for source, lint in zip(sources, lints, strict=True):
        for sentence in (*source.notes, *lint.warnings()):
            warn(sentence)
    train = clean(_progress(published.train, "cleaning"), rules)
    names = [*map(corpus_name, tables), *(source.name for source in sources[len(tables) :])]
    read = [CorpusRecord(name=name, pairs=counts[place]) for place, name in enumerate(names)]
    if multi30k:
        total = len(published.train) + sum(map(len, published.held_out.values()))
        read.append(CorpusRecord(name=multi30k.resolve().name, pairs=total))
    dropped = {reason: number + train.dropped[reason] for reason, number in free.dropped.items()}
    first = train.first | free.first
    return _Corpora(free.pairs, Published(train.pairs, published.held_out), dropped, first, tuple(read))


def split_parts(pairs: Sequence[Pair], languages: Languages, published: Published = _NOTHING_PUBLISHED) -> Parts:
    """Return train, valid and test of cleaned pairs, and of those with a published split."""
    free = list(hashed(_progress(pairs, "hashing"), languages))
    sides, groups = split(free)
    by_side: dict[Side, list[Hashed]] = {"train": [], "valid": [], "test": []}
    for pair, side in zip(free, sides, strict=True):
        by_side[side].append(pair)
    held_out = {str(side): one_reference(by_side[side]) for side in _SIDES[1:]} if free else {}
    others = len(free) - len(by_side["train"]) - sum(map(len, held_out.values()))
    kept_as_published = {name: list(hashed(pairs, languages)) for name, pairs in published.held_out.items()}
    candidates = by_side["train"] + list(hashed(_progress(published.train, "hashing"), languages))
    train = without_shared(candidates, chain(*held_out.values(), *kept_as_published.values()))
    unique = dict.fromkeys(pair.pair for pair in train)  # corpora are cleaned separately, so they may overlap
    files = {"train": list(unique)}
    files |= {name: [pair.pair for pair in pairs] for name, pairs in (held_out | kept_as_published).items()}
    shared, duplicates = len(candidates) - len(train), len(train) - len(unique)
    return Parts(files, free, sides, groups, others, shared, duplicates)


def check_parts(parts: Parts, dropped: Mapping[str, int], first: Mapping[str, DroppedPair]) -> None:
    """Raise DataError with the cause if a part is empty: nothing can be trained or evaluated with it.

    dropped, first: what cleaning dropped, by reason.
    """
    empty = next((name for name, pairs in parts.files.items() if not pairs), None)
    if empty is None:
        return
    free, groups = parts.free, sum(parts.groups.values())
    lost = f" Dropped: {dropped_summary(dropped, first)}." if sum(dropped.values()) else ""
    if not free:
        raise DataError(
            f"Nothing is left for {empty}.tsv: all {sum(dropped.values()):,} pairs were dropped.{lost} Check the "
            "file and its columns, and the patterns that pairs must match if there are any."
        )
    counts = Counter(side for pair in free for side in (pair.source, pair.target))
    digest, count = counts.most_common(1)[0]
    chained = ""
    if count > 1:
        text = next(p.pair.source if p.source == digest else p.pair.target for p in free if digest in p[1:])
        chained = f" (pairs with a sentence in common stay together; {text[:40]!r} alone stands in {count:,})"
    raise DataError(
        f"Nothing is left for {empty}.tsv: {len(free):,} pairs are {groups:,} group{'s' * (groups != 1)}{chained}, "
        "and each of train, valid and test needs groups of its own; give more pairs (some hundreds at "
        f"least).{lost}"
    )


def _earlier(out: Path, languages: Languages) -> _Earlier:
    """Return the split that an earlier run left in `out`."""
    if out.exists() and not out.is_dir():
        raise DataError(f"{out} is a file; name a folder to write into.")
    if not (out / CARD).exists():
        return _Earlier({}, ())
    card = parse(DataCard, read_json(out / CARD, DataError), str(out / CARD), DataError)
    if (card.source, card.target) != languages:
        raise ConfigError(
            f"{out} holds {card.source}-{card.target}, not {'-'.join(languages)}; name another folder."
        )
    sides: dict[bytes, Side] = {}
    for side in _SIDES:
        if f"{side}.tsv" in card.files:
            pairs = hashed(_progress(read_pairs(out / f"{side}.tsv"), "reading the earlier split"), languages)
            sides |= {pair.source + pair.target: side for pair in pairs}
    return _Earlier(sides, tuple(card.files))


def _moved(
    earlier: Mapping[bytes, Side], pairs: Iterable[Hashed], sides: Iterable[Side], *, mirrored: bool
) -> dict[str, int]:
    """Return how many pairs changed sides since the earlier split, because groups merged, by `x to y`.

    mirrored: the earlier files had each source as its own target.
    """
    steps: Counter[str] = Counter()
    for pair, side in zip(pairs, sides, strict=True):
        before = earlier.get(pair.source + (pair.source if mirrored else pair.target), side)
        if before != side:
            steps[f"{before} to {side}"] += 1
    return dict(sorted(steps.items()))


def _write(path: Path, pairs: Sequence[Pair]) -> Part:
    write_pairs(path, pairs)
    with path.open("rb") as file:
        digest = file_digest(file, lambda: blake2b(digest_size=16)).hexdigest()
    return Part(
        sentences=len(pairs),
        source_words=sum(len(pair.source.split()) for pair in pairs),
        target_words=sum(len(pair.target.split()) for pair in pairs),
        blake2b=digest,
    )


@contextmanager
def _staged(out: Path, stale: Iterable[str]) -> Iterator[Path]:
    """Yield a temporary folder; its files move to `out` at the end, data.json last; `stale` ones are deleted."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".prepare-", dir=out) as temporary:
            folder = Path(temporary)
            yield folder
            names = sorted((path.name for path in folder.iterdir()), key=lambda name: name == CARD)
            for name in names:
                os.replace(folder / name, out / name)
    except OSError as failure:
        raise DataError(f"{out} can't be written: {failure.strerror}.") from None
    for name in set(stale) - set(names):
        if name == Path(name).name and name.endswith(".tsv"):  # data.json may have been written by anybody
            (out / name).unlink(missing_ok=True)


def _progress(pairs: Iterable[P], what: str) -> Iterable[P]:
    bar: Iterable[P] = tqdm(pairs, desc=what, unit=" pairs", unit_scale=True, disable=None, leave=False)
    return bar  # disable=None: silent where stderr is not a terminal
