"""JoeyNMT's half of the speed benchmark; runs in the peer's own environment, without `seq2seq`.

Reads the job that `benchmarks.speed` wrote, trains, searches, leaves its weights beside the job for the other side
to search with, and prints seconds and outputs as JSON. The job's ids are those of words, from 4 on.
"""

import json
import logging
import sys
import time
from importlib.metadata import version
from itertools import takewhile
from types import SimpleNamespace

import torch
from joeynmt.batch import Batch
from joeynmt.model import build_model
from joeynmt.search import search
from joeynmt.vocabulary import Vocabulary

UNK, PAD, BOS, EOS = 0, 1, 2, 3


def vocabulary(size):
    """Return a vocabulary of `size` entries."""
    special = SimpleNamespace(
        unk_token="<unk>", pad_token="<pad>", bos_token="<s>", eos_token="</s>", sep_token=None,
        unk_id=UNK, pad_id=PAD, bos_id=BOS, eos_id=EOS, sep_id=None, lang_tags=[],
    )  # fmt: skip
    return Vocabulary([f"w{i}" for i in range(size - 4)], special)


def build(sizes):
    """Return a recurrent model of the given sizes, with Luong attention and without input feeding."""
    config = {
        "encoder": {
            "type": "recurrent", "rnn_type": "lstm", "bidirectional": True, "num_layers": 1,
            "hidden_size": sizes["encoder_hidden"], "dropout": sizes["dropout"],
            "embeddings": {"embedding_dim": sizes["embedding"], "dropout": sizes["dropout"]},
        },
        "decoder": {
            "type": "recurrent", "rnn_type": "lstm", "num_layers": 1, "attention": "luong", "input_feeding": False,
            "hidden_size": sizes["decoder_hidden"], "dropout": sizes["dropout"], "init_hidden": "bridge",
            "hidden_dropout": sizes["dropout"],
            "embeddings": {"embedding_dim": sizes["embedding"], "dropout": sizes["dropout"]},
        },
        "tied_embeddings": False, "tied_softmax": False,
    }  # fmt: skip
    words = vocabulary(sizes["vocabulary"])
    model = build_model(config, words, words)
    model.loss_function = ("crossentropy", 0.1)  # kind and label smoothing, as its trainer sets it
    return model


def padded(rows):
    """Return rows of ids as a tensor."""
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def batch(sources, targets=None):
    """Return a batch as its data loader makes one: longest source first."""
    sources = [[*source, EOS] for source in sources]
    order = sorted(range(len(sources)), key=lambda i: -len(sources[i]))
    return Batch(
        src=padded([sources[i] for i in order]),
        src_length=torch.tensor([len(sources[i]) for i in order]),
        src_prompt_mask=None,
        trg=None if targets is None else padded([[BOS, *targets[i], EOS] for i in order]),
        trg_prompt_mask=None,
        indices=torch.arange(len(order)),
        device=torch.device("cpu"),
        pad_index=PAD,
        eos_index=EOS,
        is_train=targets is not None,
    )


def train(model, job):
    """Return the seconds of each update."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    model.train()
    seconds = []
    for sources, targets in job["training"]:
        made = batch(sources, targets)
        start = time.perf_counter()
        loss, _, _, _ = model(return_type="loss", **vars(made))
        optimiser.zero_grad()
        (loss / float(made.ntokens)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        seconds.append(time.perf_counter() - start)
    return seconds


def decode(model, job, beam):
    """Return the seconds of each batch, and its outputs in the order of its sources."""
    model.eval()
    rounds = [search_all(model, job, beam) for _ in range(job["rounds"])]
    return {
        "seconds": [min(each) for each in zip(*(one[0] for one in rounds), strict=True)],
        "outputs": rounds[0][1],
    }


def search_all(model, job, beam):
    """Return the seconds of each batch, and all outputs."""
    seconds, outputs = [], []
    for sources in job["decoding"]:
        made = batch(sources)
        start = time.perf_counter()
        found, _, _ = search(
            model=model, batch=made, max_output_length=job["longest"], min_output_length=1, beam_size=beam,
            beam_alpha=job["alpha"] if beam > 1 else -1, n_best=1, return_prob="none", return_attention=False,
        )  # fmt: skip
        seconds.append(time.perf_counter() - start)
        order = sorted(range(len(sources)), key=lambda i: -len(sources[i]))
        by_source = dict(zip(order, found.tolist(), strict=True))
        # Its searches continue after the end token until the whole batch is done; it cuts its outputs there later.
        outputs += [list(takewhile(lambda token: token != EOS, by_source[i])) for i in range(len(sources))]
    return seconds, outputs


def main():
    """Run the job named on the command line."""
    logging.disable(logging.INFO)
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    torch.set_num_threads(job["threads"])
    torch.manual_seed(1)
    model = build(job["sizes"])
    seconds = train(model, job)
    alone = job | {"decoding": job["alone"], "longest": job["alone_longest"]}
    torch.save(model.state_dict(), sys.argv[1] + ".weights")
    result = {
        "name": f"JoeyNMT {version('joeynmt')} on torch {torch.__version__}",
        "parameters": sum(p.numel() for p in model.parameters()),
        "training": seconds,
        "searches": {"greedy": decode(model, job, 1), "beam": decode(model, job, 5)},
        "alone": {"greedy": decode(model, alone, 1), "beam": decode(model, alone, 5)},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
