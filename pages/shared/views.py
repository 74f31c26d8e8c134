"""What a visitor can choose on each page: one class of views a page, whose fields are the link's parameters."""

from typing import Literal, Self, TypeVar

from pydantic import Field, ValidationError

from seq2seq.config import Settings
from seq2seq.search import Beam, Greedy, Sample, SearchOptions

LONGEST_EXPECTED = 400
# Fields that are chosen within one sentence and are meaningless for another.
PER_SENTENCE_FIELDS = {
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
PER_PHOTO_FIELDS = {"grey", "box", "begins"}  # the same for a photo
SUBJECT_FIELDS = ("text", "model", "sentence", "photo")  # another of these is another sentence or photo


class View(Settings):
    """What any page keeps. The fields' names are those of the link's parameters."""

    hide: str = Field("", max_length=60, pattern=r"^[a-z.]*$")
    """What a link hides, separated by dots: pages, settings, questions."""

    def for_other_sentence(self, **changes: object) -> Self:
        """Return a view of another sentence, with the same settings and without choices within the old one."""
        kept = self.model_dump(exclude=PER_SENTENCE_FIELDS | PER_PHOTO_FIELDS)
        return type(self).model_validate(kept | changes)

    def parameters(self) -> dict[str, str]:
        """Return the link's parameters: what differs from the default."""
        return {
            name: str(value)
            for name, value in self.model_dump().items()
            if value != type(self).model_fields[name].default
        }


class SearchView(View):
    """How a search is asked for, and the place in it that is looked at."""

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
    step: int = Field(1, ge=1, le=400)
    """The step on the stage; for Attention, of the chosen output."""
    node: int = Field(0, ge=0)
    """The chosen node of the search."""
    expected: str = Field("", max_length=LONGEST_EXPECTED)
    """The output that was expected instead."""

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


class SentenceView(SearchView):
    """A search of a typed sentence."""

    text: str = ""
    model: str = ""
    sentence: int = Field(0, ge=0)
    edits: str = Field("", max_length=20_000)
    """The what-if edits, as `seq2seq.trace.edits` writes them."""


class TranslateView(SentenceView):
    """The page Translate."""

    tool: str = Field("", max_length=20)
    """Which question is answered below the stage."""


class TreeView(SearchView):
    """A whole tree, with every candidate."""

    pruned: str = Field("", max_length=400, pattern=r"^(all|\d{1,6}(\.\d{1,6})*)?$")
    """The nodes whose pruned candidates are shown."""


class BeamTreeView(SentenceView, TreeView):
    """The page Beam tree."""

    tree: Literal["played", "whole"] = "played"
    """Played step by step, or the whole tree with every candidate."""
    tool: str = Field("", max_length=20)
    """Which question is answered below the tree."""


class AttentionView(SentenceView):
    """The page Attention."""

    searched: Literal["beam", "greedy"] = "beam"
    """Which search's output is shown."""
    rank: int = Field(1, ge=1, le=20)
    """Which of the beam's n best."""
    by: Literal["words", "pieces"] = "words"
    """What a row and a column stand for."""
    drawn: Literal["heatmap", "lines"] = "heatmap"
    threshold: float = Field(0.0, ge=0, le=1)
    """Weights below this are not drawn."""
    column: int | None = Field(None, ge=0, le=400)
    """The chosen word or piece of the source; None: the one with the largest weight."""
    closer: str = Field("", max_length=20)
    """Which panel is open below the figure."""
    moments: Literal["decoder", "context", "encoder"] = "decoder"
    """Which kind of training states is searched."""
    rival: Literal["settings", "model", "drop", "swap"] = "settings"
    """What the output is compared with."""
    rival_model: str = Field("", max_length=100)
    rival_beam: int = Field(1, ge=1, le=20)
    rival_alpha: float | None = Field(None, ge=-1, le=3)
    """None: the page's own."""
    word: int = Field(0, ge=0, le=400)
    """The source word that is dropped or swapped in the other search."""
    other_word: int = Field(1, ge=0, le=400)


class TeacherForcingView(View):
    """The page Teacher forcing."""

    text: str = ""
    model: str = ""
    seed: int = Field(0, ge=0, lt=2**31)
    run: str = Field("", max_length=60)
    """The public name of the run that is shown."""
    look: str = Field("", max_length=20)
    """Which of its views is open."""
    reference: str = Field("", max_length=LONGEST_EXPECTED)
    """The translation that is forced."""
    first: str = Field("always", max_length=40)
    """The regimes whose models are shown side by side."""
    second: str = Field("ratio-0.5", max_length=40)
    ratio: float = Field(0.5, ge=0, le=1)
    flip: Literal["token", "sequence"] = "token"
    """A coin flip for each token, or one for the whole sentence."""
    planted: int = Field(2, ge=1, le=400)
    """The token that is replaced by a planted error, counted from 1."""
    wrong: str = Field("", max_length=60)
    """The planted error; empty for none."""
    regimes: str = Field("always_ratio-0.5_inverse-sigmoid_never", max_length=200)
    """The regimes that are drawn, separated by _, since their names have dots."""
    measure: str = Field("bleu", max_length=20)
    """What the curves show."""
    moment: int = Field(0, ge=0)
    """The update of the snapshot that is shown; 0: the last."""


class CaptioningView(TreeView):
    """The page Captioning."""

    photo: str = Field("", max_length=40)
    """The sample photo. An upload can't be in a link."""
    captioner: str = Field("", max_length=100)
    """The model."""
    caption_step: int = Field(1, ge=1, le=400)
    """What older links call the step on the stage."""
    rank: int = Field(1, ge=1, le=20)
    """Which of the beam's n best is drawn word by word."""
    veil: int = Field(75, ge=0, le=100)
    """How dark a photo is where there is no attention, in percent."""
    smooth: int = Field(60, ge=0, le=200)
    """How far a region's attention is blurred into the next, in percent of a region's width."""
    numbers: Literal["off", "on"] = "off"
    """Whether the regions' numbers are drawn."""
    ask: str = Field("", max_length=20)
    """Which panel is open."""
    grey: str = Field("", max_length=400, pattern=r"^(\d{1,4}(\.\d{1,4})*)?$")
    """The regions that are greyed out."""
    box: str = Field("", max_length=16, pattern=r"^(\d{1,3}(\.\d{1,3}){3})?$")
    """A box that is greyed out: left, top, right and bottom in percent."""
    begins: str = Field("", max_length=LONGEST_EXPECTED)
    """The forced prefix of the caption."""


class CourseView(View):
    """The page Learn."""

    lesson: str = Field("", max_length=60)
    """The name of the lesson; empty for the list."""
    at: int = Field(0, ge=0, le=20)
    """The step that is shown, counted from 0; after the last one, the summary."""
    answers: str = Field("", max_length=6000)
    """What was predicted, as `pages.shared.predictions` writes it."""


KINDS: tuple[type[View], ...] = (
    TranslateView,
    AttentionView,
    BeamTreeView,
    TeacherForcingView,
    CaptioningView,
    CourseView,
)

V = TypeVar("V", bound=View)


def equal_groups(beam: int, asked: int) -> int:
    """Return the largest number of equal groups of the beam that is at most `asked`."""
    return max(number for number in range(1, asked + 1) if beam % number == 0)


def from_link(kind: type[V], parameters: dict[str, str]) -> V:
    """Return the view that the parameters describe; what can't be read is left at its default."""
    try:
        return kind.model_validate({k: v for k, v in parameters.items() if k in kind.model_fields})
    except ValidationError as failure:
        bad = {str(problem["loc"][0]) for problem in failure.errors()}
        return from_link(kind, {k: v for k, v in parameters.items() if k not in bad})
