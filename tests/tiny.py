"""Models so small that a test may make many of them. Their weights are filled without randomness."""

import torch
from torch import Tensor, nn

from seq2seq.data.batches import source_batch
from seq2seq.models import Memory, ModelConfig, TranslationModel
from seq2seq.text import END

PAIRS = [
    ("Il fait froid dehors.", "It is cold outside."),
    ("Il fait chaud aujourd'hui.", "It is warm today."),
    ("Je suis froid.", "I am cold."),
    ("J'ai un chien et l'eau est froide.", "I have a dog and the water is cold."),
    ("Où est le chien ?", "Where is the dog?"),
    ("Qu'est-ce que c'est ?", "What is it?"),
    ("Nous n'avons pas d'eau !", "We have no water!"),
    ("Elle mange une pomme, puis elle dort.", "She eats an apple, then she sleeps."),
    ("Le chat dort sur la chaise.", "The cat sleeps on the chair."),
    ("Tu es mon ami : merci.", "You are my friend: thank you."),
    ("M. Dupont a dit « oui ».", "Mr Dupont said \"yes\"."),
    ("Les enfants jouent dans le jardin.", "The children play in the garden."),
]  # fmt: skip


def fill(model: nn.Module, scale: float = 0.6) -> nn.Module:
    """Fill every weight by a fixed rule, alike on any machine; return the model, ready to be used."""
    with torch.no_grad():
        for number, parameter in enumerate(model.parameters()):
            places = torch.arange(parameter.numel(), dtype=torch.float64) + 1000 * number
            noise = (places * 0.6180339887).frac() + (places**2 * 0.4142135623).frac()  # each in [0, 1)
            parameter.copy_(((noise - 1) * scale).reshape(parameter.shape).float())
    return model.eval()


def tiny_config(**changes: object) -> ModelConfig:
    """Return a config a few numbers wide; its attention may be of any kind."""
    bidirectional = changes.get("bidirectional", True)
    sizes = {
        "embedding": 6,
        "encoder_hidden": 4 if bidirectional else 8,
        "decoder_hidden": 8,
        "attention_hidden": 5,
        "dropout": 0.0,
    }
    return ModelConfig.model_validate(sizes | changes)


def tiny_model(config: ModelConfig | None = None, source: int = 11, target: int = 13) -> TranslationModel:
    """Return a filled model for vocabularies of these sizes."""
    model = TranslationModel(config or tiny_config(), source, target)
    fill(model)
    return model


def lively_model(source: int = 11, target: int = 13, **changes: object) -> TranslationModel:
    """Return a model that says something else of each source, and mostly comes to an end."""
    model = TranslationModel(tiny_config(tied=False, **changes), source, target)
    fill(model, 2.5)
    with torch.no_grad():
        model.decoder.output.bias[END] += 3
    return model


def encode(model: TranslationModel, sources: list[list[int]]) -> Memory:
    """Return the memory of sources, ids without the end token."""
    return model.encode(*source_batch(sources))


def padded(memory: Memory, width: int) -> tuple[Tensor, Tensor]:
    """Return a memory's states and mask with `width` positions more of rubbish."""
    rows = memory.states.shape[0]
    states = torch.cat([memory.states, torch.full((rows, width, memory.states.shape[2]), 7.0)], 1)
    return states, torch.cat([memory.mask, torch.zeros(rows, width, dtype=torch.bool)], 1)
