"""A network between a program and its server that can be cut, at once or at a word."""

from __future__ import annotations

import socket
import threading


class Relay:
    """Passes on what comes to `port`, until it is cut; then takes new connections again."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.was_cut = False
        self._word: bytes | None = None
        self._is_passed_on = False
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Relay:
        self._spawn(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()
        for thread in self._threads:
            thread.join()

    def cut(self) -> None:
        """All connections are gone."""
        for one in self._open:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self._open.clear()

    def cut_at(self, word: bytes, *, is_passed_on: bool) -> None:
        """Cut once when a program says `word`; no answer to it comes back."""
        self._word, self._is_passed_on = word, is_passed_on

    def _spawn(self, work: object, *arguments: socket.socket) -> None:
        assert callable(work)
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.create_connection(self._to)
            self._open += [near, far]
            self._spawn(self._to_server, near, far)
            self._spawn(self._to_program, far, near)

    def _to_server(self, near: socket.socket, far: socket.socket) -> None:
        with near:
            while data := _read(near):
                word = self._word
                if word is not None and word in data:
                    self._word, self.was_cut = None, True
                    near.shutdown(socket.SHUT_RDWR)
                    if self._is_passed_on:
                        _send(far, data)
                    break
                _send(far, data)  # it may have been cut meanwhile
            _end(far)

    def _to_program(self, far: socket.socket, near: socket.socket) -> None:
        with far:
            while data := _read(far):
                _send(near, data)
            _end(near)


def _read(one: socket.socket) -> bytes:
    try:
        return one.recv(65536)
    except OSError:
        return b""


def _send(one: socket.socket, data: bytes) -> None:
    try:
        one.sendall(data)
    except OSError:
        return


def _end(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_WR)
    except OSError:
        return
