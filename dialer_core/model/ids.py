"""Names of things. Ids cross threads and processes, objects do not."""

from __future__ import annotations

from typing import NewType

AttemptId = NewType("AttemptId", str)  # 26 characters, made before the attempt is committed
SessionId = NewType("SessionId", int)  # one agent at one seat from login to logout
ContactId = NewType("ContactId", int)
NumberId = NewType("NumberId", int)
CampaignId = NewType("CampaignId", int)
LineId = NewType("LineId", str)
