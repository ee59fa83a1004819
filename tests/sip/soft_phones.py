"""The other phone, by people who know nothing of us: baresip and linphone, on loopback.

Each says a file for as long as a call lasts and keeps what it hears in another one. Neither needs
a sound card, and both answer by themselves.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from app.certificates import SeatFiles
from tests import needs
from tests.ports import free_port
from tests.sip.control_kit import TONES_HZ, Heard, Name, frames_of
from tests.sip.party import RATE, pair
from tests.sip.practice_kit import wait_for

Encryption = Literal["", "srtp", "srtp-mand"]
SAID_S = 30.0
USER = "+441614960100"
"""Whom both believe to be."""


class SoftPhone:
    """One of them; ends with the `with` block. `port`: of its UDP and TCP side."""

    def __init__(self, folder: Path, voice: Name) -> None:
        self.folder = folder
        folder.mkdir()
        self.port = _port_and_the_next()
        self.said = folder / "said.wav"
        self._log = (folder / "output").open("wb")
        self._process: subprocess.Popen[bytes] | None = None
        with wave.open(str(self.said), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(pair(*TONES_HZ[voice], SAID_S))

    def _start(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder)},
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def _is_listening(self) -> bool:
        return _is_open("udp", self.port)

    def _wait_until_it_listens(self) -> None:
        if not wait_for(self._is_listening):
            self.close()
            raise AssertionError(self.output[-3000:])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def uri(self) -> str:
        """Where a line of ours reaches it as an agent's phone."""
        return f"sip:{USER}@{self.address};transport=tcp"

    @property
    def output(self) -> str:
        """All that it has printed."""
        return (self.folder / "output").read_text(errors="replace")

    def tell(self, line: str) -> None:
        """Type a line."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def wait_for_output(self, words: str, timeout_s: float = 8.0) -> None:
        assert wait_for(lambda: words in self.output, timeout_s), self.output[-3000:]

    def _ask_to_leave(self) -> None:
        """It closes its files in order."""
        assert self._process is not None
        self._process.terminate()

    def close(self) -> None:
        process = self._process
        if process is not None:
            if process.poll() is None:
                self._ask_to_leave()
            try:
                process.wait(6.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            assert process.stdin is not None
            process.stdin.close()
            self._process = None
        self._log.close()

    def _files(self) -> list[Path]:
        """What it has kept of its calls."""
        raise NotImplementedError

    def heard(self) -> dict[str, float]:
        """End it, and tell what it heard in its call: shares of the 20 ms with each sound in them.

        The first half second and the last tenth are left out: there calls begin and end.
        """
        self.close()
        frames = [_read(path) for path in self._files()]
        assert frames, "it kept no sound"
        longest = max(frames, key=len)
        end_s = 0.02 * len(longest) - 0.1
        assert end_s > 1.0, "there was next to no sound"
        return Heard(np.arange(len(longest), dtype=np.float64) * 0.02, longest).between(0.5, end_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _port_and_the_next() -> int:
    """A port that is free, and the next one too: baresip takes it for TLS, wanted or not."""
    while True:
        port = free_port()
        with socket.socket() as sock, contextlib.suppress(OSError, OverflowError):
            sock.bind(("127.0.0.1", port + 1))
            return port


def _is_open(kind: Literal["udp", "tcp"], port: int) -> bool:
    return f":{port:04X} " in Path(f"/proc/net/{kind}").read_text()


def _read(path: Path) -> npt.NDArray[np.float64]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return frames_of(file.readframes(file.getnframes()))


class Baresip(SoftPhone):
    """baresip. `encryption` of the sound as its own manual calls it; `tls`: it has a TLS side.

    `dials`: an address that it calls at once.
    """

    def __init__(
        self,
        folder: Path,
        voice: Name = "person",
        *,
        encryption: Encryption = "",
        tls: SeatFiles | None = None,
        dials: str = "",
    ) -> None:
        program = needs.program("baresip", "baresip-core")
        super().__init__(folder, voice)
        modules = "".join(
            f"module\t{one}.so\n" for one in ("g711", "aufile", "aubridge", "sndfile", "srtp")
        )
        certificate = ""
        if tls is not None:
            both = folder / "both.pem"
            both.write_bytes(tls.certificate.read_bytes() + tls.key.read_bytes())
            certificate = f"sip_certificate\t{both}\n"
        (folder / "config").write_text(
            f"sip_listen\t{self.address}\n{certificate}"
            f"audio_source\taufile,{self.said}\naudio_player\taubridge,nil\n"
            "ausrc_srate\t8000\nauplay_srate\t8000\nausrc_channels\t1\nauplay_channels\t1\n"
            f"snd_path\t{folder}\nmodule_path\t/usr/lib/baresip/modules\n{modules}"
            "module_app\taccount.so\nmodule_app\tmenu.so\nmodule_tmp\tuuid.so\n"
        )
        self._has_tls = tls is not None
        way = "tls" if tls is not None else "udp"
        mediaenc = f"mediaenc={encryption};" if encryption else ""
        (folder / "accounts").write_text(
            f"<sip:{USER}@127.0.0.1;transport={way}>;regint=0;answermode=auto;{mediaenc}"
            "audio_codecs=PCMA\n"
        )
        (folder / "contacts").write_text("")
        call = ("-e", f"/dial {dials}") if dials else ()
        self._start([program, "-f", str(folder), *call])
        self._wait_until_it_listens()

    def _is_listening(self) -> bool:
        return super()._is_listening() and (not self._has_tls or _is_open("tcp", self.port + 1))

    @property
    def tls_address(self) -> str:
        return f"127.0.0.1:{self.port + 1}"

    @property
    def is_encrypted(self) -> bool:
        """Whether the sound of its call was encrypted, as it says itself."""
        return "SRTP is Enabled (cryptosuite=AES_CM_128_HMAC_SHA1_80)" in self.output

    def _files(self) -> list[Path]:
        return list(self.folder.glob("dump-*-dec.wav"))


_LINPHONE = """[sip]
sip_port={port}
sip_tcp_port={port}
sip_tls_port=0
use_ipv6=0
bind_address=127.0.0.1
guess_hostname=0
contact=sip:{user}@127.0.0.1
auto_net_state_mon=0
media_encryption={encryption}
[rtp]
bind_address=127.0.0.1
audio_rtp_port={rtp_port}
[video]
capture=0
display=0
automatically_initiate=0
automatically_accept=0
"""


class Linphone(SoftPhone):
    """linphone's console. It starts only where the folder of its database exists already."""

    def __init__(
        self,
        folder: Path,
        voice: Name = "person",
        *,
        encryption: Literal["none", "srtp"] = "none",
    ) -> None:
        program = needs.program("linphonec", "linphone-cli")
        super().__init__(folder, voice)
        for part in (".local/share/linphone", ".config/linphone"):
            (folder / part).mkdir(parents=True)
        settings = folder / "settings"
        settings.write_text(
            _LINPHONE.format(
                port=self.port, rtp_port=free_port(4), user=USER, encryption=encryption
            )
        )
        log = str(folder / "log")
        self._start([program, "-a", "-c", str(settings), "-d", "6", "-l", log])
        self._wait_until_it_listens()
        self.tell("soundcard use files")
        self.wait_for_output("wav files instead of soundcard")

    def call(self, address: str) -> None:
        """Call this address."""
        self.tell(f"call {address}")

    def speak(self) -> None:
        """Begin to say its file and to keep what it hears; for a call that is up."""
        self.tell(f"record {self.folder / 'heard.wav'}")
        self.tell(f"play {self.said}")

    def _ask_to_leave(self) -> None:
        self.tell("quit")

    def _files(self) -> list[Path]:
        return list(self.folder.glob("heard.wav"))
