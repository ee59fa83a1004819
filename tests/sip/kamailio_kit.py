"""A kamailio on loopback as a provider: registrar, proxy, digest access, over UDP, TCP and TLS.

Nobody here wrote it. Its configuration is written at test time and needs no database. Everything
that it receives stands in `seen`, a line each.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
from pathlib import Path

from tests import needs
from tests.ports import free_port
from tests.sip.practice_kit import wait_for

REALM = "provider.example"
USER = "acme"
PASSWORD = "correct-horse"
_SEEN = (
    "SEEN $rm $proto $ru | from=$fu | route=$hdr(Route) | via=$hdr(Via) | expires=$hdr(Expires)"
    " | auth=$aU | pai=$hdr(P-Asserted-Identity) | supported=$hdr(Supported)"
    " | require=$hdr(Require) | contact=$hdr(Contact) | authorization=$hdr(Authorization)"
    "$hdr(Proxy-Authorization)\\n"
)
_CONFIG = """#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=1
enable_tls=@HAS_TLS@
@LISTEN@
alias="@REALM@"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
@TLS@
modparam("registrar", "min_expires", 1)
modparam("auth", "algorithm", "@ALGORITHM@")

request_route {
    xlog("L_WARN", "@SEEN@");
    if (is_method("REGISTER")) {
        if ($tU != "@USER@") { sl_send_reply("404", "Not Found"); exit; }
        @BEFORE_REGISTER@
        if (!pv_www_authenticate("@REALM@", "@PASSWORD@", "0")) {
            www_challenge("@REALM@", "1");
            exit;
        }
        save("location");
        exit;
    }
    if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }
    if (has_totag()) {
        loose_route();
        if (is_method("ACK") && !t_check_trans() && $ru == $null) { exit; }
        t_relay();
        exit;
    }
    if (is_method("ACK")) { exit; }
    loose_route();
    @BEFORE_INVITE@
    if ($rU == "@USER@") {
        if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
        record_route();
        t_relay();
        exit;
    }
    if (!pv_proxy_authenticate("@REALM@", "@PASSWORD@", "0")) {
        proxy_challenge("@REALM@", "1");
        exit;
    }
    consume_credentials();
    record_route();
    $du = "sip:@CALLEE@";
    t_relay();
}
"""
_TLS = """
loadmodule "tls.so"
modparam("tls", "config", "@FOLDER@/tls.cfg")
"""
_TLS_FILE = """[server:default]
method = TLSv1.2+
verify_certificate = no
require_certificate = no
private_key = {key}
certificate = {certificate}
"""


class Kamailio:
    """One kamailio; ends with the `with` block. `callee`: host:port that every number leads to.

    `before_register`, `before_invite`: script before the password. `certificate` and `key`: PEM
    files, and it listens for TLS as well.
    """

    def __init__(
        self,
        folder: Path,
        callee: str = "127.0.0.1:9",
        *,
        algorithm: str = "MD5",
        before_register: str = "",
        before_invite: str = "",
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self._folder = folder / f"kamailio-{self.port}"
        (self._folder / "run").mkdir(parents=True)
        self._log_file = self._folder / "log"
        listen = [f"listen={kind}:127.0.0.1:{self.port}" for kind in ("udp", "tcp")]
        tls = ""
        if certificate is not None:
            needs.file("/usr/lib/*/kamailio/modules/tls.so", "kamailio-tls-modules")
            listen.append(f"listen=tls:127.0.0.1:{self.tls_port}")
            (self._folder / "tls.cfg").write_text(
                _TLS_FILE.format(key=key, certificate=certificate)
            )
            tls = _TLS.replace("@FOLDER@", str(self._folder))
        text = _CONFIG.replace("@SEEN@", _SEEN)
        for word, value in {
            "HAS_TLS": "yes" if tls else "no",
            "LISTEN": "\n".join(listen),
            "TLS": tls,
            "ALGORITHM": algorithm,
            "BEFORE_REGISTER": before_register,
            "BEFORE_INVITE": before_invite,
            "REALM": REALM,
            "USER": USER,
            "PASSWORD": PASSWORD,
            "CALLEE": callee,
        }.items():
            text = text.replace(f"@{word}@", value)
        (self._folder / "kamailio.cfg").write_text(text)
        program = needs.program("kamailio", "kamailio")
        arguments = ("-DD", "-E", "-m", "16", "-M", "4", "-f", "kamailio.cfg", "-Y", "run")
        with self._log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [program, *arguments], cwd=self._folder, stdout=log, stderr=log
            )
        if not wait_for(self._is_up) or self._process.poll() is not None:
            self.close()
            raise AssertionError(self.log[-3000:])

    def _is_up(self) -> bool:
        if self._process.poll() is not None:
            return True
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            return True
        return False

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def tls_address(self) -> str:
        return f"127.0.0.1:{self.tls_port}"

    @property
    def log(self) -> str:
        return self._log_file.read_text(errors="replace")

    def seen(self, method: str) -> list[str]:
        """The requests of this kind that came in, oldest first."""
        return [
            line.split("SEEN ", 1)[1] for line in self.log.splitlines() if f"SEEN {method} " in line
        ]

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()

    def __enter__(self) -> Kamailio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def field(line: str, name: str) -> str:
    """One field of a line of `seen`, "" where kamailio found none."""
    found = next((part for part in line.split(" | ") if part.startswith(f"{name}=")), "")
    value = found.removeprefix(f"{name}=").strip()
    return "" if value == "<null>" else value
