"""`python -m sip.phone`: an agent's phone as a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from sip.endpoint import WIDE_CODECS, EndpointOptions
from sip.engine import Engine, EngineOptions, log_to, main, parser, tls_files
from sip.errors import KnownError
from sip.phone.role import PhoneOptions, PhoneRole

CLOCK_RATE = 16000


def run(arguments: Sequence[str]) -> int:
    """Run a phone until it is told to stop or was left alone for long. Raises KnownError."""
    command = parser("phone", "An agent's phone: answers by itself what carries its token.")
    command.add_argument("--orphan-exit-s", type=float, default=120.0, help="0: never")
    command.add_argument("--sip-port", type=int, default=0, help="port for other seats; 0: any")
    command.add_argument("--sound", choices=("auto", "none"), default="auto")
    command.add_argument("--no-notes", action="store_true", help="no notes when a call connects")
    command.add_argument("--practice-signature", type=int, help="signature to speak with")
    command.add_argument("--practice-log", type=Path, help="file of what was heard, a line a call")
    options = command.parse_args(arguments)
    if options.practice_log is not None and options.practice_signature is None:
        raise KnownError("--practice-log needs --practice-signature.")
    log_to(options.log_file)
    engine = Engine(
        EngineOptions(
            role="phone",
            engine_id=options.id,
            endpoint=EndpointOptions(
                name=options.id,
                bind=options.bind,
                seat_port=options.sip_port,
                tls=tls_files(options),
                codecs=WIDE_CODECS,
                clock_rate=CLOCK_RATE,
            ),
            socket=options.socket,
            port_file=options.port_file,
            journal=options.journal,
            is_stdio=options.stdio,
            idle_exit_s=options.orphan_exit_s,
        )
    )
    phone = PhoneOptions(
        wants_sound=options.sound == "auto",
        has_notes=not options.no_notes,
        signature=options.practice_signature,
        practice_log=options.practice_log,
    )
    engine.run(lambda running: PhoneRole(running, phone))
    return 0


if __name__ == "__main__":
    sys.exit(main(run, sys.argv[1:]))
