"""The trunk's form: presets, pasted texts, and the way to the trunk's file and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.desk.trunk_form import (
    GatewayForm,
    TrunkForm,
    codec_choices,
    filled_from,
    form_objection,
    form_of,
    moved,
    number_examples,
    place_of,
    presets,
    trunk_form,
    trunk_objection,
    trunk_of,
    with_preset,
)
from app.trunk import GatewayPlace, Trunk, objection, read_trunk, write_trunk
from dialer_core.model.errors import KnownError

EMAIL = """Server: sip.northwind.example:5070
Username: acme
Password: tR4in-Set!9
Channels: 10
Transport: TCP
"""
GOOD = GatewayForm(
    name="Main", host="sip.northwind.example", username="acme", has_password=True, saved_name="Main"
)


def preset(name: str) -> GatewayForm:
    found = next(one for one in presets() if one.id == name)
    return with_preset(GatewayForm(), found)


class TestPresets:
    def test_the_promised_ones_are_there(self) -> None:
        wanted = {"account", "address", "twilio", "telnyx", "sipgate", "gradwell", "3cx"}
        wanted |= {"asterisk", "freeswitch", "fritzbox"}
        found = [one.id for one in presets()]
        assert wanted <= set(found)
        assert len(set(found)) == len(found)

    @pytest.mark.parametrize("name", [one.id for one in presets()])
    def test_each_needs_only_what_this_office_knows(self, name: str) -> None:
        chosen = next(one for one in presets() if one.id == name)
        assert chosen.hint.endswith(".")
        form = with_preset(GatewayForm(), chosen)
        assert form.host == (chosen.host if chosen.has_own_host else "")
        filled = replace(form, host=form.host or "sip.office.example")
        if form.has_account:
            assert "user name" in form_objection(filled)
            filled = replace(filled, username="acme", password="x")
        assert form_objection(filled) == ""

    def test_another_choice_keeps_what_was_typed(self) -> None:
        typed = replace(preset("account"), username="acme", password="x", channels=30)
        twilio = next(one for one in presets() if one.id == "twilio")
        form = with_preset(typed, twilio)
        assert (form.username, form.password, form.channels) == ("acme", "x", 30)
        assert (form.name, form.transport, form.srtp) == (twilio.name, "tls", "mandatory")
        named = with_preset(replace(typed, name="Ours"), twilio)
        assert named.name == "Ours"

    def test_a_provider_without_passwords_forgets_one(self) -> None:
        typed = replace(preset("account"), username="acme", password="x")
        form = with_preset(typed, next(one for one in presets() if one.id == "address"))
        assert (form.has_account, form.username, form.password) == (False, "", "")
        assert not form.registers


class TestPaste:
    def test_an_email_fills_the_form(self) -> None:
        filled = filled_from(GatewayForm(), EMAIL)
        form = filled.form
        assert filled.is_useful
        assert (form.name, form.host) == ("sip.northwind.example", "sip.northwind.example:5070")
        assert (form.username, form.password, form.channels) == ("acme", "tR4in-Set!9", 10)
        assert (form.transport, form.registers) == ("tcp", True)
        assert filled.sentence == "Found: server, transport, user name, password and channels."
        assert "tR4in" not in repr(filled)
        assert form_objection(form) == ""

    def test_what_is_missing_is_said_unless_it_is_there(self) -> None:
        text = "Server: sip.northwind.example\nUsername: acme"
        assert "Not found: password" in filled_from(GatewayForm(), text).sentence
        assert "Not found" not in filled_from(GOOD, text).sentence

    def test_nonsense_changes_nothing(self) -> None:
        filled = filled_from(GOOD, "Dear friend, buy now")
        assert (filled.form, filled.is_useful) == (GOOD, False)
        assert "fill in" in filled.sentence

    def test_a_trunk_by_address_wants_no_password(self) -> None:
        form = filled_from(GatewayForm(), "Termination URI: acme.pstn.carrier.example").form
        assert not form.has_account
        assert form_objection(form) == ""


class TestFile:
    def test_there_and_back_without_the_password(self, tmp_path: Path) -> None:
        form = replace(
            GOOD,
            host="sip.northwind.example:5070",
            transport="tls",
            password="tR4in-Set!9",
            registers=True,
            srtp="mandatory",
            identity="ppi",
            codecs=("G722/16000", "PCMA/8000"),
            number_format="national",
            prefix="9",
            calls_a_second=2.5,
            dtmf="info",
            session_timers="off",
            plays_early_media=False,
            outbound_proxy="sip:proxy.northwind.example;transport=tls",
            from_domain="northwind.example",
            auth_username="auth",
            realm="r",
        )
        path = tmp_path / "trunk.toml"
        write_trunk(path, trunk_of(TrunkForm((form,), 12)))
        assert "tR4in" not in path.read_text()
        again = trunk_form(read_trunk(path), {"Main": True})
        assert again == TrunkForm((replace(form, password=""),), 12)

    def test_what_the_form_does_not_show_is_kept(self) -> None:
        place = GatewayPlace(
            name="odd",
            uri="sip:00{number}@h.example;transport=tcp;user=phone",
            send_attempt_id=True,
            username="u",
            home_region="SE",
            codecs=("GSM/8000",),
        )
        form = form_of(place, has_password=True)
        assert (form.host, form.transport) == ("h.example", "tcp")
        assert place_of(form) == place
        assert codec_choices(form.codecs)[-1] == (("GSM/8000",), "GSM")

    def test_an_account_that_was_switched_off_leaves_nothing(self) -> None:
        off = place_of(replace(GOOD, has_account=False, registers=True, auth_username="a"))
        assert (off.username, off.auth_username, off.registers) == ("", "", False)
        assert objection(off) == ""

    def test_a_floor_without_a_trunk(self) -> None:
        assert trunk_form(None, {}) == TrunkForm()


@pytest.mark.parametrize(
    ("form", "word"),
    [
        (replace(GOOD, name=" "), "name"),
        (replace(GOOD, host=""), "server"),
        (replace(GOOD, host="sip northwind"), "address"),
        (replace(GOOD, host="sip.northwind.example:99999"), "address"),
        (replace(GOOD, username=""), "user name"),
        (replace(GOOD, has_password=False), "password"),
        (replace(GOOD, srtp="mandatory"), "TLS"),
        (replace(GOOD, prefix="9"), "plus"),
        (replace(GOOD, channels=0), "channel"),
        (replace(GOOD, outbound_proxy="proxy"), ""),
        (replace(GOOD, outbound_proxy="proxy one"), "proxy"),
        (replace(GOOD, ca_file="/nowhere/ca.pem"), "cannot be read"),
        (replace(GOOD, from_domain="a b"), "domain"),
    ],
)
def test_what_cannot_be_used_is_said(form: GatewayForm, word: str) -> None:
    sentence = form_objection(form)
    if form.outbound_proxy == "proxy":
        assert sentence, "a proxy without sip: is no address"
        return
    assert word in sentence
    assert sentence.endswith(".")
    with pytest.raises(KnownError):
        trunk_of(TrunkForm((GOOD, form)))


def test_the_gateway_to_blame_is_named() -> None:
    assert trunk_objection(TrunkForm())[1] == -1
    assert trunk_objection(TrunkForm((GOOD,), 0)) != ("", -1)
    second = replace(GOOD, name="Second")
    assert trunk_objection(TrunkForm((GOOD, second))) == ("", -1)
    sentence, index = trunk_objection(TrunkForm((GOOD, GOOD)))
    assert ("rename" in sentence, index) == (True, 1)
    assert trunk_objection(TrunkForm((GOOD, second, replace(second, name="x", host=""))))[1] == 2


def test_the_order_is_changed_one_step_at_a_time() -> None:
    forms = tuple(replace(GOOD, name=name) for name in "abc")
    form = TrunkForm(forms)
    assert [one.name for one in moved(form, 2, -1).gateways] == ["a", "c", "b"]
    assert [one.name for one in moved(form, 0, 1).gateways] == ["b", "a", "c"]
    assert moved(form, 0, -1) == form == moved(form, 2, 1)
    assert moved(TrunkForm(), -1, 1) == TrunkForm()


def test_examples_show_what_would_be_dialled() -> None:
    examples = dict(number_examples("GB", "9"))
    assert examples["e164"].endswith(": +441614960001")
    assert examples["national"].endswith(": 901614960001")
    assert examples["international_00"].endswith(": 900441614960001")
    assert dict(number_examples("BR", ""))["national"] == "National"


def test_old_files_are_read_with_defaults(tmp_path: Path) -> None:
    path = tmp_path / "trunk.toml"
    path.write_text('lines = 3\n[[gateways]]\nname = "g"\nuri = "sip:{number}@h.example"\n')
    trunk = read_trunk(path)
    assert trunk == Trunk(gateways=(GatewayPlace(name="g", uri="sip:{number}@h.example"),), lines=3)
