"""What the first screen needs, and what waits until it is drawn."""

import subprocess
import sys
from pathlib import Path

import pytest

from pages.shared import ahead

ROOT = Path(__file__).parents[2]


def test_the_first_screen_needs_neither_torch_nor_pandas() -> None:
    program = (
        "import sys\n"
        "from pages.shared import ahead\n"
        "ahead._once.acquire()  # nothing follows it\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120).run()\n"
        "assert not app.exception\n"
        "assert any('it is your turn' in caption.value for caption in app.caption), app.caption\n"
        "heavy = ('torch', 'torchvision', 'captum', 'pandas', 'sacrebleu')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True, timeout=180
    )
    assert found.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", ahead.PAGES)
def test_every_page_can_be_drawn_by_its_name(name: str) -> None:
    assert callable(ahead.page(name))
