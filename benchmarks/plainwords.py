"""Does a plain word find a fitting photo? Ninety-five words, each with the words of captions that say so.

python -m benchmarks.plainwords checkpoints/search data/features/dev flickr8k/dev.tsv.gz
"""

import argparse
from pathlib import Path

import torch

from seq2seq.data.wordlist import plain_words
from seq2seq.vision.captions import read_captions
from seq2seq.vision.features import open_feature_store
from seq2seq.vision.retrieval.search import PhotoSearch

_LIST = Path(__file__).with_suffix(".tsv")
_FIRST = 10


def main() -> None:
    """Print for how many words one of the first ten photos fits, and which fail."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("search", type=Path)
    parser.add_argument("features", type=Path)
    parser.add_argument("captions", type=Path)
    asked = parser.parse_args()
    search, store = PhotoSearch.load(asked.search), open_feature_store(asked.features)
    said = read_captions(asked.captions)
    names = [name for name in store.names if name in said]
    pooled = torch.from_numpy(store.pooled[store.rows(names)].astype("float32"))
    told = [set(plain_words(" ".join(said[name]))) for name in names]
    found, first, chance, failed = 0, 0, 0.0, []
    rows = [line.split("\t") for line in _LIST.read_text(encoding="utf-8").splitlines()]
    for word, fitting in rows:
        fits = [bool(set(fitting.split()) & words) for words in told]
        best = (
            [fits[each.photo] for each in search.rank(word, pooled)[:_FIRST]] if word in search.words else [False]
        )
        found, first = found + any(best), first + best[0]
        chance += 1 - (1 - sum(fits) / len(fits)) ** _FIRST
        if not any(best):
            failed.append(word)
    print(
        f"{len(rows)} words: a fitting photo among the first {_FIRST} of {len(names):,} for "
        f"{found / len(rows):.1%} ({chance / len(rows):.1%} by chance), at once for {first / len(rows):.1%}; "
        f"none for {', '.join(failed)}"
    )


if __name__ == "__main__":
    main()
