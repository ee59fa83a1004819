"""The engine's side of the JSON lines: who is connected, which epoch rules, what is unacknowledged.

Threads only read and decode; everything else happens on the engine's own thread in `receive`,
`emit`, `tell` and `flush`, none of which ever waits for a client.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from sip.messages import Ack, AnyCommand, Attach, Hello, Message, Refused
from sip.outbox import Outbox
from sip.peers import Inbox, Listener, Peer, PipePeer

log = logging.getLogger("sip.wire")
_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)
E = TypeVar("E", bound=Message)


def tag_of(message: Message) -> str:
    """The message's name on the wire."""
    return str(type(message).__struct_config__.tag)


def decode_command(line: bytes) -> Message | str:
    """The command in `line`, or a sentence that says what is wrong with it."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"This line is not a command: {error}."


class Wire:
    """One client at a time: Hello, a snapshot, all unacknowledged events, then new ones.

    `hello` and `snapshot` are asked when a client attaches. `token` guards TCP.
    """

    def __init__(
        self,
        hello: Callable[[], Hello],
        snapshot: Callable[[], Message],
        outbox: Outbox,
        token: str = "",
    ) -> None:
        self._hello = hello
        self._snapshot = snapshot
        self._outbox = outbox
        self._token = token
        self.inbox = Inbox()
        self._listener: Listener | None = None
        self._client: Peer | None = None
        self.epoch = 0

    @property
    def last_seq(self) -> int:
        return self._outbox.last_seq

    @property
    def has_client(self) -> bool:
        return self._client is not None

    def listen(self, address: str, port_file: Path | None = None) -> None:
        """Open the socket. Raises KnownError (address in use, TCP without a token …)."""
        self._listener = Listener(address, port_file, self.inbox, has_token=bool(self._token))

    def speak_pipes(self, in_fd: int, out_fd: int) -> None:
        """Speak on a pair of descriptors by hand; this client is attached from the start."""
        self._admit(PipePeer(in_fd, out_fd, self.inbox), Attach())

    def receive(self) -> list[Message]:
        """The commands that came in and may be carried out; attach and ack are done here."""
        accepted: list[Message] = []
        for peer, line in self.inbox.drain():
            if line is None:
                self._forget(peer)
                continue
            command = decode_command(line)
            if isinstance(command, str):
                peer.send(encode(Refused(command="", sentence=command)))
            elif self._is_for_role(peer, command):
                accepted.append(command)
        return accepted

    def _is_for_role(self, peer: Peer, command: Message) -> bool:
        if isinstance(command, Attach):
            self._attach(peer, command)
            return False
        if peer is not self._client:
            self._refuse(peer, command, "Attach first; or another client has taken over since.")
            return False
        if isinstance(command, Ack):
            self._outbox.ack(command.seq)
            return False
        epoch = getattr(command, "epoch", None)
        if isinstance(epoch, int):
            if epoch < self.epoch:
                self._refuse(
                    peer, command, f"Epoch {epoch} is over; {self.epoch} rules this engine now."
                )
                return False
            self.epoch = epoch
        return True

    def _attach(self, peer: Peer, attach: Attach) -> None:
        if peer.needs_token and not hmac.compare_digest(
            attach.token.encode(), self._token.encode()
        ):
            self._refuse(peer, attach, "The token is wrong.")
            peer.close_after_flush()
        elif attach.epoch < self.epoch:
            self._refuse(
                peer, attach, f"Epoch {attach.epoch} is over; {self.epoch} rules this engine now."
            )
            peer.close_after_flush()
        else:
            self._admit(peer, attach)

    def _admit(self, peer: Peer, attach: Attach) -> None:
        if self._client is not None and self._client is not peer:
            self._client.close()
        self.epoch = max(self.epoch, attach.epoch)
        self._client = peer
        self.tell(self._hello())
        self.tell(self._snapshot())
        for line in self._outbox.unacked():
            self._send(line)

    def emit(self, event: E) -> E:
        """Number `event`, keep it until it is acknowledged, and send it if a client is there."""
        numbered, line = self._outbox.add(event)
        self._send(line)
        return numbered

    def tell(self, message: Message) -> None:
        """Send an unnumbered message (snapshot, refusal, a carrier's question); lost if alone."""
        self._send(encode(message))

    def refuse(self, command: Message, sentence: str) -> None:
        """Tell the client that `command` was not carried out, and why."""
        attempt_id = str(getattr(command, "attempt_id", ""))
        self.tell(Refused(command=tag_of(command), sentence=sentence, attempt_id=attempt_id))

    def _refuse(self, peer: Peer, command: Message, sentence: str) -> None:
        peer.send(encode(Refused(command=tag_of(command), sentence=sentence)))

    def _send(self, line: bytes) -> None:
        if self._client is not None and not self._client.send(line):
            log.warning("the client does not read; it was dropped")
            self._forget(self._client)

    def _forget(self, peer: Peer) -> None:
        peer.close()
        if peer is self._client:
            self._client = None

    def flush(self) -> None:
        """Send what a slow client had no room for; call it once a turn."""
        if self._client is not None and not self._client.flush():
            self._forget(self._client)

    def close(self) -> None:
        """Send what is left, close all, and remove the socket's file."""
        if self._client is not None:
            self._client.flush()
            self._client.close_after_flush()
            self._client = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._outbox.close()


def encode(message: Message) -> bytes:
    """One line of the wire, with its line feed."""
    return msgspec.json.encode(message) + b"\n"
