"""Target tokens that a caller names."""

from collections.abc import Iterable

from seq2seq.errors import ConfigError
from seq2seq.translator import Translator


def check_tokens(tokens: Iterable[int], translator: Translator) -> None:
    """Raise ConfigError unless all tokens are in the model's target vocabulary."""
    vocabulary = len(translator.checkpoint.target)
    for token in tokens:
        if not 0 <= token < vocabulary:
            raise ConfigError(f"The output has token {token}, the last one is {vocabulary - 1}; take it out.")
