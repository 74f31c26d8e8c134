"""Names of runs: a memorable nickname, followed by an unguessable number."""

import re
import secrets

_MANNERS = (
    "brave", "bright", "calm", "clever", "curious", "eager", "gentle", "happy", "jolly", "keen", "kind", "lively",
    "lucky", "merry", "mild", "nimble", "patient", "proud", "quick", "quiet", "sunny", "swift", "tidy", "wise",
)  # fmt: skip
_ANIMALS = (
    "badger", "bear", "beaver", "crane", "dolphin", "eagle", "falcon", "finch", "fox", "hare", "heron", "lark",
    "lynx", "marten", "mole", "otter", "owl", "puffin", "raven", "robin", "seal", "stork", "swan", "wren",
)  # fmt: skip
ID = r"[a-z]{3,9}-[a-z]{3,9}-[0-9a-f]{12}"


def new_id() -> str:
    """Return the public name of a new run; whoever knows it can view the run."""
    return f"{secrets.choice(_MANNERS)}-{secrets.choice(_ANIMALS)}-{secrets.token_hex(6)}"


def is_id(text: str) -> bool:
    """Return whether `text` has the form of a run's name, and so is safe as a folder's name."""
    return re.fullmatch(ID, text) is not None


def nickname(run: str) -> str:
    """Return the part of a run's public name that is shown."""
    return run.rpartition("-")[0]
