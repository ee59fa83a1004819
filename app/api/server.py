"""The server: made of its parts, and run until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp

from app.api import gate, problems, routes
from app.api.gate import Buckets, Noted, Tokens
from app.api.hooks import Telling
from app.api.work import Work

MOST_BYTES = 1_000_000
VERSION = "1"
_ABOUT = (
    "For programs beside the floor, such as a CRM: add people, read what became of calls, dial "
    "from an agent's seat. Each program has a token of its own."
)


def make_app(
    work: Work,
    telling: Telling | None = None,
    asked: Buckets | None = None,
    wrong: Buckets | None = None,
) -> ASGIApp:
    """The application; `telling` tells webhooks while it runs.

    `asked`, `wrong`: how much a program may ask, and an address that shows no good token.
    """
    asked = asked or Buckets(gate.RATE_A_SECOND, gate.BURST)
    wrong = wrong or Buckets(gate.WRONG_A_SECOND, gate.WRONG_BURST)

    @contextlib.asynccontextmanager
    async def living(_app: Litestar) -> AsyncIterator[None]:
        task = None if telling is None else asyncio.create_task(telling.run())
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            work.close()

    dialling = routes.Dialling()

    good: set[bytes] = set()

    def tokens(app: ASGIApp) -> ASGIApp:
        return Tokens(app, work, asked, wrong, good)

    served = Litestar(
        route_handlers=[routes.router(tokens)],
        dependencies={
            "work_": Provide(lambda: work, sync_to_thread=False),
            "dialling": Provide(lambda: dialling, sync_to_thread=False),
        },
        exception_handlers={
            HTTPException: problems.of_http,
            Exception: problems.of_other,
        },
        request_max_body_size=MOST_BYTES,
        openapi_config=description(),
        lifespan=[living],
        logging_config=None,
    )
    return Noted(served)


def description() -> OpenAPIConfig:
    """What the API's own description says of it."""
    return OpenAPIConfig(
        title="Callfloor",
        version=VERSION,
        description=_ABOUT,
        use_handler_docstrings=True,
        components=Components(
            security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}
        ),
        security=[{"token": []}],
        path="/openapi.json",
        render_plugins=[JsonRenderPlugin(path="/")],
    )


def openapi_text() -> str:
    """The description as it stands in docs/openapi.json; needs no floor."""
    described = Litestar(
        route_handlers=[routes.router(lambda app: app)],
        dependencies={
            "work_": Provide(lambda: None, sync_to_thread=False),
            "dialling": Provide(lambda: None, sync_to_thread=False),
        },
        openapi_config=description(),
        logging_config=None,
    )
    schema = described.openapi_schema.to_schema()
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
