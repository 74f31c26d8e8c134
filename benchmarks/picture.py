"""Figures as SVG files, drawn by a browser, so that no further library is needed."""

import shutil
from pathlib import Path
from urllib.parse import unquote

import plotly.graph_objects as go
from playwright.sync_api import sync_playwright

RESULTS = Path(__file__).parent / "results"


def save_svg(figure: go.Figure, path: Path) -> None:
    """Write `figure` to `path`, or print that there is no browser to draw it."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print(f"Chromium was not found, so {path} is not drawn.")
        return
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chrome.new_page()
        page.set_content(figure.to_html(include_plotlyjs=True, full_html=True))
        page.wait_for_selector(".main-svg")
        size = {"width": figure.layout.width, "height": figure.layout.height}
        url = page.evaluate(
            "size => Plotly.toImage(document.querySelector('.plotly-graph-div'), {format: 'svg', ...size})", size
        )
        chrome.close()
    path.write_text(unquote(url.split(",", 1)[1]), encoding="utf-8")
