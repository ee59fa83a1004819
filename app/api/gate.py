"""Who may come in: a token for each program, its rights, and how much it may ask a second."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import (
    NotAuthorizedException,
    PermissionDeniedException,
    TooManyRequestsException,
)
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.api.work import Work
from dialer_core.store.clients_api import ApiClient, Right, token_hash

log = logging.getLogger("app.api")

RATE_A_SECOND = 100.0
BURST = 200.0
WRONG_A_SECOND = 1.0  # of one address that shows no good token
WRONG_BURST = 20.0
TOKEN_BYTES = 32
TOKEN_BEGINS = "cf_"  # so that a token is known where somebody finds one
_MOST_KNOWN = 1000
OWN: dict[str, Any] = {"own": True}  # the sentence is ours, to be shown as it is


def new_token() -> str:
    """256 random bits."""
    return TOKEN_BEGINS + secrets.token_urlsafe(TOKEN_BYTES)


class Buckets:
    """How much each may ask: so many a second, and some more at once."""

    def __init__(self, a_second: float, burst: float) -> None:
        self._rate, self._burst = a_second, burst
        self._left: dict[object, tuple[float, float]] = {}

    def take(self, whose: object, mono_s: float) -> bool:
        """Whether there was one left; it is taken then."""
        left = self.left(whose, mono_s)
        if len(self._left) > _MOST_KNOWN:
            self._left.clear()
        self._left[whose] = (max(0.0, left - 1), mono_s)
        return left >= 1

    def left(self, whose: object, mono_s: float) -> float:
        """How much there is now."""
        left, at = self._left.get(whose, (self._burst, mono_s))
        return min(self._burst, left + (mono_s - at) * self._rate)


class Tokens(AbstractAuthenticationMiddleware):
    """Says whose a request is, or that it is nobody's."""

    def __init__(
        self, app: ASGIApp, work: Work, asked: Buckets, wrong: Buckets, good: set[bytes]
    ) -> None:
        """`good`: hashes of tokens that were good just now; the database is asked all the same."""
        super().__init__(app, exclude_http_methods=[])
        self._work, self._asked, self._wrong, self._good = work, asked, wrong, good

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        """The program whose token it is; 401 for none, 429 for too many requests."""
        now_s = time.monotonic()
        address = connection.client.host if connection.client else ""
        kind, _, token = connection.headers.get("authorization", "").partition(" ")
        found, hashed = None, token_hash(token.strip())
        # One program with an old token shuts out none that has a good one on the same PC.
        if self._wrong.left(address, now_s) < 1 and hashed not in self._good:
            raise _too_many("This address has shown too many wrong tokens; try again in a second.")
        if kind.lower() == "bearer" and token.strip():
            found = await self._work.do(
                lambda stores: stores.clients.by_token(hashed, stores.clock.now())
            )
        if found is None:
            self._good.discard(hashed)
            self._wrong.take(address, now_s)
            raise NotAuthorizedException(
                "Say Authorization: Bearer and a token of this floor.",
                headers={"WWW-Authenticate": "Bearer"},
                extra=OWN,
            )
        if len(self._good) > _MOST_KNOWN:
            self._good.clear()
        self._good.add(hashed)
        if not self._asked.take(found.id, now_s):
            raise _too_many("This program asks too often; try again in a second.")
        return AuthenticationResult(user=found, auth=None)


def _too_many(sentence: str) -> TooManyRequestsException:
    return TooManyRequestsException(sentence, headers={"Retry-After": "1"}, extra=OWN)


def needs(right: Right) -> Any:
    """A guard that lets only programs with that right in."""

    def guard(connection: ASGIConnection[Any, ApiClient, Any, Any], _: BaseRouteHandler) -> None:
        if right not in connection.user.rights:
            raise PermissionDeniedException(
                f"This program's token has no right to {right.value}.", extra=OWN
            )

    return guard


class Noted:
    """Gives each request its number, and notes how it ended: never its address or its body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope["request_id"] = request_id  # type: ignore[typeddict-unknown-key]
        began_s, status = time.monotonic(), 0

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableScopeHeaders.from_message(message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            user = scope.get("user")
            log.info(
                "request %s of %s: %s %s, %s in %.0f ms",
                request_id,
                user.name if isinstance(user, ApiClient) else "nobody",
                scope["method"],
                scope.get("path_template", "elsewhere"),
                status,
                (time.monotonic() - began_s) * 1000,
            )
