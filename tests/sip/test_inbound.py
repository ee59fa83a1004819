"""Calls that come in, and messages with keys, over real SIP and RTP with sipp as the other end."""

from __future__ import annotations

import contextlib
import itertools
import struct
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sip.leg import Invite
from sip.line.inbound import DECIDE_S, Door, called_of, caller_of, objection_of
from sip.messages import (
    AcceptCalls,
    AgentBridged,
    Arrange,
    CallAnswered,
    CallEnded,
    CallOffered,
    ConnectAgent,
    Gateway,
    HangUp,
    KeyMenu,
    KeyPressed,
    MessageStarted,
    OfferEnded,
    Originate,
    PhoneConnected,
    RefuseCall,
    Refused,
    Stamp,
    TakeCall,
)
from sip.signatures import PHONE_SIGNATURES, SignatureSource
from tests.ports import free_port
from tests.sip.floor import Floor, order
from tests.sip.practice_kit import PCMA, RtpPeer, Sipp, wait_for

EVENTS = 120
"""The number that our own offer gives to telephone events; sipp's own sender knows 96 only."""
QUEUE_VOICE, MESSAGE_VOICE, AGENT_VOICE = PHONE_SIGNATURES[-2], PHONE_SIGNATURES[-1], 1
MUSIC_VOICE = PHONE_SIGNATURES[-3]
CALLER = "+441614960007"
_attempts = itertools.count(1)


def sound_file(path: Path, signature: int, seconds: float) -> str:
    """A file that `Listener` recognises."""
    source = SignatureSource(signature, 8000)
    source.start()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(source.frame(round(8000 * seconds)))
    return str(path)


def pressing(scenario: str) -> tuple[str, ...]:
    """What sipp needs to send keys: a media port of its own."""
    if not scenario.endswith("_presses"):
        return ()
    return ("-mp", str(free_port(4)))


class Keypad(RtpPeer):
    """A called person's telephone: hears, and presses keys as RFC 4733 wants them."""

    def press(self, keys: str) -> None:
        """Each key for a tenth of a second, its end told three times."""
        assert wait_for(lambda: self.target is not None)
        assert self.target is not None
        for index, key in enumerate(keys):
            event, stamp = "0123456789*#ABCD".index(key), 16_000 + 1600 * index
            for step in range(8):
                is_end, duration = step >= 5, 160 * min(step + 1, 5)
                head = (0x80, EVENTS | (0x80 if step == 0 else 0), 100 * index + step, stamp, 78)
                packet = struct.pack("!BBHII", *head)
                packet += struct.pack("!BBH", event, 0x8A if is_end else 0x0A, duration)
                self._sock.sendto(packet, self.target)
                time.sleep(0.02)


class Office:
    """One line that takes calls from 127.0.0.1, one phone, and the sounds that callers hear."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.port = free_port()
        self.line, _launched, _address = floor.line("line", "--sip-port", str(self.port))
        self.phone, self.agent, _launched, _address = floor.phone(
            "phone", 7, "--practice-signature", str(AGENT_VOICE)
        )
        self.queue_wav = sound_file(floor.folder / "queue.wav", QUEUE_VOICE, 4.0)
        self.message_wav = sound_file(floor.folder / "closed.wav", MESSAGE_VOICE, 1.5)
        self.line.send(AcceptCalls(epoch=1, sources={"North": ("127.0.0.1",)}))
        self._seen = 0

    def begin(self) -> None:
        """Forget what was said in earlier tests."""
        self.line.messages.clear()
        self.phone.messages.clear()

    def call(self, folder: Path, scenario: str, *words: str, **named: object) -> Sipp:
        known: dict[str, object] = {"TALK_MS": 300, "WAIT_MS": 500, "ASSERTED": CALLER}
        text = {**known, **named}
        to = ("-s", "+441614960000", *words, f"127.0.0.1:{self.port}")
        return Sipp(folder, scenario, *pressing(scenario), *to, words=text)

    def take(self, offered: CallOffered, **changes: object) -> str:
        attempt_id = f"in-{next(_attempts)}"
        command = TakeCall(
            epoch=1,
            call_ref=offered.call_ref,
            attempt_id=attempt_id,
            queue_wav=self.queue_wav,
            message_wav=self.message_wav,
            longest_wait_s=20.0,
            max_call_s=60.0,
        )
        self.line.send(msgspec.structs.replace(command, **changes))
        return attempt_id


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    floor = Floor(tmp_path_factory.mktemp("office"))
    try:
        yield Office(floor)
    finally:
        floor.close()


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> None:
    if "office" in request.fixturenames:
        request.getfixturevalue("office").begin()


@pytest.mark.sip
class TestRinging:
    def test_a_call_is_offered_taken_and_brought_to_an_agent(
        self, office: Office, tmp_path: Path
    ) -> None:
        voice = SignatureSource(101, 8000)
        voice.start()
        with RtpPeer(PCMA, voice) as peer:
            with office.call(tmp_path, "caller_hangs_up", RTP_PORT=peer.port, TALK_MS=3500) as sipp:
                offered = office.line.wait(CallOffered)
                assert (offered.called, offered.gateway) == ("+441614960000", "North")
                assert offered.caller == "caller"
                attempt_id = office.take(offered)
                answered = office.line.wait(CallAnswered)
                assert answered.attempt_id == attempt_id
                assert wait_for(lambda: QUEUE_VOICE in peer.listener.sounds().heard_ms)
                office.line.send(ConnectAgent(epoch=1, attempt_id=attempt_id, agent=office.agent))
                assert office.line.wait(AgentBridged).session_id == 7
                office.phone.wait(PhoneConnected)
                assert wait_for(lambda: AGENT_VOICE in peer.listener.sounds().heard_ms)
                queue_ms = peer.listener.sounds().heard_ms[QUEUE_VOICE]
                assert sipp.status() == 0, sipp.errors
            sounds = peer.listener.sounds()
        assert sounds.heard_ms[AGENT_VOICE] > 600
        assert sounds.heard_ms[QUEUE_VOICE] <= queue_ms + 200  # the music ends with the agent
        ended = office.line.wait(CallEnded)
        assert (ended.ended_by, ended.status, ended.gateway) == ("person", 200, "North")
        assert ended.answered_at is not None
        assert ended.bridged_at is not None
        assert not ended.message_played
        assert ended.sip_call_id in sipp.messages
        assert "180 Ringing" in sipp.messages

    @pytest.mark.parametrize("status", [486, 603, 404])
    def test_a_call_is_refused_as_the_dialler_says(
        self, office: Office, tmp_path: Path, status: int
    ) -> None:
        with office.call(tmp_path, "caller_refused", STATUS=status) as sipp:
            offered = office.line.wait(CallOffered)
            office.line.send(RefuseCall(epoch=1, call_ref=offered.call_ref, status=status))
            assert sipp.status() == 0, sipp.errors
        over = office.line.wait(OfferEnded)
        assert (over.call_ref, over.status, over.by) == (offered.call_ref, status, "dialler")

    def test_a_silent_dialler_means_busy(self, office: Office, tmp_path: Path) -> None:
        with office.call(tmp_path, "caller_refused", STATUS=486, TIMEOUT_MS=9000) as sipp:
            offered = office.line.wait(CallOffered)
            assert sipp.status() == 0, sipp.errors
        over = office.line.wait(OfferEnded)
        assert (over.by, over.status) == ("line", 486)
        assert over.at.mono_s - offered.at.mono_s == pytest.approx(DECIDE_S, abs=0.5)
        office.take(offered)
        assert "does not ring here" in office.line.wait(Refused).sentence

    def test_a_caller_gives_up(self, office: Office, tmp_path: Path) -> None:
        with office.call(tmp_path, "caller_cancels", TALK_MS=300) as sipp:
            offered = office.line.wait(CallOffered)
            assert sipp.status() == 0, sipp.errors
        over = office.line.wait(OfferEnded)
        assert (over.call_ref, over.status, over.by) == (offered.call_ref, 487, "caller")

    def test_a_stranger_is_forbidden(self, office: Office, tmp_path: Path) -> None:
        with office.call(tmp_path, "caller_refused", "-i", "127.0.0.2", STATUS=403) as sipp:
            assert sipp.status() == 0, sipp.errors
        assert office.line.all(CallOffered) == []

    def test_a_second_caller_finds_the_line_busy(self, office: Office, tmp_path: Path) -> None:
        with office.call(tmp_path, "caller_hangs_up", TALK_MS=1500) as first:
            offered = office.line.wait(CallOffered)
            with office.call(tmp_path, "caller_refused", STATUS=486) as second:
                assert second.status() == 0, second.errors
            office.take(offered)
            office.line.wait(CallAnswered)
            with office.call(tmp_path, "caller_refused", STATUS=486) as third:
                assert third.status() == 0, third.errors
            assert first.status() == 0, first.errors
        assert len(office.line.all(CallOffered)) == 1

    def test_an_order_to_dial_while_it_rings_is_refused(
        self, office: Office, tmp_path: Path
    ) -> None:
        with office.call(tmp_path, "caller_refused", STATUS=603) as sipp:
            offered = office.line.wait(CallOffered)
            gateway = Gateway(name="n", uri_template="sip:{number}@127.0.0.1:9")
            office.line.send(order(gateway, "+441614960001"))
            assert "calls this line" in office.line.wait(Refused).sentence
            office.line.send(RefuseCall(epoch=1, call_ref=offered.call_ref, status=603))
            assert sipp.status() == 0, sipp.errors


@pytest.mark.sip
class TestWaiting:
    def test_nobody_comes_and_the_message_is_heard(self, office: Office, tmp_path: Path) -> None:
        with RtpPeer(PCMA) as peer:
            with office.call(tmp_path, "caller_hears_out", RTP_PORT=peer.port) as sipp:
                office.take(office.line.wait(CallOffered), longest_wait_s=1.5)
                assert sipp.status() == 0, sipp.errors
            heard = peer.listener.sounds()
        assert heard.first_mono_s[QUEUE_VOICE] < heard.first_mono_s[MESSAGE_VOICE]
        assert heard.heard_ms[MESSAGE_VOICE] > 1000
        ended = office.line.wait(CallEnded)
        assert ended.message_played
        assert ended.ended_by == "line"

    def test_a_caller_asks_to_be_called_later(self, office: Office, tmp_path: Path) -> None:
        menu = KeyMenu(later="2", never="9", later_wav=office.message_wav)
        with office.call(tmp_path, "caller_presses", KEYS="2") as sipp:
            offered = office.line.wait(CallOffered)
            assert offered.caller == CALLER  # what the trunk asserts, not what From says
            office.take(offered, menu=menu)
            pressed = office.line.wait(KeyPressed)
            assert (pressed.key, pressed.by, pressed.meaning) == ("2", "person", "later")
            assert sipp.status() == 0, sipp.errors
        ended = office.line.wait(CallEnded)
        assert (ended.ended_by, ended.reason) == ("line", "the person asked to be called later")
        assert not ended.message_played
        assert ended.at.mono_s - pressed.at.mono_s == pytest.approx(1.7, abs=0.5)

    def test_keys_to_an_agent_mean_nothing(self, office: Office, tmp_path: Path) -> None:
        menu = KeyMenu(never="9")
        with office.call(tmp_path, "caller_presses", KEYS="9", WAIT_MS=1500) as sipp:
            attempt_id = office.take(office.line.wait(CallOffered), menu=menu)
            office.line.wait(CallAnswered)
            office.line.send(ConnectAgent(epoch=1, attempt_id=attempt_id, agent=office.agent))
            office.line.wait(AgentBridged)
            assert office.line.wait(KeyPressed).meaning == ""
            office.phone.send(HangUp())
            assert sipp.status() == 0, sipp.errors
        assert office.line.wait(CallEnded).ended_by == "agent"

    @pytest.mark.parametrize("which", ["queue_wav", "message_wav"])
    def test_a_file_that_is_no_sound_is_refused_with_its_reason(
        self, office: Office, tmp_path: Path, which: str
    ) -> None:
        bad = tmp_path / "notice.wav"
        bad.write_text("Dear caller, all our agents are busy.")
        with office.call(tmp_path, "caller_refused", STATUS=603) as sipp:
            offered = office.line.wait(CallOffered)
            office.take(offered, **{which: str(bad)})
            assert "notice.wav is no WAV file but a text" in office.line.wait(Refused).sentence
            office.line.send(RefuseCall(epoch=1, call_ref=offered.call_ref, status=603))
            assert sipp.status() == 0, sipp.errors

    def test_on_hold_a_caller_hears_the_music_and_not_the_queue(
        self, office: Office, tmp_path: Path
    ) -> None:
        music_wav = sound_file(office.floor.folder / "music.wav", MUSIC_VOICE, 4.0)
        with (
            RtpPeer(PCMA) as peer,
            office.call(tmp_path, "caller_hangs_up", RTP_PORT=peer.port, TALK_MS=4500) as sipp,
        ):
            attempt_id = office.take(office.line.wait(CallOffered), hold_wav=music_wav)
            assert wait_for(lambda: QUEUE_VOICE in peer.listener.sounds().heard_ms)
            office.line.send(ConnectAgent(epoch=1, attempt_id=attempt_id, agent=office.agent))
            office.line.wait(AgentBridged)
            queue_ms = peer.listener.sounds().heard_ms[QUEUE_VOICE]
            office.line.send(Arrange(epoch=1, attempt_id=attempt_id, how="hold"))
            assert sipp.status() == 0, sipp.errors
            heard_ms = peer.listener.sounds().heard_ms
        assert heard_ms[MUSIC_VOICE] > 800
        assert heard_ms[QUEUE_VOICE] <= queue_ms + 200
        office.line.wait(CallEnded)


@pytest.mark.sip
class TestAgentless:
    MENU = KeyMenu(agent="1", later="2", never="9", repeats=1, pause_s=0.4)

    @contextlib.contextmanager
    def person(self, folder: Path) -> Iterator[tuple[Sipp, Keypad]]:
        """Somebody who answers, listens, and has keys."""
        keypad = Keypad(PCMA)
        with keypad:
            words: dict[str, object] = {
                "RING_MS": 100,
                "RTP_PORT": keypad.port,
                "PAYLOADS": f"8 {EVENTS}\n      a=rtpmap:{EVENTS} telephone-event/8000",
            }
            with Sipp(folder, "callee_hears_out", words=words) as sipp:
                yield sipp, keypad

    def dial(self, office: Office, sipp: Sipp, **changes: object) -> Originate:
        assert wait_for(sipp.is_listening)
        gateway = Gateway(name="peer", uri_template=f"sip:{{number}}@{sipp.address};transport=udp")
        sent = msgspec.structs.replace(
            order(gateway, "+441614960001", attempt_id=f"out-{next(_attempts)}"),
            agentless_wav=office.message_wav,
            menu=self.MENU,
            hold_wav=office.queue_wav,
            message_wav=office.message_wav,
            **changes,
        )
        office.line.send(sent)
        return sent

    def test_nobody_presses_and_it_is_repeated_once(self, office: Office, tmp_path: Path) -> None:
        with self.person(tmp_path) as (sipp, keypad):
            self.dial(office, sipp)
            assert sipp.status() == 0, sipp.errors
            heard_ms = keypad.listener.sounds().heard_ms
        assert 1900 < heard_ms[MESSAGE_VOICE] < 3000  # twice 1.14 s of tones in 1.5 s each
        ended = office.line.wait(CallEnded)
        assert ended.message_played
        assert (ended.ended_by, ended.reason) == ("line", "the message was played")
        assert len(office.line.all(MessageStarted)) == 1

    @pytest.mark.parametrize(
        ("key", "meaning", "reason"),
        [
            ("2", "later", "the person asked to be called later"),
            ("9", "never", "the person asked never to be called again"),
        ],
    )
    def test_a_wish_ends_the_call_at_once(
        self, office: Office, tmp_path: Path, key: str, meaning: str, reason: str
    ) -> None:
        with self.person(tmp_path) as (sipp, keypad):
            self.dial(office, sipp)
            office.line.wait(MessageStarted)
            keypad.press(key)
            assert sipp.status() == 0, sipp.errors
        pressed = office.line.wait(KeyPressed)
        assert (pressed.key, pressed.meaning) == (key, meaning)
        ended = office.line.wait(CallEnded)
        assert (ended.ended_by, ended.reason) == ("line", reason)
        assert ended.message_played
        assert ended.at.mono_s - pressed.at.mono_s < 0.3

    def test_a_key_brings_an_agent(self, office: Office, tmp_path: Path) -> None:
        with self.person(tmp_path) as (sipp, keypad):
            sent = self.dial(office, sipp, connect_limit_s=10.0)
            office.line.wait(MessageStarted)
            keypad.press("1")
            pressed = office.line.wait(KeyPressed)
            assert pressed.meaning == "agent"
            office.line.send(ConnectAgent(epoch=1, attempt_id=sent.attempt_id, agent=office.agent))
            office.line.wait(AgentBridged)
            office.phone.wait(PhoneConnected)
            office.phone.send(HangUp())
            assert sipp.status() == 0, sipp.errors
        ended = office.line.wait(CallEnded)
        assert ended.ended_by == "agent"
        assert not ended.message_played  # the agentless one was left for an agent

    def test_an_agent_who_never_comes_is_a_message(self, office: Office, tmp_path: Path) -> None:
        with self.person(tmp_path) as (sipp, keypad):
            self.dial(office, sipp, connect_limit_s=1.0)
            office.line.wait(MessageStarted)
            keypad.press("1")
            assert sipp.status() == 0, sipp.errors
        ended = office.line.wait(CallEnded)
        assert ended.message_played
        started = office.line.all(MessageStarted)
        assert len(started) == 2  # the agentless one, and the one that says sorry
        pressed = office.line.wait(KeyPressed)
        assert started[1].at.mono_s - pressed.at.mono_s == pytest.approx(1.0, abs=0.3)

    def test_never_again_counts_while_they_wait_for_an_agent(
        self, office: Office, tmp_path: Path
    ) -> None:
        with self.person(tmp_path) as (sipp, keypad):
            self.dial(office, sipp, connect_limit_s=10.0)
            office.line.wait(MessageStarted)
            keypad.press("19")
            assert sipp.status() == 0, sipp.errors
        office.line.wait(CallEnded)
        assert [one.meaning for one in office.line.all(KeyPressed)] == ["agent", "never"]

    def test_a_person_who_hangs_up_has_begun_to_hear_it(
        self, office: Office, tmp_path: Path
    ) -> None:
        words: dict[str, object] = {"RING_MS": 100, "PAYLOADS": PCMA, "TALK_MS": 500}
        with Sipp(tmp_path, "callee_hangs_up", words=words) as sipp:
            self.dial(office, sipp)
            assert sipp.status() == 0, sipp.errors
        ended = office.line.wait(CallEnded)
        assert (ended.ended_by, ended.message_played) == ("person", True)

    def test_a_file_that_breaks_off_is_refused_before_anybody_is_called(
        self, office: Office, tmp_path: Path
    ) -> None:
        bad = tmp_path / "cut.wav"
        bad.write_bytes(Path(office.message_wav).read_bytes()[:9000])
        gateway = Gateway(name="n", uri_template="sip:{number}@127.0.0.1:9")
        plain = order(gateway, "+441614960001")
        office.line.send(msgspec.structs.replace(plain, agentless_wav=str(bad)))
        assert "cut.wav breaks off" in office.line.wait(Refused).sentence


# --- without a network ----------------------------------------------------------------------


def invite(*headers: str, to: str = "sip:+441614960000@127.0.0.1") -> Invite:
    text = "\r\n".join([f"INVITE {to} SIP/2.0", *headers, "", ""])
    return Invite(text, Stamp(0.0, 0.0), "192.0.2.7:5060")


@pytest.mark.parametrize(
    ("headers", "caller"),
    [
        (["From: <sip:+441614960007@a>;tag=1"], "+441614960007"),
        (["From: <sip:1@a>", "P-Asserted-Identity: <sip:+441614960007@b>"], "+441614960007"),
        (["From: <sip:1@a>", "P-Asserted-Identity: <tel:+441614960007>"], "+441614960007"),
        (["From: <sip:%2B441614960007@a>"], "+441614960007"),
        (['From: "Anonymous" <sip:anonymous@anonymous.invalid>'], ""),
        (["From: <sip:+441614960007@a>", "Privacy: id"], ""),
        (["From: <sip:" + "9" * 400 + "@a>"], ""),
        (["From: <sip:;DROP TABLE@a>"], ""),
        ([], ""),
    ],
)
def test_the_caller_is_whom_the_trunk_names(headers: list[str], caller: str) -> None:
    assert caller_of(invite(*headers)) == caller


def test_the_called_number_is_the_requests_or_tos() -> None:
    assert called_of(invite()) == "+441614960000"
    to_line = invite("To: <sip:+441614960001@b>", to="sip:line@127.0.0.1")
    assert called_of(to_line) == "+441614960001"


@pytest.mark.parametrize(
    ("source", "gateway"),
    [
        ("192.0.2.7:5060", "North"),
        ("192.0.2.8:5060", None),
        ("198.51.100.20:1024", "South"),
        ("198.51.101.20:1024", None),
        ("[2001:db8::1]:5060", "South"),
        ("203.0.113.5:5060", "Proxied"),
        ("", None),
        ("nonsense", None),
        ("192.0.2.7", "North"),
    ],
)
def test_a_door_knows_addresses_and_networks(source: str, gateway: str | None) -> None:
    door = Door()
    sources = {"North": ("192.0.2.7",), "South": ("198.51.100.0/24", "2001:db8::/64")}
    assert door.accept(sources) == ""
    door.registered(
        Gateway(
            name="Proxied",
            uri_template="sip:{number}@sip.example.net",
            outbound_proxy="sip:203.0.113.5:5060;lr",
        )
    )
    assert door.gateway_of(source) == gateway


def test_a_door_is_closed_again_and_understands_no_names() -> None:
    door = Door()
    assert door.gateway_of("127.0.0.1:5060") is None
    assert "no IP address" in door.accept({"North": ("sip.example.net",)})
    door.registered(Gateway(name="N", uri_template="sip:{number}@127.0.0.1:5060"))
    assert door.gateway_of("127.0.0.1:5060") == "N"
    door.unregistered("N")
    assert door.gateway_of("127.0.0.1:5060") is None


def test_no_file_is_no_objection() -> None:
    assert objection_of("") == ""
    assert "is not there" in objection_of("/nowhere/notice.wav")
