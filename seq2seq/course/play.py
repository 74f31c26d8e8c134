"""A lesson, computed: what the runner in viz/stage/ is given."""

from collections.abc import Mapping
from typing import Any

from seq2seq.course.experiments.base import Fact, Models, Result
from seq2seq.course.files import KeyPath, LessonFile
from seq2seq.course.lesson import Bar, Choose, Order, Pick, Step, Word
from seq2seq.course.markup import UnknownFact, blocks, fact, fill
from seq2seq.errors import Seq2SeqError


def play(file: LessonFile, models: Models) -> dict[str, Any]:
    """Return a lesson with every step computed, as JSON for the runner.

    Raises LessonError, naming file and line, where a step can't be computed or its answer is none of its options.
    """
    steps = [played_step(file, number, run_step(file, number, models)) for number in range(len(file.lesson.step))]
    return {
        "name": file.name,
        "title": file.lesson.title,
        "summary": file.lesson.summary,
        "minutes": file.lesson.minutes,
        "steps": steps,
    }


def run_step(
    file: LessonFile, number: int, models: Models, source: str | None = None, *, of_lesson: bool = False
) -> Result:
    """Return what a step's experiment finds. source: what somebody has typed instead of the lesson's own.

    of_lesson: whether that is to be the lesson's source, with all that belongs to it.

    Raises LessonError if it can't be computed; with something of somebody's own, the experiment's error itself.
    """
    show = file.lesson.step[number].show
    changed: dict[str, Any] = {} if show.model else {"model": file.lesson.model}
    if source is not None:
        held = getattr(show, show.OWN)
        changed |= {
            show.OWN: (source,) if isinstance(held, tuple) else source,
            **({} if of_lesson else show.FOR_OWN),
        }
    try:
        return show.model_copy(update=changed).run(models)
    except Seq2SeqError as problem:
        if source is not None:
            raise
        raise file.error(("step", number, "show"), str(problem)) from None


def played_step(file: LessonFile, number: int, found: Result) -> dict[str, Any]:
    """Return a step for the runner, given what `run_step` found: texts, figure, question and answer."""
    step = file.lesson.step[number]
    return {
        "title": step.title,
        "read": _blocks(file, number, "read", step.read, found.facts),
        "figure": found.figure,
        "ask": _filled(file, number, "ask", step.ask, found.facts),
        "predict": _question(file, number, step, found) if step.predict else None,
        "why": _blocks(file, number, "why", step.why, found.facts),
        "own": step.own,
        "page": step.page,
        "typed": _typed(getattr(step.show, step.show.OWN, "")),
    }


def _typed(held: str | tuple[str, ...]) -> str:
    """Return what stands in the empty field for something of one's own."""
    return held[0] if isinstance(held, tuple) else held


def _blocks(file: LessonFile, number: int, key: str, text: str, facts: Mapping[str, Fact]) -> list[Any]:
    try:
        # Markdown first: what a model has written is text, whatever signs are in it.
        return [[kind, [(fill(run, facts), style) for run, style in runs]] for kind, runs in blocks(text)]
    except UnknownFact as problem:
        raise file.error(("step", number, key), str(problem)) from None


def _filled(file: LessonFile, number: int, key: str, text: str, facts: Mapping[str, Fact]) -> str:
    try:
        return fill(text, facts)
    except UnknownFact as problem:
        raise file.error(("step", number, key), str(problem)) from None


def _question(file: LessonFile, number: int, step: Step, found: Result) -> dict[str, Any]:
    predict = step.predict
    keys: KeyPath = ("step", number, "predict", "answer")
    try:
        if isinstance(predict, Choose):
            return _choice(file, keys, predict, found.facts)
        if isinstance(predict, Pick):
            answer = fact(found.facts, predict.answer)
            if not isinstance(answer, tuple) or not answer:
                raise file.error(keys, f"{predict.answer!r} lists nothing to pick here; name a fact that does.")
            if not set(answer) <= pickable(found.figure):
                raise file.error(keys, f"{predict.answer!r} is not in the figure, so it can't be picked there.")
            return {"kind": "pick", "answer": list(answer), "count": len(answer)}
        if isinstance(predict, Bar):
            value = fact(found.facts, predict.answer)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise file.error(keys, f"{predict.answer!r} is no number; name a fact that is.")
            value *= predict.times
            if not predict.least - predict.within <= value <= predict.most + predict.within:
                raise file.error(
                    keys,
                    f"{predict.answer!r} is {value:g}, outside of the bar's {predict.least:g} to {predict.most:g}.",
                )
            return {**predict.model_dump(exclude={"times"}), "answer": float(value)}
        if isinstance(predict, Word):
            return {
                "kind": "word",
                "answer": fill(predict.answer, found.facts),
                "hint": predict.hint,
                "apart": predict.apart,
            }
        assert isinstance(predict, Order)
        return _order(file, ("step", number, "predict", "items"), predict, found.facts)
    except UnknownFact as problem:
        raise file.error(keys, str(problem)) from None


def pickable(figure: Mapping[str, Any]) -> set[str]:
    """Return what can be picked in a figure."""
    if figure["kind"] == "heatmap":
        return set() if figure["asked"] is None else {f"c{place}" for place in range(len(figure["columns"]))}
    if figure["kind"] == "hand":
        return {one["id"] for row in figure["rows"] for one in row["next"]}
    if figure["kind"] == "stage":
        nodes = figure["searches"][-1]["trace"]["nodes"]["parent"]
        return {f"n{node}" for node in range(1, len(nodes))}
    return {item["id"] for item in figure.get("items", ())}


def _choice(file: LessonFile, keys: KeyPath, predict: Choose, facts: Mapping[str, Fact]) -> dict[str, Any]:
    given = predict.options
    texts = dict(given) if isinstance(given, dict) else {text: text for text in given}
    options = [[fill(value, facts), fill(text, facts)] for value, text in texts.items()]
    answer = fill(predict.answer, facts)
    right = [value for value, _ in options if value == answer]
    if len(right) != 1 or len({value for value, _ in options}) < len(options):
        said = "none" if not right else "more than one"
        raise file.error(
            keys, f"the answer is {answer!r}, which is {said} of the options, or two of them are the same."
        )
    return {"kind": "choose", "options": options, "answer": answer}


def _order(file: LessonFile, keys: KeyPath, predict: Order, facts: Mapping[str, Fact]) -> dict[str, Any]:
    values = {name: fact(facts, name) for name in predict.items}
    numbers = {name: value for name, value in values.items() if isinstance(value, int | float)}
    if len(numbers) < len(values) or len(set(numbers.values())) < len(values):
        raise file.error(keys, "these facts are no numbers, or two of them are the same, so they have no order.")
    answer = sorted(numbers, key=lambda name: -numbers[name])
    return {
        "kind": "order",
        "items": [[name, fill(text, facts)] for name, text in predict.items.items()],
        "answer": answer,
    }
