"""The checks of how a page looks find what is planted, in shadow roots as well."""

from collections.abc import Iterator

import plotly.graph_objects as go
import pytest
from playwright.sync_api import Browser, Page

from seq2seq.viz.export import figure_html
from tests.browser.looks import cut_or_half_empty, hard_to_read, overlapping, sideways


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def plant(page: Page, inside: str) -> None:
    """Put HTML into a shadow root."""
    page.set_content('<main data-testid="stMain"><div id="host"></div></main>')
    page.evaluate("html => document.querySelector('#host').attachShadow({mode: 'open'}).innerHTML = html", inside)


def test_an_overlap_in_a_shadow_root_is_found(page: Page) -> None:
    plant(page, '<p>above</p><p style="margin-top: -2.2em">below</p>')
    assert overlapping(page) == ["'above' on 'below'"]
    plant(page, "<p>above</p><p>below</p>")
    assert overlapping(page) == []


def test_labels_of_a_picture_that_overlap_are_found(page: Page) -> None:
    plant(
        page,
        '<svg width="300" height="60"><text x="10" y="30">one label</text><text x="40" y="30">two</text></svg>',
    )
    assert overlapping(page) == ["'one label' on 'two'"]


def test_pale_text_and_a_page_that_is_too_wide_are_found(page: Page) -> None:
    plant(page, '<p style="color: #bbb">pale</p><div style="width: 3000px">wide</div>')
    assert len(hard_to_read(page)) == 1
    assert sideways(page) > 0


def shown(page: Page, last: float) -> list[str]:
    """Show a heatmap of three columns on an axis that ends at `last`."""
    figure = go.Figure(go.Heatmap(z=[[1, 2, 3], [3, 2, 1]]))
    figure.update_xaxes(range=[-0.5, last])
    page.set_content(figure_html(figure, "A map", "a map"))
    page.locator(".heatmaplayer image").wait_for()
    return cut_or_half_empty(page)


def test_a_figure_that_is_half_empty_or_cut_is_found(page: Page) -> None:
    assert shown(page, 2.5) == []
    assert "of its width" in shown(page, 8)[0]
    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1]))
    figure.add_annotation(x=1, y=1, text="a long label that leaves the picture", xanchor="left", showarrow=False)
    figure.update_layout(margin={"r": 20}, xaxis={"range": [0, 1]})
    page.set_content(figure_html(figure, "A curve", "a curve"))
    page.locator(".annotation-text").wait_for()
    assert "is cut off" in cut_or_half_empty(page)[0]
