"""Photo input: uploads, camera and samples, and the session's own photos with their captions."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.captioning_panels.gallery import gallery
from pages.shared import captioners, photos, problems, sessions, stage
from pages.shared.heavy import EVERY, Several
from pages.shared.html import clean, plain
from pages.shared.photos import Photo
from pages.shared.sessions import TimedTrace
from pages.shared.view import change, current
from pages.shared.views import CaptioningView
from seq2seq.errors import Seq2SeqError

_TAKEN, _PROBLEMS, _ROUND = "photo_files", "photo_problems", "photo_round"
LARGEST = 20  # MB
_KINDS = ["image", "heic", "heif", "avif"]  # not every browser takes the last three for pictures


def panel(name: str, uploads: DeltaGenerator) -> None:
    """Draw the photo inputs, the samples and the photos added so far. name: the model that captions them."""
    state = st.session_state
    with uploads:
        # A new key empties the widgets when the photos are removed.
        turn = state.get(_ROUND, 0)
        files = st.file_uploader(
            "Upload one or several photos", _KINDS, accept_multiple_files=True, key=f"in_photos_{turn}",
            max_upload_size=LARGEST, label_visibility="collapsed",
        )  # fmt: skip
        if st.toggle(
            "Take one with the camera", key="in_camera_on",
            help=f"Photos have up to {LARGEST} MB and 100 megapixels each; {photos.MOST} are kept.",
        ):  # fmt: skip
            taken = st.camera_input("Camera", key=f"in_camera_{turn}", label_visibility="collapsed")
            files = [*files, *([taken] if taken else [])]
    gallery("" if photos.chosen("") else current(CaptioningView).photo, clicked=_sample)
    _take_in(files)
    # Removing a file from the list also removes its message.
    for message in (state.get(_PROBLEMS, {}).get(file.file_id) for file in files):
        if message:
            problems.say(message, ":material/broken_image:")
    _own(name)


def _sample(name: str) -> None:
    photos.choose("")
    _look(current(CaptioningView).for_other_sentence(photo=name))


def _own_chosen(digest: str) -> None:
    photos.choose(digest)
    _look(current(CaptioningView).for_other_sentence(photo=""))


def _look(view: CaptioningView) -> None:
    change(view)
    stage.leave_place()


def _take_in(files: Sequence[Any]) -> None:
    """Read the new files one by one; an error in one does not stop the others."""
    state = st.session_state
    taken: set[str] = state.setdefault(_TAKEN, set())
    new = [file for file in files if file.file_id not in taken]
    if not new:
        return
    problems: dict[str, str] = state.setdefault(_PROBLEMS, {})
    bar = st.progress(0.0, "Reading")
    for number, file in enumerate(new):
        bar.progress(number / len(new), f"Photo {number + 1} of {len(new)}: {plain(file.name)}")
        taken.add(file.file_id)
        try:
            photo = photos.read(clean(file.name), file.getvalue())
            photos.keep(photo)
        except Seq2SeqError as problem:
            problems[file.file_id] = str(problem)
        else:
            if photos.chosen("") is None or number == 0:
                _own_chosen(photo.digest)
    bar.empty()


def _own(name: str) -> None:
    """Draw the session's own photos with their captions."""
    own = photos.kept()
    if not own:
        return
    looked_at = photos.chosen("")
    alone = len(own) == 1 and looked_at is not None and looked_at.digest == own[0].digest
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(plain(own[0].name) if alone else f"**Your photos ({len(own)})**", width="content")
        st.button(
            "Remove" if alone else "Remove all", icon=":material/delete:", type="tertiary", key="photos_remove",
            on_click=_remove,
        )  # fmt: skip
    if alone:
        return  # it stands on the stage, with its caption
    options = captioners.options(current(CaptioningView), name)
    captions = Several(sessions.traced, [(sessions.of_photo(name, photo), options, ()) for photo in own])
    st.fragment(_grid, run_every=EVERY if captions.waiting() else None)(own, captions, looked_at)


def _grid(own: Sequence[Photo], captions: Several[TimedTrace], looked_at: Photo | None) -> None:
    """Draw photos, their captions as they come, and how far that is."""
    found = captions.look("Captioning")
    nothing = "…" if captions.waiting() else "not captioned; click it to look at it"
    with st.container(horizontal=True, gap="small", key="own_photos"):
        for photo, title, caption in zip(own, photos.named(own), found, strict=True):
            said = caption.trace.best.text if isinstance(caption, TimedTrace) else str(caption or nothing)
            with st.container(width=150, gap="xxsmall"):
                photos.draw(photo, f"{title}: {said}", width=150, height=150)
                if st.button(
                    plain(title if len(title) < 24 else title[:10] + "…" + title[-11:]),
                    key=f"own_{photo.digest}", width="stretch",
                    type="primary" if looked_at is not None and looked_at.digest == photo.digest else "secondary",
                ):  # fmt: skip
                    _own_chosen(photo.digest)
                    st.rerun()  # the stage, which is not of this fragment
                st.caption(plain(said))


def _remove() -> None:
    state = st.session_state
    photos.remove_all()
    photos.choose("")
    state[_TAKEN], state[_PROBLEMS] = set(), {}
    state[_ROUND] = state.get(_ROUND, 0) + 1
