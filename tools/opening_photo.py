"""Keep the captions of a photo that the app shows before a model is loaded: opening.json in a captioner's folder.

    python tools/opening_photo.py checkpoints/captions-attention pages/samples/walker.jpg

The photo is a sample of the pages; do this again after every training of the captioner.
"""

import argparse
from pathlib import Path

from seq2seq.evaluation.opening import save_opening
from seq2seq.loading import load_captioner
from seq2seq.search import Greedy, SearchOptions
from seq2seq.vision.photos import read_photo


def main() -> None:
    """Caption the photo by greedy and by beam search, and write both traces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("photo", type=Path)
    asked = parser.parse_args()
    captioner, photo = load_captioner(asked.checkpoint), read_photo(asked.photo)
    beam = captioner.trace(photo, name=asked.photo.name, beam_size=5)
    greedy = SearchOptions(mode=Greedy(), max_length=beam.options.max_length)
    save_opening(asked.checkpoint, [captioner.trace(photo, name=asked.photo.name, options=greedy), beam])


if __name__ == "__main__":
    main()
