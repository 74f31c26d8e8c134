"""Pages that translate by themselves, opened from disk in a browser without a network."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from seq2seq.exported.page import Exported, exported_page
from seq2seq.translator import Translator
from tests.browser.documents import Open, documents


@contextmanager
def exported_pages(browser: Browser, folder: Path) -> Iterator[Open]:
    """Yield what opens the page of some models from disk, without a network; its console has to stay empty.

    folder: where the pages are written.
    """
    files: dict[tuple[Path, ...], Path] = {}

    with documents(browser, folder) as open_address:

        def open_file(
            *models: Path, query: str = "", width: int = 1440, scheme: str = "light", lessons: Sequence[Any] = ()
        ) -> Page:
            if models not in files or lessons:
                files[models] = folder / f"{len(files)}.html"
                exported = [Exported(Translator.load(model), model) for model in models]
                files[models].write_bytes(exported_page(exported, lessons))
            page = open_address(
                files[models].as_uri() + query,
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                offline=True,
                reduced_motion="reduce",
            )
            page.locator("body[data-ready]").wait_for()
            return page

        yield open_file
