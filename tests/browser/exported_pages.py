"""Pages that translate by themselves, opened from disk in a browser without a network."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from seq2seq.exported.page import Exported, exported_page
from seq2seq.translator import Translator

Open = Callable[..., Page]


@contextmanager
def exported_pages(browser: Browser, folder: Path) -> Iterator[Open]:
    """Yield what opens the page of some models from disk, without a network; its console has to stay empty.

    folder: where the pages are written.
    """
    contexts, wrong = [], []
    files: dict[tuple[Path, ...], Path] = {}

    def open_file(
        *models: Path, query: str = "", width: int = 1440, scheme: str = "light", lessons: Sequence[Any] = ()
    ) -> Page:
        if models not in files or lessons:
            files[models] = folder / f"{len(files)}.html"
            exported = [Exported(Translator.load(model), model) for model in models]
            files[models].write_bytes(exported_page(exported, lessons))
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url))
        page.goto(files[models].as_uri() + query)
        page.locator("body[data-ready]").wait_for()
        return page

    yield open_file
    for context in contexts:
        context.close()
    own = (folder.as_uri(), "data:", "blob:")
    assert [each for each in wrong if not each.startswith(own)] == []
