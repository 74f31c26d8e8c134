"""The lessons that are here, and their models as the app has them, computed once for all visitors."""

import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pages.shared import captioners, models, photos, records
from pages.shared.cache import EVERYBODY, Keyed, cached
from seq2seq.course.files import SHIPPED, LessonFile, readable, shipped
from seq2seq.course.play import play, run_step
from seq2seq.digests import fingerprint
from seq2seq.errors import CheckpointError, ConfigError, PhotoError, Seq2SeqError
from seq2seq.folders import stamp

if TYPE_CHECKING:
    from PIL.Image import Image

    from seq2seq.explain import SeenSet
    from seq2seq.translator import Translator
    from seq2seq.vision.captioning.captioner import Captioner


class Lessons(NamedTuple):
    """The lessons in order, and what is wrong with files that are none."""

    files: list[LessonFile]
    problems: list[Seq2SeqError]

    def named(self, name: str) -> LessonFile | None:
        """Return the lesson of this name, None if there is none."""
        return next((file for file in self.files if file.name == name), None)


def lessons() -> Lessons:
    """Return the shipped lessons, then those of the folders that `--lessons` names."""
    folders = own_folders()
    stamps = tuple(stamp(folder, tuple(sorted(path.name for path in folder.glob("*.toml")))) for folder in folders)
    return _lessons(tuple(map(str, folders)), stamps)


@lru_cache(4)
def _lessons(folders: tuple[str, ...], read_at: tuple[tuple[int, ...], ...]) -> Lessons:
    found = shipped()
    problems: list[Seq2SeqError] = []
    for folder in folders:
        own, wrong = readable(Path(folder))
        taken = {file.name for file in found}
        problems += wrong
        for file in own:
            if file.name in taken:
                problems.append(
                    ConfigError(f"{file.path}: there is a lesson of that name already; rename the file.")
                )
            else:
                found.append(file)
    return Lessons(sorted(found, key=lambda file: (file.lesson.place, file.name)), problems)


def said(problem: Seq2SeqError) -> str:
    """Return an error without the folders of lessons, which are the server's."""
    text = str(problem)
    for folder in [SHIPPED, *own_folders()]:
        text = text.replace(f"{folder}/", "")
    return text


def own_folders() -> list[Path]:
    """Return the folders given by --lessons on the command line."""
    words = sys.argv[1:]
    return [Path(words[i + 1]) for i, word in enumerate(words[:-1]) if word == "--lessons"]


class _AppModels:
    """Models and photos as the pages load them."""

    def __init__(self, beside: Path) -> None:
        """beside: the folder of the lesson, which may hold photos."""
        self._beside = beside

    def translator(self, name: str) -> "Translator":
        return models.load(name)

    def captioner(self, name: str) -> "Captioner":
        return captioners.load(name)

    def folder(self, name: str) -> Path:
        return models.folder(name)

    def seen(self, name: str) -> "SeenSet | None":
        return records.seen(name)

    def photo(self, name: str) -> "Image":
        from seq2seq.course.experiments.photos import is_photo_name
        from seq2seq.vision.photos import read_photo

        data = photos.sample_file(name)
        if data is not None:
            return read_photo(data, name)
        if not is_photo_name(name) or not (self._beside / name).is_file():
            raise PhotoError(f"there is no photo {name} beside the lesson; put it there, or name a sample.")
        return read_photo(self._beside / name)


def played(file: LessonFile) -> dict[str, Any]:
    """Return a lesson, computed. Raises LessonError, naming file and line, if it can't be."""
    return _played(_keyed(file))


@cached("Computing the lesson …")
def _played(file: Keyed[LessonFile]) -> dict[str, Any]:
    return play(file.value, _AppModels(file.value.path.parent))


def own_figure(file: LessonFile, step: int, source: str) -> dict[str, Any]:
    """Return a step's figure for a source of the visitor's own. Raises Seq2SeqError if it is not possible."""
    return _own_figure(_keyed(file), step, source)


@cached()
def _own_figure(file: Keyed[LessonFile], step: int, source: str) -> dict[str, Any]:
    return dict(run_step(file.value, step, _AppModels(file.value.path.parent), source).figure)


def _keyed(file: LessonFile) -> Keyed[LessonFile]:
    """Return a lesson keyed by its text and the models that it uses; models that are missing are left out."""
    names, keys = {file.lesson.model}, [str(file.path), file.text]
    for step in file.lesson.step:
        names.update(getattr(step.show, "models", ()), {step.show.model} - {""})
    for name in sorted(names):
        try:
            keys.append(models.named(name).key)
        except CheckpointError:
            keys.append(f"no {name}")
    for name in sorted({getattr(step.show, "captioner", "") for step in file.lesson.step} - {""}):
        try:
            keys.append(captioners.named(name).key)
        except CheckpointError:
            keys.append(f"no {name}")
    photos_named = {getattr(step.show, "photo", "") for step in file.lesson.step} - {""}
    keys.append(repr(stamp(file.path.parent, tuple(sorted(photos_named)))))
    return Keyed(file, fingerprint(*keys), EVERYBODY)
