"""Tables of pairs: detecting and reading their rows, columns and separators.

One reader for every command and page, so that all read a file the same way: tabs, semicolons or commas, cells in
quotes as spreadsheets write them (RFC 4180), Anki's `#key:value` headers, a header row that names the languages.
"""

import csv
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple

from seq2seq.data.languages import ANY, Languages, code_of
from seq2seq.data.pairs import QUOTED, shorten
from seq2seq.errors import ConfigError, DataError

SKIPPED = "-"  # in --columns, a column without sentences
_SAMPLE = 200  # lines from which the separator is detected
_MOST_COLUMNS = 20
_LEAST_QUOTED = 20  # cells, before a file counts as quoted
_LONGEST_CELL_LINES = 20  # maximum for one quoted cell
_ANKI = re.compile(r"#(separator|html|tags|columns|notetype|deck|guid|if matches)( column)?:(.*)", re.IGNORECASE)
_ANKI_SEPARATORS = {
    "tab": "\t",
    "\\t": "\t",
    "comma": ",",
    "semicolon": ";",
    "pipe": "|",
    "colon": ":",
    "space": " ",
}
# Header names of columns without sentences.
_CAPTIONS = frozenset(
    ("", "id", "ids", "no", "nr", "#", "number", "lang", "language", "tag", "tags", "note", "notes", "comment",
     "guid", "deck", "notetype", "user", "author", "licence", "license", "attribution", "source id", "target id")
)  # fmt: skip
_TAG = re.compile(r"<[^<>]*>")


class Row(NamedTuple):
    """A pair as written in a file, and its line number."""

    source: str
    target: str
    line: int


class _Line(NamedTuple):
    number: int
    text: str


@dataclass
class Table:
    """The pairs of a file, an iterator to be read once, and notes on its format made while reading."""

    name: str
    rows: Iterator[Row]
    notes: dict[str, None] = field(default_factory=dict)


@dataclass
class _Format:
    separator: str
    quoted: bool = False  # most cells are quoted, so quotes around any cell are not part of it
    is_html: bool = False
    left_out: frozenset[int] = frozenset()  # indices of columns without sentences
    width: int = 0  # cells per row, where the separator may also occur inside a sentence


def read_rows(
    lines: Iterable[str],
    name: str,
    languages: Languages,
    columns: Sequence[str] | None = None,
    *,
    either: bool = False,
) -> Table:
    """Return the pairs of a table in the direction of `languages`.

    columns: the languages of the columns, SKIPPED for one without sentences; the first two, source first, if not
    given and no header row names them. either: raise ConfigError in that case, since the order is ambiguous.

    Raises:
        ConfigError: nothing tells which column is which, or other languages are named.
        DataError: a line is not a row of the table; raised at that line.
    """
    _check_columns(columns, languages)
    table = Table(name, iter(()))
    numbered = (_Line(number, text) for number, text in enumerate(lines, 1))
    table.rows = _rows(numbered, table, languages, columns, either)
    if either and columns is None:  # the caller wants to know before any work starts
        first = next(table.rows, None)
        table.rows = iter(()) if first is None else chain([first], table.rows)
    return table


def _check_columns(columns: Sequence[str] | None, languages: Languages) -> None:
    named = [column for column in columns or languages if column != SKIPPED]
    if sorted(named) != sorted(languages):
        raise ConfigError(
            f"--columns {','.join(columns or ())} does not name {' and '.join(languages)}; correct one."
        )


def _rows(
    lines: Iterator[_Line], table: Table, languages: Languages, columns: Sequence[str] | None, either: bool
) -> Iterator[Row]:
    lines, form, named = _without_anki_head(lines)
    sample = list(islice(lines, _SAMPLE))
    shown = [line for line in sample if line.text.strip()]
    if not shown:
        return
    form = form or _sniffed(shown, table.name, languages, columns, whole=len(sample) < _SAMPLE)
    if columns is not None:
        form.left_out = frozenset()  # --columns counts all of them
    every = chain(sample, lines)
    records = _records(every, form, table) if form.separator == "\t" else _csv_records(every, form, table)
    first = next(records)
    header = _header(named or first[1], languages, table.name)
    if header is not None and not named:
        names = shorten(" | ".join(first[1]))
        table.notes.setdefault(f"{table.name}: the header row ({names}) is not a pair and was left out.")
    else:
        records = chain([first], records)
    places = _places(columns, header, languages)
    if places is None:
        if either:
            raise ConfigError(_which(table.name, shown[0].text, languages))
        places = 0, 1
    elif header is not None and header != places:
        table.notes.setdefault(f"{table.name}: its header names the columns in another order than --columns.")
    told = columns is not None and len(columns) > 2  # left out explicitly, so no note is needed
    yield from _pairs(records, places, form, table, told)


def _which(name: str, first: str, languages: Languages) -> str:
    both, turned = ",".join(languages), ",".join(reversed(languages))
    return (
        f"{name} does not say which column is which language; its first line is {first[:60]!r}: "
        f"add --columns {both} or --columns {turned}."
    )


def _places(
    columns: Sequence[str] | None, header: tuple[int, int] | None, languages: Languages
) -> tuple[int, int] | None:
    """Return the column indices of source and target: from `columns`, otherwise from a header row."""
    if columns is not None:
        return columns.index(languages.source), columns.index(languages.target)
    return header


def _pairs(
    records: Iterator[tuple[int, list[str]]], places: tuple[int, int], form: _Format, table: Table, told: bool
) -> Iterator[Row]:
    needed = max(places) + 1
    third_told = told or needed > 2
    for number, cells in records:
        if len(cells) < needed:
            raise DataError(_too_few(table.name, number, cells, needed, form.separator))
        if len(cells) > _MOST_COLUMNS:
            hint = "its cards end with ; in place of line ends" if cells[1].count(";") else "two are expected"
            raise DataError(
                f"{table.name}, line {number} has {len(cells):,} columns; {hint}: write one pair per line."
            )
        further = [cell for place, cell in enumerate(cells) if place not in places and cell.strip()]
        if further and not third_told:
            third_told = True  # once per file: in manythings files this text differs in every line
            table.notes.setdefault(
                f"{table.name}: columns beyond the second were left out; the first is {shorten(further[0], 40)!r}."
            )
        source, target = (_plain(cells[place], form) for place in places)
        yield Row(source, target, number)


def _too_few(name: str, number: int, cells: list[str], needed: int, separator: str) -> str:
    shown = repr(shorten(separator.join(cells)))
    if len(cells) == 1 and separator == "\t":
        return f"{name}, line {number} has no tab: {shown}; expected source<TAB>target."
    return f"{name}, line {number} has {len(cells)} columns: {shown}; expected {needed}."


def _plain(cell: str, form: _Format) -> str:
    return html.unescape(_TAG.sub(" ", cell)) if form.is_html else cell


# -- the format of a file --------------------------------------------------------------------------------------


def _without_anki_head(lines: Iterator[_Line]) -> tuple[Iterator[_Line], _Format | None, list[str] | None]:
    """Return the lines after Anki's headers, the format and the column names that they give."""
    form, named = None, None
    for line in lines:
        found = _ANKI.fullmatch(line.text.strip())
        if found is None:
            return chain([line], lines), form, named
        form = form or _Format("\t")
        key, value = found[1].lower(), found[3].strip()
        if found[2] and value.isdecimal():
            form.left_out |= {int(value[:4]) - 1}
        elif key == "separator":
            form.separator = _ANKI_SEPARATORS.get(value.lower(), value[:1] or "\t")
        elif key == "html":
            form.is_html = value.lower() == "true"
        elif key == "columns":
            named = found[3].split(form.separator)
    return lines, form, named


def _sniffed(
    sample: Sequence[_Line], name: str, languages: Languages, columns: Sequence[str] | None, *, whole: bool
) -> _Format:
    """Return the format detected: tabs, otherwise the separator that splits every row into as many cells.

    whole: False if the file continues after the sample, whose last cell may then continue, too.
    """
    texts = [line.text for line in sample]
    tabbed = sum("\t" in text for text in texts)
    if tabbed * 2 > len(texts):
        return _Format("\t", quoted=_mostly_quoted(texts, "\t"))
    for separator in ";,":
        try:
            rows = [row for row in csv.reader(map(_one_line, texts), delimiter=separator) if row]
        except csv.Error:  # a cell above csv's limit of 131,072 characters: not a table
            continue
        rows = rows if whole else rows[:-1]
        width = len(rows[0]) if rows else 0
        if width < 2 or any(len(row) != width for row in rows):
            continue
        # Many sentences contain commas, so a comma as separator needs more evidence.
        meant = (
            any(text.startswith('"') or ',"' in text for text in texts)
            or len(columns or ()) > 2
            or _header(rows[0], languages, name) is not None
            or name.lower().removesuffix(".gz").endswith(".csv")
        )
        if separator == ";" or (meant and width in (2, len(columns or ()))):
            return _Format(separator, width=width)
    if tabbed:
        return _Format("\t")
    raise DataError(
        f"{name}, line {sample[0].number} has no tab: {shorten(texts[0])!r}; expected source<TAB>target, or cells "
        "separated by semicolons or commas, in quotes where they contain one."
    )


def _one_line(text: str) -> str:
    """Return a line with spaces for carriage returns, which Python's csv takes for line endings."""
    return text.replace("\r", " ")


def _mostly_quoted(texts: Sequence[str], separator: str) -> bool:
    cells = [cell for text in texts for cell in text.split(separator) if cell.strip()]
    quoted = sum(bool(QUOTED.fullmatch(cell)) for cell in cells)
    return quoted >= _LEAST_QUOTED and quoted > 0.9 * len(cells)


def _header(cells: Sequence[str], languages: Languages, name: str) -> tuple[int, int] | None:
    """Return the column indices of source and target from a header row; None if it is an ordinary row.

    Raises ConfigError if it names two other languages.
    """
    codes = [code_of(cell, languages) for cell in cells]
    others = [cell for cell, code in zip(cells, codes, strict=True) if not code]
    if len({code for code in codes if code}) < 2 or not all(_is_caption(cell) for cell in others):
        return None
    if languages == ANY and not set(ANY) <= set(codes):
        return 0, 1
    missing = [language for language in languages if language not in codes]
    if missing:
        raise ConfigError(
            f"{name} names its columns {', '.join(cell.strip()[:30] for cell in cells)}, and {missing[0]} is not "
            "among them; correct the languages."
        )
    return codes.index(languages.source), codes.index(languages.target)


def _is_caption(cell: str) -> bool:
    """Return whether a cell names a column that holds something other than sentences."""
    return cell.strip().casefold() in _CAPTIONS


def _records(lines: Iterator[_Line], form: _Format, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's first line number and its cells; blank lines are skipped."""
    waiting: list[_Line] = []
    while (line := waiting.pop(0) if waiting else next(lines, None)) is not None:
        if not line.text.strip():
            continue
        cells, waiting = _record(line, waiting, lines, form)
        if any(cell.startswith('"') for cell in cells):
            opened = [_unquoted(cell, form) for cell in cells]
            if opened != cells:
                table.notes.setdefault(f"{table.name}: cells in quotes, as spreadsheets write them, were unquoted.")
            cells = opened
        yield line.number, _kept(cells, form)


def _csv_records(lines: Iterator[_Line], form: _Format, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's first line number and its cells, quoted as in RFC 4180; blank lines are skipped.

    A line that breaks its rules, as when a sentence begins with a quotation, is split at every separator.
    """
    ahead: list[_Line] = []
    while (line := ahead.pop(0) if ahead else next(lines, None)) is not None:
        if not line.text.strip():
            continue
        cells, used = None, 0
        for used in range(_LONGEST_CELL_LINES):
            while len(ahead) < used and (following := next(lines, None)) is not None:
                ahead.append(following)
            if len(ahead) < used:
                break
            cells = _csv_row([line, *ahead[:used]], form)
            if cells is not None:
                break
        if cells is None:
            cells, used = line.text.split(form.separator), 0
        if form.width and len(cells) != form.width:
            raise DataError(
                f"{table.name}, line {line.number} has {len(cells)} cells and the first row {form.width}; put "
                f"cells that hold a {form.separator} in quotes."
            )
        ahead = ahead[used:]
        yield line.number, _kept(cells, form)


def _csv_row(lines: Sequence[_Line], form: _Format) -> list[str] | None:
    """Return the cells of the one row on these lines; None if it continues or breaks the rules."""
    text = "\n".join(_one_line(line.text) for line in lines)
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=form.separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _kept(cells: list[str], form: _Format) -> list[str]:
    """Return the cells without those that Anki's headers declare to hold no sentences."""
    return [cell for place, cell in enumerate(cells) if place not in form.left_out] if form.left_out else cells


def _record(
    line: _Line, waiting: list[_Line], lines: Iterator[_Line], form: _Format
) -> tuple[list[str], list[_Line]]:
    """Return the cells of the row that begins on a line, and the lines read ahead that it does not use.

    A quoted cell may span several lines; a lone quote at the beginning of a sentence does not open one.
    """
    cells = _cells(line.text, form)
    text, ahead = line.text, list(waiting)
    if not _opens(cells) or (len(cells) > 1 and not _goes_on(ahead, lines, form)):
        return cells, ahead
    for used in range(_LONGEST_CELL_LINES):
        if used == len(ahead):
            following = next(lines, None)
            if following is None:
                break
            ahead.append(following)
        text += "\n" + ahead[used].text
        joined = _cells(text, form)
        if not _opens(joined):
            closed = [cell for cell in joined if "\n" in cell]
            fits = all(QUOTED.fullmatch(cell) for cell in closed) and len(joined) > 1
            return (joined, ahead[used + 1 :]) if fits else (cells, ahead)
    return cells, ahead


def _goes_on(ahead: list[_Line], lines: Iterator[_Line], form: _Format) -> bool:
    """Return whether the next line, which is read ahead, is not a row by itself."""
    if not ahead:
        ahead += islice(lines, 1)
    return bool(ahead) and len(_cells(ahead[0].text, form)) == 1 and bool(ahead[0].text.strip())


def _opens(cells: Sequence[str]) -> bool:
    """Return whether the last cell begins with a quote that is not closed."""
    return cells[-1].startswith('"') and cells[-1].count('"') % 2 == 1


def _cells(text: str, form: _Format) -> list[str]:
    """Return the raw cells of a row, quotes included; a separator inside a multi-line cell does not split it."""
    parts = text.split(form.separator)
    if "\n" not in text or len(parts) > _MOST_COLUMNS:
        return parts
    cells: list[str] = []
    for part in parts:
        if cells and _opens(cells):
            cells[-1] += form.separator + part
        else:
            cells.append(part)
    return cells


def _unquoted(cell: str, form: _Format) -> str:
    """Return a cell without spreadsheet quotes; a sentence that begins and ends with quotes keeps them."""
    meant = QUOTED.fullmatch(cell) and (form.quoted or '""' in cell[1:-1] or "\n" in cell)
    return cell[1:-1].replace('""', '"') if meant else cell
