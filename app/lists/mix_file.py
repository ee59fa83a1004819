"""A campaign's mix as a file: sources by their names, the retry share, recycling by outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

import msgspec

from app.errors import KnownError
from dialer_core.lists import recycling
from dialer_core.lists.order import ListOrder
from dialer_core.store.mixing import MixSettings, MixSource

DUE_FIRST: Final = "due first"
Names = dict[int, str]


class SourceEntry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A list or a segment by its name; the higher priority is called first."""

    list: str = ""
    segment: str = ""
    weight: float = 1.0
    priority: int = 0
    order: ListOrder = ListOrder.PRIORITY
    seed: int = 0
    is_active: bool = True


class MixFile(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays as it is. `retry_share`: 0 to 1, or "due first"."""

    sources: list[SourceEntry] | msgspec.UnsetType = msgspec.UNSET
    retry_share: float | Literal["due first"] | msgspec.UnsetType = msgspec.UNSET
    hand_over_s: float | msgspec.UnsetType = msgspec.UNSET
    recycling: dict[str, dict[str, object]] | msgspec.UnsetType = msgspec.UNSET


def written(mix: MixSettings, lists: Names, segments: Names) -> MixFile:
    """The mix as a file that sets it again."""
    return MixFile(
        [
            SourceEntry(
                "" if one.list_id is None else lists[one.list_id],
                "" if one.segment_id is None else segments[one.segment_id],
                one.weight,
                one.priority,
                one.order,
                one.seed,
                one.is_active,
            )
            for one in mix.sources
        ],
        DUE_FIRST if mix.retry_share is None else mix.retry_share,
        mix.hand_over_s,
        {outcome.value: msgspec.to_builtins(rule) for outcome, rule in mix.recycling.own.items()},
    )


def applied(file: MixFile, mix: MixSettings, lists: Names, segments: Names) -> MixSettings:
    """The mix with what the file says; KnownError for names that there are not."""
    if isinstance(file.sources, list):
        mix = replace(mix, sources=tuple(_source(one, lists, segments) for one in file.sources))
    if not isinstance(file.retry_share, msgspec.UnsetType):
        share = None if isinstance(file.retry_share, str) else file.retry_share
        mix = replace(mix, retry_share=share)
    if not isinstance(file.hand_over_s, msgspec.UnsetType):
        mix = replace(mix, hand_over_s=file.hand_over_s)
    if not isinstance(file.recycling, msgspec.UnsetType):
        mix = replace(mix, recycling=recycling.read(file.recycling))
    return mix


def _source(entry: SourceEntry, lists: Names, segments: Names) -> MixSource:
    if bool(entry.list) == bool(entry.segment):
        raise KnownError('Each entry of the mix has either a "list" or a "segment".')
    list_id = _id(entry.list, lists, "list") if entry.list else None
    segment_id = _id(entry.segment, segments, "segment") if entry.segment else None
    return MixSource(
        list_id, segment_id, entry.weight, entry.priority, entry.order, entry.seed, entry.is_active
    )


def _id(name: str, known: Names, what: str) -> int:
    found = [number for number, one in known.items() if one == name]
    if len(found) == 1:
        return found[0]
    names = ", ".join(known.values()) or "none"
    if not found:
        raise KnownError(f"There is no {what} {name!r} in this campaign; there are: {names}.")
    raise KnownError(f"Several {what}s are called {name!r}; give one of them another name.")
