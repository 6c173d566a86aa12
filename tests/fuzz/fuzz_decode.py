"""Feeds made-up bytes to the decoders, for as long as you like; run by hand.

python tests/fuzz/parsers.py decode -max_total_time=600  # atheris, where it is installed
python tests/fuzz/fuzz_decode.py --seconds 600           # else: pieces of encodings, put together at random
"""

import base64
import random
import sys
import time
import zlib

from keysift.detect import decode, nested
from keysift.detect.matcher import Matcher
from keysift.rules import ruleset

PIECES = (
    b'"', b"'", b"' + '", b'" "', b"=\n", b"\\", b"\\x41", b"\\u0041", b"%41", b"%25", b"&#65;", b"&quot;", b"=3D",
    b"\0", b"a\0" * 12, b"a\0\0\0" * 7, b": >\n  ", b"''.join(['", b"'])", b"].join('')", b"kind: Secret", b"base64,",
    b"{'", b"'}",
    b"1f8b08", b"H4sI", b"eJw", b" base64 -d", b"\n", b"abc123", b"0x", b"67" * 20,
)  # fmt: skip
MATCHER = Matcher(ruleset.load())
MATCHER.prefilter.prepare()


def target(data: bytes) -> None:
    """Unfolds the data; a decoded part that comes from nowhere is an error."""
    try:
        for view, _ in nested.views(MATCHER, data, MATCHER.windows(data).encoded):
            for segment in view.segments:
                origin = view.origin(segment.view)
                if segment.view.start < segment.view.end and not (
                    origin and 0 <= origin.start <= origin.end <= len(data)
                ):
                    raise AssertionError(f"{segment.view} comes from {origin}")
    except decode.LimitError:
        pass


def made_up(source: random.Random) -> bytes:
    """Pieces put together, now and then encoded as a whole."""
    data = b""
    for _ in range(source.randrange(1, 30)):
        data += source.choice(PIECES) if source.random() < 0.8 else source.randbytes(source.randrange(20))
        if source.random() < 0.1:
            data = b'"' + source.choice((base64.b64encode, lambda it: it.hex().encode(), deflated))(data) + b'"'
    return data


def deflated(data: bytes) -> bytes:
    """Compressed, then base64."""
    return base64.b64encode(zlib.compress(data))


def main() -> None:
    """See the head of this file."""
    end, count, slowest = time.monotonic() + float(sys.argv[-1]), 0, 0.0
    while time.monotonic() < end:
        data = made_up(random.Random(count))
        start = time.process_time()
        target(data)
        slowest, count = max(slowest, time.process_time() - start), count + 1
    print(f"{count:,} inputs, none of them broke it; the slowest took {slowest:.3f} s")


if __name__ == "__main__":
    main()
