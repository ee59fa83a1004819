"""PCs on one network for the tests of lines on several of them."""

from __future__ import annotations

from tests.sharing.conftest import floor, hosts, server_dir

__all__ = ["floor", "hosts", "server_dir"]
