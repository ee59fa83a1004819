"""The command lines of the law, over a floor on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from app.clock import WallClock
from app.errors import UsageError
from app.lists import dnc, importing, law_commands, privacy_commands, register_commands
from app.lists.gate_bench import measure
from app.lists.register_file import RegisterFile
from app.profile import open_profile
from dialer_core.lists.sieve import Duplicates
from dialer_core.model.errors import KnownError
from tests.lists.made_lists import write_csv

TODAY = WallClock().now().utc.date().isoformat()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A profile with a campaign of three people."""
    path = write_csv(
        tmp_path / "people.csv",
        [
            ["Name", "Phone", "Consent"],
            ["Ada Quill", "0161 496 0001", "no"],
            ["Bo Fenn", "0161 496 0002", "no"],
            ["Cy Marsh", "0161 496 0003 / 0161 496 0004", "no"],
        ],
    )
    root = tmp_path / "home"
    wanted = importing.Wanted(path, "March", "Windows", "GB", duplicates=Duplicates.SKIP)
    importing.import_list(open_profile(root), wanted)
    return root


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], Any]:
    """What a command has printed on standard output since the last call, as JSON."""

    def read() -> Any:
        return json.loads(capsys.readouterr().out)

    return read


def test_why_tells_of_a_number_and_of_a_record(home: Path, said: Callable[[], Any]) -> None:
    assert law_commands.why_command("0161 496 0001", json=True, profile=home) == 0
    (found,) = said()
    codes = [one["code"] for one in found["reasons"]]
    assert codes[0] == "CAMPAIGN_STOPPED"
    assert {"REGISTRY_STALE", "CALLER_ID"} <= set(codes)
    law_commands.why_command("#1", json=True, profile=home)
    assert said() == [found]
    with pytest.raises(KnownError, match="No list"):
        law_commands.why_command("0161 496 0099", profile=home)
    with pytest.raises(KnownError, match="no record 9"):
        law_commands.why_command("#9", profile=home)
    for wrong in ("#one", "12"):
        with pytest.raises(UsageError):
            law_commands.why_command(wrong, profile=home)


def test_why_in_words(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    law_commands.why_command("#3", profile=home)
    out = capsys.readouterr().out
    assert "Record 3:" in out
    assert "campaign Windows is stopped" in out


def test_registers_are_loaded_and_told(home: Path, said: Callable[[], Any], tmp_path: Path) -> None:
    assert register_commands.register_ages_command(json=True, profile=home) == 1
    assert {one["register"]: one["stops"] for one in said()} == {
        "GB-TPS": ["Windows"],
        "GB-CTPS": ["Windows"],
    }
    file = tmp_path / "tps.txt"
    file.write_text("\n".join(f"0161496{n:04d}" for n in range(5, 30)) + "\nno number\n")
    for register in ("GB-TPS", "GB-CTPS"):
        register_commands.register_import_command(register, file, TODAY, json=True, profile=home)
        found = said()
        assert (found["entries"], found["invalid_rows"]) == (25, 1)
    assert register_commands.register_ages_command(json=True, profile=home) == 0
    assert {one["is_fresh"] for one in said()} == {True}
    with pytest.raises(UsageError, match="GB-TPS"):
        register_commands.register_import_command("GB-XYZ", file, TODAY, profile=home)
    with pytest.raises(UsageError, match="2026-03-01"):
        register_commands.register_import_command("GB-TPS", file, "yesterday", profile=home)
    file.write_text("01614960001\n01614960002\n")
    with pytest.raises(KnownError, match="not taken"):
        register_commands.register_import_command("GB-TPS", file, TODAY, profile=home)
    register_commands.register_import_command(
        "GB-TPS", file, TODAY, force=True, json=True, profile=home
    )
    assert said()["entries"] == 2


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("01614960001\n", "GB", "+441614960001"),
        ("0161 496 0001\n", "GB", "+441614960001"),
        ("+441614960001\n", "GB", "+441614960001"),
        ("00441614960001\n", "GB", "+441614960001"),
        ("phone,since\n01614960001,2020-01-01\n", "GB", "+441614960001"),
        ("12025550101\n", "US", "+12025550101"),
        ("2025550101\n", "US", "+12025550101"),
        ("0399000001\n", "FR", "+33399000001"),
        ("0612345678\n", "IT", "+390612345678"),  # Italy keeps its nought
    ],
)
def test_a_register_in_any_spelling(tmp_path: Path, text: str, region: str, found: str) -> None:
    path = tmp_path / "register.csv"
    path.write_text(text * 1 + "\n")
    assert list(RegisterFile(path, region).numbers()) == [found]


def test_a_file_without_numbers_is_no_register(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("a,b\nhello,world\n")
    with pytest.raises(KnownError):
        RegisterFile(path, "GB")


def test_a_person_is_exported_and_erased(
    home: Path, said: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "ada.zip"
    privacy_commands.gdpr_export_command("0161 496 0001", to, json=True, profile=home)
    assert said()["rows"]["records"] == 1
    assert to.exists()

    def refuse(*_args: object, **_options: object) -> None:
        raise typer.Abort

    monkeypatch.setattr(typer, "confirm", refuse)
    with pytest.raises(typer.Abort):
        privacy_commands.gdpr_erase_command("0161 496 0001", profile=home)
    receipt = tmp_path / "receipt.json"
    status = privacy_commands.gdpr_erase_command(
        "0161 496 0001", yes=True, receipt=receipt, json=True, profile=home
    )
    assert status == 0
    assert said() == json.loads(receipt.read_text())
    assert not to.exists(), "the export of this person went with them"
    assert "Quill" not in receipt.read_text()
    with pytest.raises(KnownError, match="No record"):
        privacy_commands.gdpr_export_command("0161 496 0001", to, profile=home)
    found = dnc.check(open_profile(home), "+441614960001", "")
    assert found.is_on_dnc


def test_the_receipt_in_words(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    privacy_commands.gdpr_erase_command("#3", yes=True, profile=home)
    out = capsys.readouterr().out
    assert "2 in contact_numbers" in out
    assert "What stays:" in out


def test_an_export_that_cannot_be_written_leaves_nothing(home: Path, tmp_path: Path) -> None:
    to = tmp_path / "no such folder" / "ada.zip"
    with pytest.raises(KnownError):
        privacy_commands.gdpr_export_command("#1", to, profile=home)
    assert list(tmp_path.glob("*.part")) == []


def test_a_purge_says_what_is_due(home: Path, said: Callable[[], Any]) -> None:
    assert privacy_commands.purge_command(dry_run=True, json=True, profile=home) == 0
    found = said()
    assert found["is_dry"]
    assert {one["kind"]: one["days"] for one in found["kinds"]}["recordings"] == [90]
    assert privacy_commands.purge_command(json=True, profile=home) == 0
    assert sum(one["purged"] for one in said()["kinds"]) == 0


def test_penetration_four_ways(home: Path, said: Callable[[], Any]) -> None:
    for by in ("list", "import", "segment"):
        law_commands.penetration_command("Windows", by=by, json=True, profile=home)
        found = said()
        assert set(found["all"]) == {
            "List penetration", "Phone penetration", "Saturation", "Closed",
        }  # fmt: skip
        assert found["all"]["Phone penetration"]["denominator"] == 4
        assert len(found[by]) == (0 if by == "segment" else 1)
    with pytest.raises(KnownError, match="no campaign"):
        law_commands.penetration_command("Doors", profile=home)


def test_the_gate_bench_asks_of_all_kinds() -> None:
    found = measure(400)
    assert 0 < found.passed < 400
    assert 0 < found.median_us <= found.p95_us <= found.p99_us
