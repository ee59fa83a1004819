"""`callfloor api`: the HTTP API for other programs, their tokens and webhooks."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from app.api.place import listening, running, switch
from app.api.tokens import Programs
from app.clock import WallClock
from app.logs import LogLimits, install_excepthooks, start_logging
from app.options import ProfileOption
from app.profile import open_profile
from app.secrets import open_secrets
from app.settings import LOG_DEBUG, LOG_FILE_MB, LOG_FILES, load_settings
from dialer_core.store.clients_api import ApiClient, Right
from dialer_core.store.webhooks import Happening

AsJson = Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")]
Called = Annotated[str, typer.Argument(help="The program's name.")]

api_cli = typer.Typer(help="Other programs: HTTP API, tokens, webhooks.", no_args_is_help=True)
tokens_cli = typer.Typer(help="Who may ask.", no_args_is_help=True)
webhooks_cli = typer.Typer(help="Who is told what happens.", no_args_is_help=True)
api_cli.add_typer(tokens_cli, name="tokens")
api_cli.add_typer(webhooks_cli, name="webhooks")


class HookShown(msgspec.Struct, frozen=True):
    """A program's webhook; `trouble`: why the last try failed."""

    url: str
    events: list[str]
    is_private: bool
    waiting: int
    delivered_at: datetime | None
    failing_since: datetime | None
    stopped_at: datetime | None
    trouble: str


class ProgramShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """A program; its token only where it was just made."""

    name: str
    rights: list[str]
    made_at: datetime | None = None
    used_at: datetime | None = None
    webhook: HookShown | None = None
    token: str = ""


class StateShown(msgspec.Struct, frozen=True):
    """Whether the API is switched on, whether it runs, and where."""

    is_on: bool
    is_running: bool
    url: str


def _programs(profile: Path | None) -> Programs:
    home = open_profile(profile)
    return Programs(home, lambda: open_secrets(home.key), "command")


def _say(text: str) -> None:
    print(text)  # noqa: T201  a command's answer


def _say_json(value: object) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.flush()


@api_cli.command("serve")
def serve(profile: ProfileOption = None) -> int:
    """Serve other programs until told to stop; the supervisor's program does this by itself."""
    from app.api.process import run_api  # noqa: PLC0415  the web server is loaded to serve alone

    home = open_profile(profile)
    settings = load_settings(home.settings_path)
    session = start_logging(
        home.logs_dir,
        "api",
        WallClock().now().utc,
        debug=settings.get(LOG_DEBUG),
        limits=LogLimits(settings.get(LOG_FILE_MB) * 1_000_000, settings.get(LOG_FILES)),
    )
    install_excepthooks(session)
    run_api(home)
    return 0


@api_cli.command("describe")
def describe(
    out: Annotated[Path | None, typer.Option(help="Write it here; else it is printed.")] = None,
) -> int:
    """The API's description in OpenAPI."""
    from app.api.server import openapi_text  # noqa: PLC0415  see above

    text = openapi_text()
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")
    return 0


@api_cli.command("on")
def turn_on(
    address: Annotated[
        str, typer.Option(help="Of this PC; 127.0.0.1: this PC alone, 0.0.0.0: all, with TLS.")
    ] = "",
    port: Annotated[int, typer.Option(help="1024 to 65535.")] = 0,
    as_json: AsJson = False,
    profile: ProfileOption = None,
) -> int:
    """Switch the API on; it runs beside the supervisor's window."""
    switch(open_profile(profile), is_on=True, address=address, port=port)
    return _show_state(profile, as_json)


@api_cli.command("off")
def turn_off(as_json: AsJson = False, profile: ProfileOption = None) -> int:
    """Switch the API off."""
    switch(open_profile(profile), is_on=False)
    return _show_state(profile, as_json)


@api_cli.command("status")
def show_status(as_json: AsJson = False, profile: ProfileOption = None) -> int:
    """Whether the API is on and runs, and where."""
    return _show_state(profile, as_json)


def _show_state(profile: Path | None, as_json: bool) -> int:
    home = open_profile(profile)
    where = listening(home)
    found = StateShown(where.is_on, running(home) is not None, where.url)
    if as_json:
        _say_json(found)
    else:
        runs = "runs" if found.is_running else "does not run (it does beside the supervisor's)"
        _say(f"{'On' if found.is_on else 'Off'}, {runs}: {found.url}")
    return 0


@tokens_cli.command("add")
def add_token(
    name: Called,
    right: Annotated[list[Right], typer.Option(help="What it may; several times for several.")],
    as_json: AsJson = False,
    profile: ProfileOption = None,
) -> int:
    """Let a program ask; its token is shown this once."""
    made, token = _programs(profile).add(name, right)
    if as_json:
        _say_json(_shown(made, token=token))
    else:
        _say(f"{made.name} may ask with this token, which is shown only now:\n{token}")
    return 0


@tokens_cli.command("list")
def list_tokens(as_json: AsJson = False, profile: ProfileOption = None) -> int:
    """Who may ask, when they last did, and how their webhooks do."""
    found = _programs(profile).clients()
    if as_json:
        _say_json([_shown(one) for one in found])
        return 0
    for one in found:
        last = f"last used {one.used_at:%Y-%m-%d %H:%M} UTC" if one.used_at else "never used"
        _say(f"{one.name}: {', '.join(sorted(one.rights))}; {last}")
        if one.webhook is not None:
            _say(f"  tells {one.webhook.url}; {one.webhook.waiting} waiting {one.webhook.trouble}")
    if not found:
        _say("No program may ask.")
    return 0


@tokens_cli.command("remove")
def remove_token(name: Called, as_json: AsJson = False, profile: ProfileOption = None) -> int:
    """Shut a program out, at once."""
    _programs(profile).remove(name)
    _say_json({"removed": name}) if as_json else _say(f"{name} may not ask any more.")
    return 0


@webhooks_cli.command("set")
def set_webhook(
    name: Called,
    url: Annotated[str, typer.Argument(help="Where it is told, by https.")],
    event: Annotated[
        list[Happening] | None, typer.Option(help="Several times for several; else all.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="It stands in this office's own network.")
    ] = False,
    as_json: AsJson = False,
    profile: ProfileOption = None,
) -> int:
    """Tell a program what happens; the key of its signatures is shown this once."""
    chosen = event or list(Happening)
    key = _programs(profile).set_webhook(name, url, chosen, is_private=private)
    if as_json:
        _say_json({"name": name, "signing_key": key})
    else:
        _say(f"{name} is told. What it gets is signed with this key, shown only now:\n{key}")
    return 0


@webhooks_cli.command("remove")
def remove_webhook(name: Called, as_json: AsJson = False, profile: ProfileOption = None) -> int:
    """Tell a program nothing any more."""
    _programs(profile).drop_webhook(name)
    _say_json({"removed": name}) if as_json else _say(f"{name} is told nothing any more.")
    return 0


@webhooks_cli.command("restart")
def restart_webhook(name: Called, as_json: AsJson = False, profile: ProfileOption = None) -> int:
    """Go on with a webhook that was stopped; nothing was lost meanwhile."""
    _programs(profile).restart_webhook(name)
    _say_json({"restarted": name}) if as_json else _say(f"{name} is told again.")
    return 0


def _shown(one: ApiClient, token: str = "") -> ProgramShown:
    hook = one.webhook
    shown = None
    if hook is not None:
        shown = HookShown(
            hook.url,
            sorted(event.value for event in hook.events),
            hook.is_private,
            hook.waiting,
            hook.delivered_at,
            hook.failing_since,
            hook.stopped_at,
            hook.trouble,
        )
    rights = sorted(right.value for right in one.rights)
    return ProgramShown(one.name, rights, one.made_at, one.used_at, shown, token)


def hang(cli: typer.Typer) -> None:
    """Add these commands to the program's."""
    cli.add_typer(api_cli, name="api")
