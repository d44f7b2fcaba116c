#!/usr/bin/env python3
"""Compresses messages as permessage-deflate does, with C's zlib, in every combination of its parameters.

Each line is: level, window bits, memory level, strategy, takeover, and then per message its plain and its compressed
bytes in hex. tests/deflate/streams.rs reads them.
"""

import random
import zlib

TAIL = b"\x00\x00\xff\xff"
WORDS = [b"price ", b"ha ha ha ", b"\xff\x00\x80", b"the quick brown fox ", b"{\"id\":1,\"bid\":101.25}"]


def text(seed, length):
    source = random.Random(seed)
    out = b""
    while len(out) < length:
        out += source.choice(WORDS) if source.random() < 0.8 else source.randbytes(9)
    return out[:length]


TEXTS = [text(1, 700), text(2, 40), b"", text(1, 900)]


def messages(level, bits, memory, strategy, takeover):
    def compressor():
        return zlib.compressobj(level, zlib.DEFLATED, -bits, memory, strategy)

    one = compressor()
    for plain in TEXTS:
        if not takeover:
            one = compressor()
        out = one.compress(plain) + one.flush(zlib.Z_SYNC_FLUSH)
        # Behind a flush zlib writes nothing for an empty message: it is the byte 00.
        yield plain, out[: -len(TAIL)] if out.endswith(TAIL) else b"\x00"


STRATEGIES = [zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED]

for level in range(10):
    for bits in range(9, 16):
        for memory in (1, 8, 9):
            for strategy in STRATEGIES:
                for takeover in (True, False):
                    pairs = messages(level, bits, memory, strategy, takeover)
                    shown = " ".join(f"{plain.hex() or '-'} {out.hex()}" for plain, out in pairs)
                    print(level, bits, memory, strategy, int(takeover), shown)
