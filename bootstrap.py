#!/usr/bin/env python3
"""Sets Callfloor up and starts it, from a bare Python 3.11 or 3.12.

    python3 bootstrap.py            set up if need be, then the demo
    python3 bootstrap.py test       set up if need be, then every check and test
    python3 bootstrap.py WORDS      set up if need be, then `callfloor WORDS`

Words after `test` are handed to pytest. Needs nothing but the standard library, and stays
readable for older Pythons so that they can be told which one is needed.
"""

from __future__ import annotations

import ctypes
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Iterable, NamedTuple, NoReturn  # noqa: UP035  older Pythons read this far

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "bootstrap.json"
SETUP_LOG = VENV / "bootstrap.log"
LOCK = ROOT / "requirements.lock"
IS_WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if IS_WINDOWS else "bin")
VENV_PYTHON = BIN / ("python.exe" if IS_WINDOWS else "python")
SUPPORTED = ((3, 11), (3, 12))
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
)


class Trouble(Exception):
    """What stands in the way, as one sentence that says what to do."""


class Library(NamedTuple):
    """A system library that Qt loads, and the Debian package that brings it."""

    soname: str
    package: str
    is_essential: bool  # no window at all without it; the others serve X11 or sound


LIBRARIES = (
    Library("libEGL.so.1", "libegl1", True),
    Library("libGL.so.1", "libgl1", True),
    Library("libX11.so.6", "libx11-6", True),
    Library("libdbus-1.so.3", "libdbus-1-3", True),
    Library("libfontconfig.so.1", "libfontconfig1", True),
    Library("libfreetype.so.6", "libfreetype6", True),
    Library("libglib-2.0.so.0", "libglib2.0-0", True),
    Library("libgssapi_krb5.so.2", "libgssapi-krb5-2", True),
    Library("libbrotlidec.so.1", "libbrotli1", True),
    Library("libxkbcommon.so.0", "libxkbcommon0", True),
    Library("libzstd.so.1", "libzstd1", True),
    Library("libpulse.so.0", "libpulse0", True),  # Qt Multimedia does not load without it
    Library("libX11-xcb.so.1", "libx11-xcb1", False),
    Library("libXext.so.6", "libxext6", False),
    Library("libXrandr.so.2", "libxrandr2", False),
    Library("libxcb.so.1", "libxcb1", False),
    Library("libxcb-cursor.so.0", "libxcb-cursor0", False),
    Library("libxcb-glx.so.0", "libxcb-glx0", False),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", False),
    Library("libxcb-image.so.0", "libxcb-image0", False),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", False),
    Library("libxcb-randr.so.0", "libxcb-randr0", False),
    Library("libxcb-render.so.0", "libxcb-render0", False),
    Library("libxcb-render-util.so.0", "libxcb-render-util0", False),
    Library("libxcb-shape.so.0", "libxcb-shape0", False),
    Library("libxcb-shm.so.0", "libxcb-shm0", False),
    Library("libxcb-sync.so.1", "libxcb-sync1", False),
    Library("libxcb-util.so.1", "libxcb-util1", False),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0", False),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", False),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", False),
)
# What the tests call by name, and the Debian package that brings it.
TEST_PROGRAMS = (
    ("sipp", "sip-tester"),
    ("Xvfb", "xvfb"),
    ("xauth", "xauth"),
    ("openbox", "openbox"),
    ("pulseaudio", "pulseaudio"),
    ("pactl", "pulseaudio-utils"),
    ("kamailio", "kamailio"),
    ("baresip", "baresip-core"),
    ("linphonec", "linphone-cli"),
    ("sipsak", "sipsak"),
    ("espeak-ng", "espeak-ng"),
    ("dnsmasq", "dnsmasq-base"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("dbus-run-session", "dbus-daemon"),
    ("ip", "iproute2"),
)
# The same for what is no program: where it lies, with any machine's name in it.
TEST_FILES = (("/usr/lib/*/kamailio/modules/tls.so", "kamailio-tls-modules"),)


class Stage(NamedTuple):
    """One step of `bootstrap.py test`; pytest stages add up their counts.

    `alone`: with these words a few failed tests are repeated, one after the other. Sound and time
    are measured in them, beside others on the same processors; what fails alone has failed.
    """

    name: str
    arguments: tuple[str, ...]
    is_pytest: bool = False
    alone: tuple[str, ...] = ()


PYTEST = ("-m", "pytest")
# A file's tests stay together, in the order of tests/stages.py; those of calls mostly wait.
BY_FILE = ("--dist", "loadfile", "--no-loadscope-reorder")
FEW = 5  # more failed tests than that are no bad luck
TWO_AT_ONCE = ("-n", "2", *BY_FILE)
FOUR_AT_ONCE = ("-n", "4", *BY_FILE)
FIVE_AT_ONCE = ("-n", "5", *BY_FILE)

STAGES = (
    Stage("format", ("-m", "ruff", "format", "--check", "--quiet", ".")),
    Stage("lint", ("-m", "ruff", "check", "--quiet", ".")),
    Stage("types", ("-m", "mypy", "--no-error-summary")),
    Stage(
        "import contracts",
        ("-c", "import sys, importlinter.cli as cli; sys.exit(cli.lint_imports_command())"),
    ),
    # Without its plugin Qt is not even imported: the core has to do without.
    Stage("core tests", (*PYTEST, *TWO_AT_ONCE, "-p", "no:pytest-qt", "--stage=core"), True),
    Stage(
        "PostgreSQL tests",
        (*PYTEST, *TWO_AT_ONCE, "-p", "no:pytest-qt", "--stage=postgres"),
        True,
    ),
    Stage("Qt tests", (*PYTEST, *TWO_AT_ONCE, "--stage=qt"), True),
    Stage("SIP tests", (*PYTEST, *FIVE_AT_ONCE, "--stage=sip"), True, (*PYTEST, "--stage=sip")),
    Stage(
        "floor tests", (*PYTEST, *FOUR_AT_ONCE, "--stage=floor"), True, (*PYTEST, "--stage=floor")
    ),
    Stage("measured alone", (*PYTEST, "--stage=alone"), True),
)


# --- saying things -------------------------------------------------------------------------


def say(text: str) -> None:
    """One calm line on standard error; standard output belongs to the program."""
    print(text, file=sys.stderr, flush=True)


class Progress:
    """One line that is rewritten on a terminal, and a line every ten seconds elsewhere."""

    INTERVAL_S = 10.0

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._last_s = time.monotonic()

    def show(self, text: str) -> None:
        if self._is_terminal:
            width = shutil.get_terminal_size().columns - 1
            print("\r" + text[:width].ljust(width), end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._last_s >= self.INTERVAL_S:
            self._last_s = time.monotonic()
            say(text)

    def done(self) -> None:
        if self._is_terminal:
            print(
                "\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r",
                end="",
                file=sys.stderr,
            )


# --- Python --------------------------------------------------------------------------------


def check_python() -> None:
    """Refuse a Python that the locked packages do not have wheels for."""
    if sys.version_info[:2] in SUPPORTED and sys.implementation.name == "cpython":
        return
    found = [name for name in ("python3.12", "python3.11") if does_run(name)]
    advice = "start it with one of them"
    if found:
        advice = "start it with: {} bootstrap.py".format(" ".join(found[:1]))
    elif shutil.which("apt-get"):
        advice = "install one (sudo apt-get install python3.11 python3.11-venv) and " + advice
    raise Trouble(
        "Callfloor needs Python 3.11 or 3.12, and this is "
        f"{sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]}: {advice}."
    )


def does_run(program: str) -> bool:
    """Whether a Python of that name is there and starts; some names are hollow shims."""
    try:
        return subprocess.run([program, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


# --- system libraries ----------------------------------------------------------------------


def is_loadable(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def has_font() -> bool:
    for folder in FONT_FOLDERS:
        for _place, _folders, files in os.walk(os.path.expanduser(folder)):
            if any(name.lower().endswith((".ttf", ".otf", ".ttc")) for name in files):
                return True
    return False


def missing_packages(with_tests: bool) -> tuple[list[str], list[str]]:
    """Debian packages that are missing on this Linux: those no window opens without, the others."""
    if not sys.platform.startswith("linux"):
        return [], []
    absent = [library for library in LIBRARIES if not is_loadable(library.soname)]
    essential = [library.package for library in absent if library.is_essential]
    useful = [library.package for library in absent if not library.is_essential]
    if not has_font():
        useful.append("fonts-dejavu-core")
    if with_tests:
        useful += [package for program, package in TEST_PROGRAMS if not shutil.which(program)]
        useful += [package for pattern, package in TEST_FILES if not glob.glob(pattern)]
    return essential, useful


def can_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: Iterable[str]) -> None:
    """Install Debian packages as root, quietly; raises Trouble if apt-get will not."""
    names = list(packages)
    say("Installing from the system: " + " ".join(names))
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
    lists = Path("/var/lib/apt/lists")
    have_lists = lists.is_dir() and any("_Packages" in entry.name for entry in lists.iterdir())
    steps = [install] if have_lists else []
    # Without lists, or with old ones that name files which are gone, ask for new ones first.
    steps += [["apt-get", "update", "-qq"], install]
    output = ""
    for step in steps:
        result = subprocess.run(
            step, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        output = result.stdout
        if step is install and result.returncode == 0:
            return
    complaints = [line for line in output.splitlines() if line.startswith("E: ")]
    why = complaints[0][3:].rstrip(".") if complaints else "apt-get failed"
    raise Trouble(
        "The system's packages could not be installed ({}): see that there is a network and "
        "room on the disk, then run: apt-get update && apt-get install {}".format(
            why, " ".join(names)
        )
    )


def provide_system_packages(with_tests: bool) -> None:
    """Install what is missing where that is possible, else name it with the command."""
    essential, useful = missing_packages(with_tests)
    if not essential and not useful:
        return
    if can_install():
        apt_install(essential + useful)
        essential, useful = missing_packages(with_tests)
    if not essential and not useful:
        return
    command = "sudo apt-get install --no-install-recommends " + " ".join(essential + useful)
    if essential:
        raise Trouble(
            "Qt cannot start without system libraries that are missing here; "
            f"on Debian or Ubuntu run: {command}"
        )
    say("Missing: {}. On Debian or Ubuntu run: {}".format(", ".join(useful), command))


# --- the virtual environment ---------------------------------------------------------------


def stamp_now() -> dict[str, str]:
    """What the environment was made from; another value of any of these makes it anew."""
    try:
        digests = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (LOCK, ROOT / "pyproject.toml")
        }
    except OSError as error:
        raise Trouble(
            f"{error.filename} cannot be read: start from a whole copy of Callfloor."
        ) from None
    return {"python": sys.version, "root": str(ROOT), **digests}


def stamp_found() -> dict[str, str]:
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def provide_environment() -> None:
    """Make `.venv` complete; one that was interrupted half-way is begun again."""
    wanted = stamp_now()
    if stamp_found() == wanted and VENV_PYTHON.exists():
        return
    with OneAtATime():
        found = stamp_found()
        if found == wanted and VENV_PYTHON.exists():
            return
        started_s = time.monotonic()
        is_kept = all(found.get(key) == wanted[key] for key in ("python", "root"))
        if not is_kept or not VENV_PYTHON.exists():
            make_environment()
        STAMP.unlink(missing_ok=True)  # gone until all is well: the mark of an interrupted set-up
        install_packages()
        STAMP.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        say(f"Ready after {time.monotonic() - started_s:.0f} s.")


class OneAtATime:
    """Lets a second start wait for the first to finish its set-up."""

    def __enter__(self) -> None:
        self._descriptor = -1
        if IS_WINDOWS:
            return
        import fcntl  # noqa: PLC0415  Windows has none

        self._descriptor = os.open(ROOT, os.O_RDONLY)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another start is setting up; waiting for it.")
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_error: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)


def make_environment() -> None:
    say("Making .venv with Python {}.{}".format(*sys.version_info[:2]))
    if VENV.is_symlink() or VENV.is_file():
        raise Trouble(f"{VENV} is in the way: remove it and start again.")
    shutil.rmtree(VENV, ignore_errors=True)
    if not has_module("ensurepip") or not has_module("venv"):
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        if not can_install():
            also = " ".join([package, *missing_packages(with_tests=False)[0]])
            raise Trouble(
                "This Python cannot make virtual environments; on Debian or Ubuntu run: "
                f"sudo apt-get install {also}"
            )
        apt_install([package, "ca-certificates"])
    result = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode != 0:
        raise Trouble(why_it_failed(result.stdout, "The environment .venv could not be made"))


def has_module(name: str) -> bool:
    """Whether this Python has a module; asked in a fresh process, as apt-get may just bring it."""
    return (
        subprocess.run(
            [sys.executable, "-c", "import " + name], stderr=subprocess.DEVNULL
        ).returncode
        == 0
    )


def install_packages() -> None:
    say("Installing the locked packages; the first time this takes a minute or two.")
    run_pip("install", "--require-hashes", "--only-binary=:all:", "-r", str(LOCK))
    run_pip("install", "--no-deps", "--no-build-isolation", "-e", str(ROOT))


def run_pip(*arguments: str) -> None:
    """Run pip with this machine's own settings, and show one line of progress."""
    command = [str(VENV_PYTHON), "-m", "pip", *arguments, "--no-input", "--log", str(SETUP_LOG)]
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUNBUFFERED="1")
    count = 0
    tail = []  # type: list[str]
    progress = Progress()
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        try:
            for line in pip.stdout or ():
                tail = [*tail[-60:], line.rstrip()]
                words = line.split()
                if line.startswith("Collecting "):
                    count += 1
                elif words and words[0] == "Downloading" and len(words) > 2:
                    name = words[1].rsplit("/", 1)[-1].split("-")[0]
                    size = " ".join(words[2:]).strip("()")
                    progress.show(f"  {count:3d} fetching {name} ({size})")
                elif line.startswith("Installing collected packages"):
                    progress.show(f"  unpacking ({line.count(',') + 1} in all)")
        finally:
            progress.done()
    if pip.returncode != 0:
        raise Trouble(why_it_failed("\n".join(tail), "The packages could not be installed"))


def why_it_failed(output: str, what: str) -> str:
    """One sentence from what venv or pip printed."""
    reasons = (
        (r"No space left|Errno 28|Disk quota", "the disk is full: make room and start again"),
        (
            r"Permission denied|Errno 13|Read-only file system",
            "this folder may not be written to: move Callfloor to one of your own",
        ),
        (
            r"DO NOT MATCH THE HASHES",
            "a package is not the one that was locked: clear what lies between "
            "(pip cache purge, a proxy's cache) and start again",
        ),
        (
            r"CERTIFICATE_VERIFY_FAILED|SSLError|Could not find a suitable TLS CA",
            "the package index could not be trusted: install ca-certificates, "
            "or tell pip of your network's certificate, and start again",
        ),
        (
            r"NewConnectionError|Temporary failure in name resolution|ConnectTimeout|ReadTimeout"
            r"|Connection refused|ProxyError|NameResolutionError|Network is unreachable"
            r"|Connection (?:reset|aborted)|nodename nor servname|getaddrinfo",
            "the package index cannot be reached: see that there is a network "
            "(pip's own settings for proxy and index are respected) and start again",
        ),
    )
    for pattern, reason in reasons:
        if re.search(pattern, output):
            return f"{what}: {reason}."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?i)error", line)] or lines[-1:]
    detail = (
        re.sub(r"(?i)^error:?\s*", "", errors[-1])[:300].rstrip(".")
        if errors
        else "no reason given"
    )
    absent = re.search(r"No matching distribution found for (\S+)", output)
    if absent and absent.group(1).lower().startswith(("pjsua2", "pyside6", "shiboken6")):
        machine = "Windows" if IS_WINDOWS else os.uname().machine
        detail = f"there is no {absent.group(1)} for this computer ({sys.platform} {machine})"
    elif absent:
        detail = (
            f"the package index cannot be reached or lacks {absent.group(1)}: see that there is a "
            "network (pip's own settings for proxy and index are respected) and start again"
        )
    return f"{what}: {detail}; the whole story is in {SETUP_LOG}."


# --- running -------------------------------------------------------------------------------


def start_program(words: list[str]) -> NoReturn:
    """Become the program; its exit status is ours."""
    if IS_WINDOWS:
        sys.exit(subprocess.run([str(BIN / "callfloor.exe"), *words]).returncode)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(str(VENV_PYTHON), [str(VENV_PYTHON), str(BIN / "callfloor"), *words])


def run_tests(pytest_words: list[str]) -> int:
    """Every stage in order until one fails; the last line is the sum of all tests."""
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    environment["PATH"] = str(BIN) + os.pathsep + environment.get("PATH", "")
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    failed = None
    started_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="callfloor-") as folder:
        for stage in STAGES:
            say(f"── {stage.name} ".ljust(78, "─"))
            stage_s = time.monotonic()
            report = Path(folder) / "report.xml"
            status = run_stage(stage, pytest_words, environment, report)
            if stage.is_pytest:
                count_tests(report, totals)
            if status == 1 and stage.alone:
                status = repeat_alone(stage, pytest_words, environment, report, totals)
            if status != 0:
                failed = (stage.name, status)
                break
            say(f"   {stage.name} passed in {time.monotonic() - stage_s:.1f} s")
    say(f"   all in all {time.monotonic() - started_s:.0f} s")
    if failed is None and totals["passed"] == 0:
        failed = ("tests", 5)
    if failed is not None:
        say("The stage '{}' failed (exit status {}); later stages did not run.".format(*failed))
    print("callfloor: {passed} passed, {failed} failed, {skipped} skipped".format(**totals))
    return 1 if failed else 0


def run_stage(
    stage: Stage, pytest_words: list[str], environment: dict[str, str], report: Path
) -> int:
    command = [str(VENV_PYTHON), *stage.arguments]
    if stage.is_pytest:
        report.unlink(missing_ok=True)
        command += ["-q", f"--junitxml={report}", *pytest_words]
    status = subprocess.run(command, cwd=str(ROOT), env=environment).returncode
    # 5: no test of this stage was chosen; fine if the words chose, else the stage is hollow.
    return 0 if stage.is_pytest and status == 5 and pytest_words else status


def repeat_alone(
    stage: Stage,
    pytest_words: list[str],
    environment: dict[str, str],
    report: Path,
    totals: dict[str, int],
) -> int:
    """Run the few tests again that have failed; the totals count how they ended then."""
    unlucky = failed_tests(report)
    if not 0 < len(unlucky) <= FEW:
        return 1
    say("   Failed beside others, and repeated alone:\n      " + "\n      ".join(unlucky))
    words = ["--last-failed", "--last-failed-no-failures=none", *pytest_words]
    again = stage._replace(arguments=stage.alone)
    status = run_stage(again, words, environment, report)
    found = dict.fromkeys(totals, 0)
    count_tests(report, found)
    totals["failed"] -= found["passed"]
    totals["passed"] += found["passed"]
    return 0 if status == 0 and found["passed"] >= len(unlucky) else 1


def failed_tests(report: Path) -> list[str]:
    """The tests of a report that did not pass, by name."""
    if not report.exists():
        return []
    cases = ElementTree.parse(str(report)).getroot().iter("testcase")
    bad = [one for one in cases if {"failure", "error"} & {part.tag for part in one}]
    names = ["{}::{}".format(one.get("classname"), one.get("name")) for one in bad]
    return list(dict.fromkeys(names))


def count_tests(report: Path, totals: dict[str, int]) -> None:
    if not report.exists():
        return
    for suite in ElementTree.parse(str(report)).getroot().iter("testsuite"):
        count = {
            key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")
        }
        bad = count["failures"] + count["errors"]
        totals["failed"] += bad
        totals["skipped"] += count["skipped"]
        totals["passed"] += max(0, count["tests"] - bad - count["skipped"])


def main(words: list[str]) -> int:
    """Set up, then run; returns the exit status where the program did not take over."""
    is_test = words[:1] == ["test"]
    try:
        check_python()
        provide_environment()
        provide_system_packages(with_tests=is_test)
        if is_test:
            return run_tests(words[1:])
        start_program(words or ["demo"])
    except Trouble as trouble:
        say(str(trouble))
        return 1
    except OSError as error:
        say(why_it_failed(str(error), "Callfloor could not be set up"))
        return 1
    except KeyboardInterrupt:
        say("Stopped; a set-up that was cut short begins again at the next start.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
