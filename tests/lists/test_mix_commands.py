"""The command lines of segments and mix, over a floor on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.lists import importing
from app.lists.mix_file import MixFile
from app.lists.segments_commands import read_file
from app.profile import open_profile
from dialer_core.lists.sieve import Duplicates
from dialer_core.model.errors import KnownError
from tests.lists.made_lists import write_csv

NORTH = {
    "match": "any",
    "type": "group",
    "of": [
        {"type": "check", "field": "town", "operator": "in", "value": ["Leeds", "York"]},
        {"type": "check", "field": "priority", "operator": "more", "value": 3},
    ],
}
TOML = """
retry_share = 0.25

[[sources]]
segment = "North"
weight = 3
order = "newest"
priority = 1

[[sources]]
list = "March"

[recycling.BUSY]
wait_s = 1800
most = 5
number = "same"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A profile with a campaign of one list of three people."""
    path = write_csv(
        tmp_path / "people.csv",
        [
            ["Name", "Phone", "Town"],
            ["Ada Quill", "0161 496 0001", "Leeds"],
            ["Bo Fenn", "0161 496 0002", "Bath"],
            ["Cy Marsh", "0161 496 0003", "York"],
        ],
    )
    root = tmp_path / "home"
    wanted = importing.Wanted(path, "March", "Windows", "GB", duplicates=Duplicates.SKIP)
    importing.import_list(open_profile(root), wanted)
    return root


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command line with the profile: its status, standard output and error."""

    def command(*words: object) -> tuple[int, str, str]:
        status = cli.run([*map(str, words), "--profile", str(home)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


@pytest.fixture
def asked(run: Callable[..., tuple[int, str, str]]) -> Callable[..., Any]:
    """Run a command line with --json: what it printed."""

    def command(*words: object) -> Any:
        status, out, err = run(*words, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return command


@pytest.fixture
def north(tmp_path: Path, asked: Callable[..., Any]) -> Path:
    """The file of a segment that has been set."""
    file = tmp_path / "north.json"
    file.write_text(json.dumps({"segments": [{"name": "North", "condition": NORTH}]}))
    assert asked("segments", "set", file) == [{"name": "North", "id": 1, "state": "made"}]
    return file


@pytest.mark.usefixtures("north")
def test_a_segment_is_set_told_and_shown(
    asked: Callable[..., Any], run: Callable[..., tuple[int, str, str]]
) -> None:
    (found,) = asked("segments")
    assert (found["name"], found["count"], found["of"]) == ("North", 2, 3)
    assert found["words"] == "town is one of “Leeds”, “York” or priority is more than 3"
    assert asked("segments", "show", "North")["segments"][0]["name"] == "North"
    _, out, _ = run("segments")
    assert out.startswith("North: 2 of 3\n")


def test_what_show_writes_set_reads_again(
    north: Path, asked: Callable[..., Any], tmp_path: Path
) -> None:
    shown = asked("segments", "show")
    again = tmp_path / "again.json"
    again.write_text(json.dumps(shown))
    assert asked("segments", "set", again)[0]["state"] == "changed"
    assert asked("segments", "show") == shown
    mix = tmp_path / "mix.toml"
    mix.write_text(TOML)
    asked("mix", "set", mix)
    shown = asked("mix", "show")
    again.write_text(json.dumps(shown))
    assert asked("mix", "set", again) == shown
    assert north.exists()


@pytest.mark.usefixtures("north")
def test_a_mix_is_set_and_what_is_left_out_stays(
    asked: Callable[..., Any], run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    file = tmp_path / "mix.toml"
    file.write_text(TOML)
    found = asked("mix", "set", file)
    assert [(one.get("segment"), one.get("list")) for one in found["sources"]] == [
        ("North", None),
        (None, "March"),
    ]
    assert found["retry_share"] == 0.25
    file.write_text('retry_share = "due first"\n')
    after = asked("mix", "set", file)
    assert after["retry_share"] == "due first"
    assert after["sources"] == found["sources"]
    assert after["recycling"] == {"BUSY": {"wait_s": 1800.0, "most": 5, "number": "same"}}
    assert asked("mix") == {"Windows": after}
    _, out, _ = run("mix")
    assert "North: weight 3, priority 1, order newest" in out
    assert "after BUSY: wait_s 1800.0, most 5, number same" in out


def test_next_says_why_nobody_is_called(
    asked: Callable[..., Any], run: Callable[..., tuple[int, str, str]]
) -> None:
    found = asked("mix", "next")  # no register was loaded: the law lets nobody be called
    assert found["people"] == []
    assert found["refused"] == 3
    status, out, _ = run("mix", "next", "--count", 5)
    assert status == 0
    assert out.startswith("3 before them may not be called now.")


@pytest.mark.usefixtures("north")
def test_a_segment_in_use_stays_until_it_is_taken_out(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    file = tmp_path / "mix.json"
    file.write_text('{"sources": [{"segment": "North"}]}')
    run("mix", "set", file)
    status, _, err = run("segments", "remove", "North")
    assert status == 1
    assert "take it out of the mix first" in err
    file.write_text('{"sources": []}')
    run("mix", "set", file)
    assert run("segments", "remove", "North")[:2] == (0, "North: removed.\n")
    assert run("segments", "remove", "North")[0] == 1


@pytest.mark.parametrize(
    ("words", "text", "sentence"),
    [
        (("mix", "set"), '{"sources": [{"list": "May"}]}', "There is no list 'May'"),
        (("mix", "set"), '{"sources": [{"weight": 2}]}', 'either a "list" or a "segment"'),
        (("mix", "set"), '{"retry_share": 2}', "between 0 and 100 %"),
        (("mix", "set"), '{"weights": 2}', "cannot be read so"),
        (("mix", "set"), '{"recycling": {"BUSY": {"wait_s": 1}}}', "between a minute and a year"),
        (("mix", "set"), '{"recycling": {"LUNCH": {}}}', "no outcome 'LUNCH'"),
        (("mix", "set"), "{", "cannot be read so"),
        (("segments", "set"), '{"segments": [{"name": "A"}]}', "cannot be read so"),
        (
            ("segments", "set"),
            '{"segments": [{"name": "A", "condition": {"type": "check", "field": "town", '
            '"operator": "is", "value": ""}}]}',
            "A: Give the text",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence_and_changes_nothing(
    run: Callable[..., tuple[int, str, str]],
    asked: Callable[..., Any],
    tmp_path: Path,
    words: tuple[str, ...],
    text: str,
    sentence: str,
) -> None:
    before = asked("mix")
    file = tmp_path / "wrong.json"
    file.write_text(text)
    status, out, err = run(*words, file)
    assert (status, out) == (1, "")
    assert sentence in err
    assert err.count("\n") == 1
    assert asked("mix") == before
    assert asked("segments") == []


def test_a_segments_file_is_taken_whole_or_not_at_all(
    run: Callable[..., tuple[int, str, str]], asked: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "two.json"
    wrong = {"type": "check", "field": "list", "operator": "is", "value": 99}
    entries = [{"name": "North", "condition": NORTH}, {"name": "Other", "condition": wrong}]
    file.write_text(json.dumps({"segments": entries}))
    assert run("segments", "set", file)[0] == 1
    assert asked("segments") == []


def test_campaigns_are_named_where_it_must_be_said(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    assert "there are: Windows" in run("mix", "show", "--campaign", "Doors")[2]
    empty = cli.run(["mix", "show", "--profile", str(tmp_path / "empty")])
    assert empty == 1


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="cannot be read"):
        read_file(tmp_path / "none.toml", MixFile)
