"""Links to numbers: what they mean, what they are refused for, and how the system is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import KnownError
from app.links import (
    DESKTOP_NAME,
    desktop_entry,
    install,
    link_to_number,
    parse_link,
    parse_number,
    region_of,
    remove,
)


@pytest.mark.parametrize(
    ("link", "e164", "extension"),
    [
        ("tel:+441614960123", "+441614960123", ""),
        ("tel:+44-161-496-0123", "+441614960123", ""),
        ("TEL:+44(161)496.0123", "+441614960123", ""),
        ("tel:0161%20496%200123", "+441614960123", ""),
        ("tel:161-496-0123;phone-context=+44", "+441614960123", ""),
        ("tel:+441614960123;ext=42", "+441614960123", "42"),
        ("tel:+441614960123;isub=1411", "+441614960123", ""),
        ("callto:+441614960123", "+441614960123", ""),
        ("callto://+441614960123/", "+441614960123", ""),
        ("callto:0161 496 0123?name=x", "+441614960123", ""),
        ("tel:+13055550100", "+13055550100", ""),
    ],
)
def test_links_that_mean_a_number(link: str, e164: str, extension: str) -> None:
    found = parse_link(link, "GB")
    assert (found.e164, found.extension) == (e164, extension)


@pytest.mark.parametrize(
    ("link", "word"),
    [
        ("mailto:anna@example.org", "neither tel: nor callto:"),
        ("+441614960123", "neither tel: nor callto:"),
        ("callto:anna.skype", "no number"),
        ("callto:anna7", "no names"),
        ("tel:+44161496@example.org", "no names"),
        ("tel:*21*0161496#", "codes"),
        ("tel:112", "too short"),
        ("tel:+4416", "too short"),
        ("tel:+44161496012345678901", "be dialled"),
        ("tel:+441614960123456", "too long"),
        ("tel:", "no number"),
        ("tel:" + "1" * 300, "too long for a number"),
        ("tel:+44%00161", "signs"),
    ],
)
def test_links_that_are_refused_with_a_reason(link: str, word: str) -> None:
    with pytest.raises(KnownError) as refused:
        parse_link(link, "GB")
    assert word in refused.value.sentence


def test_a_number_without_its_country_needs_a_home() -> None:
    assert parse_number("0161 496 0123", "GB").words == "0161 496 0123"
    with pytest.raises(KnownError, match=r"with \+ in front"):
        parse_number("0161 496 0123")


def test_a_bare_number_is_as_good_as_a_link() -> None:
    assert link_to_number("0161 496 0123", "GB").e164 == "+441614960123"


def test_a_number_is_in_no_repr() -> None:
    assert "4960123" not in repr(parse_link("tel:+441614960123"))


def test_where_a_caller_id_is_at_home() -> None:
    assert region_of("+441614960000") == "GB"
    assert region_of("nonsense") == ""


def test_the_desktop_entry_takes_links_and_quotes_its_words() -> None:
    entry = desktop_entry(["/opt/call floor/bin/callfloor", "dial", "--profile", 'a"$`\\b%'])
    lines = dict(line.split("=", 1) for line in entry.splitlines()[1:])
    assert lines["MimeType"] == "x-scheme-handler/tel;x-scheme-handler/callto;"
    assert lines["Exec"].startswith('"/opt/call floor/bin/callfloor" "dial" "--profile" ')
    assert lines["Exec"].endswith(r'"a\\"\\$\\`\\\\b%%" %u')


def test_links_are_installed_and_removed(tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def run(words: list[str]) -> bool:
        asked.append(words)
        return True

    environ = {"XDG_DATA_HOME": str(tmp_path)}
    said = install(None, environ, run)
    file = tmp_path / "applications" / DESKTOP_NAME
    assert "x-scheme-handler/tel" in file.read_text()
    assert ["xdg-mime", "default", DESKTOP_NAME, "x-scheme-handler/callto"] in asked
    assert "from now on" in said
    remove(environ, run)
    assert not file.exists()
    remove(environ, run)  # twice is as good as once


def test_whoever_cannot_be_preferred_says_what_to_do(tmp_path: Path) -> None:
    said = install(None, {"XDG_DATA_HOME": str(tmp_path)}, lambda _words: False)
    assert "choose it" in said


def test_no_right_to_write_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "applications").write_text("a file where a folder is needed")
    with pytest.raises(KnownError, match="cannot be written"):
        install(None, {"XDG_DATA_HOME": str(tmp_path)}, lambda _words: True)


def test_the_command_says_in_a_sentence_that_no_window_is_open(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app", "dial", "--profile", str(tmp_path)]
    done = subprocess.run(
        [*command, "tel:+441614960123"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "No agent's window is open" in done.stderr
    assert "4960123" not in done.stderr
    bad = subprocess.run(
        [*command, "callto:anna"], capture_output=True, text=True, timeout=60, check=False
    )
    assert bad.returncode == 1
    assert "no number" in bad.stderr
