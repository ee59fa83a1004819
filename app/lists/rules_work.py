"""What the rules' window has done on its thread."""

from __future__ import annotations

from contextlib import closing

from app.clock import WallClock
from app.desk import rules_view
from app.desk.rules_view import RulesView, RulesWish
from app.lists.asked import made
from app.profile import Profile
from dialer_core.clock import Clock
from dialer_core.model.errors import KnownError
from dialer_core.rules.tightening import tightened
from dialer_core.store.tightening import CampaignRules, RulesStore


class RulesOf:
    """The `RulesWork` of a profile; `who` stands in the log."""

    def __init__(self, profile: Profile, who: str, clock: Clock | None = None) -> None:
        self._profile, self._who = profile, who
        self._clock = clock or WallClock()

    def view(self, campaign_id: int | None) -> RulesView | None:
        """The rules of this campaign, or of the first one; None while there is none."""
        with closing(RulesStore(made(self._profile))) as store:
            every = store.rules()
        if not every:
            return None
        one = next((found for found in every if found.campaign_id == campaign_id), every[0])
        return RulesView(
            campaigns=tuple((found.campaign_id, found.campaign) for found in every),
            campaign_id=one.campaign_id,
            client=one.client,
            rules=f"{one.in_force.name} · {one.in_force.stamp}",
            law=rules_view.form_of_rules(one.law),
            now=rules_view.form_of_rules(one.in_force),
            of_client=rules_view.form_of_wish(one.of_client, one.law),
            of_campaign=rules_view.form_of_wish(one.of_campaign, one.law),
            words=rules_view.in_words(one.in_force),
        )

    def tighten(self, wish: RulesWish) -> str:
        """Put the wish in force from the next call on."""
        now = self._clock.now()
        with closing(RulesStore(made(self._profile))) as store:
            one = _of(store.rules(), wish.campaign_id)
            if wish.is_for_client:
                tighter = rules_view.wish_of_form(wish.form, one.of_client, one.law)
                row = store.tighten_client(one.client_id, tighter, now, self._who)
                whom = f"every campaign of {one.client}"
            else:
                base = tightened(one.law, one.of_client)
                tighter = rules_view.wish_of_form(wish.form, one.of_campaign, base)
                row = store.tighten_campaign(one.campaign_id, tighter, now, self._who)
                whom = one.campaign
        return f"In force for {whom} from the next call on; each call's record names it as t{row}."


def _of(every: list[CampaignRules], campaign_id: int) -> CampaignRules:
    found = [one for one in every if one.campaign_id == campaign_id]
    if not found:
        raise KnownError("There is no such campaign any more; choose another.")
    return found[0]
