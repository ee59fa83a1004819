"""Joining ports of the conference bridge. Every join may be repeated: re-INVITEs tell us twice."""

from __future__ import annotations

import logging

import pjsua2 as pj

log = logging.getLogger("sip.bridge")


def join(source: pj.AudioMedia | None, sink: pj.AudioMedia | None) -> bool:
    """Let `sink` hear `source`; False if either has gone."""
    if source is None or sink is None:
        return False
    try:
        source.startTransmit(sink)
    except pj.Error as error:
        log.info("a port had gone before it was joined: status %s", error.status)
        return False
    return True


def part(source: pj.AudioMedia | None, sink: pj.AudioMedia | None) -> None:
    """`sink` does not hear `source` any more; nothing happens if it did not."""
    if source is None or sink is None:
        return
    try:
        source.stopTransmit(sink)
    except pj.Error as error:
        log.info("a port had gone before it was parted: status %s", error.status)


def hears(source: pj.AudioMedia | None, sink: pj.AudioMedia | None) -> bool:
    """What the bridge itself says: is `sink` among the listeners of `source`?"""
    if source is None or sink is None:
        return False
    try:
        info = source.getPortInfo()  # held by name: its parts dangle once it is collected
        return sink.getPortId() in list(info.listeners)
    except pj.Error:
        return False


def listeners(source: pj.AudioMedia) -> frozenset[int]:
    """The bridge's numbers of all ports that hear `source`; none if it has gone."""
    try:
        info = source.getPortInfo()  # held by name, as above
        return frozenset(info.listeners)
    except pj.Error:
        return frozenset()
