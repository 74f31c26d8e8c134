"""Python's regular expressions in JavaScript's notation, so that page and toolkit read text by the same rules."""

import re

# What Python means by \w, \d and \s; JavaScript means ASCII alone. For use inside of brackets.
_CLASSES = {
    "w": r"\p{L}\p{N}_",
    "d": r"\p{Nd}",
    "s": r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
_WORD = _CLASSES["w"]
_EDGE = rf"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_SIGNS = frozenset(r"^$\.*+?()[]{}|/")  # that a backslash takes their meaning
_TOKEN = re.compile(
    r"\\x[0-9a-fA-F]{2}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:P<(?=\w+>)|<[=!]|[:=!])|\(\?|\{\d*,?\d*\}|.",
    re.DOTALL,
)
_MEMBER = re.compile(r"\\x[0-9a-fA-F]{2}|\\.|.", re.DOTALL)


def in_javascript(pattern: re.Pattern[str]) -> tuple[str, str]:
    """Return a compiled expression's source for JavaScript's `u` mode, and its further flags.

    Raises ValueError for what the toolkit's expressions have no need of: references, comments, flags, `[\\S-]`.
    """
    is_verbose = bool(pattern.flags & re.VERBOSE)
    parts = []
    for token in _TOKEN.findall(pattern.pattern):
        if is_verbose and token.isspace():
            continue
        if is_verbose and token == "#":
            raise ValueError("a comment has no counterpart")
        if token.startswith("["):
            parts.append(_class(token))
        elif token == "(?":
            raise ValueError("a group of this kind has no counterpart")
        elif token == "(?P<":
            parts.append("(?<")
        elif token in "{}]":
            parts.append(f"\\{token}")
        else:
            parts.append(_escaped(token) if token.startswith("\\") else token)
    return "".join(parts), "i" if pattern.flags & re.IGNORECASE else ""


def _escaped(token: str) -> str:
    sign = token[1]
    if token.startswith("\\x"):
        return token
    if sign.lower() in _CLASSES:
        return f"[{'^' if sign.isupper() else ''}{_CLASSES[sign.lower()]}]"
    if sign == "b":
        return _EDGE
    if sign.isalnum():
        raise ValueError(f"{token} has no counterpart")
    return token if sign in _SIGNS else sign


def _class(token: str) -> str:
    """Return a class in brackets; `[^\\W...]`, letters and digits but for some, as a look ahead and a class."""
    negated = token.startswith("[^")
    members = _MEMBER.findall(token[2 if negated else 1 : -1])
    if negated and r"\W" in members:
        others = "".join(_member(member) for member in members if member != r"\W")
        return f"(?:(?![{others}])[{_WORD}])" if others else f"[{_WORD}]"
    return f"[{'^' if negated else ''}{''.join(map(_member, members))}]"


def _member(member: str) -> str:
    if not member.startswith("\\") or member.startswith("\\x"):
        return member
    sign = member[1]
    if sign in _CLASSES:
        return _CLASSES[sign]
    if sign.isalnum():
        raise ValueError(f"{member} in brackets has no counterpart")
    return member if sign in _SIGNS or sign == "-" else sign
