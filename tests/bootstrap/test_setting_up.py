"""Setting up from nothing, half-way, without a network; and the stages of the tests."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.qt  # of the house, not of the core

REFUSED = "ERROR: NewConnectionError: Failed to establish a new connection: [Errno 111]"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what a set-up reads, with nothing installed."""
    for name in ("bootstrap.py", "pyproject.toml", "requirements.lock", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def start(tree: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a tree's bootstrap where pip finds an empty index, as without a network."""
    nowhere = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": "",
        **environment,
    }
    return subprocess.run(
        [sys.executable, str(tree / "bootstrap.py"), *words],
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_old_python_can_read_the_file_and_is_told_what_is_needed() -> None:
    ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_the_wrong_python_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "SUPPORTED", ((2, 7),))
    with pytest.raises(bootstrap.Trouble, match=r"needs Python 3\.11 or 3\.12, and this"):
        bootstrap.check_python()


def test_only_the_standard_library_is_needed() -> None:
    tree = ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    assert names <= sys.stdlib_module_names


@pytest.mark.parametrize(
    "forbidden",
    [r"https?:", r"file:", r"--(?:extra-)?index-url", r"--find-links", r" @ ", r"/home/"],
)
def test_the_lock_names_no_place(forbidden: str) -> None:
    assert not re.search(forbidden, (ROOT / "requirements.lock").read_text(encoding="utf-8"))


def test_the_lock_pins_and_hashes_what_the_project_asks_for() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.findall(r"^([\w.-]+)==(\S+)([^\n]*(?:\n    [^\n]*)*)", lock, re.M)
    assert all("--hash=sha256:" in rest for _name, _version, rest in entries)
    locked = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version, _ in entries}
    asked = re.findall(
        r'^    "([\w.-]+)(?:\[\w+\])?[<>=]', (ROOT / "pyproject.toml").read_text(), re.M
    )
    missing = {re.sub(r"[-_.]+", "-", name).lower() for name in asked} - locked.keys()
    assert len(asked) > 20
    assert missing == set(), "the lock is out of date: its second line says how it is made"
    assert locked["pyside6-essentials"].startswith("6.11.")


def test_a_failed_set_up_is_one_sentence_and_the_next_start_begins_again(tree: Path) -> None:
    first = start(tree)
    assert first.returncode == 1
    assert "Traceback" not in first.stderr
    assert "the package index cannot be reached" in first.stderr.splitlines()[-1]
    assert not (tree / ".venv" / "bootstrap.json").exists()
    half = tree / ".venv" / "half-installed"
    half.touch()
    again = start(tree)
    assert again.returncode == 1
    assert not half.exists()


def test_a_file_in_the_way_is_named_and_kept(tree: Path) -> None:
    (tree / ".venv").write_text("mine")
    result = start(tree)
    assert result.returncode == 1
    assert "is in the way" in result.stderr
    assert (tree / ".venv").read_text() == "mine"


@pytest.mark.parametrize("missing", ["requirements.lock", "pyproject.toml"])
def test_a_copy_that_is_not_whole_is_named(tree: Path, missing: str) -> None:
    (tree / missing).unlink()
    result = start(tree)
    assert result.returncode == 1
    assert result.stderr.strip().endswith("start from a whole copy of Callfloor.")
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="only on POSIX systems")
def test_a_finished_set_up_starts_the_program_and_hands_its_status_on(tree: Path) -> None:
    """With a stamp that fits, nothing is installed: the words go straight to the program."""
    binaries = tree / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(sys.executable)
    (binaries / "callfloor").write_text("import sys\nprint(*sys.argv[1:])\nsys.exit(7)\n")
    stamp = {"python": sys.version, "root": str(tree), **digests(tree)}
    (tree / ".venv" / "bootstrap.json").write_text(json.dumps(stamp))
    result = start(tree, "agent", "--profile", "a b")
    assert (result.returncode, result.stdout) == (7, "agent --profile a b\n")
    assert start(tree).stdout == "demo\n"


def digests(tree: Path) -> dict[str, str]:
    found = subprocess.run(
        [sys.executable, "-c", "import bootstrap, json; print(json.dumps(bootstrap.stamp_now()))"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    )
    stamp: dict[str, str] = json.loads(found.stdout)
    return stamp


def test_a_change_of_lock_project_or_place_asks_for_a_new_set_up(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = digests(tree)
    moved = tmp_path_factory.mktemp("moved") / "tree"
    shutil.copytree(tree, moved)
    assert digests(moved) != before
    for name in ("requirements.lock", "pyproject.toml"):
        with (tree / name).open("a") as file:
            file.write("# changed\n")
        assert digests(tree) != before
        before = digests(tree)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "the disk is full"),
        (REFUSED, "cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "not the one that was locked"),
        ("SSLError(SSLCertVerificationError", "could not be trusted"),
        ("[Errno 13] Permission denied: '/x'", "may not be written to"),
        ("ERROR: No matching distribution found for pjsua2-python==2", "for this computer"),
        ("ERROR: No matching distribution found for alembic==1", "cannot be reached or lacks"),
        ("ERROR: the moon is full", "the moon is full; the whole story is in"),
        ("", "no reason given"),
    ],
)
def test_each_failure_has_its_sentence(output: str, sentence: str) -> None:
    told = bootstrap.why_it_failed(output, "It failed")
    assert sentence in told
    assert "\n" not in told
    assert told.endswith(".")


def test_a_library_that_is_not_there_is_known_by_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    absent = (
        bootstrap.Library("libcallfloor-absent.so.1", "libabsent1", True),
        bootstrap.Library("libcallfloor-useful.so.1", "libuseful1", False),
    )
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(bootstrap, "LIBRARIES", absent)
    monkeypatch.setattr(bootstrap, "TEST_PROGRAMS", (("callfloor-absent", "absent-tester"),))
    monkeypatch.setattr(bootstrap, "TEST_FILES", (("/nowhere/*/absent.so", "absent-module"),))
    monkeypatch.setattr(bootstrap, "has_font", lambda: False)
    essential, useful = bootstrap.missing_packages(with_tests=True)
    assert essential == ["libabsent1"]
    assert useful == ["libuseful1", "fonts-dejavu-core", "absent-tester", "absent-module"]


@pytest.mark.parametrize("is_essential", [True, False])
def test_who_may_not_install_is_told_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_essential: bool
) -> None:
    missing = (["libegl1"], []) if is_essential else ([], ["libegl1"])
    monkeypatch.setattr(bootstrap, "missing_packages", lambda with_tests: missing)
    monkeypatch.setattr(bootstrap, "can_install", lambda: False)
    command = "sudo apt-get install --no-install-recommends libegl1"
    if is_essential:
        with pytest.raises(bootstrap.Trouble, match=command):
            bootstrap.provide_system_packages(with_tests=False)
    else:
        bootstrap.provide_system_packages(with_tests=False)
        assert command in capsys.readouterr().err


STAGE_OK = bootstrap.Stage("fine", ("-c", "pass"))
STAGE_BAD = bootstrap.Stage("broken", ("-c", "raise SystemExit(3)"))
STAGE_LATE = bootstrap.Stage("late", ("-c", "print('late ran')"))
STAGE_TESTS = bootstrap.Stage("tests", ("-m", "pytest", "-p", "no:cacheprovider"), True)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A tree with two tests, one of which is skipped, and this Python to run them."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", Path(sys.executable))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_two.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('not here')\n"
    )
    return tmp_path


def test_the_last_line_sums_up_the_tests(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "STAGES", (STAGE_OK, STAGE_TESTS, STAGE_TESTS))
    assert bootstrap.run_tests([]) == 0
    assert capfd.readouterr().out.splitlines()[-1] == "callfloor: 2 passed, 0 failed, 2 skipped"


def test_a_failed_stage_is_named_and_ends_the_run(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "STAGES", (STAGE_OK, STAGE_BAD, STAGE_LATE))
    assert bootstrap.run_tests([]) == 1
    told = capfd.readouterr()
    assert "The stage 'broken' failed (exit status 3)" in told.err
    assert "late ran" not in told.out


def test_a_failed_test_is_counted(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (here / "test_bad.py").write_text("def test_c(): assert 0\n")
    monkeypatch.setattr(bootstrap, "STAGES", (STAGE_TESTS, STAGE_LATE))
    assert bootstrap.run_tests([]) == 1
    assert capfd.readouterr().out.splitlines()[-1] == "callfloor: 1 passed, 1 failed, 1 skipped"


UNLUCKY = """
from pathlib import Path
def test_once():
    seen = Path(__file__).with_name("seen")
    assert seen.exists() or seen.write_text("") != 0
def test_always(): assert {always}
"""


def calls() -> bootstrap.Stage:
    words = ("-m", "pytest", "test_unlucky.py")
    return bootstrap.Stage("calls", words, True, words)


def test_what_fails_beside_others_is_repeated_alone_and_named(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (here / "test_unlucky.py").write_text(UNLUCKY.format(always="True"))
    monkeypatch.setattr(bootstrap, "STAGES", (calls(), STAGE_LATE))
    assert bootstrap.run_tests([]) == 0
    told = capfd.readouterr()
    assert "repeated alone:\n      test_unlucky::test_once\n" in told.err
    assert "late ran" in told.out
    assert told.out.splitlines()[-1] == "callfloor: 2 passed, 0 failed, 0 skipped"


def test_what_fails_alone_too_has_failed(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (here / "test_unlucky.py").write_text(UNLUCKY.format(always="False"))
    monkeypatch.setattr(bootstrap, "STAGES", (calls(), STAGE_LATE))
    assert bootstrap.run_tests([]) == 1
    assert capfd.readouterr().out.splitlines()[-1] == "callfloor: 1 passed, 1 failed, 0 skipped"


def test_many_failures_are_no_bad_luck(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    many = "\n".join(f"def test_{n}(): assert 0" for n in range(bootstrap.FEW + 1))
    (here / "test_unlucky.py").write_text(many)
    monkeypatch.setattr(bootstrap, "STAGES", (calls(),))
    assert bootstrap.run_tests([]) == 1
    assert "repeated" not in capfd.readouterr().err


def test_a_stage_without_tests_fails_unless_words_chose_them(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hollow = bootstrap.Stage("hollow", (*STAGE_TESTS.arguments, "--ignore=test_two.py"), True)
    monkeypatch.setattr(bootstrap, "STAGES", (STAGE_TESTS, hollow))
    assert bootstrap.run_tests([]) == 1
    assert bootstrap.run_tests(["-k", "test_a"]) == 0
    assert bootstrap.run_tests(["-k", "test_no_such"]) == 1
