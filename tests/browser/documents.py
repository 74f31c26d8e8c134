"""Documents opened from disk in a browser: nothing may be fetched, and the console has to stay empty."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

Open = Callable[..., Page]


@contextmanager
def documents(browser: Browser, folder: Path) -> Iterator[Open]:
    """Yield what opens an address within `folder`, with options for the browser's context; check at the end."""
    contexts, wrong = [], []

    def open_address(address: str, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda request: wrong.append(request.url))
        page.goto(address)
        return page

    yield open_address
    for context in contexts:
        context.close()
    own = (folder.as_uri(), "data:", "blob:")
    assert [each for each in wrong if not each.startswith(own)] == []
