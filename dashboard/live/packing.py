"""Streams that are packed once for all viewers: pieces of gzip that fit together in any order.

A piece refers to nothing before it and ends on a whole byte, so each viewer's stream is a beginning,
the same pieces as everybody else's from whenever it joined, and an end.
"""

import zlib
from collections.abc import Iterable, Iterator

BEGINNING = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""What a gzip file begins with: no name, no time."""
_LEVEL = 6
_RAW = -zlib.MAX_WBITS


def packed(piece: bytes) -> bytes:
    """A piece of a stream, packed by itself."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)


def packed_stream(pieces: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """A whole gzip stream of pieces, each given as it is and as `packed` made it."""
    yield BEGINNING
    checksum = length = 0
    for plain, short in pieces:
        checksum = zlib.crc32(plain, checksum)
        length += len(plain)
        yield short
    # An empty last block, then what a reader checks itself against.
    yield b"\x03\x00" + checksum.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little")
