"""Search by words: rank the session's photos by a typed query, and list a photo's nearest words."""

import streamlit as st

from pages.captioning_panels.subject import CaptionSubject
from pages.shared import captioners, models, photos
from pages.shared.html import clean, plain, table
from pages.shared.photos import Photo
from pages.shared.view import current
from pages.shared.views import LONGEST_EXPECTED, CaptioningView
from seq2seq.errors import UnknownWordsError
from seq2seq.viz.labels import number

_FRENCH = "fr-en"
_NEAR = 10


def panel(subject: CaptionSubject) -> None:
    """Draw the search, and the words nearest to the chosen photo."""
    if captioners.search() is None:
        st.info(
            "Search by words needs the folder `checkpoints/search`, which is not here; "
            "train it with `python -m seq2seq train-search search --out checkpoints/search`.",
            icon=":material/image_search:",
        )
        return
    st.markdown(
        "Type what a photo should show, and see which of yours are nearest.",
        help="Photos and words are vectors in one space (DeViSE, Frome et al. 2013). Words that no caption used "
        "have a vector, too.",
    )
    everything = photos.kept() or [
        one for one in map(photos.sample, (*photos.FITTING, *photos.BEYOND)) if one is not None
    ]
    with st.form("cap_find", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            f"Find among {'your' if photos.kept() else 'the sample'} photos", key="cap_find_words",
            placeholder="a dog in the water", max_chars=LONGEST_EXPECTED, width="stretch",
        )  # fmt: skip
        language = st.segmented_control(
            "Words are", ["English", "French"], key="cap_find_in", default="English", required=True,
            help="French ones are translated first.",
        )  # fmt: skip
        st.form_submit_button("Search", icon=":material/search:")
    if words := clean(words).strip():
        _ranking(subject, everything, words, french=language == "French")
    _nearest(subject)


def _ranking(subject: CaptionSubject, everything: list[Photo], words: str, *, french: bool) -> None:
    if french:
        if _FRENCH not in models.available():
            st.info(f"French words need the translator `checkpoints/{_FRENCH}`, which is not here.")
            return
        alpha = models.load(_FRENCH).config.alpha
        options = current(CaptioningView).model_copy(update={"longest": 0}).beam_search(alpha)
        words = models.translations(_FRENCH, (words,), options)[0].text
        st.caption(f"In English: {plain(words)}")
    try:
        with st.spinner("Looking at the photos …"):
            found = captioners.ranked(subject.model, everything, words)
    except UnknownWordsError as problem:
        st.warning(plain(str(problem)), icon=":material/help:")
        return
    left_out = captioners.unknown_words(words)
    if left_out:
        st.caption(f"Not known, and left out: {plain(', '.join(left_out))}.")
    names = photos.named(everything)
    with st.container(horizontal=True, gap="small", key="found_photos"):
        for place, one in enumerate(found, 1):
            with st.container(width=150, gap="xxsmall"):
                name = names[one.photo]
                photos.draw(everything[one.photo], f"Number {place}: {name}", width=150, height=150)
                st.caption(f"{place}. {plain(name)}: {plain(number(one.cosine))}")
    st.caption("The number is the cosine of photo and words, from −1 to 1; only the order means something.")


def _nearest(subject: CaptionSubject) -> None:
    st.markdown(f"**Words nearest to {plain(subject.photo.name)}**")
    told = captioners.near_words(subject.model, subject.photo, _NEAR, captioned=True)
    st.html(
        table(["word", "cosine"], [[one.word, number(one.cosine)] for one in told], numbers=[1], dark=subject.dark)
    )
    with st.expander("Guesses: words that no caption used", key="find_guesses", on_change="rerun") as shown:
        if shown.open:
            guesses = captioners.near_words(subject.model, subject.photo, _NEAR, captioned=False)
            rows = [[one.word, number(one.cosine)] for one in guesses]
            st.html(table(["word", "cosine"], rows, numbers=[1], dark=subject.dark))
            st.caption("Their vectors come from other texts alone, so many of them are far off.")
