"""What a page is given of a model."""

import base64
import json
import re
import tomllib
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from seq2seq.digests import digest
from seq2seq.errors import ConfigError
from seq2seq.exported import page as page_module
from seq2seq.exported.pack import packed
from seq2seq.exported.page import Exported, exported_page, fits, kernels
from seq2seq.exported.patterns import in_javascript
from seq2seq.translator import Translator
from seq2seq.weights import distinct
from tests.exported.models import write_tiny

ENGINE = Path(page_module.__file__).parent / "engine"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = write_tiny(tmp_path_factory.mktemp("exported") / "tiny")
    return Exported(Translator.load(folder), folder)


def test_the_weights_of_a_model_in_8_bits_come_back_exactly(exported: Exported) -> None:
    checkpoint = exported.translator.checkpoint
    data = zlib.decompress(packed(checkpoint, "tiny"))
    length = int.from_bytes(data[:4], "little")
    header, weights = json.loads(data[4 : 4 + length]), data[4 + length :]
    assert (4 + length) % 16 == 0  # floats can be read in place
    assert header["digest"] == checkpoint.fingerprint
    for name, value in distinct(checkpoint.model):
        place = header["tensors"][name]
        if value.dim() == 1:
            found = np.frombuffer(weights, np.float32, place["length"], place["at"])
        else:
            codes = np.frombuffer(weights, np.int8, value.numel(), place["codes"]).reshape(value.shape)
            scales = np.frombuffer(weights, np.float32, len(value), place["scales"])
            assert (place["outputs"], place["width"]) == value.shape
            found = codes * scales[:, None]
        assert torch.equal(torch.tensor(found), value), name


def test_weights_that_lose_something_make_another_model(translator: Translator) -> None:
    data = zlib.decompress(packed(translator.checkpoint, "tiny"))
    header = json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")])
    own = translator.checkpoint.fingerprint
    assert header["digest"].startswith(own)
    assert header["digest"] != own


def test_other_vocabularies_are_refused(wordy: Translator) -> None:
    with pytest.raises(ConfigError, match=r"byte-pair encoding .*; train with kind = bpe"):
        packed(wordy.checkpoint, "wordy")
    assert not fits(wordy.checkpoint)


def test_a_models_bytes_stand_in_the_page_once(exported: Exported) -> None:
    page = exported_page([exported])
    assert b"\0" not in page
    assert page.count(base64.b64encode(packed(exported.translator.checkpoint, exported.translator.name))) == 1
    assert fits(exported.translator.checkpoint)


def test_two_models_of_a_direction_are_refused(exported: Exported) -> None:
    with pytest.raises(ConfigError, match="Two of the models translate fr-en"):
        exported_page([exported, exported])


def test_the_page_fetches_nothing_and_lets_nothing_in(exported: Exported) -> None:
    page = exported_page([exported]).decode()
    outside = page.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    code = "".join(re.findall(r"<script id=.*?</script>", outside, re.DOTALL))
    assert not re.search(r"https?://|@import|fetch\(|XMLHttp|WebSocket|innerHTML|insertAdjacent|\beval\(", code)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "'unsafe-inline'" not in policy[1]
    assert "'unsafe-eval'" not in policy[1]


def test_a_card_is_shown_and_its_signs_are_text(exported: Exported, tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "tiny")
    (folder / "README.md").write_text("# A *card*\n<script>alert(1)</script>\n![x](http://x.org/y.png)\n")
    page = exported_page([Exported(exported.translator, folder)]).decode()
    assert "<h1>A <em>card</em></h1>" in page
    assert "<script>alert(1)" not in page
    assert "<img" not in page


def test_the_licence_in_the_page_is_the_projects() -> None:
    held = Path(page_module.__file__).parent / "page" / "licence.txt"
    assert held.read_bytes() == (Path(__file__).parents[2] / "LICENSE").read_bytes()


def test_the_kernels_are_built_from_their_source() -> None:
    made = tomllib.loads((ENGINE / "kernels.toml").read_text(encoding="utf-8"))
    assert made["source"] == digest((ENGINE / "kernels.c").read_bytes()), "run tools/kernels.py"
    assert made["built"] == digest(kernels()), "run tools/kernels.py"


@pytest.mark.parametrize(
    ("pattern", "flags", "expected"),
    [
        (r"(?P<a>\w+)-\d", 0, r"(?<a>[\p{L}\p{N}_]+)-[\p{Nd}]"),
        (r"[^\W\d_]", 0, r"(?:(?![\p{Nd}_])[\p{L}\p{N}_])"),
        (r"[^\W]", 0, r"[\p{L}\p{N}_]"),
        (r"a \# b", re.VERBOSE, "a#b"),
        (r"x{2}\{}", 0, r"x{2}\{\}"),
        (r"[\]\-.]]", 0, r"[\]\-.]\]"),
        (r"\'\.", re.IGNORECASE, r"'\."),
    ],
)
def test_an_expression_in_javascripts_notation(pattern: str, flags: int, expected: str) -> None:
    source, further = in_javascript(re.compile(pattern, flags))
    assert source == expected
    assert further == ("i" if flags & re.IGNORECASE else "")


@pytest.mark.parametrize(
    "pattern", [r"(a)\1", r"\Aa", r"[\S-]", "a # said", "(?P<a>b)(?P=a)", "(?#said)a", "(?>a)", "(?s:a)"]
)
def test_what_has_no_counterpart_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="counterpart"):
        in_javascript(re.compile(pattern, re.VERBOSE))
