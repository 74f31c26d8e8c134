"""The state of a visitor's pages, kept in the session and in the link."""

from typing import Literal
from urllib.parse import urlencode

import streamlit as st
from pydantic import Field, ValidationError

from seq2seq.config import Settings
from seq2seq.search import Beam, Greedy, Sample, SearchOptions

LONGEST_LINK = 2000
LONGEST_EXPECTED = 400
# Fields that are chosen within one sentence and are meaningless for another.
_PER_SENTENCE_FIELDS = {
    "reference",
    "sentence",
    "rank",
    "step",
    "caption_step",
    "column",
    "word",
    "other_word",
    "node",
    "pruned",
    "expected",
    "edits",
}
_PER_PHOTO_FIELDS = {"grey", "box", "begins"}  # the same for a photo


class View(Settings):
    """The sentence, the model and the options. The fields' names are those of the link's parameters."""

    text: str = ""
    model: str = ""
    sentence: int = Field(0, ge=0)
    beam: int = Field(5, ge=1, le=20)
    alpha: float | None = Field(None, ge=-1, le=3)
    """None: the model's own."""
    shortest: int = Field(1, ge=1, le=100)
    longest: int = Field(0, ge=0, le=300)
    """0: twice the source and ten."""
    coverage: float = Field(0.0, ge=0, le=2)
    groups: int = Field(1, ge=1, le=20)
    """A beam that can't be split into that many equal groups is split into fewer."""
    diversity: float = Field(0.5, ge=0, le=3)
    no_repeat: int = Field(0, ge=0, le=20)
    sampling: Literal["off", "on"] = "off"
    temperature: float = Field(1.0, ge=0.1, le=3)
    top_k: int = Field(0, ge=0, le=1000)
    top_p: float = Field(1.0, ge=0.05, le=1)
    seed: int = Field(0, ge=0, lt=2**31)
    searched: Literal["beam", "greedy"] = "beam"
    """Attention: which search's output is shown."""
    rank: int = Field(1, ge=1, le=20)
    """Attention: which of the beam's n best."""
    by: Literal["words", "pieces"] = "words"
    """Attention: what a row and a column stand for."""
    drawn: Literal["heatmap", "lines"] = "heatmap"
    threshold: float = Field(0.0, ge=0, le=1)
    """Attention: weights below this are not drawn."""
    step: int = Field(1, ge=1, le=400)
    """Attention: the chosen step of the output; elsewhere the step on the stage."""
    column: int | None = Field(None, ge=0, le=400)
    """Attention: the chosen word or piece of the source; None: the one with the largest weight."""
    closer: str = Field("", max_length=20)
    """Attention: which panel is open below the figure."""
    moments: Literal["decoder", "context", "encoder"] = "decoder"
    """Attention: which kind of training states is searched."""
    rival: Literal["settings", "model", "drop", "swap"] = "settings"
    """Attention: what the output is compared with."""
    rival_model: str = Field("", max_length=100)
    rival_beam: int = Field(1, ge=1, le=20)
    rival_alpha: float | None = Field(None, ge=-1, le=3)
    """Attention: None: the page's own."""
    word: int = Field(0, ge=0, le=400)
    """Attention: the source word that is dropped or swapped in the other search."""
    other_word: int = Field(1, ge=0, le=400)
    node: int = Field(0, ge=0)
    """Beam tree and on the stage: the chosen node of the search."""
    pruned: str = Field("", max_length=400, pattern=r"^(all|\d{1,6}(\.\d{1,6})*)?$")
    """Beam tree: the nodes whose pruned candidates are shown."""
    tree: Literal["played", "whole"] = "played"
    """Beam tree: played step by step, or the whole tree with every candidate."""
    tool: str = Field("", max_length=20)
    """Beam tree: which panel is open below the tree."""
    expected: str = Field("", max_length=LONGEST_EXPECTED)
    """The output that was expected instead."""
    run: str = Field("", max_length=60)
    """Teacher forcing: the public name of the run that is shown."""
    look: str = Field("", max_length=20)
    """Teacher forcing: which of its views is open."""
    reference: str = Field("", max_length=LONGEST_EXPECTED)
    """Teacher forcing: the translation that is forced."""
    first: str = Field("always", max_length=40)
    """Teacher forcing: the regimes whose models are shown side by side."""
    second: str = Field("ratio-0.5", max_length=40)
    ratio: float = Field(0.5, ge=0, le=1)
    flip: Literal["token", "sequence"] = "token"
    """Teacher forcing: a coin flip for each token, or one for the whole sentence."""
    planted: int = Field(2, ge=1, le=400)
    """Teacher forcing: the token that is replaced by a planted error, counted from 1."""
    wrong: str = Field("", max_length=60)
    """Teacher forcing: the planted error; empty for none."""
    regimes: str = Field("always_ratio-0.5_inverse-sigmoid_never", max_length=200)
    """Teacher forcing: the regimes that are drawn, separated by _, since their names have dots."""
    measure: str = Field("bleu", max_length=20)
    """Teacher forcing: what the curves show."""
    moment: int = Field(0, ge=0)
    """Teacher forcing: the update of the snapshot that is shown; 0: the last."""
    photo: str = Field("", max_length=40)
    """Captioning: the sample photo. An upload can't be in a link."""
    captioner: str = Field("", max_length=100)
    """Captioning: the model."""
    caption_step: int = Field(1, ge=1, le=400)
    """Captioning: what older links call the step on the stage."""
    veil: int = Field(75, ge=0, le=100)
    """Captioning: how dark a photo is where there is no attention, in percent."""
    smooth: int = Field(60, ge=0, le=200)
    """Captioning: how far a region's attention is blurred into the next, in percent of a region's width."""
    numbers: Literal["off", "on"] = "off"
    """Captioning: whether the regions' numbers are drawn."""
    ask: str = Field("", max_length=20)
    """Captioning: which panel is open."""
    grey: str = Field("", max_length=400, pattern=r"^(\d{1,4}(\.\d{1,4})*)?$")
    """Captioning: the regions that are greyed out."""
    box: str = Field("", max_length=16, pattern=r"^(\d{1,3}(\.\d{1,3}){3})?$")
    """Captioning: a box that is greyed out: left, top, right and bottom in percent."""
    begins: str = Field("", max_length=LONGEST_EXPECTED)
    """Captioning: the forced prefix of the caption."""
    edits: str = Field("", max_length=20_000)
    """The what-if edits, as `seq2seq.trace.edits` writes them."""

    def for_other_sentence(self, **changes: object) -> "View":
        """Return a view of another sentence, with the same settings and without choices within the old one."""
        return View.model_validate(self.model_dump(exclude=_PER_SENTENCE_FIELDS | _PER_PHOTO_FIELDS) | changes)

    def greedy(self) -> SearchOptions:
        """Return the options of the greedy panel."""
        return self._options(Greedy(), 1)

    def beam_search(self, own_alpha: float) -> SearchOptions:
        """Return the options of the beam's panel; own_alpha is the model's."""
        alpha = own_alpha if self.alpha is None else self.alpha
        mode = Beam(
            size=self.beam,
            alpha=alpha,
            coverage=self.coverage,
            groups=equal_groups(self.beam, self.groups),
            diversity=self.diversity,
        )
        return self._options(mode, self.beam)

    def sample(self) -> SearchOptions:
        """Return the options of the sampling panel."""
        mode = Sample(temperature=self.temperature, top_k=self.top_k, top_p=self.top_p, seed=self.seed)
        return self._options(mode, 1)

    def _options(self, mode: Greedy | Beam | Sample, n_best: int) -> SearchOptions:
        return SearchOptions(
            mode=mode,
            n_best=n_best,
            min_length=self.shortest,
            max_length=self.longest or None,
            no_repeat=self.no_repeat,
        )

    def parameters(self) -> dict[str, str]:
        """Return the link's parameters: what differs from the default."""
        return {
            name: str(value)
            for name, value in self.model_dump().items()
            if value != type(self).model_fields[name].default
        }


def equal_groups(beam: int, asked: int) -> int:
    """Return the largest number of equal groups of the beam that is at most `asked`."""
    return max(number for number in range(1, asked + 1) if beam % number == 0)


def current() -> View:
    """Return the session's view; a new session takes it from the link."""
    if "view" not in st.session_state:
        parameters = st.query_params.to_dict()
        st.session_state["view"] = from_link(parameters)
        # The key of a control link is not part of the view: no link written here may contain it.
        st.session_state["link_control"] = parameters.get("control", "")[:200]
    view: View = st.session_state["view"]
    return view


def change(view: View) -> None:
    """Store `view` in the session."""
    st.session_state["view"] = view


def write_link(view: View, *, tell: bool = True) -> None:
    """Write the view into the URL; if that gets too long, without the sentence and what is chosen in it.

    tell: show a message about what is left out; for one call per page.
    """
    whole = view.parameters()
    of_photo = {name: getattr(view, name) for name in _PER_PHOTO_FIELDS}
    shorter = (
        view.for_other_sentence(text="", **of_photo).parameters(),
        view.for_other_sentence(text="").parameters(),
    )
    parameters = next((each for each in (whole, *shorter) if _length(each) <= LONGEST_LINK), shorter[-1])
    if tell and parameters is not whole:
        st.caption(
            f"The link restores the options only: with the sentence and what is chosen or forced in it, it would "
            f"have {_length(whole):,} characters, and {LONGEST_LINK:,} is what browsers and mail programs pass on "
            "safely."
        )
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)


def _length(parameters: dict[str, str]) -> int:
    return len(urlencode(parameters))


def from_link(parameters: dict[str, str]) -> View:
    """Return the view that the parameters describe; what can't be read is left at its default."""
    try:
        return View.model_validate({k: v for k, v in parameters.items() if k in View.model_fields})
    except ValidationError as failure:
        bad = {str(problem["loc"][0]) for problem in failure.errors()}
        return from_link({k: v for k, v in parameters.items() if k not in bad})
