"""`python -m sip.line`: a line as a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sip.endpoint import TRUNK_CODECS, WIDE_CODECS, EndpointOptions
from sip.engine import Engine, EngineOptions, log_to, main, parser, tls_files
from sip.line.role import LineRole


def run(arguments: Sequence[str]) -> int:
    """Run a line until it is told to stop or has been idle for long. Raises KnownError."""
    command = parser("line", "A telephone line: one customer call at a time, and its agent's leg.")
    command.add_argument("--idle-exit-s", type=float, default=60.0, help="0: never")
    command.add_argument("--sip-port", type=int, default=0, help="UDP port to the trunk; 0: any")
    command.add_argument(
        "--wideband", action="store_true", help="G.722 first; for a trunk that carries it"
    )
    command.add_argument(
        "--nameserver", action="append", default=[], help="asked for the servers of a domain"
    )
    command.add_argument("--trunk-bind", default="", help="address towards the trunk; else --bind")
    options = command.parse_args(arguments)
    log_to(options.log_file)
    engine = Engine(
        EngineOptions(
            role="line",
            engine_id=options.id,
            endpoint=EndpointOptions(
                name=options.id,
                bind=options.bind,
                trunk_port=options.sip_port,
                seat_port=0,
                tls=tls_files(options),
                codecs=WIDE_CODECS if options.wideband else TRUNK_CODECS,
                clock_rate=16000 if options.wideband else 8000,
                nameservers=tuple(options.nameserver),
                trunk_bind=options.trunk_bind,
            ),
            socket=options.socket,
            port_file=options.port_file,
            journal=options.journal,
            is_stdio=options.stdio,
            idle_exit_s=options.idle_exit_s,
        )
    )
    engine.run(LineRole)
    return 0


if __name__ == "__main__":
    sys.exit(main(run, sys.argv[1:]))
