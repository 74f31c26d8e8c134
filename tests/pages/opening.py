"""Pages opened without a browser, by the parameters of a link."""

from html import unescape

from streamlit.testing.v1 import AppTest

KINDS = ("title", "markdown", "caption", "info", "success", "warning", "error", "code", "subheader")


def _run_page(page: str) -> None:
    import importlib

    importlib.import_module(f"pages.{page}").page()


def prepared(page: str, **parameters: str) -> AppTest:
    """Return a page before its first run."""
    app = AppTest.from_function(_run_page, default_timeout=120, kwargs={"page": page})
    for name, value in parameters.items():
        app.query_params[name] = value
    return app


def open_page(page: str, **parameters: str) -> AppTest:
    """Return a page after its first run."""
    return prepared(page, **parameters).run()


def texts(app: AppTest) -> str:
    """Return all that a page says in Streamlit's own elements."""
    return "\n".join(str(element.value) for kind in KINDS for element in getattr(app, kind))


def html(app: AppTest) -> str:
    """Return all that a page says in HTML of its own."""
    return "\n".join(str(element.proto.body) for element in app.get("html"))


def all_texts(app: AppTest) -> str:
    """Return all that a page says, in either way."""
    return f"{texts(app)}\n{unescape(html(app))}"
