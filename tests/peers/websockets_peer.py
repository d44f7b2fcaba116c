"""A WebSocket server or client of Python's `websockets`. The server echoes; both say in a line of JSON what they sent
and received. `websockets` must be found by this Python.

    python3 websockets_peer.py server        says its port
    python3 websockets_peer.py client URL    sends the messages on stdin, [[opcode, hex], …], each after the last one's echo
"""

import asyncio
import json
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


def told(message):
    return [1, message.encode().hex()] if isinstance(message, str) else [2, message.hex()]


def say(side, sent, received, socket):
    close = [socket.close_code, socket.close_reason]
    print(json.dumps({"side": side, "sent": sent, "received": received, "close": close}), flush=True)


async def echo(socket):
    sent, received = [], []
    await socket.ping("still there?")
    try:
        async for message in socket:
            received.append(told(message))
            await socket.send(message)
            sent.append(told(message))
    except ConnectionClosed:
        # A close code of the client's own is no failure here: it is told below.
        pass
    say("server", sent, received, socket)


async def server():
    async with serve(echo, "127.0.0.1", 0) as listening:
        print(next(iter(listening.sockets)).getsockname()[1], flush=True)
        await asyncio.Future()


async def client(url):
    sent, received = [], []
    async with connect(url, max_size=None, proxy=None) as socket:
        for opcode, text in json.load(sys.stdin):
            data = bytes.fromhex(text)
            half = len(data) // 2
            pieces = [data[:half], data[half:]] if opcode == 2 and half else [data]
            await socket.send(data.decode() if opcode == 1 else pieces)
            sent.append([opcode, text])
            received.append(told(await socket.recv()))
        await socket.close(4001, "bye")
    say("client", sent, received, socket)


asyncio.run(server() if sys.argv[1] == "server" else client(sys.argv[2]))
