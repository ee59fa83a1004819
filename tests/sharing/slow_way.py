"""Run on a PC between a seat and its floor: each word is late, and some wait as a lost packet does.

Words: the address and port of the floor, delay each way in s, the share that is lost, and for how
many s TCP then waits. The port comes as JSON on standard output; it ends with standard input.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys

from tests.office_kit import tell


async def pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, weather: tuple[float, float, float]
) -> None:
    delay_s, lost, wait_s = weather
    chance, loop = random.Random(7), asyncio.get_running_loop()
    sent: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        while True:
            at_s, data = await sent.get()
            await asyncio.sleep(max(0.0, at_s - loop.time()))
            if not data:
                break
            writer.write(data)
        with contextlib.suppress(OSError):
            writer.write_eof()

    arriving = asyncio.create_task(arrive())
    data = b"."
    while data:
        try:
            data = await reader.read(65536)
        except OSError:
            data = b""
        late_s = delay_s + (wait_s if chance.random() < lost else 0.0)
        sent.put_nowait((loop.time() + late_s, data))
    await arriving


async def pass_on(host: str, port: int, weather: tuple[float, float, float]) -> None:
    async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(pump(reader, far_writer, weather), pump(far_reader, writer, weather))
        for one in (writer, far_writer):
            one.close()

    server = await asyncio.start_server(between, "0.0.0.0", 0)
    tell({"port": server.sockets[0].getsockname()[1]})
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def main(host: str, port: str, *weather: str) -> None:
    delay_s, lost, wait_s = (float(one) for one in weather)
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(pass_on(host, int(port), (delay_s, lost, wait_s)))


if __name__ == "__main__":
    main(*sys.argv[1:])
