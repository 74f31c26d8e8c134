"""Two visitors at once: what one uploads changes nothing for the other, nor for the machine."""

import http.client
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from seq2seq.checkpoint import CONFIG, digest, read_checkpoint
from seq2seq.checkpoint_config import SOURCE, TARGET, WEIGHTS
from seq2seq.search import Greedy, SearchOptions
from seq2seq.translator import Translator
from tests.browser.conftest import reach, settle

SENTENCE = "il fait froid dehors"
LARGEST = {"embedding": 4096, "encoder_layers": 8, "encoder_hidden": 4096, "decoder_layers": 8,
           "decoder_hidden": 4096, "attention_hidden": 4096}  # fmt: skip


@pytest.fixture
def visitor(browser: Browser, app: str) -> Iterator[Page]:
    """Somebody with a browser of their own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(120_000)
    yield page
    assert not page.locator("[data-testid=stException]").count()
    context.close()


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"model/{name}", data)
    return packed.getvalue()


def poisoned(checkpoint: Path) -> dict[str, bytes]:
    """Return the files of the same weights with two pieces of the target vocabulary exchanged, digests mended."""
    model = Translator.load(checkpoint)
    tokenizer = model.checkpoint.target
    trace = model.trace(SENTENCE, options=SearchOptions(mode=Greedy()))
    said = {trace.nodes.token[node] for node in trace.path(trace.best.leaf)}
    pieces = tokenizer.pieces(range(len(tokenizer)))
    used, unused = next(
        (pieces[one], pieces[other])
        for one in sorted(said) for other in range(280, len(pieces))
        if one > 280 and other not in said and len(pieces[one].encode()) == len(pieces[other].encode())
    )  # fmt: skip
    field = [b"\n" + bytes([len(piece.encode())]) + piece.encode() + b"\x15" for piece in (used, unused)]
    proto = tokenizer.proto
    assert [proto.count(each) for each in field] == [1, 1]
    proto = proto.replace(field[0], b"@@").replace(field[1], field[0]).replace(b"@@", field[1])
    config = json.loads((checkpoint / CONFIG).read_text())
    config["vocabulary"]["target"] = digest(proto)
    files = {name: (checkpoint / name).read_bytes() for name in (WEIGHTS, SOURCE)}
    return files | {TARGET: proto, CONFIG: json.dumps(config).encode()}


def upload(page: Page, name: str, data: bytes, shows: Callable[[], bool]) -> None:
    chooser = page.locator("input[type=file][accept*=zip]")

    def act() -> None:
        if not chooser.count():
            page.get_by_role("button", name="Use a model of your own").click()
        chooser.set_input_files({"name": name, "mimeType": "application/zip", "buffer": data})

    reach(page, act, shows)


def greedy(page: Page) -> str:
    """Return what the page shows as the greedy translation, in the text that can be copied."""
    settle(page)
    words = page.locator(".output > span").first.inner_text()
    return " ".join(words.split())


def test_a_poisoned_upload_changes_nothing_for_anybody_else(
    browser: Browser, visitor: Page, app: str, tiny_checkpoint: Path
) -> None:
    files = poisoned(tiny_checkpoint)
    visitor.goto(f"{app}/?text={quote(SENTENCE)}&model=tiny")
    settle(visitor)
    true = greedy(visitor)
    model = visitor.get_by_role("combobox", name="Model")
    upload(visitor, "evil.zip", zipped(files), lambda: model.input_value() == "French → English (evil)")
    wrong = greedy(visitor)
    assert wrong != true, "else the test shows nothing"
    # Asked of the upload first, then of the true model.
    area = visitor.get_by_role("textbox", name="French text")
    reach(
        visitor,
        lambda: (area.fill("il fait chaud"), area.press("Control+Enter")),
        lambda: greedy(visitor) != wrong and "chaud" in visitor.url,
    )
    other = browser.new_context(viewport={"width": 1280, "height": 900})
    page = other.new_page()
    page.set_default_timeout(120_000)
    for text in (SENTENCE, "il fait chaud"):
        visitor.goto(f"{app}/?text={quote(text)}&model=tiny")
        page.goto(f"{app}/?text={quote(text)}&model=tiny")
        settle(page)
        settle(visitor)
        assert greedy(page) == greedy(visitor)
    assert page.get_by_text("evil").count() == 0, "an upload is nobody else's"
    other.close()


@pytest.mark.parametrize(("host", "answers"), [("", True), ("localhost", True), ("evil.example", False)])
def test_the_app_answers_to_its_own_names_alone(app: str, host: str, answers: bool) -> None:
    """A page of somebody else's, whose name was made to lead here, must not be able to talk to the app."""
    own = urlsplit(app)
    name = f"{host}:{own.port}" if host else own.netloc
    connection = http.client.HTTPConnection(own.netloc, timeout=60)
    connection.putrequest("GET", "/_stcore/stream", skip_host=True)
    for header, value in (("Host", name), ("Origin", f"http://{name}"), ("Upgrade", "websocket"),
                          ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
                          ("Sec-WebSocket-Key", "c29tZSBzaXh0ZWVuIGJ5dA==")):  # fmt: skip
        connection.putheader(header, value)
    connection.endheaders()
    assert (connection.getresponse().status == 101) == answers
    connection.close()


def memory(app: str) -> int:
    """Return the largest memory that the app has ever had, in MB."""
    port = str(urlsplit(app).port)
    found = subprocess.run(["pgrep", "-f", f"server.port {port}"], capture_output=True, text=True, check=True)
    status = Path(f"/proc/{found.stdout.split()[0]}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux's /proc")
def test_a_small_upload_can_not_ask_for_large_memory(visitor: Page, app: str, tiny_checkpoint: Path) -> None:
    visitor.goto(f"{app}/?text={quote(SENTENCE)}&model=tiny")
    settle(visitor)
    config = json.loads((tiny_checkpoint / CONFIG).read_text())
    config["model"] |= LARGEST
    files = {path.name: path.read_bytes() for path in tiny_checkpoint.iterdir() if path.is_file()}
    big = {CONFIG: json.dumps(config).encode()}
    before = memory(app)
    upload(visitor, "big.zip", zipped(files | big), visitor.get_by_text("belongs to another model").is_visible)
    without = {name: data for name, data in files.items() if name != WEIGHTS}
    upload(visitor, "none.zip", zipped(without | big), visitor.get_by_text("is missing").is_visible)
    assert memory(app) - before < 300
    expect(visitor.get_by_text("seq2seq-uploads")).to_have_count(0)
    assert read_checkpoint(tiny_checkpoint).config.model.embedding < 10, "the model itself is as it was"
