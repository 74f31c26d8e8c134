"""How the app's scripts reach a browser: compressed, unless it runs on the same machine.

A first visit fetches 2.5 MB of Streamlit's scripts, which Streamlit itself sends as they are. On a slow line that
takes longest; on the same machine compressing would.
"""

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_HERE = ("localhost", "127.0.0.1", "[::1]")


class Compressed:
    """Middleware that compresses scripts and styles for browsers elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain, self._compressed = app, GZipMiddleware(app, minimum_size=1000, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        script = scope["type"] == "http" and scope["path"].endswith((".js", ".css"))
        far = script and not Headers(scope=scope).get("host", "").startswith(_HERE)
        await (self._compressed if far else self._plain)(scope, receive, send)
