"""The encoding of a list is found, or one sentence says where it breaks."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from dialer_core.lists.opening import open_list
from dialer_core.lists.table import ListError
from tests.lists.made_lists import write_csv

SAID = {
    "cp1250": ("PL", "Świętosława Żuchowska", "601 234 567"),
    "cp1251": ("RU", "Щербаков Пётр Юрьевич", "8 (495) 234-56-78"),
    "cp1252": ("IT", "Désirée Niccolò Forlì", "347 5551234"),
    "cp1253": ("GR", "Γιώργος Παπαδόπουλος", "21 0234 5678"),
    "cp1254": ("TR", "Ayşe Gülşen Yıldız", "0501 234 56 78"),
    "cp1257": ("LT", "Žydrūnas Šimėnas", "8 612 34567"),
}


@pytest.mark.parametrize("encoding", SAID)
def test_the_code_page_of_the_regions_offices(tmp_path: Path, encoding: str) -> None:
    region, name, number = SAID[encoding]
    rows = [["Name", "Telefon"], *[[name, number]] * 40]
    table = open_list(write_csv(tmp_path / "a.csv", rows, encoding=encoding), region)
    assert table.encoding == encoding
    assert next(table.rows).cells == (name, number)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark(tmp_path: Path, encoding: str) -> None:
    rows = [["Name", "Phone"], ["Zoë", "01614960001"], ["Siân", "01614960002"]]
    table = open_list(write_csv(tmp_path / "a.csv", rows, encoding=encoding, separator="\t"), "GB")
    assert (table.encoding, table.separator) == (encoding, "\t")
    assert next(table.rows).cells == ("Zoë", "01614960001")


def test_one_broken_byte_in_much_utf_8_is_told_where_it_stands(tmp_path: Path) -> None:
    rows = [["Name", "Phone"], *[["Zoë Brontë", f"01614960{n % 1000:03d}"] for n in range(9000)]]
    path = write_csv(tmp_path / "a.csv", rows)
    content = path.read_bytes()
    at = content.rindex("Zoë".encode())
    path.write_bytes(content[:at] + b"Zo\xeb" + content[at + 4 :])
    table = open_list(path, "GB")
    assert table.encoding == "utf-8"
    with pytest.raises(ListError) as caught:
        list(table.rows)
    assert "Row 9001, column 1" in caught.value.sentence


def test_a_late_sign_of_a_code_page_is_no_damage(tmp_path: Path) -> None:
    rows = [["Name", "Phone"], *[["Anna", "01614960001"]] * 40_000, ["Zoë", "01614960002"]]
    table = open_list(write_csv(tmp_path / "a.csv", rows, encoding="cp1252"), "GB")
    assert table.encoding == "cp1252"
    assert list(table.rows)[-1].cells[0] == "Zoë"


@pytest.mark.parametrize(
    ("encoding", "separator", "words"),
    [
        ("klingon", "", "no encoding klingon"),
        ("base64", ";", "no encoding base64"),
        ("", ";;", "one sign"),
        ("", '"', "one sign"),
    ],
)
def test_what_a_person_says_is_judged_too(
    tmp_path: Path, encoding: str, separator: str, words: str
) -> None:
    path = write_csv(tmp_path / "a.csv", [["Name", "Phone"], ["Anna", "01614960001"]])
    with pytest.raises(ListError, match=words):
        open_list(path, "GB", encoding=encoding, separator=separator)


def _zip(path: Path, name: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "x")
    return path


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (OLE, "Excel 2003 or older"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\n<html><body><table><tr><td>Phone", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b"%PDF-1.7\n\xe2\xe3", "PDF"),
    ],
)
def test_files_of_other_programs_are_called_by_their_name(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "list.xls"
    path.write_bytes(content)
    with pytest.raises(ListError, match=words):
        open_list(path, "GB")


@pytest.mark.parametrize(
    ("name", "words"),
    [("content.xml", "OpenDocument"), ("xl/workbook.bin", "XLSB"), ("list.csv", "unpack it")],
)
def test_zips_that_are_no_workbook(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(ListError, match=words):
        open_list(_zip(tmp_path / "list.zip", name), "GB")
