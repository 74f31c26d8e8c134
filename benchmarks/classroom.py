"""A class at the app: visitors who translate, look at attention and caption photos, without browsers.

python -m benchmarks.classroom [--visitors 20] [--minutes 10] [--every 10] [--heavy 3]
Each visitor is a connection that speaks Streamlit's protocol, so what a browser takes to draw is left out. Counted
is what passes from the event to the last message of the answer. They ask in turn, and at the end once all
within the same second. Meanwhile `--heavy` others open heavy questions, one after another. Every answer has to hold
the visitor's own number.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import time
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.running import running_app
from benchmarks.start import resident

SENTENCE = "Le voisin numéro {} a vu {} chats dans le jardin de sa tante."
SAMPLES = ("two-dogs", "walker", "jumping", "samoyeds", "shepherd", "black-dog")


class Asked(NamedTuple):
    """What was asked, how long the answer took, and whether it was the visitor's own."""

    what: str
    seconds: float
    right: bool


class Visitor:
    """One connection to the app."""

    def __init__(self, address: str, number: int) -> None:
        self._address, self.number = address, number
        self._line = ""
        self._hashes: set[str] = set()
        self._page = ""
        self._asked = itertools.count(1 + int(time.time()) % 10_000 * 100)  # no other run has asked it
        self._query = ""
        self._exact = self._fragment = ""

    async def enter(self, link: str = "", page: str = "") -> tuple[float, bytes]:
        """Open a page; return the seconds until it has been sent, and what was sent."""
        place = urlsplit(self._address).netloc
        self._socket = await websockets.connect(
            f"ws://{place}/_stcore/stream", origin=self._address, max_size=None, compression=None
        )
        message = BackMsg()
        message.rerun_script.query_string = link
        message.rerun_script.page_name = page
        return await self._run(message)

    async def translate(self, *, beam: int = 5) -> Asked:
        """Ask for an own sentence."""
        own = next(self._asked)
        text = SENTENCE.format(self.number, own)
        if beam != 5:
            return await self._open(f"text={quote(text)}&beam={beam}", "translate", "an own sentence by link", own)
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.page_script_hash = self._page
        event = message.rerun_script.widget_states.widgets.add()
        event.id = f"$$STREAMLIT_INTERNAL_KEY_{self._line}__events"
        event.json_trigger_value = json.dumps([{"event": "submit", "value": {"text": text, "at": time.time()}}])
        seconds, says = await self._run(message)
        return Asked("an own sentence", seconds, str(own).encode() in says)

    async def attend(self) -> Asked:
        """Ask for the attention page of an own sentence."""
        own = next(self._asked)
        text = quote(SENTENCE.format(self.number, own))
        return await self._open(f"text={text}", "attention", "attention", own)

    async def caption(self) -> Asked:
        """Ask for the caption of a sample photo, with a beam of another size each time."""
        photo = SAMPLES[self.number % len(SAMPLES)]
        size = 1 + next(self._asked) % 10
        return await self._open(f"photo={photo}&beam={size}", "captioning", "a caption", 0)

    async def exact(self) -> Asked:
        """Ask for exact search for an own sentence, which takes seconds; the answer here is that it has begun."""
        own = next(self._asked)
        window = Visitor(self._address, self.number)
        await window.enter(f"text={quote(SENTENCE.format(self.number, own))}&tool=autopsy")
        message = BackMsg()
        message.rerun_script.query_string = window._query
        message.rerun_script.page_script_hash = window._page
        message.rerun_script.fragment_id = window._fragment
        button = message.rerun_script.widget_states.widgets.add(id=window._exact)
        button.trigger_value = True
        seconds, says = await window._run(message)
        await asyncio.sleep(6)  # as long as it computes
        await window.leave()
        return Asked(
            "exact search, until it has begun",
            seconds,
            any(word in says for word in (b"Looking for a better", b"Waiting for", b"proven")),
        )

    async def leave(self) -> None:
        """Close the connection."""
        await self._socket.close()

    async def _open(self, link: str, page: str, what: str, own: int) -> Asked:
        """Open a link in a window of its own."""
        window = Visitor(self._address, self.number)
        seconds, says = await window.enter(link, page)
        await window.leave()
        return Asked(what, seconds, not own or str(own).encode() in says)

    async def _run(self, message: BackMsg) -> tuple[float, bytes]:
        """Send an event; return the seconds until the script has ended, and all that it said."""
        message.rerun_script.cached_message_hashes.extend(self._hashes)
        message.rerun_script.context_info.url = self._address
        message.rerun_script.context_info.color_scheme = "light"
        start = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        says: list[bytes] = []
        running = False
        while True:
            data = await self._socket.recv()
            found = ForwardMsg.FromString(data)
            kind = found.WhichOneof("type")
            says.append(data)
            running = running or kind == "new_session"
            if kind == "navigation":
                self._page = found.navigation.page_script_hash
            if found.metadata.cacheable and found.hash:
                self._hashes.add(found.hash)
            if b"-in_line" in data and kind == "delta":
                name = found.delta.new_element.bidi_component.id
                self._line = name if name.endswith("-in_line") else self._line
            button = found.delta.new_element.button.id if kind == "delta" else ""
            if button.endswith("-autopsy_best"):
                self._exact, self._fragment = button, found.delta.fragment_id
            if kind == "page_info_changed":
                self._query = found.page_info_changed.query_string
            if (
                kind == "script_finished"
                and running
                and found.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
            ):
                return time.perf_counter() - start, b"".join(says)


async def lesson(
    visitor: Visitor, asked: list[Asked], every: float, until: float, together: asyncio.Barrier
) -> None:
    """Ask in turn until the time is over; then once more, with everybody at once."""
    await asyncio.sleep(every * visitor.number / together.parties)
    kinds = [
        visitor.translate,
        visitor.translate,
        visitor.attend,
        visitor.caption,
        lambda: visitor.translate(beam=8),
    ]
    for turn in itertools.count(visitor.number):
        begun = time.perf_counter()
        asked.append(await kinds[turn % len(kinds)]())
        if time.perf_counter() > until:
            break
        await asyncio.sleep(max(0.0, every - (time.perf_counter() - begun)))
    await together.wait()
    one = await visitor.translate()
    asked.append(one._replace(what="all at once: an own sentence"))


async def exact_searches(visitor: Visitor, asked: list[Asked], until: float) -> None:
    """Open heavy questions one after another, all the time."""
    while time.perf_counter() < until:
        asked.append(await visitor.exact())
        await asyncio.sleep(1)


async def held(
    address: str, visitors: int, heavy: int, seconds: float, every: float
) -> tuple[list[float], list[Asked]]:
    """Let everybody in and ask; return the seconds to each first screen, and all that was asked."""
    everybody = [Visitor(address, number + 1) for number in range(visitors + heavy)]
    screens = [seconds for seconds, _ in await asyncio.gather(*(one.enter() for one in everybody))]
    asked: list[Asked] = []
    until = time.perf_counter() + seconds
    together = asyncio.Barrier(visitors)
    await asyncio.gather(
        *(lesson(one, asked, every, until, together) for one in everybody[:visitors]),
        *(exact_searches(one, asked, until) for one in everybody[visitors:]),
    )
    for one in everybody:
        await one.leave()
    return screens, asked


def main() -> None:
    """Hold a lesson, and print what was waited for and the app's memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--heavy", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--every", type=float, default=10, help="seconds between two questions of a visitor")
    given = parser.parse_args()
    with running_app() as app:
        for part in range(2):  # the memory of the second half says whether it stays as it was
            screens, asked = asyncio.run(
                held(app.address, given.visitors, given.heavy, 30 * given.minutes, given.every)
            )
            print(
                f"half {part + 1}: {given.visitors} first screens at once, worst {max(screens):.2f} s; "
                f"{resident(app.process):.0f} MB, peak {resident(app.process, 'VmHWM'):.0f} MB"
            )
            for what in sorted({one.what for one in asked}):
                waits = [one.seconds for one in asked if one.what == what]
                print(f"  {what}: {len(waits)}, median {statistics.median(waits):.2f} s, worst {max(waits):.2f} s")
            wrong = [one.what for one in asked if not one.right]
            print(f"  answers that were not the visitor's own: {len(wrong)}", *sorted(set(wrong)))


if __name__ == "__main__":
    main()
