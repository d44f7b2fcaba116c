#!/usr/bin/env python3
"""Records compressed conversations of node's `ws` and Python's `websockets` as transcripts.

A tap stands between client and server and writes down what passes, in order. What it writes lies in samples/, so
this is run again only to record more:

    npm install ws && pip install websockets && python3 tests/peers/record.py samples

`ws` must be found from the directory of peer.mjs, `websockets` by this Python.
"""

import asyncio
import json
import pathlib
import sys

TEXTS = [
    "ha ha ha ha ha ha ha",
    "ha ha ha ha ha ha ha, and once more: ha ha ha ha ha ha ha",
    json.dumps({"type": "price", "symbol": "ABC", "bid": 101.25, "ask": 101.5}),
    json.dumps({"type": "price", "symbol": "ABC", "bid": 101.5, "ask": 101.75}),
    "",
    "Grüße, 世界! Grüße, 世界!",
]

# name, what the server agrees to: for node the options of perMessageDeflate, for Python those of the factory.
NODE = {
    "plain": {"threshold": 0},
    "no-takeover": {"threshold": 0, "serverNoContextTakeover": True, "clientNoContextTakeover": True},
    "windows": {"threshold": 0, "serverMaxWindowBits": 9, "clientMaxWindowBits": 10},
}
PYTHON = {
    "plain": {},
    "no-takeover": {"server_no_context_takeover": True, "client_no_context_takeover": True},
    "windows": {"server_max_window_bits": 10, "client_max_window_bits": 12},
}


class Tap:
    """Passes bytes on between a client and the server at `port`, and writes them down."""

    def __init__(self, port):
        self.port, self.heads, self.lines, self.over = port, {">": b"", "<": b""}, [], asyncio.Event()

    def write(self, mark, data):
        head = self.heads[mark]
        if head is not None:
            head += data
            end = head.find(b"\r\n\r\n")
            if end < 0:
                self.heads[mark] = head
                return
            text = head[:end].decode("ascii").split("\r\n")
            self.lines += [f"{mark} {line}".rstrip() for line in [*text, ""]]
            self.heads[mark], data = None, head[end + 4 :]
        for at in range(0, len(data), 24):
            self.lines.append(f"{mark if at == 0 else ' '} {data[at:at + 24].hex(' ')}")

    async def pass_on(self, mark, reader, writer):
        while data := await reader.read(65536):
            self.write(mark, data)
            writer.write(data)
            await writer.drain()
        self.lines.append(f"{mark} FIN")
        if writer.can_write_eof():
            writer.write_eof()

    async def serve(self, reader, writer):
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(self.pass_on(">", reader, up_writer), self.pass_on("<", up_reader, writer))
        up_writer.close()
        writer.close()
        self.over.set()


async def tapped(port, talk):
    """What passes while `talk(port of the tap)` runs."""
    tap = Tap(port)
    server = await asyncio.start_server(tap.serve, "127.0.0.1", 0)
    await talk(server.sockets[0].getsockname()[1])
    await asyncio.wait_for(tap.over.wait(), 10)
    server.close()
    return tap.lines


async def free_port():
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def node(options):
    port = await free_port()
    script = pathlib.Path(__file__).with_name("peer.mjs")

    async def talk(tap):
        args = ["node", script, str(tap), str(port), json.dumps(options), json.dumps(TEXTS)]
        process = await asyncio.create_subprocess_exec(*args)
        await process.wait()

    return await tapped(port, talk)


async def python(options):
    import websockets
    from websockets.extensions.permessage_deflate import (
        ClientPerMessageDeflateFactory,
        ServerPerMessageDeflateFactory,
    )

    async def echo(socket):
        async for message in socket:
            await socket.send(message)

    factories = [ServerPerMessageDeflateFactory(**options)]
    serve = websockets.serve(echo, "127.0.0.1", 0, compression=None, extensions=factories)
    async with serve as server:
        port = next(iter(server.sockets)).getsockname()[1]

        async def talk(tap):
            offers = [ClientPerMessageDeflateFactory(client_max_window_bits=True)]
            uri = f"ws://127.0.0.1:{tap}/"
            async with websockets.connect(uri, compression=None, extensions=offers) as socket:
                for text in TEXTS:
                    await socket.send(text)
                    await socket.recv()

        return await tapped(port, talk)


async def main(samples):
    for library, record, kinds in [("ws", node, NODE), ("websockets", python, PYTHON)]:
        for name, options in kinds.items():
            lines = await record(options)
            comment = f"# Recorded from {library} by tests/peers/record.py: compressed, {name}."
            (samples / f"deflate-{library}-{name}.txt").write_text("\n".join([comment, *lines, ""]))


asyncio.run(main(pathlib.Path(sys.argv[1])))
