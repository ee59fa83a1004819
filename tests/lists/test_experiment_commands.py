"""callfloor experiments: what there is, and what one says, for eyes and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import run
from dialer_core.clock import ManualClock
from dialer_core.lists.experiments import Kind, Variant
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store.experiments import ExperimentStore
from dialer_core.store.opening import migrate, open_database
from tests.store.floor_kit import FloorKit


@pytest.fixture
def home(tmp_path: Path) -> Path:
    from app.profile import open_profile  # noqa: PLC0415  the same as the command does

    path = open_profile(tmp_path / "home").database_path
    migrate(path)
    database = open_database(path)
    kit = FloorKit(database, ManualClock())
    kit.add_campaign(Mode.PREVIEW, profile("GB"))
    store = ExperimentStore(database)
    store.begin(
        kit.campaign_id, "Opening", Kind.SCRIPT, [Variant("a", "Hello"), Variant("b", "Hi")],
        kit.now,
    )  # fmt: skip
    store.close()
    kit.close()
    database.close()
    return tmp_path / "home"


def test_they_are_listed_and_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiments", "list", "--json", "--profile", str(home)]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["name"], one["is_running"]) == ("Opening", True)
    assert run(["experiments", "show", "Opening", "--json", "--profile", str(home)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["decision"] == "too_early"
    assert [arm["people"] for arm in shown["variants"]] == [0, 0]
    assert shown["still_needed"] == 20_000
    assert run(["experiments", "show", "1", "--profile", str(home)]) == 0
    assert "Too early" in capsys.readouterr().out


def test_an_unknown_one_is_said_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiments", "show", "Nothing", "--profile", str(home)]) == 1
    assert "no experiment 'Nothing'" in capsys.readouterr().err
