"""HTML files that open from disk: all that they need is in them, and nothing else is let in."""

import base64
import hashlib
import json
from collections.abc import Mapping
from string import Template
from typing import Any, NamedTuple

from seq2seq.viz import stage


class Held(NamedTuple):
    """Data in a page, as text that no browser runs."""

    text: str
    kind: str = "application/json"


def document(
    title: str,
    body: str,
    *,
    scripts: Mapping[str, str],
    style: str,
    held: Mapping[str, Held],
    policy: str = "",
    runs: str = "",
) -> str:
    """Return a page around `body`, in the project's colours for light and dark.

    scripts: by id, run in this order; held: data by id. The content security policy allows these scripts by their
    hashes and no other. policy: further directives; runs: what else scripts may do, as 'wasm-unsafe-eval'.
    """
    style = "\n".join([_colours(), style])
    allowed = " ".join([*(f"'{_hash(script)}'" for script in scripts.values()), *([runs] if runs else [])])
    directives = [
        "default-src 'none'",
        f"script-src {allowed}",
        f"style-src '{_hash(style)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        *([policy] if policy else []),
    ]
    return Template(stage.read("page.html")).substitute(
        title=title,
        body=body,
        policy="; ".join(directives),
        style=style,
        held="\n".join(f'<script type="{kind}" id="{name}">{text}</script>' for name, (text, kind) in held.items()),
        scripts="\n".join(f'<script id="{name}">{script}</script>' for name, script in scripts.items()),
    )


def json_held(value: Any) -> Held:
    """Return a value as JSON that can't close the HTML element around it, or open a comment there."""
    return Held(json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _hash(text: str) -> str:
    """Return a text's hash source for a content security policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _colours() -> str:
    light, dark = (
        " ".join(f"{name}: {value};" for name, value in stage.variables(dark=is_dark).items())
        for is_dark in (False, True)
    )
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
