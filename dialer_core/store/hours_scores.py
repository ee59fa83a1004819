"""How good the present hour is for a person: the chance of an answer now beside the day's best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np
from sqlalchemy import Connection

from dialer_core.lists.order import Turn
from dialer_core.model.ids import ContactId, NumberId
from dialer_core.model.records import LeasedRecord
from dialer_core.pacing.chances import AnswerModel, Calls
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.chances import next_calls

HOURS: Final = tuple(float(hour) for hour in range(8, 21))  # by the person's clock


def no_scores(
    _connection: Connection, _settings: CampaignSettings, turns: Sequence[Turn], _now: datetime
) -> Sequence[Turn]:
    """For whom no model is known: every hour is as good."""
    return turns


def scored(
    connection: Connection,
    settings: CampaignSettings,
    model: AnswerModel,
    turns: Sequence[Turn],
    now: datetime,
) -> list[Turn]:
    """The turns with the chance now as a share of the best of the hours from 8 to 20."""
    records = [
        LeasedRecord(ContactId(turn.contact_id), settings.campaign.id, NumberId(0), "")
        for turn in turns
    ]
    calls = next_calls(connection, settings, records, now)
    present = model.chances(calls)
    best = present
    for hour in HOURS:
        best = np.maximum(best, model.chances(_at(calls, hour)))
    return [
        replace(turn, hour_score=float(share))
        for turn, share in zip(turns, present / best, strict=True)
    ]


def _at(calls: Calls, hour: float) -> Calls:
    return replace(calls, hour=np.full(len(calls), hour))
