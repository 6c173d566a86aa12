"""Pure tests of a value: random, typed by hand, a placeholder, masked, a reference. Reasons are words, or empty."""

from __future__ import annotations

import base64
import functools
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.detect import randomness, values

if TYPE_CHECKING:
    from keysift.detect.named import mixed
else:
    mixed = lazy.module("keysift.detect.named.mixed")  # it reads the model

_WORDS = lazy.compile(
    r"(?i)example|placeholder|change[-_]?me|^change[-_](?:in|on|before|after|this|it|for|to|the|your|now|at)[-_]|dummy|fake|sample|(?<![a-z])your(?![a-z])|(?<![A-Za-z])[Yy]our(?-i:[A-Z][a-z]+)\W{0,4}pass"
    r"|your[-_]?(?:api|key|token|secret|pass|int|own|access|account)"
    r"|insert[-_ ]|replace[-_ ]?(?:me|with|this)|redacted|removed"
    r"|(?:^|[-_. ])(?:todo|fixme|tbd|n/?a|none|null|nil|undefined|empty)(?:$|[-_. ])"
    r"|goes[-_]?here"
    r"|(?:key|token|secret|password)[-_]?here|foobar|lorem|notreal|not[-_]a[-_]real"
    r"|test[-_]?(?:key|token|secret|value)|some[-_]?(?:token|key|secret)"
    r"|(?<![0-9A-Za-z])(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:PASSWORD|PASSWD|SECRET|TOKEN|KEY))[-_. ](?=[a-z])"
    r"|^(?:choose|use|enter|pick|provide|generate)[-_ ]?"
    r"(?:an?|your|the|some|strong|secure|unique|random|with|using)(?-i:[-_ A-Z])"
    r"|super[-_]?secret|hidden|masked|xxxx|secret[-_]?token|my[-_]?(?:token|key|secret|pass)"
)
_IN_WORDS = (
    "example", "placeholder", "chang", "dummy", "fake", "sample", "your", "insert", "replac", "redact", "remov", "todo",
    "fixme", "tbd", "n/a", "na", "none", "null", "nil", "undefined", "empty", "here", "foobar", "lorem", "real", "test",
    "some", "super", "hidden", "masked", "xxxx", "secret", "my", "_passw", "_token", "_key",
    "choose", "use", "enter", "pick", "provide", "generate",
)  # fmt: skip
"""What each of these has in it: looking for them all takes a fiftieth of the time of the pattern."""
_ASKS = lazy.compile(r"(?i)change[-_ ]?(?:me|this|it)\w{0,3}[!.]{0,3}$|your? ?\w* ?pass ?word\W{0,2}$")
_LETTER_OF = str.maketrans("@4301!5$7", "aaeolisst")
LONGEST_SPELLED = 24
"""Characters of a placeholder in which digits and marks stand for letters: `Ch@ngeM3`."""
_MASK = lazy.compile(r"\*{3,}|•{2,}|…|\.{3,}|[xX]{5,}|#{4,}|_{5,}|-{6,}|\?{4,}|0{10,}")
_REFERENCE = lazy.timed(
    r"""(?xi)
    \$\{[^}]*\}|\$\([^)]*\)|\$\{\{.*\}\}|\{\{.*\}\}|\{%.*%\}|<%.*%>|<<.*>>|%\([\w.]+\)[sd]?|%[A-Za-z_]\w*(?:\([^)]*\))?%|\#\{[^}]*\}|`[^`]*`
    |<[^<>]*>|«[^«»]*»
    |ENC\[.*|!vault.*|\$ANSIBLE_VAULT.*|@Microsoft\.KeyVault\(.*|projects/[^/]+/secrets/.*|sm://.*|arn:aws[\w-]*:(?:secretsmanager|ssm):.*
    |(?:vault|op|pass|ref\+\w+|kms|gcp|aws-sm|ssm|secret|secrets|env|file|keychain|doppler|infisical|akv|awssm|bw)://?.*|(?:vault|env|file|kms|secret):[\w/.#-]+
    |(?:os\.)?(?:environ|getenv|env|process\.env|import\.meta\.env|secrets?|vars?|var|local|data|module|each|self|config|settings|params?|options|props|args|this|inputs?)
      (?:\.|\[|\().*
    |(?!(?:https?|wss?|ftp|file)://)[a-z][a-z0-9+-]{1,15}://[a-z]+(?:[_./-][a-z]+)*
    |null|none|nil|true|false|undefined
    """
)
_SHAPED = lazy.timed(
    r"""(?xi)
    \$[A-Za-z_][\w-]*|@@?\w+@@?|\[[A-Za-z_ .-]*\]|\{[A-Za-z_][\w. -]*\}
    |[A-Za-z_]\w*(?:\.\w+)*\(.*\)?|[A-Za-z_]+(?:\.[A-Za-z_]+)+|\w+(?:->\w+)+
    """
)
"""What has the shape of a reference, as some generated passwords do."""
_INTERPOLATED = lazy.timed(r"\$\{[^{}]*\}|\$\([^()]*\)|\{\{[^{}]*\}\}|#\{[^{}]*\}|%\([\w.]+\)s|\{\d?\}")
_PATH = lazy.timed(
    r"(?:\.{0,2}/|~/|[A-Za-z]:\\)[\w./\\ -]*"
    r"|[\w-]+\.(?:json|ya?ml|pem|key|crt|txt|env|properties|conf|ini|toml|xml|py|js|ts|go|rb|sh)"
)

_OF_TEST = lazy.compile(r"(?:^|[_.-])(?i:tests?|testing)(?=$|[_.\d-])|[a-z](?:[_.-]?)Test\d*$")
_DIGITS = "0123456789abcdef"
_BRACKETS = lazy.compile(r"[\[\](){}]")
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
_LETTERS = lazy.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
_LEADING = lazy.compile(r"^(?:[A-Za-z]{1,12}[_.=-]){0,3}")
_HEX_WORDS = lazy.compile(r"(?i)dead_?beef|cafe_?babe|deadc0de|feedface")
_PLAIN = lazy.compile(
    r"(?i)access|token|secret|refresh|passw|webhook|client|private|public|session|admin|value|string|custom|default"
    r"|auto$|alter|migrat|initial|invalid|expired|mock|random|valid|some|test|generat|encrypt|awes|user"
)
"""Words that people write into placeholders."""
SHORTEST_BODY = 10
"""Characters of a generated value after its leading words."""
LONGEST_WORDY = 400
"""Characters; in longer values, such as a private key, any short word may occur by chance."""


def entropy(value: bytes | str) -> float:
    """Return the Shannon entropy in bits per character; 0 for an empty value."""
    return randomness.entropy(value if isinstance(value, bytes) else _ascii(value))


def _ascii(value: str) -> bytes:
    """Return the bytes of a value; all other characters count as one and the same."""
    return value.encode("ascii", "replace")


@functools.lru_cache(maxsize=1 << 13)
def placeholder(value: str) -> str:
    """Return the reason why the value is a stand-in for a key; empty if it may be a key."""
    return masked(value) or worded(value)


def worded(value: str) -> str:
    """Return the word in the value that a placeholder has, as a reason; empty if there is none, and for long values."""
    if len(value) > LONGEST_WORDY:
        return ""
    if len(value) <= LONGEST_SPELLED and _ASKS.match(plainly := value.translate(_LETTER_OF)) and plainly != value:
        return "a placeholder: asks to be changed"
    if not any(map(value.casefold().__contains__, _IN_WORDS)):
        return ""
    word = _WORDS.search(value)
    return f"a placeholder: contains '{word[0].lower()}'" if word else ""


def masked(value: str) -> str:
    """Return the reason why the characters are not those of a key; empty if they may be."""
    mask = _MASK.search(value)
    if mask and not (mask[0][0] in "_-" and looks_random(value.replace(mask[0], ""))):
        return f"masked: {mask[0][:4]}"
    if len(value) >= len(_DIGITS) and value.lower() == (_DIGITS * len(value))[: len(value)]:
        return "a placeholder: all hexadecimal digits in a row"
    letters = [character for character in value if character.isalnum()]
    if len(letters) >= 6 and len(set(letters)) <= min(6, max(2, len(letters) // 12)):
        return "a placeholder: few different characters"
    return ""


def in_base64(value: str) -> str:
    """Return the ASCII text that a value is the base64 of (`cmVwbGFjZS1tZQ==` is `replace-me`); empty if it is not."""
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode("ascii")
    except ValueError:
        return ""


@functools.lru_cache(maxsize=1 << 13)
def typed(value: str) -> bool:
    """Return True if the value counts up, down or repeats, as people type a made-up value: `1234567890abcdef1234`."""
    if _HEX_WORDS.search(value):
        return True
    return randomness.counts_up(_ascii(value))


@functools.lru_cache(maxsize=1 << 13)
def reference(literal: str) -> str:
    """Return the reason why the whole literal names a key instead of containing one; empty if it may contain one."""
    stripped = literal.strip().strip("\"'")
    if not stripped:
        return "empty"
    if _REFERENCE.fullmatch(stripped, timeout=1) or (_joined_references(stripped) and not crossed(stripped)):
        return "a reference: it names the value but does not contain it"
    if _SHAPED.fullmatch(stripped, timeout=1) and not mixed.is_mixed(stripped):
        return "a reference: it names the value but does not contain it"
    if _PATH.fullmatch(stripped, timeout=1) and not mixed.is_mixed(stripped):
        return "a file path"
    return ""


def crossed(value: str) -> bool:
    """Return True if a bracket closes another than the last one opened, which no code and no reference does."""
    opened: list[str] = []
    for mark in _BRACKETS.findall(value):
        if mark in _CLOSED_BY:
            opened.append(_CLOSED_BY[mark])
        elif opened and opened.pop() != mark:
            return True
    return False


def _joined_references(literal: str) -> bool:
    """Return True for references with plain words between them, `prefix-${VAR}`; `hunter2${X}` has text of its own."""
    rest = _INTERPOLATED.sub("", literal, timeout=1)
    return rest != literal and not any(character.isdigit() for character in rest) and rest.isascii()


@functools.lru_cache(maxsize=1 << 13)
def of_test(value: str) -> bool:
    """Return True for a password that says that it is for tests: `app_test`, `acme-Test1`."""
    return bool(_OF_TEST.search(value))


def looks_random(value: str) -> bool:
    """Return True if characters are mixed as by a generator: not in a word, an identifier or a number.

    Of 20 random characters, 99.6 in 100 pass; of identifiers of that length in real code, 1 in 200.
    """
    return randomness.looks_random(_ascii(value), values.PAIRS)


@functools.lru_cache(maxsize=1 << 13)
def generated(value: str) -> bool:
    """Return True if the value may be generated, apart from leading words (`acme_live_`); `access-token-123` is not."""
    body = _LEADING.sub("", value)
    if len(body) < SHORTEST_BODY or not looks_random(body) or any(map(_spelled, _LETTERS.findall(body))):
        return False
    return randomness.has_random_part(_ascii(body), values.PAIRS)


def _spelled(run: str) -> bool:
    return bool(_PLAIN.search(run)) or (len(run) >= 7 and wordiness(run) >= 0.85)


def wordiness(value: str) -> float:
    """Return the share of neighbouring letters that are common in words: about 0.9 in identifiers, 0.35 at random."""
    return randomness.wordiness(_ascii(value), values.PAIRS)
