"""What is compressed on its way to a browser."""

import asyncio
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import Message

from pages.shared.delivery import Compressed

SCRIPT = b"const answer = 42;" * 200


def headers_of(path: str, host: str, kind: str = "http") -> dict[bytes, bytes]:
    """Return the headers with which a path is answered."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", host.encode()), (b"accept-encoding", b"gzip")]
    scope: dict[str, Any] = {"type": kind, "method": "GET", "path": path, "headers": headers}
    asyncio.run(Compressed(Response(SCRIPT, media_type="text/javascript"))(scope, receive, send))
    return dict(sent[0]["headers"])


@pytest.mark.parametrize(
    ("path", "host", "compressed"),
    [
        ("/static/js/index.js", "learn.example.org", True),
        ("/static/css/index.css", "192.0.2.7:8501", True),
        ("/static/js/index.js", "localhost:8501", False),
        ("/static/js/index.js", "127.0.0.1:8501", False),
        ("/static/js/index.js", "[::1]:8501", False),
        ("/static/media/font.woff2", "learn.example.org", False),
        ("/_stcore/health", "learn.example.org", False),
    ],
)
def test_scripts_are_compressed_for_browsers_elsewhere(path: str, host: str, compressed: bool) -> None:
    assert (headers_of(path, host).get(b"content-encoding") == b"gzip") == compressed
