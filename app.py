"""Entry point of the app: title, theme, navigation.

Start it with `streamlit run app.py [-- --models FOLDER --lessons FOLDER]`.
"""

import sys
from pathlib import Path

# The app can be started from any folder, so its own folder comes first on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent))

import streamlit as st

from pages import attention, beam_tree, captioning, course, teacher_forcing, translate
from pages.shared import frame, glossary
from pages.shared.html import STYLE

SHORT = {"Beam tree": "Tree", "Teacher forcing": "Forcing", "Captioning": "Captions"}  # so that a row holds all


def main() -> None:
    """Draw the frame and the page of the current URL."""
    st.set_page_config(page_title="seq2seq", page_icon="🔍", layout="wide")
    st.html(STYLE)
    pages = [
        st.Page(translate.page, title="Translate", icon=":material/translate:", url_path="translate", default=True),
        st.Page(attention.page, title="Attention", icon=":material/visibility:", url_path="attention"),
        st.Page(beam_tree.page, title="Beam tree", icon=":material/account_tree:", url_path="beam_tree"),
        st.Page(
            teacher_forcing.page, title="Teacher forcing", icon=":material/school:", url_path="teacher_forcing"
        ),
        st.Page(captioning.page, title="Captioning", icon=":material/photo_camera:", url_path="captioning"),
        st.Page(course.page, title="Learn", icon=":material/lightbulb:", url_path="course"),
    ]
    page = st.navigation(pages, position="top")
    # On a phone Streamlit hides the navigation behind a button; this row is shown there alone.
    with st.container(horizontal=True, gap="xxsmall", key="phone_pages"):
        for each in pages:
            st.page_link(each, label=SHORT.get(each.title, each.title), icon=None)
    page.run()
    frame.draw()
    glossary.draw()


if __name__ == "__main__":
    main()
