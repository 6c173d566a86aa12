"""A stream in pieces -> the same stream with every key masked, whatever the pieces are.

The stream is searched in windows whose boundaries are at fixed offsets, so that what comes out does not depend on how
it was cut. What might go on is held back: a window is let through when `margin` bytes behind it are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.containers import kinds
from keysift.streams import ending
from keysift.streams.masker import Masked, Masker, WithheldError
from keysift.streams.places import Place

if TYPE_CHECKING:
    from keysift.detect.decode import binary
else:
    binary = lazy.module("keysift.detect.decode.binary")

CHUNK, MARGIN = 8 << 20, 256 << 10
"""Bytes of a window, and on either side of it: as in `containers.windows`. An encoded value may be as long."""
CONTEXT = 64 << 10
"""Bytes of what was let through that are still known when a stream is let through before it is held back no longer."""
_STEP = 4
"""Bytes of the widest character: what is forgotten is a multiple of them, so that text in them stays in step."""
_CUT = "an encoded value is too long to be decoded as a whole"
_ARCHIVE = "it is an archive, or a document that is compressed"

Note = Callable[[bytes, int, Sequence[Place], int], None]
"""Is told the bytes that are known, the offset of the first of them in the stream, which of them are masked, and up to
which one they are let through."""
_ARCHIVES = frozenset({
    kinds.ZIP, kinds.TAR, kinds.GZIP, kinds.BZIP2, kinds.XZ, kinds.ZSTD, kinds.SEVENZIP, kinds.AR, kinds.CPIO,
    kinds.RPM, kinds.ISO, kinds.PDF, "",
})  # fmt: skip
"""What holds other files, mostly compressed; empty stands for those that keysift cannot read."""


class StreamRedactor:
    """Masks one stream. At most `chunk` and twice `margin` bytes are held, and as many are searched at a time."""

    def __init__(  # noqa: PLR0913 - a stream
        self,
        masker: Masker,
        path: str = "",
        *,
        chunk: int = CHUNK,
        margin: int = MARGIN,
        note: Note | None = None,
        unfinished: Callable[[str], None] | None = None,
    ) -> None:
        """Mask with a masker; without `unfinished`, what cannot be searched in full is not let through."""
        self._masker = masker
        self._path = path
        self._chunk = chunk
        self._margin = margin
        self._note = note
        self._unfinished = unfinished
        self._held = bytearray()
        self._base = 0
        """The offset in the stream of the first byte that is held."""
        self._out = 0
        """The offset of the first byte that was not let through."""
        self._next = chunk
        """The offset of the end of the window."""
        self._ready: list[bytes] = []
        """What can be let through, until somebody gets it: Ctrl-C may come in between."""

    @property
    def waiting(self) -> int:
        """The bytes that were fed and not let through."""
        return self._base + len(self._held) - self._out

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes; return what can be let through.

        Raises:
            WithheldError: something could not be searched in full; nothing more comes out of this stream.
        """
        self._held += data
        while len(self._held) > (size := self._next + self._margin - self._base):
            window = bytes(memoryview(self._held)[:size])
            self._let_through(window, self._next - self._base, goes_on=True)
            self._forget(self._next - self._margin)
            self._next += self._chunk
        return self._taken()

    def flush(self) -> bytes:
        """Return what can be let through now, since what follows may be long in coming. Raises as `feed` does.

        Back stays what may be the beginning of a key: the word at the end, or a block that has not ended.
        """
        if not self.waiting:
            return self._taken()
        window = bytes(self._held)
        masked = self._search(window, goes_on=True)
        end = ending.begun(window, masked.places, self._masker.known())
        self._write(window, masked, max(end, self._out - self._base))
        self._forget(self._out - CONTEXT)
        self._next = self._out + self._chunk
        return self._taken()

    def finish(self) -> bytes:
        """Return the rest of the stream. Raises as `feed` does."""
        window = bytes(self._held)
        if self.waiting:
            self._let_through(window, len(window), goes_on=False)
        self._forget(self._base + len(window))
        return self._taken()

    def _taken(self) -> bytes:
        text = b"".join(self._ready)
        self._ready.clear()
        return text

    def _let_through(self, window: bytes, end: int, *, goes_on: bool) -> None:
        masked = self._search(window, goes_on=goes_on)
        if goes_on and binary.goes_on(window, end, self._margin):
            self._report(_CUT)
        self._write(window, masked, end)

    def _search(self, window: bytes, *, goes_on: bool) -> Masked:
        if not self._out and kinds.kind(window) in _ARCHIVES:
            self._report(_ARCHIVE, "unpack it; what is inside of it cannot be masked")
        try:
            masked = self._masker.places(window, self._path, goes_on=goes_on)
        except Exception as error:  # noqa: BLE001 - nothing unmasked goes out, whatever failed
            # Its message may quote what was searched, so only its kind is told.
            masked = Masked([], type(error).__name__)
        if masked.unfinished:
            self._report(masked.unfinished)
        return masked

    def _report(self, reason: str, advice: str = "`--on-error open` lets it through all the same") -> None:
        if self._unfinished is None:
            raise WithheldError(f"not fully searched, and so not let through: {reason}", help=advice)
        self._unfinished(reason)

    def _write(self, window: bytes, masked: Masked, end: int) -> None:
        """Let through what stands from the first byte that was not to `end`, and a key that starts there."""
        start = self._out - self._base
        own = [place for place in masked.places if place.end > start and place.start < end]
        if own:
            end = max(end, own[-1].end)
        if self._note:
            self._note(window, self._base, own, end)
        self._ready.append(self._masker.replaced(window, own, start, end))
        self._out = self._base + end

    def _forget(self, before: int) -> None:
        """Let go of what stands before an offset in the stream."""
        over = max(0, before - self._base) // _STEP * _STEP
        del self._held[:over]
        self._base += over
