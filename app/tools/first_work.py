"""What the first run's thread does: settings, the first campaign, the trunk, joining a floor."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec

from app.clock import WallClock
from app.desk.first_run_view import (
    Company,
    FirstRunView,
    FoundFloorView,
    Role,
    Step,
    steps_of,
)
from app.desk.trunk_desk import read_form, save_form, trunk_path
from app.desk.trunk_form import GatewayForm, TrunkForm, place_of, trunk_of
from app.desk.trunk_trial import Trial, try_gateway
from app.errors import KnownError
from app.floor_place import is_there, read_pointer
from app.lists.asked import database_of
from app.lists.house import new_campaign, rules_for
from app.lists.importing import open_setup
from app.profile import Profile
from app.secrets import open_secrets
from app.settings import FIRST_DONE, FIRST_STEP, LINK_REGION, PC_ROLE, load_settings
from app.sharing.beacon import find_floors
from app.sharing.join_code import read_code
from app.sharing.joining import FloorJoin
from app.trunk import write_trunk
from dialer_core.lists.numbers import read_number
from dialer_core.model import errors as core_errors
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import RuleProfile, profiles
from dialer_core.store import first_run

CAMPAIGN = "First campaign"
COUNTRIES = (
    ("GB", "United Kingdom"), ("US", "United States"), ("DE", "Germany"), ("FR", "France"),
    ("IT", "Italy"), ("ES", "Spain"), ("PL", "Poland"), ("IE", "Ireland"), ("NL", "Netherlands"),
    ("BE", "Belgium"), ("AT", "Austria"), ("CH", "Switzerland"), ("PT", "Portugal"),
    ("CA", "Canada"), ("AU", "Australia"), ("NZ", "New Zealand"),
)  # fmt: skip
FIRST_AGENT = "Agent 1"
_LOCKED_OUT = (401, 403, 404, 407)


class FirstWork:
    """The `FirstRunWork` of a profile; each answer is on the disk when its method returns."""

    def __init__(self, profile: Profile, rules: Callable[[str], RuleProfile] = rules_for) -> None:
        """`rules(country)`: those of the first campaign."""
        self._profile, self._rules = profile, rules
        self._clock = WallClock()
        self._registers = ("", "")  # server and user name of an account that was let in

    # --- how far ----------------------------------------------------------------------------

    def look(self) -> FirstRunView:
        settings = load_settings(self._profile.settings_path)
        role = Role(settings.get(PC_ROLE))
        pointer = read_pointer(self._profile)
        done = frozenset(step for step in Step if step.value in settings.get(FIRST_DONE))
        steps = steps_of(role)
        known = {step.value: step for step in steps}
        step = known.get(settings.get(FIRST_STEP), steps[0] if role is Role.NONE else steps[-1])
        if role is Role.AGENT and step is not Step.ROLE and not _has_joined(self._profile):
            step, done = Step.JOIN, done - {Step.JOIN}  # it has left the floor that it joined
        view = FirstRunView(
            role, step, done, self._company(settings.get(LINK_REGION)), _countries(),
            seat="" if pointer is None else pointer.seat,
        )  # fmt: skip
        if role is Role.AGENT:
            return view
        gateways = read_form(trunk_path(self._profile)).gateways
        gateway = gateways[0] if gateways else GatewayForm(home_region=view.company.country)
        return replace(view, gateway=gateway, people=self._people())

    def _company(self, region: str) -> Company:
        pointer = read_pointer(self._profile)
        if not is_there(self._profile) or (pointer is not None and pointer.seat):
            return Company(country=region)
        with database_of(self._profile) as database, database.reading() as connection:
            found = first_run.company_of(connection, CAMPAIGN)
        return Company(country=region) if found is None else Company(found[0], region, found[1])

    def _people(self) -> int:
        if not is_there(self._profile):
            return 0
        with database_of(self._profile) as database, database.reading() as connection:
            return first_run.count_people(connection)

    def _keep(self, step: Step, *, done: Step | None = None) -> FirstRunView:
        settings = load_settings(self._profile.settings_path)
        settings.set(FIRST_STEP, step.value)
        if done is not None and done.value not in settings.get(FIRST_DONE):
            settings.set(FIRST_DONE, (*settings.get(FIRST_DONE), done.value))
        settings.save()
        return self.look()

    # --- answers ----------------------------------------------------------------------------

    def choose(self, role: Role) -> FirstRunView:
        settings = load_settings(self._profile.settings_path)
        settings.set(PC_ROLE, role.value)
        settings.save()
        return self._keep(steps_of(role)[1], done=Step.ROLE)

    def keep_company(self, company: Company) -> FirstRunView:
        caller_id = _called_back_at(company)
        settings = load_settings(self._profile.settings_path)
        settings.set(LINK_REGION, company.country)
        settings.save()
        new = replace(
            new_campaign(CAMPAIGN, company.country),
            client=company.name,
            company_name=company.name,
            caller_id=caller_id,
            mode=Mode.MANUAL,
            profile=self._rules(company.country),
            is_running=True,
        )
        with contextlib.closing(open_setup(self._profile)) as store:
            now = self._clock.now()
            if store.campaign_named(CAMPAIGN) is None:
                store.add_campaign(new, now, "first run")
            with contextlib.suppress(core_errors.KnownError):  # resumed: the agent is there
                store.add_agent(FIRST_AGENT, now, who="first run")
        with database_of(self._profile) as database, database.writing() as connection:
            first_run.set_company(
                connection, CAMPAIGN, company.name, caller_id, "first run", self._clock.now()
            )
        return self._keep(Step.TRUNK, done=Step.COMPANY)

    def try_trunk(self, form: GatewayForm) -> Trial:
        password = form.password
        if form.has_account and not password and form.has_password:
            secrets = open_secrets(self._profile.key)
            password = secrets.get(f"trunk/{form.saved_name or form.name}") or ""
        place, folder = place_of(replace(form, password="")), self._profile.run_dir
        if not place.username or place.registers:
            return try_gateway(place, password, folder)
        # Only a registrar tells at once whether the password is right; few providers have none.
        trial = try_gateway(msgspec.structs.replace(place, registers=True), password, folder)
        if trial.is_good:
            self._registers = (form.host, form.username)
        return (
            trial
            if trial.is_good or trial.status in _LOCKED_OUT
            else try_gateway(place, password, folder)
        )

    def keep_trunk(self, form: GatewayForm) -> FirstRunView:
        if self._registers == (form.host, form.username):
            form = replace(form, registers=True)
        path = trunk_path(self._profile)
        before = read_form(path)
        wanted = TrunkForm((form, *before.gateways[1:]), min(before.lines, max(form.channels, 1)))
        if any(one.has_account for one in wanted.gateways):
            save_form(path, open_secrets(self._profile.key), wanted)
        else:
            write_trunk(path, trunk_of(wanted))
        return self._keep(Step.SOUND, done=Step.TRUNK)

    def pass_step(self, step: Step) -> FirstRunView:
        view = self.look()
        order = steps_of(view.role)
        at = order.index(step)
        is_done = step is not Step.TRUNK and (step is not Step.LIST or view.people > 0)
        settings = load_settings(self._profile.settings_path)
        if at + 1 == len(order):
            settings.set(FIRST_STEP, "")
            settings.save()
            return replace(view, done=view.done | {step})
        return self._keep(order[at + 1], done=step if is_done else None)

    def go_back(self, step: Step) -> FirstRunView:
        return self._keep(step)

    # --- joining ----------------------------------------------------------------------------

    def floors(self) -> tuple[FoundFloorView, ...]:
        return tuple(
            FoundFloorView(floor.name, f"{floor.addresses[0]}, port {floor.port}")
            for floor in find_floors()
        )

    def join(self, code: str, name: str, tell: Callable[[str], None]) -> FirstRunView:
        read_code(code)  # a slip of the hand is said before the keyring is asked for
        join = FloorJoin(self._profile, open_secrets(self._profile.key), _utc_now)
        join.join(code, name, lambda words: tell(f"{words} …"))
        return self._keep(Step.SOUND, done=Step.JOIN)


def _called_back_at(company: Company) -> str:
    """The number that is shown, E.164; KnownError for one that nobody could call back."""
    number = read_number(company.caller_id, company.country)
    if not number.e164:
        raise KnownError(
            f"Nobody could call back at your number ({number.why_not}): write it with its area "
            "code, as your provider gave it to you."
        )
    return number.e164


def is_over(profile: Profile) -> bool:
    """Whether the first run was finished on this PC; an agent's PC without a floor joins one."""
    settings = load_settings(profile.settings_path)
    role = Role(settings.get(PC_ROLE))
    if role is Role.AGENT and not _has_joined(profile):
        return False
    return settings.get(FIRST_STEP) == "" and role is not Role.NONE


def _has_joined(profile: Profile) -> bool:
    pointer = read_pointer(profile)
    return pointer is not None and bool(pointer.seat)


def _countries() -> tuple[tuple[str, str], ...]:
    known = profiles()
    return tuple(
        (code, words if code in known else f"{words} (the strictest rules)")
        for code, words in COUNTRIES
    )


def _utc_now() -> datetime:
    return WallClock().now().utc
