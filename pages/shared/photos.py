"""The photos that this session has uploaded, and the sample photos that come with the pages."""

import hashlib
import io
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import PIL.Image
import streamlit as st
from PIL.Image import Image

from pages.shared import uploads
from pages.shared.cache import EVERYBODY, Keyed
from seq2seq.digests import fingerprint
from seq2seq.errors import PhotoError
from seq2seq.vision.photos import read_photo

SAMPLES = {
    "shepherd": "A German shepherd",
    "walker": "A walk along a beach",
    "samoyeds": "Two white dogs on roots",
    "heron": "A heron in flight",
    "jumping": "A man who jumps",
    "black-dog": "A black dog in a wood",
    "two-dogs": "Two dogs at a window",
    "samoyeds-grass": "Two white dogs on grass",
    "horses": "Horses on a hill",
    "coffee": "A cup of coffee",
    "canyon": "A man above a canyon",
    "chelsea": "A cat",
    "astronaut": "An astronaut",
    "rocket": "The launch of a rocket",
}
FITTING = tuple(SAMPLES)[:8]
"""What the shipped models have learnt to describe."""
BEYOND = ("horses", "coffee")
"""What they can't; the others are for older links."""
MOST = 20  # photos that a session keeps; each takes some megabytes
_FOLDER = Path(__file__).resolve().parents[1] / "samples"
_KEPT, _CHOSEN = "photos", "photo_chosen"
_SHOWN, _THUMBNAIL = 720, 240  # pixels of the longer side
_THIN = 40  # aspect ratio beyond which a photo can't be scaled down


@dataclass(frozen=True)
class Photo:
    """A decoded photo; immutable."""

    name: str
    digest: str
    """Of the file."""
    owner: str
    """The session that uploaded it; EVERYBODY for a sample."""
    picture: Image
    shown: bytes
    """A JPEG in the photo's aspect ratio, as large as a page shows it."""
    thumbnail: bytes
    """The same, small."""

    @property
    def named(self) -> "Keyed[Photo]":
        """The photo with its cache key."""
        return Keyed(self, fingerprint(self.name, self.digest), self.owner)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, in pixels."""
        return self.picture.size


def read(name: str, data: bytes) -> Photo:
    """Return the photo in a file that this session has uploaded. Raises PhotoError if it is not a photo."""
    return _made(name, data, uploads.owner())


@st.cache_resource(max_entries=20, show_spinner=False)
def _sample(name: str) -> Photo:
    path = _FOLDER / f"{name}.jpg"
    return _made(path.name, path.read_bytes(), EVERYBODY)


@st.cache_data(show_spinner=False)
def small_sample(name: str) -> str:
    """Return a sample as a small picture that a page can hold, as a data URL."""
    small = PIL.Image.open(_FOLDER / f"{name}.jpg")
    return f"data:image/jpeg;base64,{b64encode(jpeg(small, 150)).decode()}"


def sample_file(name: str) -> bytes | None:
    """Return the file of the sample whose file is called `name`; None if there is none."""
    return (_FOLDER / name).read_bytes() if name.removesuffix(".jpg") in SAMPLES else None


def _made(name: str, data: bytes, owner: str) -> Photo:
    picture = read_photo(data, name)
    digest = hashlib.sha256(data).hexdigest()[:32]
    return Photo(name, digest, owner, picture, jpeg(picture, _SHOWN), jpeg(picture, _THUMBNAIL))


def jpeg(picture: Image, longest: int = _SHOWN) -> bytes:
    """Return a picture as a JPEG file whose longer side has at most `longest` pixels."""
    small = picture.copy()
    small.thumbnail((longest, longest))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=85)
    return file.getvalue()


def draw(photo: Photo, alt: str, *, width: int, height: int) -> None:
    """Draw a photo within a width and a height in pixels. alt: the alt text."""
    wide, high = photo.size
    thin = max(wide, high) > _THIN * min(wide, high)
    file = photo.shown if max(width, height) > _THUMBNAIL else photo.thumbnail
    st.image(file, alt=alt, width="content" if thin else min(width, round(height * wide / high)))


def grey_jpeg(width: int, height: int) -> bytes:
    """Return a small grey JPEG in the aspect ratio of a photo that is not available."""
    share = _THUMBNAIL / max(width, height)
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return jpeg(PIL.Image.new("RGB", size, "grey"))


def sample(name: str) -> Photo | None:
    """Return the sample photo called `name`; None if there is none."""
    return _sample(name) if name in SAMPLES else None


def kept() -> list[Photo]:
    """Return the session's own photos, in the order of upload."""
    found: dict[str, Photo] = st.session_state.get(_KEPT, {})
    return list(found.values())


def keep(photo: Photo) -> None:
    """Add a photo to the session's own. Raises PhotoError if there are too many."""
    own: dict[str, Photo] = st.session_state.setdefault(_KEPT, {})
    if photo.digest not in own and len(own) >= MOST:
        raise PhotoError(f"{photo.name} is one photo too many: {MOST} are kept; remove the others first.")
    own[photo.digest] = photo


def remove_all() -> None:
    """Forget the session's own photos."""
    st.session_state[_KEPT] = {}


def choose(digest: str) -> None:
    """Choose the session's own photo with this digest; "" for none of them."""
    st.session_state[_CHOSEN] = digest


def chosen(name: str) -> Photo | None:
    """Return the chosen photo: one of the session's own, or the sample called `name`."""
    own: dict[str, Photo] = st.session_state.get(_KEPT, {})
    return own.get(st.session_state.get(_CHOSEN, "")) or sample(name)


def named(photos: Sequence[Photo]) -> list[str]:
    """Return the photos' names, numbered where several are equal."""
    names = [photo.name for photo in photos]
    return [
        f"{name} ({names[: place + 1].count(name)})" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]
