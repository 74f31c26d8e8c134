"""Where a lesson's models and photos are: folders on disk, each read once."""

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seq2seq import explain
from seq2seq.course.experiments.photos import is_photo_name
from seq2seq.errors import CheckpointError, PhotoError
from seq2seq.loading import load, load_captioner
from seq2seq.vision.photos import read_photo

if TYPE_CHECKING:
    from PIL.Image import Image

    from seq2seq.explain import SeenSet
    from seq2seq.translator import Translator
    from seq2seq.vision.captioning.captioner import Captioner

LAB = "lab"  # the folder of the recorded runs, and the prefix of their models' names


class Folders:
    """The models of a folder by name, and photos."""

    def __init__(
        self,
        models: Path,
        photos: Sequence[Path] = (),
        main: Path | None = None,
        instead_of: Collection[str] = (),
        *,
        device: str = "cpu",
    ) -> None:
        """models: the folder of checkpoints. photos: folders of photos.

        main: a model's folder, which is used for the names `instead_of`. device: where the models compute.
        """
        self._models, self._photos, self._main, self._instead_of = models, photos, main, instead_of
        self._device = device
        self.translator = cache(self._translator)
        self.captioner = cache(self._captioner)

    def folder(self, name: str) -> Path:
        """Return the folder of a model. Raises CheckpointError without it."""
        if self._main is not None and name in self._instead_of:
            return self._main
        run = name.removeprefix(f"{LAB}-")
        found = self._models / LAB / run if name != run else self._models / name
        if not found.is_dir():
            raise CheckpointError(f"there is no model {name} in {self._models}; name a folder that has it.")
        return found

    def _translator(self, name: str) -> "Translator":
        return load(self.folder(name), self._device)

    def _captioner(self, name: str) -> "Captioner":
        return load_captioner(self.folder(name), self._device)

    def seen(self, name: str) -> "SeenSet | None":
        """Return the sentences that a model was trained on, None if they are not kept."""
        return explain.load_seen(self.folder(name))

    def photo(self, name: str) -> "Image":
        """Return a photo. Raises PhotoError without it."""
        if not is_photo_name(name):
            raise PhotoError(
                f"{name!r} is no photo's name; write that of a JPEG, PNG or WebP file, without a folder."
            )
        found = next((folder / name for folder in self._photos if (folder / name).is_file()), None)
        if found is None:
            raise PhotoError(f"there is no photo {name} in {' or '.join(map(str, self._photos))}; put it there.")
        return read_photo(found)
