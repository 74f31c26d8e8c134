"""Several captioning models that decide together."""

from collections.abc import Sequence

from torch import Tensor, nn

from seq2seq.search import DecoderEnsemble, EnsembleMemory
from seq2seq.vision.captioning.config import CaptionConfig
from seq2seq.vision.captioning.model import CaptionModel


class CaptionEnsemble(nn.Module):
    """Models of one shape in place of one: `encode` makes the memory, and the search uses only `decoder`."""

    def __init__(self, members: Sequence[CaptionModel]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.config: CaptionConfig = members[0].config
        self.decoder = DecoderEnsemble([member.decoder for member in members])

    def encode(self, regions: Tensor, pooled: Tensor) -> EnsembleMemory:
        """Return each member's memory of photos, as `CaptionModel.encode` does."""
        return EnsembleMemory(tuple(member.encode(regions, pooled) for member in members_of(self)))


def build_caption_model(config: CaptionConfig, vocabulary: int, members: int) -> CaptionModel | CaptionEnsemble:
    """Return an untrained model, or an ensemble of several."""
    if members == 1:
        return CaptionModel(config, vocabulary)
    return CaptionEnsemble([CaptionModel(config, vocabulary) for _ in range(members)])


def members_of(model: CaptionModel | CaptionEnsemble) -> list[CaptionModel]:
    """Return the models of an ensemble, or the one model."""
    if isinstance(model, CaptionModel):
        return [model]
    return [member for member in model.members if isinstance(member, CaptionModel)]
