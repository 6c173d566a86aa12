"""A session of `keysift respond`: the keys, what can be asked and sent about each, and the ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from keysift import masking, report
from keysift.cli import surroundings, verifying
from keysift.errors import UsageError
from keysift.model import Finding, LiveState, Run
from keysift.records import dataclass
from keysift.rules import verification
from keysift.rules.ruleset import Rules
from keysift.rules.verification import Reach, Revocation, Verification
from keysift.verify import asking, ledger, plan, remembered, requests

_VALID = frozenset({LiveState.LIVE, LiveState.LIMITED})
_LARGEST_BATCH = 1000
"""Keys that GitHub takes in one request: https://docs.github.com/en/rest/credentials/revoke."""
_WAIT = 2.0
"""Seconds between two questions to a vendor that revokes."""


@dataclass(slots=True)
class Key:
    """A key of the session."""

    finding: Finding
    verify: Verification | None
    reaches: tuple[Reach, ...]
    revocation: Revocation | None
    values: requests.Values
    host: str = ""
    """The host that takes it, or took it before it was revoked; empty if none did."""

    @property
    def state(self) -> LiveState:
        """What is known of it."""
        return self.finding.liveness.state if self.finding.liveness else LiveState.UNKNOWN

    @property
    def evidence(self) -> str:
        """How that was found."""
        return self.finding.liveness.how if self.finding.liveness else "not asked"

    def note_host(self) -> None:
        """Remember which host takes the key, if one does."""
        if self.state in _VALID:
            self.host = self.evidence.partition(" ")[0]

    def revoking_host(self) -> str:
        """Return the host that revokes it: of several the one that took it; empty if nobody knows which."""
        stated = self.revocation
        if stated is None:
            return ""
        of_the_user = bool(self.host) and self.host not in (self.verify.hosts if self.verify else [])
        if self.host in stated.hosts or (of_the_user and self.verify and set(stated.hosts) <= set(self.verify.hosts)):
            return self.host
        return stated.hosts[0] if len(stated.hosts) == 1 and not of_the_user else ""


class Session:
    """The keys of some reports, and what happens to them."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a run of the command has
        self, run: Run, rules: Rules, nearby: Sequence[Finding], options: Mapping[str, Any], path: Path, who: str
    ) -> None:
        self.path = path
        self._run, self._rules, self._options, self._who = run, rules, options, who
        self._nearby = [*run.everything(), *nearby]
        self._known = {rule_id: number for number, rule_id in enumerate(rules.ids)}
        self._keys = [self._key(finding) for finding in report.in_order(run.findings)]
        self._settings = verifying.settings(options)

    def _key(self, finding: Finding) -> Key:
        number = self._known.get(finding.rule.id)
        rule = finding.rule if number is None else self._rules[number]
        declared = verification.decode_response(rule.respond)
        whole = plan.is_whole(finding)
        key = Key(
            finding,
            verification.decode(rule.verify),
            tuple(declared.map) if whole else (),
            declared.revocation if whole else None,
            plan.fill_in(rule, finding.secret, {}),
        )
        key.note_host()
        return key

    def open_keys(self) -> Iterator[Key]:
        """Yield the keys about which something is left to do, live ones first."""
        for key in self._keys:
            if not self._is_closed(key):
                yield key

    def _is_closed(self, key: Key) -> bool:
        """Return True if the ledger says so, and no vendor contradicts it: a ledger may be a stranger's."""
        return key.state not in _VALID and key.finding.fingerprint in ledger.closed(ledger.read(self.path))

    def closed_before(self) -> int:
        """Return how many keys are closed."""
        return sum(map(self._is_closed, self._keys))

    def batches(self) -> Iterator[list[Key]]:
        """Yield several keys that a vendor revokes by one request; dead ones are left out."""
        by_request: dict[str, list[Key]] = {}
        for key in self.open_keys():
            host = key.revoking_host()
            if key.revocation and host and key.revocation.batch and key.state is not LiveState.DEAD:
                by_request.setdefault(key.revocation.url + host, []).append(key)
        for keys in by_request.values():
            several = (keys[start : start + _LARGEST_BATCH] for start in range(0, len(keys), _LARGEST_BATCH))
            yield from (batch for batch in several if len(batch) > 1)

    def described(self, keys: Sequence[Key]) -> str:
        """Return the request that revokes keys in one line, with the keys masked; empty if there is none."""
        stated, host = keys[0].revocation, keys[0].revoking_host()
        if not stated or not host:
            return ""
        try:
            return requests.describe_revocation(stated, [key.values for key in keys], host)
        except requests.UnfitError:
            return ""

    def planned(self, key: Key) -> Iterator[str]:
        """Yield what could be sent about a key, with it masked: whether it is live, what it reaches, its revocation."""
        if not plan.is_whole(key.finding):
            return
        asked = [("ask", key.verify)] if key.verify and not key.verify.none else []
        asked += [("map", _reaching(key.verify, reach)) for reach in key.reaches if key.verify]
        for what, stated in asked:
            host = stated.hosts[0] if len(stated.hosts) == 1 else "{host}"
            yield f"could {what}: {requests.describe(stated, key.values, host)}{_hosts(stated.hosts)}"
        if revocation := key.revocation:
            host = revocation.hosts[0] if len(revocation.hosts) == 1 else "{host}"
            line = requests.describe_revocation(revocation, [key.values], host)
            yield f"could revoke: {line}{_hosts(revocation.hosts)}"

    def revoke(self, keys: Sequence[Key], admin: str) -> str:
        """Send the request that revokes keys, once; return what came of it."""
        stated = keys[0].revocation
        if stated is None:
            return "nothing was sent"
        try:
            request = requests.revocation(stated, [key.values for key in keys], keys[0].revoking_host(), admin)
        except requests.UnfitError as error:
            return f"nothing was sent: {error}"
        answer = asking.send_once(request, verifying.trust(self._settings), self._options["timeout"])
        if not answer.status:
            return f"{request.host} {answer.failure}"
        done = "as documented" if answer.status in stated.done else "which is not what a revocation is answered"
        return f"{request.method} {request.host} answered {answer.status}, {done}"

    def map(self, key: Key) -> list[str]:
        """Return what the key reaches: a line for each request that its rule declares."""
        lines = []
        stated = key.verify or Verification()
        for reach in key.reaches:
            finding = self._asked(key.finding, _reaching(stated, reach), key.host)
            live = finding.liveness
            facts = ", ".join(f"{name} {text}" for name, text in live.facts) if live else ""
            lines.append(f"{reach.what}: {facts or (live.how if live else 'nothing')}")
        return lines

    def _asked(self, finding: Finding, stated: Verification, host: str = "") -> Finding:
        """Return the finding with what its vendor says to another request; only that host, if one is named."""
        allowed = verifying.allowed_hosts(self._settings)
        if host:
            allowed = {} if host in stated.hosts else {finding.rule.id: [host]}
            hosts = [host] if host in stated.hosts else []
            stated = msgspec.structs.replace(stated, hosts=hosts, elsewhere=False, servers=[])
        rule = replace(self._rules[self._known[finding.rule.id]], verify=verification.encode(stated))
        known = plan.Known(self._nearby, allowed, {}, surroundings.texts)
        questions = [*plan.questions([finding], {rule.id: rule}, known)]
        trust, seconds = verifying.trust(self._settings), self._options["timeout"]
        outcome = asking.ask(questions, trust, memory=remembered.Memory(fresh=True), seconds=seconds)
        return replace(finding, liveness=outcome.states[finding.fingerprint])

    def verify_again(self, key: Key, attempts: int = 1) -> None:
        """Ask the vendor again; no answer of before counts. The host that took the key is the one to call it dead.

        A vendor that has just taken a revocation is asked several times, with some seconds between.
        """
        if not key.verify or key.verify.none:
            return
        for attempt in range(attempts):
            time.sleep(_WAIT if attempt else 0)
            known = self._asked(key.finding, key.verify, key.host)
            if known.liveness and known.liveness.state not in _VALID:
                break
        key.finding = known
        key.note_host()
        self._run.findings = [known if each.fingerprint == known.fingerprint else each for each in self._run.findings]

    def note(self, key: Key, what: str, evidence: str) -> None:
        """Write the ledger."""
        finding = key.finding
        masked = masking.shorten(masking.redact(finding.secret))
        entry = ledger.Entry(
            finding.fingerprint, finding.rule.id, finding.rule.name, masked, what, key.state.value, evidence, self._who
        )
        try:
            ledger.append(self.path, entry)
        except OSError as error:
            advice = "name another file with --ledger"
            raise UsageError(f"cannot write {self.path}: {error.strerror}", help=advice) from error

    def left(self) -> Run:
        """Return the run without the keys that are closed."""
        return replace(self._run, findings=[key.finding for key in self.open_keys()])


def _reaching(stated: Verification, reach: Reach) -> Verification:
    """Return the request of a map, with hosts and headers of the rule's own."""
    return msgspec.structs.replace(
        stated, get=reach.get, head="", post="", harmless="", form={}, json={}, body=None, facts=reach.facts
    )


def _hosts(hosts: Sequence[str]) -> str:
    return f"  {{host}}: the one that takes the key of {', '.join(hosts)}" if len(hosts) > 1 else ""
