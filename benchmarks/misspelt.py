"""What misspelt words cost: BLEU on unaltered sentences, and with typing errors inserted.

python -m benchmarks.misspelt data/fr-en/valid.tsv checkpoints/fr-en models/typos [--sentences 1500]
A word of four or more letters gets an error with probability 0.2: two neighbouring letters are swapped, one is left
out, or one is typed twice. Beam 5, each model's own length penalty; give validation pairs, not a test set.
"""

import argparse
import random
from pathlib import Path

import seq2seq
from seq2seq.data.readers import read_pairs
from seq2seq.evaluation.metrics import corpus_scores

SHARE = 0.2


def misspell(sentence: str, rng: random.Random) -> str:
    """Return the sentence with typing errors in some of its longer words."""
    return " ".join(_slip(word, rng) for word in sentence.split(" "))


def _slip(word: str, rng: random.Random) -> str:
    places = [i for i in range(len(word) - 1) if word[i].isalpha() and word[i + 1].isalpha()]
    if len(word) < 4 or not places or rng.random() >= SHARE:
        return word
    i = rng.choice(places)
    first, second = word[i : i + 2]
    put = rng.choice([second + first, second, first + first + second])
    return word[:i] + put + word[i + 2 :]


def main() -> None:
    """Print a line for each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--sentences", type=int, default=1500)
    arguments = parser.parse_args()
    pairs = list(read_pairs(arguments.pairs))
    count = min(arguments.sentences, len(pairs))
    pairs = [pairs[i * len(pairs) // count] for i in range(count)]
    rng = random.Random(1)
    sources = [pair.source for pair in pairs]
    misspelt = [misspell(source, rng) for source in sources]
    touched = sum(a != b for a, b in zip(sources, misspelt, strict=True))
    print(f"{touched:,} of {len(pairs):,} sentences misspelt, for example: {misspelt[0]}")
    references = [pair.target for pair in pairs]
    for folder in arguments.models:
        model = seq2seq.load(folder)
        clean, slipped = (
            corpus_scores([one.text for one in model.translate(lines)], references).bleu
            for lines in (sources, misspelt)
        )
        print(f"{folder}: BLEU {clean:.2f} unaltered, {slipped:.2f} misspelt")


if __name__ == "__main__":
    main()
