"""Answers and truths in words, for exports and handouts."""

import math
from collections.abc import Mapping
from typing import Any


def truth_of(step: Mapping[str, Any]) -> str:
    """Return what is right at a step, as `play` computes it."""
    predict = step["predict"]
    truth = predict["answer"]
    if predict["kind"] == "choose":
        return str(dict(predict["options"])[truth])
    if predict["kind"] == "order":
        names = dict(predict["items"])
        return " > ".join(str(names[name]) for name in truth)
    if predict["kind"] == "pick":
        return ", ".join(_picked(step["figure"], each) for each in truth)
    if predict["kind"] == "bar":
        digits = 0 if predict["step"] >= 1 else math.ceil(-math.log10(predict["step"]))
        return f"{truth:.{digits}f} {predict['unit']}".strip()
    return str(truth)


def shown_answer(step: Mapping[str, Any], given: str) -> str:
    """Return an answer as the visitor saw it; as it stands in the link if it is none."""
    predict = step["predict"]
    places = [int(place) for place in given.split(".") if place.isdecimal()]
    if predict["kind"] == "choose" and places and places[0] < len(predict["options"]):
        return str(predict["options"][places[0]][1])
    if predict["kind"] == "order" and len(places) == len(predict["items"]) > max(places):
        return " > ".join(str(predict["items"][place][1]) for place in places)
    if predict["kind"] == "pick":
        return ", ".join(_picked(step["figure"], each) for each in given.split("."))
    return f"{given} {predict['unit']}".strip() if predict["kind"] == "bar" else given


def _picked(figure: Mapping[str, Any], name: str) -> str:
    """Return what is called `name` in a figure."""
    if figure["kind"] == "heatmap":
        named = {f"c{place}": column for place, column in enumerate(figure["columns"])}
    elif figure["kind"] == "hand":
        rows = figure["rows"]
        named = {one["id"]: f"{row['before']} {one['text']}".strip() for row in rows for one in row["next"]}
    elif figure["kind"] == "stage":
        pieces = figure["searches"][-1]["trace"]["nodes"]["piece"]
        named = {f"n{node}": piece.replace("▁", "") for node, piece in enumerate(pieces)}
    else:
        named = {item["id"]: item["text"] for item in figure.get("items", ())}
    return str(named.get(name, name))
