"""Tables of pairs as people have them: one reader, and the same verdict at every door."""

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data import Languages, Pair, read_pairs
from seq2seq.data.lines import decode_lines
from seq2seq.data.prepare import prepare
from seq2seq.data.readers import read_table, read_whole_rows
from seq2seq.data.table import read_rows
from seq2seq.data.upload import check_upload
from seq2seq.errors import ConfigError, DataError, Seq2SeqError

ES_EN = Languages("es", "en")
SPANISH = re.findall(r"\w+", "gato perro médico niño pan queso libro coche flor llave mesa silla casa carta jardín")
ENGLISH = re.findall(r"\w+", "cat dog doctor boy bread cheese book car flower key table chair house letter garden")
WORDS = dict(zip(SPANISH, ENGLISH, strict=True))
PAIRS = [
    Pair(f"El {one} ve el {two}.", f"The {first} sees the {second}.")
    for one, first in WORDS.items() for two, second in WORDS.items() if one != two
]  # fmt: skip
TSV = "".join(f"{source}\t{target}\n" for source, target in PAIRS)


def read(text: str | bytes, languages: Languages = ES_EN, columns: tuple[str, ...] | None = None) -> list[Pair]:
    data = text.encode() if isinstance(text, str) else text
    file = io.BytesIO(data)
    table = read_rows(decode_lines(file, "t"), "t", languages, columns)
    return [Pair(row.source, row.target) for row in table.rows]


def notes(text: str) -> list[str]:
    table = read_rows(text.splitlines(), "t", ES_EN)
    list(table.rows)
    return list(table.notes)


TWO = [Pair("Hola, mundo.", "Hello, world."), Pair("Adiós.", "Bye.")]
FORMS: dict[str, bytes] = {
    "plain": "Hola, mundo.\tHello, world.\nAdiós.\tBye.\n".encode(),
    "gzip": gzip.compress("Hola, mundo.\tHello, world.\nAdiós.\tBye.\n".encode()),
    "mark": "\ufeffHola, mundo.\tHello, world.\nAdiós.\tBye.".encode(),
    "utf-16": "Hola, mundo.\tHello, world.\r\nAdiós.\tBye.\r\n".encode("utf-16"),
    "utf-16 of the other end": b"\xfe\xff" + "Hola, mundo.\tHello, world.\nAdiós.\tBye.\n".encode("utf-16-be"),
    "crlf": "Hola, mundo.\tHello, world.\r\nAdiós.\tBye.\r\n".encode(),
    "cr": "Hola, mundo.\tHello, world.\rAdiós.\tBye.\r".encode(),
    "blank lines": "\n\nHola, mundo.\tHello, world.\n \t \nAdiós.\tBye.\n\n".encode(),
    "more columns": "Hola, mundo.\tHello, world.\tCC-BY\tx\nAdiós.\tBye.\tCC-BY\n".encode(),
    "header": "Spanish\tEnglish\nHola, mundo.\tHello, world.\nAdiós.\tBye.\n".encode(),
    "turned header": "en\tes\nHello, world.\tHola, mundo.\nBye.\tAdiós.\n".encode(),
    "header with ids": "id\tEnglish\tid\tespañol\n1\tHello, world.\t2\tHola, mundo.\n3\tBye.\t4\tAdiós.\n".encode(),
    "anki": b"#separator:tab\n#html:true\n#tags column:3\n"
    b"Hola, <b>mundo</b>.\tHello, world.\tl1\nAdi&oacute;s.\tBye.\tl1\n",
    "anki with columns": "#separator:semicolon\n#columns:English;Spanish\n"
    "Hello, world.;Hola, mundo.\nBye.;Adiós.\n".encode(),
    "semicolons": "Hola, mundo.;Hello, world.\nAdiós.;Bye.\n".encode(),
    "semicolons, quoted": 'Hola, mundo.;"Hello, world."\n"Adiós.";Bye.\n'.encode(),
    "commas": '"Hola, mundo.","Hello, world."\nAdiós.,Bye.\n'.encode(),
}  # fmt: skip


@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_holds_the_same_pairs(form: str) -> None:
    found = [Pair(" ".join(a.split()).replace(" .", "."), b) for a, b in read(FORMS[form])]
    assert found == TWO


def test_named_columns_win_and_a_dash_leaves_one_out() -> None:
    ids = "1\tHello.\t2\tHola.\n3\tBye.\t4\tAdiós.\n"
    assert read(ids, columns=("-", "en", "-", "es")) == [("Hola.", "Hello."), ("Adiós.", "Bye.")]
    assert read("Hello.\tHola.\n", columns=("en", "es")) == [("Hola.", "Hello.")]
    with pytest.raises(ConfigError, match="does not name es and en"):
        read("Hello.\tHola.\n", columns=("en", "fr"))
    with pytest.raises(ConfigError, match="names its columns French, English, and es is not among them"):
        read("French\tEnglish\nBonjour.\tHello.\n")


def test_quotes_of_a_spreadsheet_go_and_quotes_of_a_sentence_stay() -> None:
    assert read('"Dijo ""sí""."\t"He said ""yes""."\n') == [('Dijo "sí".', 'He said "yes".')]
    assert read('"Sí", dijo.\t"Yes," he said.\n') == [('"Sí", dijo.', '"Yes," he said.')]
    assert read('"Sí."\t"Yes."\n') == [('"Sí."', '"Yes."')], "one pair alone says nothing of a habit"
    rows = "".join(f'"El {n}."\t"The {n}."\n' for n in range(30))
    assert read(rows)[0] == ("El 0.", "The 0.")


def test_a_cell_may_go_on_over_lines_and_a_lone_quote_swallows_none() -> None:
    text = 'Hola.\tHello.\n"El gato duerme.\nEl perro come."\t"The cat sleeps.\nThe dog eats."\nAdiós.\tBye.\n'
    assert read(text) == [
        ("Hola.", "Hello."),
        ("El gato duerme.\nEl perro come.", "The cat sleeps.\nThe dog eats."),
        ("Adiós.", "Bye."),
    ]
    lone = 'Hola.\t"Hello.\nAdiós.\tBye."\n"Sí.\tYes.\nNo.\tNo.\n'
    assert read(lone) == [("Hola.", '"Hello.'), ("Adiós.", 'Bye."'), ('"Sí.', "Yes."), ("No.", "No.")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Hola.\tHello.\nAdiós.\n", "line 2 has no tab: 'Adiós.'"),
        ("Hola.\n", "line 1 has no tab"),
        (
            "Hola.\tHello." + ";Adiós.\tBye." * 30,
            "line 1 has 32 columns; its cards end with ; in place of line ends",
        ),
        (
            "Hola.;Hello.\n" * 201 + "a;b;c\n",
            "line 202 has 3 cells and the first row 2; put cells that hold a ; in",
        ),
        ("a\tb\n" + "x" * (2**20 + 1), "line 2 has more than 1,048,576 bytes without an end"),
        ("Hola.\tHello.\n".encode("utf-16-le") * 4, "every other byte of it is zero"),
        (b"Hola.\tHello.\nAdi\xf3s.\tBye.\n", "line 2: byte 0xf3 is not UTF-8"),
        (bytes(2**20 + 5), "line 1 has more than"),
    ],
)
def test_what_is_no_row_is_named_by_its_line(text: str | bytes, says: str) -> None:
    with pytest.raises(DataError) as caught:
        read(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_was_noticed_is_told() -> None:
    assert notes("Spanish\tEnglish\nHola.\tHello.\n") == [
        "t: the header row (Spanish | English) is not a pair and was left out."
    ]
    assert notes("Hola.\tHello.\tCC-BY 2.0\nAdiós.\tBye.\tCC-BY 1.0\n") == [
        "t: columns beyond the second were left out; the first is 'CC-BY 2.0'."
    ]
    assert notes('"a ""b"""\tc\n') == ["t: cells in quotes, as spreadsheets write them, were unquoted."]
    assert notes("Hola.\tHello.\n") == []


_CELL = st.text(st.sampled_from('aé ;"\n,.«'), min_size=1, max_size=12).filter(str.strip)


@given(st.lists(st.tuples(_CELL, _CELL), min_size=1, max_size=8))
def test_what_a_spreadsheet_writes_is_read_back(rows: list[tuple[str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file, delimiter=";", lineterminator="\n").writerows(rows)
    assert read(file.getvalue()) == rows


DOORS: dict[str, Callable[[Path], list[Pair]]] = {
    "train": lambda path: list(read_pairs(path, ES_EN)),
    "evaluate": lambda path: [Pair(row.source, row.target) for row in read_whole_rows(path, ES_EN).rows],
    "prepare": lambda path: [Pair(row.source, row.target) for row in read_table(str(path), ES_EN, ES_EN).rows],
}


@pytest.mark.parametrize("form", [form for form in FORMS if "turned" not in form and "ids" not in form])
def test_every_door_reads_the_same(tmp_path: Path, form: str) -> None:
    (tmp_path / "pairs").write_bytes(FORMS[form])
    found = [
        door(tmp_path / "pairs")
        for name, door in DOORS.items()
        if not (form.startswith("anki with") and name == "prepare")
    ]
    assert all(each == found[0] for each in found)
    assert len(found[0]) == 2


def _verdict(act: Callable[[], object]) -> str:
    try:
        act()
    except Seq2SeqError as problem:
        return type(problem).__name__
    return "taken"


ODD: dict[str, bytes] = {
    "good": TSV.encode(),
    "utf-16": TSV.encode("utf-16"),
    "latin-1": TSV.encode("latin-1"),
    "one target": "".join(f"{source}\tYes.\n" for source, _ in PAIRS).encode(),
    "ids": "".join(f"{n}\t{n + 9000}\n" for n in range(300)).encode(),
    "empty targets": "".join(f"{source}\t\n" for source, _ in PAIRS).encode(),
    "nulls": TSV.replace("gato", "ga\0to").encode(),
    "blank": b"\n\n\n",
    "chain": "".join(f"a {n}\tb {n}\na {n}\tb {n + 1}\n" for n in range(300)).encode(),
    "cards": TSV.replace("\n", ";").encode(),
}


@pytest.mark.parametrize("kind", ODD)
def test_the_page_takes_what_prepare_takes(tmp_path: Path, kind: str) -> None:
    (tmp_path / "pairs").write_bytes(ODD[kind])
    page = _verdict(lambda: check_upload(ODD[kind], "pairs", ES_EN))
    command = _verdict(lambda: prepare(tmp_path / "out", ES_EN, [str(tmp_path / "pairs")], columns=ES_EN))
    assert page == command
    assert (page == "taken") == (kind in ("good", "utf-16", "nulls"))


def test_nothing_left_is_told_by_reason_with_the_first_line(tmp_path: Path) -> None:
    (tmp_path / "ids.tsv").write_text(
        "".join(f"{n}\t{source}\t{target}\n" for n, (source, target) in enumerate(PAIRS))
    )
    with pytest.raises(DataError) as caught:
        prepare(tmp_path / "out", ES_EN, [str(tmp_path / "ids.tsv")], columns=ES_EN)
    assert "side without a letter 210 (first: line 1, '0' – 'El gato ve el perro.')" in str(caught.value)
    assert "--columns -,fr,en" in str(caught.value)
    (tmp_path / "one.tsv").write_bytes(ODD["one target"])
    with pytest.raises(DataError, match=r"210 pairs are 1 group .*'Yes.' alone stands in 210"):
        prepare(tmp_path / "out", ES_EN, [str(tmp_path / "one.tsv")], columns=ES_EN)
    assert not (tmp_path / "out").exists()


# -- what an attack has found -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["x" * 200_000, "a;" + "x" * 200_000, "a\tb\n" + '"' + "x" * 200_000])
def test_long_cells_are_rows_or_one_error(text: str) -> None:
    with suppress(DataError):
        read(text)


def test_a_return_inside_a_cell_is_a_space() -> None:
    assert read("Hola;Hello\nAdiós\rtú;Bye\n") == [("Hola", "Hello"), ("Adiós tú", "Bye")]
    assert read("Hola\tHello\rAdiós\tBye\n") == [("Hola", "Hello"), ("Adiós", "Bye")]


def test_many_tabs_behind_an_open_quote_cost_little() -> None:
    with pytest.raises(DataError, match=r"line \d has"):
        read('"\na' + "\t" * 100_000 + "\nb\n")


@pytest.mark.parametrize(
    "text",
    [
        "spa\tHola.\teng\tHello.\nspa\tAdiós.\teng\tBye.\n",
        "es\tit\nHola.\tHello.\n",
        "fra\tde\nHola.\tHello.\n",
    ],
)
def test_a_row_with_codes_of_languages_is_no_header(text: str) -> None:
    assert len(read(text)) == 2
    assert notes(text) == [] or "columns beyond" in notes(text)[0]


def test_named_columns_keep_the_first_row_of_codes() -> None:
    rows = "1\tspa\tHola.\t2\teng\tHello.\n3\tspa\tAdiós.\t4\teng\tBye.\n"
    assert read(rows, columns=("-", "-", "es", "-", "-", "en")) == [("Hola.", "Hello."), ("Adiós.", "Bye.")]
    assert read("English\tSpanish\nHello.\tHola.\n", columns=("en", "es")) == [("Hola.", "Hello.")]


def test_commas_in_sentences_part_nothing() -> None:
    with pytest.raises(DataError, match="line 1 has no tab"):
        read("Hola, mundo\nAdiós, María\n")
    assert read('1,Hola,Hello\n2,"Sí, sí",Yes\n', columns=("-", "es", "en")) == [
        ("Hola", "Hello"),
        ("Sí, sí", "Yes"),
    ]


def test_a_quotation_at_the_beginning_of_a_cell_stays() -> None:
    assert read('"Sí", dijo.;"Yes," he said.\nHola.;Hello.\n')[0] == ('"Sí", dijo.', '"Yes," he said.')


def test_columns_that_anki_s_head_gives_to_other_things_are_left_out() -> None:
    head = "#separator:tab\n#html:false\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
    assert read(head + "abc\tBasic\tSpanish\tHola.\tHello.\tt\n") == [("Hola.", "Hello.")]


def test_a_stray_tab_does_not_make_a_file_one_of_tabs() -> None:
    assert read("Hola.;Hello.\tthere\nAdiós.;Bye.\nSí.;Yes.\n")[1] == ("Adiós.", "Bye.")


def test_a_sample_that_ends_inside_a_cell_is_no_reason_to_refuse() -> None:
    text = '"Hola, tú",Hello\n\n' + "a b,c d\n" * 197 + '"dos\nlíneas",two\nx,y\n'
    assert len(read(text)) == 200


def test_what_unpacks_to_far_more_than_it_is_is_refused() -> None:
    lines = gzip.compress(TSV.encode() + b"\n" * 30_000_000)
    with pytest.raises(DataError, match="unpacks to over 80 MB"):
        check_upload(lines, "p.tsv.gz", ES_EN)
    for kind in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", kind) as archive:
            archive.writestr("p.tsv", bytes(100 * 2**20))
        with pytest.raises(DataError, match=r"unpacks to over 80 MB|packed in a way that is not taken"):
            check_upload(packed.getvalue(), "p.zip", ES_EN)


def test_a_column_that_is_named_as_left_out_is_no_news() -> None:
    table = read_rows(["Hola.\tHello.\tCC-BY 2.0"], "t", ES_EN, ("es", "en", "-"))
    assert list(table.rows)
    assert not table.notes


def test_a_block_that_ends_inside_a_line_end_adds_no_line() -> None:
    first, second = "a" * 10, "b" * (65536 - 12)
    text = f"{first}\r{second}\r\nsecond\n"
    assert list(decode_lines(io.BytesIO(text.encode()), "t")) == [first, second, "second"]
