"""What a training starts from: word vectors, and the frozen encoder of an autoencoder."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from seq2seq.checkpoint import read_checkpoint
from seq2seq.cli import main
from seq2seq.data import Languages, Pair, prepare, read_pairs, write_pairs
from seq2seq.errors import ConfigError, DataError
from seq2seq.training import Training
from tests.training.recipes import recipe
from tests.training.test_loop import same_weights, trained, weights

WORDS = {"kind": "word", "source_size": 60, "target_size": 60}


# -- word vectors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "3 8\n"])
def test_embeddings_start_from_the_vectors_of_their_words(tmp_path: Path, header: str) -> None:
    ones, twos = " ".join(["1"] * 8), " ".join(["2"] * 8)
    (tmp_path / "fr.vec").write_text(f"{header}chien {ones}\nle {twos}\nnulle-part {twos}\n")
    text = WORDS | {"source_vectors": tmp_path / "fr.vec"}
    made = Training(recipe(tmp_path, text=text), tmp_path / "with")
    plain = Training(recipe(tmp_path, text=WORDS), tmp_path / "without")
    words = made.task.tokenizers["source"].vocabulary()
    given = {"chien": 1.0, "le": 2.0, "Le": 2.0}  # a capital word takes the vector of the small one
    rows = made.model.encoder.embedding.weight
    for number, word in enumerate(words):
        expected = torch.full((8,), given[word]) if word in given else plain.model.encoder.embedding.weight[number]
        assert torch.equal(rows[number], expected)
    assert set(given) <= set(words)


def test_the_target_takes_vectors_too_and_an_elision_has_one(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("the " + "3 " * 8 + "\n. " + "4 " * 8 + "\n")
    made = Training(recipe(tmp_path, text=WORDS | {"target_vectors": tmp_path / "en.txt"}), tmp_path / "model")
    words = made.task.tokenizers["target"].vocabulary()
    rows = made.model.decoder.embedding.weight.detach()
    assert float(rows[words.index("the")].mean()) == 3
    assert float(rows[words.index(".")].mean()) == 4


def test_vectors_that_do_not_fit_are_clear_errors(tmp_path: Path) -> None:
    path = tmp_path / "fr.vec"
    path.write_text("1 300\nchien 1\n")
    with pytest.raises(DataError, match=r"set model\.embedding = 300"):
        Training(recipe(tmp_path, text=WORDS | {"source_vectors": path}), tmp_path / "model")
    path.write_text("zut " + "1 " * 8 + "\n")
    with pytest.raises(ConfigError, match="has none of the"):
        Training(recipe(tmp_path, text=WORDS | {"source_vectors": path}), tmp_path / "model")
    with pytest.raises(ConfigError, match="word vectors are for the kind word, not bpe"):
        recipe(tmp_path, text={"source_vectors": path})


# -- an autoencoder's encoder ----------------------------------------------------------------------------------


def test_a_frozen_encoder_stays_as_it_was_while_the_rest_learns(tmp_path: Path) -> None:
    first = trained(tmp_path)
    start = {"checkpoint": first, "parts": ["encoder"], "freeze": True}
    made = recipe(tmp_path, initialise_from=start, training={"weight_decay": 0.5})
    training = Training(made, tmp_path / "second")
    before = weights(training)
    training.run(stop_at=3)
    rest = Training(made, tmp_path / "second", resume=True)
    rest.run(stop_at=5)
    given = dict(read_checkpoint(first).model.named_parameters())
    for name, value in weights(rest).items():
        if name.startswith("encoder."):
            assert torch.equal(value, given[name])
        elif "bias_hh" not in name:
            assert not torch.equal(value, before[name]), name
    whole = Training(made, tmp_path / "whole")
    whole.run(stop_at=5)
    assert same_weights(weights(whole), weights(rest))


@pytest.mark.parametrize("tied", [True, False])
def test_pieces_keep_their_weights_in_a_vocabulary_of_another_size(tmp_path: Path, tied: bool) -> None:
    sizes = {"source_size": 312, "target_size": 306}
    first = tmp_path / "first"
    Training(recipe(tmp_path, model={"tied": tied}), first).run()
    kept = read_checkpoint(first)
    start = {"checkpoint": first, "vocabularies": "learnt"}
    made = Training(recipe(tmp_path, text=sizes, model={"tied": tied}, initialise_from=start), tmp_path / "second")
    for side, part in (("source", "encoder"), ("target", "decoder")):
        own, old = made.task.tokenizers[side], getattr(kept, side)
        assert len(own) < len(old)
        places = {piece: i for i, piece in enumerate(old.pieces(range(len(old))))}
        given = getattr(kept.model, part).state_dict()
        for name, value in getattr(made.model, part).state_dict().items():
            if name in {"embedding.weight", "output.weight", "output.bias"}:
                for i, piece in enumerate(own.pieces(range(len(own)))):
                    assert piece not in places or torch.equal(value[i], given[name][places[piece]])
            else:
                assert torch.equal(value, given[name]), name


def test_freezing_everything_is_a_clear_error(tmp_path: Path) -> None:
    start = {"checkpoint": trained(tmp_path), "freeze": True}
    with pytest.raises(ConfigError, match="leaves nothing to learn"):
        Training(recipe(tmp_path, initialise_from=start), tmp_path / "second")


def test_prepared_for_an_autoencoder_each_source_stands_once_beside_itself(tmp_path: Path) -> None:
    pairs = [Pair(f"Phrase {n}.", f"Sentence {n}{end}") for n in range(300) for end in (".", " too.")]
    write_pairs(tmp_path / "pairs.tsv", pairs)
    words = [str(tmp_path / "pairs.tsv"), "--columns", "fr,en", "--source", "fr", "--target", "en"]
    result = CliRunner().invoke(main, ["prepare", str(tmp_path / "auto"), *words, "--autoencode"])
    assert result.exit_code == 0, result.stderr
    assert "fr words" in result.stdout
    assert "en words" not in result.stdout
    card = prepare(
        tmp_path / "plain", Languages("fr", "en"), [str(tmp_path / "pairs.tsv")], columns=Languages("fr", "en")
    )
    assert (card.source, card.target) == ("fr", "en")
    for name in ("train.tsv", "valid.tsv", "test.tsv"):
        mirrored = list(read_pairs(tmp_path / "auto" / name))
        assert all(source == target for source, target in mirrored)
        plain = [pair.source for pair in read_pairs(tmp_path / "plain" / name)]
        assert [pair.source for pair in mirrored] == list(dict.fromkeys(plain))
    again = CliRunner().invoke(main, ["prepare", str(tmp_path / "auto"), *words, "--autoencode"])
    assert again.exit_code == 0, again.stderr
