"""`python -m sip.rehearsal`: one gateway of the practice carrier."""

from __future__ import annotations

import argparse
import ipaddress
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from sip.endpoint import EndpointOptions
from sip.engine import Engine, EngineOptions, Role, log_to, main, parser
from sip.errors import KnownError
from sip.rehearsal.challenge import Doorkeeper
from sip.rehearsal.gateway import Gateway, RecordFile, SilentGateway


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write 0 to 65535")
    return int(text)


def _refusal(text: str) -> int:
    if not text.isdigit() or not 400 <= int(text) <= 699:
        raise argparse.ArgumentTypeError(f"{text!r} is no refusal; write 400 to 699")
    return int(text)


def _loopback(text: str) -> str:
    try:
        is_loopback = ipaddress.IPv4Address(text).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise KnownError(
            f"The practice carrier speaks on this PC only; {text} is no IPv4 loopback address."
        )
    return text


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    command = parser("rehearsal", "A gateway of the practice carrier: four channels on loopback.")
    command.add_argument("--port", type=_port, default=0, help="UDP port of SIP, 0: any")
    command.add_argument(
        "--log", type=Path, required=True, help="file of records, a JSON line each"
    )
    command.add_argument(
        "--idle-exit-s", type=float, default=60.0, help="without client and call; 0: never"
    )
    command.add_argument(
        "--require-auth", metavar="VARIABLE", help="environment variable that holds user:password"
    )
    mode = command.add_mutually_exclusive_group()
    mode.add_argument("--refuse", type=_refusal, default=0, help="refuse all with this status")
    mode.add_argument("--silent", action="store_true", help="answer nothing at all")
    return command.parse_args(arguments)


def _doorkeeper(variable: str | None) -> Doorkeeper | None:
    if not variable:
        return None
    username, colon, password = os.environ.pop(variable, "").partition(":")
    if not (username and colon and password):
        raise KnownError(f"The environment variable {variable} holds no user:password; set it.")
    return Doorkeeper(username, password)


def build(arguments: Sequence[str]) -> int:
    """Run one gateway until it is told to stop. Raises KnownError."""
    options = _options(arguments)
    log_to(options.log_file)
    doorkeeper = _doorkeeper(options.require_auth)
    records = RecordFile(options.log)
    endpoint = EndpointOptions(
        name=options.id,
        bind=_loopback(options.bind),
        trunk_port=None if options.silent else options.port,
    )
    engine = Engine(
        EngineOptions(
            role="rehearsal",
            engine_id=options.id,
            endpoint=endpoint,
            socket=options.socket,
            port_file=options.port_file,
            journal=options.journal,
            is_stdio=options.stdio,
            idle_exit_s=options.idle_exit_s,
        )
    )

    def make_role(running: Engine) -> Role:
        if options.silent:
            return SilentGateway(running, endpoint.bind, options.port)
        return Gateway(running, records, doorkeeper, options.refuse)

    engine.run(make_role)
    return 0


if __name__ == "__main__":
    sys.exit(main(build, sys.argv[1:]))
