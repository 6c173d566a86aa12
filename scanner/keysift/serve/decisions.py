"""What people decide on the keys of a report, written to the baseline at once; and what the baseline says of them.

Another program may change the baseline meanwhile: it is read again before each answer, and only lines of the keys that
are decided on are written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from keysift.accept import baseline
from keysift.accept.baseline import REAL, Baseline, Entry
from keysift.accept.decision import Answer, kind_of
from keysift.accept.matching import covers_reported
from keysift.errors import ConfigError, KeysiftError, UsageError
from keysift.model import Finding, Run
from keysift.records import dataclass
from keysift.report.plain import plain
from keysift.report.wording import count

_MOST_UNDONE = 1000
"""Decisions that can be undone: the last ones."""
_STEP = 20
"""Keys whose hashes are made between two looks at who else waits."""


Decide = Callable[[list[Finding], Baseline, Answer], list[Entry]]
"""Returns the entries of a baseline for an answer; raises UsageError if it breaks the policy."""


@dataclass(frozen=True, slots=True)
class _Change:
    """The lines that a decision wrote, each with what was there before."""

    written: tuple[Entry, ...]
    before: Mapping[str, Entry] = field(repr=False)


class Decisions:
    """The keys of a report, and the baseline in which the decisions on them stand."""

    def __init__(self, run: Run, file: Path, decide: Decide, today: Callable[[], str]) -> None:
        self._findings = {finding.fingerprint: finding for finding in run.everything()}
        self._file, self._decide, self._today = file, decide, today
        self._lock = threading.RLock()
        self._undo: dict[str, _Change] = {}
        self._header = baseline.header()
        self._data: bytes | None = None
        self._known = baseline.parse(self._header, str(file))
        self._hashed: set[str] = set()
        self._decided: dict[str, dict[str, str]] = {}
        self._version = self._numbered = 0
        self.decided = 0
        self._read()

    def hash_all(self) -> None:
        """Make the hash of each key, which takes some milliseconds; the state lacks those that are still to be made."""
        known, waiting = self._known, list(self._findings.values())
        for start in range(0, len(waiting), _STEP):
            some = waiting[start : start + _STEP]
            for finding in some:
                known.identify(finding)
                known.all_entries(finding)
            with self._lock:
                if known.salts != self._known.salts:
                    return  # another file: another thread hashes anew
                self._hashed.update(finding.fingerprint for finding in some)

    def state(self) -> dict[str, Any]:
        """Return what the baseline says of each key, and a number that changes with it."""
        with self._lock:
            problem = ""
            try:
                self._read()
            except KeysiftError as error:
                problem = plain(f"{error}; {error.help}".removesuffix("; "))
            told = {name: found for name in self._hashed if (found := self._told(self._findings[name]))}
            if told != self._decided:
                self._decided, self._version = told, self._version + 1
            return {
                "version": self._version,
                "pending": len(self._findings) - len(self._hashed),
                # Entries of the first form cannot be told without the keys.
                "blind": bool(self._known.of_keys),
                "problem": problem,
                "decided": told,
            }

    def decide(self, fingerprints: Iterable[str], answer: Answer) -> dict[str, Any]:
        """Write a decision on some keys; return the new state, a sentence, and the number that undoes it.

        Raises:
            KeysiftError: a key is not in the report, the answer breaks the policy, or the file cannot be written.
        """
        names = list(dict.fromkeys(fingerprints))
        unknown = [name for name in names if name not in self._findings]
        if unknown or not names:
            raise UsageError("this report has no such key", help="reload the page")
        with self._lock:
            known = self._read()
            entries = self._decide([self._findings[name] for name in names], known, answer)
            before = {entry.id: known.entries[entry.id] for entry in entries if entry.id in known.entries}
            self._write(add=entries)
            self._hashed.update(names)
            self.decided += len(names)
            self._numbered += 1
            self._undo[str(self._numbered)] = _Change(tuple(entries), before)
            while len(self._undo) > _MOST_UNDONE:
                del self._undo[next(iter(self._undo))]
            until = f" until {entries[0].until}" if entries[0].until else ""
            said = f"{count(len(names), 'key')}: {answer.kind}{until}. Written to {self._file.name}."
            return {**self.state(), "said": said, "undo": str(self._numbered)}

    def undo(self, number: str) -> dict[str, Any]:
        """Put back what a decision replaced, unless someone has changed it since; return the new state and a sentence.

        Raises:
            KeysiftError: there is no such decision, or the file cannot be written.
        """
        with self._lock:
            change = self._undo.get(number)
            if change is None:
                raise UsageError("there is nothing to undo", help="reload the page")
            known = self._read()
            ours = [entry for entry in change.written if known.entries.get(entry.id) == entry]
            back = [change.before[entry.id] for entry in ours if entry.id in change.before]
            gone = {entry.id for entry in ours if entry.id not in change.before}
            self._write(add=back, remove=gone)
            del self._undo[number]
            self.decided -= len(ours)
            left = len(change.written) - len(ours)
            said = f"{count(len(ours), 'decision')} undone."
            said += f" {count(left, 'key')} left as they are: someone has decided on them since." if left else ""
            return {**self.state(), "said": said}

    def _told(self, finding: Finding) -> dict[str, str]:
        """Return what a valid entry says of a key; nothing where there is none."""
        entry = self._known.entry(finding)
        if entry is None or (entry.until and entry.until < self._today()):
            return {}
        if entry.status != REAL and not covers_reported(entry.path, finding, self._file):
            return {}
        texts = {
            "status": kind_of(entry),
            "why": entry.why,
            "who": entry.who,
            "since": entry.since,
            "until": entry.until,
        }
        return {name: plain(text) for name, text in texts.items()}

    # --- The file -----------------------------------------------------------------------------------------------------

    def _read(self) -> Baseline:
        """Read the file if it has changed; without a header for new entries, it is read as if it had ours."""
        data = self._bytes()
        if data == self._data:
            return self._known
        known = baseline.parse(baseline.headed(data, self._header, str(self._file)), str(self._file))
        new_salts = known.salts != self._known.salts or self._data is None
        self._known, self._data = known, data
        if new_salts:
            self._hashed.clear()
            threading.Thread(target=self.hash_all, daemon=True).start()
        return known

    def _bytes(self) -> bytes:
        try:
            return self._file.read_bytes() if self._file.exists() else b""
        except OSError as error:
            raise ConfigError(f"cannot read {self._file}: {error.strerror}") from error

    def _write(self, add: Iterable[Entry], remove: Iterable[str] = ()) -> None:
        data = baseline.headed(self._bytes(), self._header, str(self._file))
        baseline.write(self._file, baseline.changed(data, add, set(remove)))
        self._read()
