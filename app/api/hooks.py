"""Telling other programs what happens: signed, in order, until they have heard it."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import urlsplit

import httpx
import msgspec

from app.api import messages
from app.api.addresses import resolve
from app.api.work import Busy, Work, result_seen
from app.errors import KnownError, as_known_error
from dialer_core.store.webhooks import Delivery, Webhook

log = logging.getLogger("app.api")

LOOK_S = 1.0
TIMEOUT_S = 10.0
SIGNATURE = "Callfloor-Signature"
SECRET = "webhook-{}"
_GOOD = range(200, 300)


def secret_name(client_id: int) -> str:
    """Under which name the keyring holds the key of a program's signatures."""
    return SECRET.format(client_id)


def sign(secret: str, at_s: int, body: bytes) -> str:
    """HMAC-SHA256 of "moment.body": a copy that is sent again later can be told by its moment."""
    mac = hmac.new(secret.encode(), f"{at_s}.".encode() + body, sha256)
    return f"t={at_s},v1={mac.hexdigest()}"


def body_of(delivery: Delivery) -> bytes:
    """What a program is sent."""
    told = messages.Told(delivery.id, delivery.event.value, delivery.at)
    if delivery.result is not None:
        told.result = result_seen(delivery.result)
    if delivery.call_back is not None:
        one = delivery.call_back
        told.call_back = messages.BookedCallBack(
            one.reference, one.contact, one.campaign, one.due, one.agent
        )
    if told.result is None and told.call_back is None:
        told.do_not_call = messages.BlockedNumbers(
            list(delivery.numbers), list(delivery.references), delivery.reason
        )
    return msgspec.json.encode(told)


class Telling:
    """Tells all programs what they have not heard; each its own pace, each in order.

    `secret_of(name)`: from the keyring, None where there is none.
    """

    def __init__(
        self, work: Work, secret_of: Callable[[str], str | None], timeout_s: float = TIMEOUT_S
    ) -> None:
        self._work, self._secret_of, self._timeout_s = work, secret_of, timeout_s
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._web: httpx.AsyncClient | None = None

    async def run(self) -> None:
        """Tell until the task is cancelled."""
        limits = httpx.Limits(max_connections=50, max_keepalive_connections=0)
        async with httpx.AsyncClient(
            timeout=self._timeout_s, limits=limits, follow_redirects=False, trust_env=False
        ) as self._web:
            try:
                while True:
                    await self._round()
                    await asyncio.sleep(LOOK_S)
            finally:
                for task in self._busy.values():
                    task.cancel()
                await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _round(self) -> None:
        """One look. A slow program keeps no other one waiting: each has a task of its own."""
        self._busy = {client: task for client, task in self._busy.items() if not task.done()}
        try:
            while await self._work.do(lambda stores: stores.programs.collect(stores.clock.now())):
                await asyncio.sleep(0.05)
            due = await self._work.do(lambda stores: stores.programs.due(stores.clock.now()))
        except Exception as error:
            if as_known_error(error) is None and not isinstance(error, Busy):
                log.exception("looking for what to tell failed")
            return
        for hook, delivery in due:
            if hook.client_id not in self._busy:
                told = asyncio.create_task(self._tell_all(hook, delivery))
                self._busy[hook.client_id] = told

    async def _tell_all(self, hook: Webhook, delivery: Delivery) -> None:
        """Tell a program one thing after the other until it has heard all, or fails."""
        coming: tuple[Webhook, Delivery] | None = (hook, delivery)
        try:
            while coming is not None and await self._tell(*coming):
                due = await self._work.do(lambda stores: stores.programs.due(stores.clock.now()))
                coming = next((one for one in due if one[0].client_id == hook.client_id), None)
        except Exception as error:
            if as_known_error(error) is None and not isinstance(error, Busy):
                log.exception("telling program %d failed", hook.client_id)

    async def _tell(self, hook: Webhook, delivery: Delivery) -> bool:
        trouble = await self._send(hook, delivery)
        client, number = hook.client_id, delivery.id
        if not trouble:
            await self._work.do(
                lambda stores: stores.programs.arrived(client, number, stores.clock.now())
            )
            return True
        after = await self._work.do(
            lambda stores: stores.programs.failed(client, trouble, stores.clock.now())
        )
        log.warning("program %d was not told (%s)", client, trouble)
        if after is not None and after.stopped_at is not None:
            log.error("program %d has not answered for days: its webhook is stopped", client)
        return False

    async def _send(self, hook: Webhook, delivery: Delivery) -> str:
        """Send it; why it did not arrive, or empty."""
        try:
            secret = await asyncio.to_thread(self._secret_of, secret_name(hook.client_id))
            if secret is None:
                return "The keyring holds no key for its signatures; set the webhook again."
            host = await resolve(hook.url, is_private=hook.is_private)
            async with asyncio.timeout(self._timeout_s):
                return await self._post(hook.url, host, secret, body_of(delivery))
        except KnownError as error:
            return error.sentence
        except (TimeoutError, httpx.TimeoutException):
            return f"It did not answer within {self._timeout_s:g} seconds."
        except httpx.ConnectError as error:
            is_tls = "certificate" in str(error).lower() or "ssl" in str(error).lower()
            return "Its certificate is not trusted." if is_tls else "It cannot be reached."
        except (httpx.HTTPError, httpx.InvalidURL):
            return "It broke the connection."

    async def _post(self, url: str, host: str, secret: str, body: bytes) -> str:
        """To the address that was judged, under the name that was asked for."""
        assert self._web is not None
        name = urlsplit(url).hostname or ""
        target = httpx.URL(url).copy_with(host=host)
        headers = {
            "Host": httpx.URL(url).netloc.decode(),
            "Content-Type": "application/json",
            "User-Agent": "Callfloor",
            SIGNATURE: sign(secret, int(time.time()), body),
        }
        request = self._web.build_request(
            "POST", target, content=body, headers=headers, extensions={"sni_hostname": name}
        )
        answer = await self._web.send(request, stream=True)
        await answer.aclose()
        return "" if answer.status_code in _GOOD else f"It answered {answer.status_code}."
