"""Self-critical training (Rennie et al. 2017): a model's own sampled captions, weighted by their reward.

The gradient is that of REINFORCE, - (reward - baseline) x log p(caption). The baseline of a sampled caption is the
mean reward of the others sampled for the same photo (Luo 2020, "A better variant of self-critical sequence
training"), so no greedy search is needed.
"""

from collections.abc import Sequence

import torch

from seq2seq.data.batches import pad
from seq2seq.evaluation.captions import CiderD, mean_similarity, words
from seq2seq.search import Sample, SearchOptions, search
from seq2seq.text import END, START, Tokenizer
from seq2seq.training.losses import Losses
from seq2seq.vision.captioning.batches import CaptionBatch
from seq2seq.vision.captioning.model import CaptionModel
from seq2seq.vision.captioning.recipe import RewardRecipe

_END = "</s>"
_OTHERS = 3  # photos that a caption is compared with, so that it does not fit any photo
_LONGEST = 24  # sampled words; longer captions are cut off, and get no reward for an end


class Reward:
    """The loss of a batch of photos whose captions the model samples itself."""

    def __init__(self, recipe: RewardRecipe, references: Sequence[Sequence[str]], target: Tokenizer) -> None:
        """references: the normalised captions of each photo, by its number."""
        self._recipe = recipe
        self._target = target
        # With its end as a word, a caption that breaks off after "on a" gets less reward than one that ends.
        given = [[[*words(text), _END] for text in texts] for texts in references]
        self._cider = CiderD(given)
        self._references = [[self._cider.counted(text) for text in texts] for texts in given]

    def losses(self, model: CaptionModel, batch: CaptionBatch, rng: torch.Generator) -> Losses:
        """Return the loss of captions sampled for the batch's photos; `rng` seeds the sampling.

        It is scaled as if they had as many tokens as the given captions. `plain` is, for each of these, the gap of
        the mean reward to the maximum, as a share of the latter: 1 is no reward, 0 is like every reference.
        """
        drawn = self._sample(model, batch, rng)
        numbers = batch.number.tolist()
        # Batches are random, and so are the next photos in one.
        others = [[*numbers[at + 1 :], *numbers[:at]][:_OTHERS] for at in range(len(numbers))]
        rewards = torch.tensor(
            [
                [self._reward(number, foreign, tokens) for tokens in each]
                for number, foreign, each in zip(numbers, others, drawn, strict=True)
            ]
        )
        count = rewards.shape[1]
        baseline = (rewards.sum(1, keepdim=True) - rewards) / (count - 1)
        advantages = (rewards - baseline).flatten()  # (photos x samples,)
        flat = [list(tokens) for each in drawn for tokens in each]
        device = batch.regions.device
        decoder_input, mask = (each.to(device) for each in pad([[START, *tokens[:-1]] for tokens in flat]))
        labels = pad(flat)[0].to(device)
        photo = torch.arange(len(drawn), device=device).repeat_interleave(count)
        memory = model.encode(batch.regions, batch.pooled).select(photo)
        readouts, _, _ = model.decoder.readouts(decoder_input, memory)
        log_probs = model.decoder.output(readouts[mask]).float().log_softmax(1)
        chosen = log_probs.gather(1, labels[mask][:, None]).squeeze(1)
        weights = advantages.to(device)[:, None].expand(mask.shape)[mask]
        return Losses(
            smoothed=-(weights * chosen).mean() * batch.tokens,
            plain=(1 - rewards.mean().to(device) / 10) * batch.tokens,
            correct=torch.zeros((), device=device),
            tokens=batch.tokens,
        )

    def _reward(self, number: int, others: Sequence[int], tokens: Sequence[int]) -> float:
        end = [_END] if tokens[-1] == END else []
        said = self._cider.counted([*words(self._target.decode(tokens)), *end])
        reward = mean_similarity(said, self._references[number])
        if self._recipe.others:
            foreign = [reference for other in others for reference in self._references[other]]
            reward -= self._recipe.others * mean_similarity(said, foreign)
        return reward

    @torch.no_grad()
    def _sample(
        self, model: CaptionModel, batch: CaptionBatch, rng: torch.Generator
    ) -> list[list[tuple[int, ...]]]:
        seed = int(torch.randint(2**31 - 1, (), generator=rng))
        mode = Sample(top_k=self._recipe.top_k, seed=seed)
        options = SearchOptions(mode=mode, n_best=self._recipe.samples, max_length=_LONGEST)
        model.eval()
        found = search(model.decoder, model.encode(batch.regions, batch.pooled), options)
        model.train()
        return [[one.tokens for one in each] for each in found]
