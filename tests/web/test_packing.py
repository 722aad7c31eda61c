import gzip
import zlib

from dashboard.live.packing import BEGINNING, packed, packed_stream


def test_a_packed_stream_is_a_gzip_file_of_its_pieces_whenever_a_viewer_joined() -> None:
    pieces = [
        (text, packed(text)) for text in (b"retry: 2000\n\n", b"id: 1\ndata: {}\n\n", b"id: 2\ndata: {}\n\n")
    ]

    for joined in range(len(pieces)):
        stream = b"".join(packed_stream([pieces[0], *pieces[joined:]]))
        assert gzip.decompress(stream) == pieces[0][0] + b"".join(plain for plain, _ in pieces[joined:])


def test_every_piece_can_be_read_as_soon_as_it_is_there() -> None:
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    reader.decompress(BEGINNING)

    assert reader.decompress(packed(b"id: 1\ndata: {}\n\n")) == b"id: 1\ndata: {}\n\n"
