"""Entry point of the app: title, theme, navigation.

Start it with `streamlit run app.py [-- --models FOLDER --lessons FOLDER]`. Streamlit finds the server `app` in this
file, and runs the file as a script for each visitor.
"""

import sys
from functools import partial
from pathlib import Path

# The app can be started from any folder, so its own folder comes first on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent))

import streamlit as st

from pages.shared import ahead

TITLES = {
    "translate": ("Translate", "translate"),
    "attention": ("Attention", "visibility"),
    "beam_tree": ("Beam tree", "account_tree"),
    "teacher_forcing": ("Teacher forcing", "school"),
    "captioning": ("Captioning", "photo_camera"),
    "course": ("Learn", "lightbulb"),
}  # and their icons
ICON = Path(__file__).resolve().parent / "pages/shared/browser/icon.svg"
SHORT = {"Beam tree": "Tree", "Teacher forcing": "Forcing", "Captioning": "Captions"}  # so that a row holds all


def main() -> None:
    """Draw the frame and the page of the current URL."""
    from pages.shared import frame, glossary, models
    from pages.shared.html import STYLE

    models.look_once()
    st.set_page_config(page_title="seq2seq", page_icon=ICON, layout="wide")
    st.html(STYLE)
    pages = [
        st.Page(
            partial(_draw, name),
            title=title,
            icon=f":material/{icon}:",
            url_path=name,
            default=name == ahead.FIRST,
        )
        for name, (title, icon) in TITLES.items()
    ]
    page = st.navigation(pages, position="top")
    # On a phone Streamlit hides the navigation behind a button; this row is shown there alone.
    with st.container(horizontal=True, gap="xxsmall", key="phone_pages"):
        for each in pages:
            st.page_link(each, label=SHORT.get(each.title, each.title), icon=None)
    page.run()
    frame.draw()
    glossary.draw()
    ahead.after_first_screen()


def _draw(name: str) -> None:
    ahead.page(name)()


if __name__ == "__main__":
    main()
else:
    from starlette.middleware import Middleware

    from pages.shared.delivery import Compressed

    app = st.App(__file__, lifespan=ahead.lifespan, middleware=[Middleware(Compressed)])
