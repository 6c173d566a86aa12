"""What stands at paths in the trees of many commits, asked only of commits and paths that are new."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import field

from keysift.git import trees
from keysift.git.objects import ObjectReader
from keysift.git.repository import Repository
from keysift.records import dataclass

Found = dict[tuple[str, str], int]
"""By path and blob, the commits that have it there, in bits."""
_MOST_UNUSED = 4
"""With more than one in so many commits unused, what is remembered of all of them is not worth its room."""


@dataclass(slots=True)
class Standing:
    """Which blobs stand at which paths in the trees of commits; both only become more."""

    commits: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    """All paths that were looked at in each of the commits."""
    found: Found = field(default_factory=dict)
    """Bit `n` is `commits[n]`."""
    asked: set[str] = field(default_factory=set)
    """The commits that this run asked for."""

    def find(
        self,
        repository: Repository,
        reader: ObjectReader,
        commits: Sequence[str],
        paths: Iterable[str],
        blobs: Container[str],
    ) -> tuple[list[str], Found]:
        """Return commits in the order of bits, and where the blobs stand in those that are asked for."""
        wanted, known = set(paths), set(self.commits)
        self.asked.update(commits)
        more = wanted - self.paths
        if more and self.commits:
            self._add(trees.find_standing(repository, reader, self.commits, more, blobs), 0)
        self.paths |= more
        new = [oid for oid in commits if oid not in known]
        if new:
            self._add(trees.find_standing(repository, reader, new, self.paths, blobs), len(self.commits))
            self.commits += new
        asked = frozenset(commits)
        mask = int("".join("01"[oid in asked] for oid in reversed(self.commits)) or "0", 2)
        chosen = {
            place: bits & mask
            for place, bits in self.found.items()
            if bits & mask and place[0] in wanted and place[1] in blobs
        }
        return self.commits, chosen

    @property
    def is_worth_keeping(self) -> bool:
        """True if most of the commits were asked for."""
        return len(self.commits) - len(self.asked) <= len(self.commits) // _MOST_UNUSED

    def _add(self, found: Found, offset: int) -> None:
        for place, bits in found.items():
            self.found[place] = self.found.get(place, 0) | bits << offset
