"""What is kept from page to page: what a page left is found again, unless the sentence is another one."""

from streamlit.testing.v1 import AppTest


def script(page: str, changes: dict[str, object]) -> None:
    """Open the view of a page and change it."""
    from pages.shared import view, views

    view.open_view(getattr(views, page))
    view.update(**changes)


def visit(app: AppTest | None, page: str, **changes: object) -> AppTest:
    fresh = AppTest.from_function(script, kwargs={"page": page, "changes": changes})
    if app is not None:
        for name in ("view", "kept_of_views"):
            if name in app.session_state:
                fresh.session_state[name] = app.session_state[name]
    fresh.run()
    assert not fresh.exception
    return fresh


def test_a_page_is_found_as_it_was_left() -> None:
    app = visit(None, "BeamTreeView", text="Il pleut.", model="fr-en", node=3, pruned="all", beam=7)
    app = visit(app, "CaptioningView", photo="cat")
    app = visit(app, "BeamTreeView")
    view = app.session_state["view"]
    assert (view.text, view.node, view.pruned, view.beam) == ("Il pleut.", 3, "all", 7)
    assert visit(app, "CaptioningView").session_state["view"].photo == "cat"


def test_another_sentence_on_another_page_forgets_what_was_chosen_in_the_old_one() -> None:
    app = visit(None, "AttentionView", text="Il pleut.", model="fr-en", column=2, by="pieces")
    app = visit(app, "TranslateView", text="Il neige.")
    app = visit(app, "CaptioningView")
    view = visit(app, "AttentionView").session_state["view"]
    assert (view.text, view.column, view.by) == ("Il neige.", None, "pieces")


def test_a_page_keeps_only_its_own_fields_in_the_link() -> None:
    app = visit(None, "AttentionView", text="Il pleut.", column=2)
    app = visit(app, "TranslateView")
    assert app.session_state["view"].parameters() == {"text": "Il pleut."}
