"""A sound server of our own with headsets made of null sinks: played into, listened to, unplugged.

Qt passes over plain monitor sources, so each microphone is a remapped one. A null sink that
sleeps takes up to two seconds to wake up, as no sound card does; `norewinds` keeps its period
at 50 ms, a sound card's.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from sip.clock import WallClock
from sip.errors import KnownError

RATE = 16000
START_S = 10.0
PROGRAMS = ("pulseaudio", "pactl", "pacat", "parec")
_FORMAT = ("--raw", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=20")


class Headset:
    """An ear and a microphone of a name; what is said into its mouth comes from the microphone."""

    def __init__(self, server: PulseServer, key: str, name: str) -> None:
        self._server = server
        self._modules: list[str] = []
        self.name = name
        self.microphone_name = f"{name} microphone"
        self.ear = f"ear_{key}"
        self.mouth = f"mouth_{key}"
        self.microphone = f"mic_{key}"
        server.load_sink(self.mouth, f"Mouth of {name}")
        self.plug()

    def plug(self) -> None:
        """Let the system see it."""
        self._modules = [
            self._server.load_sink(self.ear, self.name),
            self._server.pactl(
                "load-module",
                "module-remap-source",
                f"source_name={self.microphone}",
                f"master={self.mouth}.monitor",
                f"source_properties='device.description=\"{self.microphone_name}\"'",
            ).strip(),
        ]

    def unplug(self) -> None:
        """Take it away, both halves."""
        for module in self._modules:
            self._server.pactl("unload-module", module)
        self._modules = []


class Player:
    """Plays PCM16 (16 kHz, mono) into a sink: what is handed in, as fast as it is taken."""

    def __init__(self, environment: Mapping[str, str], sink: str) -> None:
        self._process = subprocess.Popen(
            ["pacat", "--playback", *_FORMAT, "-d", sink],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
        )

    def play(self, pcm16: bytes) -> None:
        """Hand over sound; waits while the server is full."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(pcm16)
            self._process.stdin.flush()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()


class Loop(Player):
    """Plays the same PCM16 over and over until it is closed."""

    def __init__(self, environment: Mapping[str, str], sink: str, pcm16: bytes) -> None:
        super().__init__(environment, sink)
        self._is_open = True
        self._pcm16 = pcm16
        self._thread = threading.Thread(target=self._run, name="pulse loop")
        self._thread.start()

    def _run(self) -> None:
        while self._is_open:
            for at in range(0, len(self._pcm16), 640):
                if self._is_open:
                    self.play(self._pcm16[at : at + 640])

    def close(self) -> None:
        self._is_open = False
        self._process.kill()
        self._thread.join()
        super().close()


class Recorder:
    """Keeps what is heard at a source, in lumps with their moment of arrival (monotonic)."""

    def __init__(self, environment: Mapping[str, str], source: str) -> None:
        self.lumps: list[tuple[float, bytes]] = []
        self._clock = WallClock()
        self._process = subprocess.Popen(
            ["parec", *_FORMAT, "-d", source],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
        )
        self._thread = threading.Thread(target=self._run, name="pulse recorder")
        self._thread.start()

    def _run(self) -> None:
        assert self._process.stdout is not None
        while lump := os.read(self._process.stdout.fileno(), 4096):
            self.lumps.append((self._clock.now().mono_s, lump))

    @property
    def pcm16(self) -> bytes:
        """All of it."""
        return b"".join(lump for _at, lump in self.lumps)

    def close(self) -> None:
        self._process.kill()
        self._thread.join()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class PulseServer:
    """PulseAudio in a folder of its own. Raises KnownError where it is missing or will not start.

    `environment` is what a process needs to speak with it and with no other; `own_variables` are
    those that are new in it.
    """

    def __init__(self) -> None:
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing:
            raise KnownError(
                f"{' and '.join(missing)} is missing: "
                "sudo apt-get install pulseaudio pulseaudio-utils"
            )
        # A socket's path may have 107 characters: a test's own folder is too deep.
        self._folder = Path(tempfile.mkdtemp(prefix="cfpulse"))
        socket = self._folder / "native"
        self.own_variables = {
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "PULSE_RUNTIME_PATH": str(self._folder),
            "PULSE_STATE_PATH": str(self._folder),
            "XDG_RUNTIME_DIR": str(self._folder),
        }
        self.environment: dict[str, str] = {**os.environ, **self.own_variables}
        self._open: list[Player | Recorder] = []
        own = {key: value for key, value in self.environment.items() if key != "PULSE_SERVER"}
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"),
                    *("--disable-shm=yes", "--use-pid-file=no", "--log-target=stderr"),
                    *("-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=own,
            )
        self._wait()

    def _wait(self) -> None:
        clock = WallClock()
        until_s = clock.now().mono_s + START_S
        while clock.now().mono_s < until_s and self._process.poll() is None:
            if self._ask("info").returncode == 0:
                return
            time.sleep(0.05)
        self.close()
        raise KnownError("PulseAudio did not start; try it by hand: pulseaudio -n -v")

    def _ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pactl", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
            env={**self.environment, "LC_ALL": "C"},
        )

    def pactl(self, *words: str) -> str:
        """What pactl answers. Raises KnownError with its complaint."""
        done = self._ask(*words)
        if done.returncode:
            raise KnownError(f"pactl {words[0]}: {done.stderr.strip()}.")
        return done.stdout

    def load_sink(self, sink: str, description: str) -> str:
        """A null sink, always awake; returns its module's number."""
        return self.pactl(
            "load-module",
            "module-null-sink",
            f"sink_name={sink}",
            "rate=48000",
            "norewinds=1",
            f"sink_properties='device.description=\"{description}\"'",
        ).strip()

    def headset(self, key: str, name: str) -> Headset:
        """Plug in a headset, and make it the system's default."""
        made = Headset(self, key, name)
        self.pactl("set-default-sink", made.ear)
        self.pactl("set-default-source", made.microphone)
        return made

    def loop(self, sink: str, pcm16: bytes) -> Loop:
        made = Loop(self.environment, sink, pcm16)
        self._open.append(made)
        return made

    def player(self, sink: str) -> Player:
        made = Player(self.environment, sink)
        self._open.append(made)
        return made

    def record(self, source: str) -> Recorder:
        made = Recorder(self.environment, source)
        self._open.append(made)
        return made

    def close(self) -> None:
        """End it and all that speaks with it, and remove its folder."""
        for made in self._open:
            made.close()
        self._process.terminate()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextlib.contextmanager
def pulse_server() -> Iterator[PulseServer]:
    """A server that is gone after the `with` block."""
    server = PulseServer()
    try:
        yield server
    finally:
        server.close()
