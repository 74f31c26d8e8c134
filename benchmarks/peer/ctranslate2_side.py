"""CTranslate2's part of the comparison; runs in an environment of its own, without `seq2seq`.

Reads the job that `benchmarks.peers` wrote and prints seconds as JSON. Its models have random weights, since only
their shape matters to the time; each batch is made to end after as many pieces as the other side needed on average.
"""

import json
import sys
import tempfile
import time
from importlib.metadata import version

import ctranslate2
import numpy as np
from ctranslate2.specs import TransformerSpec

SPECIAL = ["<unk>", "<s>", "</s>"]


def build(folder, shape):
    """Write a Transformer of a shape, quantised to int8."""
    width, inner, vocabulary = shape["width"], shape["inner"], shape["vocabulary"]
    generator = np.random.default_rng(1)

    def weights(*size):
        return (generator.standard_normal(size) * 0.05).astype(np.float32)

    def linear(layer, outputs, inputs):
        layer.weight, layer.bias = weights(outputs, inputs), np.zeros(outputs, np.float32)

    def norm(layer):
        layer.gamma, layer.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    layers = shape["encoder_layers"], shape["decoder_layers"]
    spec = TransformerSpec.from_config(layers, shape["heads"], pre_norm=False)
    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        embeddings.weight = weights(vocabulary, width)
        side.position_encodings.encodings = weights(512, width)
        for layer in side.layer:
            linear(layer.self_attention.linear[0], 3 * width, width)
            linear(layer.self_attention.linear[1], width, width)
            norm(layer.self_attention.layer_norm)
            if side is spec.decoder:
                linear(layer.attention.linear[0], width, width)
                linear(layer.attention.linear[1], 2 * width, width)
                linear(layer.attention.linear[2], width, width)
                norm(layer.attention.layer_norm)
            linear(layer.ffn.linear_0, inner, width)
            linear(layer.ffn.linear_1, width, inner)
            norm(layer.ffn.layer_norm)
    linear(spec.decoder.projection, vocabulary, width)
    words = SPECIAL + [f"w{i}" for i in range(vocabulary - len(SPECIAL))]
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(folder)


def seconds(translator, batches, beam, rounds):
    """Return the shortest time of each batch."""
    found = []
    for _ in range(rounds):
        times = []
        for sources, length in batches:
            words = [[f"w{token}" for token in ids] for ids in sources]
            start = time.perf_counter()
            translator.translate_batch(
                words, beam_size=beam, min_decoding_length=length, max_decoding_length=length
            )
            times.append(time.perf_counter() - start)
        found.append(times)
    return [min(each) for each in zip(*found, strict=True)]


def main():
    """Run the job named on the command line."""
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    sides = []
    for name, shape in job["shapes"].items():
        with tempfile.TemporaryDirectory() as folder:
            build(folder, shape)
            translator = ctranslate2.Translator(
                folder, compute_type="int8", inter_threads=1, intra_threads=job["threads"]
            )
        searches = {
            search: {
                part: seconds(translator, job[part][search], job["beams"][search], job["rounds"])
                for part in ("together", "alone")
            }
            for search in job["beams"]
        }
        sides.append({"name": f"CTranslate2 {version('ctranslate2')} int8, {name}", "searches": searches})
    print(json.dumps(sides))


if __name__ == "__main__":
    main()
