"""The door of a PC of lines: who is let in, and what passes through it whole."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.dialler import far_files
from app.dialler import far_words as words
from app.dialler.far_files import SoundsThere
from sip.messages import Originate, PlayMessage, Refused
from sip.messages.trunk import Gateway
from sip.wire import encode
from tests.lines.relay_kit import FarKit, far_pc

Work = Callable[[FarKit], Coroutine[Any, Any, None]]


def with_pc(folder: Path, work: Work) -> None:
    """Do it with a PC of lines; every link is over within seconds."""

    async def run() -> None:
        async with asyncio.timeout(20), far_pc(folder) as kit:
            await work(kit)

    asyncio.run(run())


async def yes() -> bool:
    """It may stay."""
    return True


async def look(kit: FarKit, name: str = words.DIALLER) -> words.AnyWord:
    async with kit.link(name)(words.Look(n=1)) as (reader, _writer):
        return words.hear(await reader.readline())


def test_the_dialler_sees_the_pc_its_clocks_and_its_recordings(tmp_path: Path) -> None:
    async def work(kit: FarKit) -> None:
        kit.recording.parent.mkdir()
        kit.recording.write_bytes(b"RIFF")
        seen = await look(kit)
        assert isinstance(seen, words.Seen)
        assert seen.lines == ("line01",)
        assert seen.awake_s == 77.0
        assert seen.recordings == ("2026-11-22/abc.wav",)
        assert kit.came[0] is True

    with_pc(tmp_path, work)


@pytest.mark.parametrize("name", ["seat_9", "seat_3", "lines"])
def test_no_seat_is_let_in_though_the_floor_has_signed_it(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(kit: FarKit) -> None:
        with pytest.raises(ConnectionError):
            await look(kit, name)
        async with kit.link(name)(words.Speak(line="line01")) as (reader, _writer):
            with pytest.raises(ConnectionError):
                words.hear(await reader.readline())
        assert kit.lines["line01"].heard == []
        assert kit.came == []

    with_pc(tmp_path, work)
    assert caplog.messages.count(f"{name} was not let in") == 2


def test_who_shows_no_certificate_or_another_floors_is_not_let_in(tmp_path: Path) -> None:
    async def work(kit: FarKit) -> None:
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        bare.check_hostname = False
        bare.verify_mode = ssl.CERT_NONE
        reader, writer = await asyncio.open_connection("127.0.0.1", kit.port, ssl=bare)
        writer.write(words.say(words.Look(n=1)))
        (answer,) = await asyncio.gather(reader.readline(), return_exceptions=True)
        assert answer == b"" or isinstance(answer, ssl.SSLError | ConnectionError)
        writer.close()
        async with far_pc(tmp_path / "other") as other:
            other_link = other.link()
        mixed = type(other_link)(kit.link().offer, other_link.context)
        with pytest.raises(ssl.SSLError):
            await mixed.open(words.Look(n=1))
        assert kit.came == []

    with_pc(tmp_path, work)


def test_the_dialler_takes_no_other_seat_for_the_pc_of_lines(tmp_path: Path) -> None:
    async def work(kit: FarKit) -> None:
        with pytest.raises(ConnectionError, match="another PC"):
            await kit.link(role="seat_4").open(words.Look(n=1))

    with_pc(tmp_path, work)


def test_a_lines_words_pass_both_ways_as_they_are(tmp_path: Path) -> None:
    async def work(kit: FarKit) -> None:
        line = kit.lines["line01"]
        async with kit.link()(words.Speak(line="line01")) as (reader, writer):
            told = [encode(PlayMessage(epoch=4, attempt_id=f"a{n}")) for n in range(200)]
            writer.writelines(told)
            assert await line.wait_for(200) == [one.rstrip() for one in told]
            line.writers[-1].write(b'{"type":"hello"}\n')
            assert await reader.readline() == b'{"type":"hello"}\n'
            line.writers[-1].close()
            assert await reader.read() == b""

    with_pc(tmp_path, work)


def test_leaving_is_done_once_the_dialler_has_heard_of_it(tmp_path: Path) -> None:
    """Else it finds the offer gone first, and takes the calls in hand for lost."""

    async def work(kit: FarKit) -> None:
        async with kit.link()(words.Look(n=1)) as (reader, writer):
            await reader.readline()
            leaving = asyncio.create_task(kit.relay.leave())
            for n, knows in ((2, False), (3, True)):
                writer.write(words.say(words.Look(n=n)))
                seen = words.hear(await reader.readline())
                assert isinstance(seen, words.Seen)
                assert seen.is_leaving
                assert leaving.done() is knows
            await leaving

    with_pc(tmp_path, work)


def test_leaving_waits_for_no_dialler_that_has_gone(tmp_path: Path) -> None:
    async def work(kit: FarKit) -> None:
        await kit.relay.leave()
        kit.relay.is_leaving = False
        async with kit.link()(words.Look(n=1)) as (reader, _writer):
            await reader.readline()
            leaving = asyncio.create_task(kit.relay.leave())
            await asyncio.sleep(0)
            assert not leaving.done()
        await leaving

    with_pc(tmp_path, work)


@pytest.mark.parametrize("name", ["line09", "../../etc/passwd"])
def test_a_line_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    async def work(kit: FarKit) -> None:
        async with kit.link()(words.Speak(line=name)) as (reader, _writer):
            expected = Refused(command="attach", sentence="There is no such line here.")
            assert await reader.readline() == encode(expected)

    with_pc(tmp_path, work)


def test_a_pc_that_leaves_says_so_and_gives_no_line(tmp_path: Path) -> None:
    async def work(kit: FarKit) -> None:
        kit.relay.is_leaving = True
        seen = await look(kit)
        assert isinstance(seen, words.Seen)
        assert seen.is_leaving
        async with kit.link()(words.Speak(line="line01")) as (reader, _writer):
            assert b"no more lines" in await reader.readline()

    with_pc(tmp_path, work)


def order(wav: Path) -> Originate:
    return Originate(
        epoch=1, attempt_id="a", number="+441614960101", caller_id="+441614960000",
        gateway=Gateway(name="g", uri_template="sip:{number}@127.0.0.1"), min_ring_s=15,
        max_ring_s=30, connect_limit_s=2, message_lead_s=0.2, message_wav=str(wav),
        max_call_s=3600, agent_leg="silent",
    )  # fmt: skip


def test_a_sound_is_brought_once_and_a_changed_one_again(tmp_path: Path) -> None:
    wav = tmp_path / "sorry.wav"
    wav.write_bytes(b"RIFF one")

    async def work(kit: FarKit) -> None:
        sounds = SoundsThere()
        sounds.folder = str(kit.shelf.sounds_dir)
        (path,) = far_files.sounds_of(order(wav))
        assert sounds.path_of(path) is None
        await sounds.bring(path, kit.link())
        there = sounds.path_of(path)
        assert there is not None
        assert Path(there).read_bytes() == b"RIFF one"
        assert Path(there).stat().st_mode & 0o777 == 0o600
        sounds.forget()
        await sounds.bring(path, kit.link())  # it is there: no byte of it is sent
        assert len(list(kit.shelf.sounds_dir.iterdir())) == 1
        wav.write_bytes(b"RIFF another")
        assert sounds.path_of(path) is None
        await sounds.bring(path, kit.link())
        assert Path(str(sounds.path_of(path))).read_bytes() == b"RIFF another"

    with_pc(tmp_path, work)


def test_a_sound_that_comes_damaged_is_not_kept(tmp_path: Path) -> None:
    async def work(kit: FarKit) -> None:
        bring = words.Bring(sha256="0" * 64, kind="wav", n_bytes=4)
        async with kit.link()(bring) as (reader, writer):
            assert isinstance(words.hear(await reader.readline()), words.Want)
            writer.write(b"RIFF")
            assert isinstance(words.hear(await reader.readline()), words.No)
        assert list(kit.shelf.sounds_dir.iterdir()) == []

    with_pc(tmp_path, work)


def test_a_recording_comes_home_and_is_then_deleted_there(tmp_path: Path) -> None:
    data = bytes(range(256)) * 3000

    async def work(kit: FarKit) -> None:
        kit.recording.parent.mkdir()
        kit.recording.write_bytes(data)
        await far_files.fetch("2026-11-22/abc.wav", tmp_path / "home", kit.link(), yes)
        assert (tmp_path / "home/2026-11-22/abc.wav").read_bytes() == data
        assert not kit.recording.parent.exists()

    with_pc(tmp_path, work)


def test_a_cut_on_the_way_loses_no_recording_and_leaves_no_half(tmp_path: Path) -> None:
    data = bytes(range(256)) * 3000

    async def work(kit: FarKit) -> None:
        kit.recording.parent.mkdir()
        kit.recording.write_bytes(data)
        async with kit.link()(words.Fetch(name="2026-11-22/abc.wav")) as (reader, _writer):
            assert isinstance(words.hear(await reader.readline()), words.File)
            assert await reader.readexactly(len(data)) == data
        assert kit.recording.read_bytes() == data, "nobody has said that it is kept"
        kit.recording.write_bytes(b"")
        folder = tmp_path / "home" / "2026-11-22"
        folder.mkdir(parents=True)
        (folder / "abc.wav").mkdir()  # nothing can be put there
        with pytest.raises(OSError, match="abc"):
            await far_files.fetch("2026-11-22/abc.wav", tmp_path / "home", kit.link(), yes)
        assert kit.recording.exists()

    with_pc(tmp_path, work)


@pytest.mark.parametrize("name", ["../lent.json", "2026-11-22/../../lent.json", "x.wav"])
def test_nothing_but_a_recording_can_be_fetched(tmp_path: Path, name: str) -> None:
    async def work(kit: FarKit) -> None:
        (kit.home.root / "lent" / "lent.json").write_text("{}")
        with pytest.raises(OSError, match="no recording"):
            await far_files.fetch(name, tmp_path / "home", kit.link(), yes)
        with pytest.raises(OSError, match="no recording"):
            await far_files.drop(name, kit.link())

    with_pc(tmp_path, work)
