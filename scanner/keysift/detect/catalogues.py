"""Path and surroundings -> whether a value is a text of a message catalogue: what a program shows to people.

A catalogue is known by its place (`locales/de/`, `values-fr/`, `messages_da.properties`) and by its form (a language's
own file format; entries that are sentences). No word of any language is asked about, because there are too many.
"""

from __future__ import annotations

import enum
import functools
from itertools import pairwise

from keysift import lazy
from keysift.detect import signals
from keysift.detect.surroundings import Surroundings

_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji
jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd
ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss
st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu ast bem brx ceb ckb
dsb fil fur gsw haw hsb kab kea kok lij mai mni nds sat scn szl vec yue zgh
"""
"""ISO 639-1, the codes that it had before, and what has three letters and is usual in CLDR:
https://www.loc.gov/standards/iso639-2/php/code_list.php, https://cldr.unicode.org/index/cldr-spec/coverage-levels."""
_LANGUAGES = frozenset(_CODES.split())
_LOCALE = r"(?:b\+)?(?P<language>[a-z]{2,3})(?:[-_+@](?:r?[a-z]{2}|[a-z]{4,8}|[0-9]{3})){0,2}"
"""A language, with a script, a country or a variant: https://www.rfc-editor.org/rfc/rfc5646."""
_PART = lazy.compile(rf"(?:values-)?{_LOCALE}(?:\.lproj)?")
"""A folder that is named after a language, also in the words of Android and of Apple."""
_IN_NAME = lazy.compile(rf"(?:^|(?<=[._-]))(?={_LOCALE}\.)")
"""The same in the name of a file: `messages_da.properties`, `devise.pt-BR.yml`, `de.json`, `en-GB.com_users.ini`."""
_SAID = lazy.compile(
    r"(?:^|[/._-])(?:locales?|i18n|l10n|intl|lang(?:uage)?s?|translations?|locali[sz]ations?|messages|nls|lc_messages)(?=[/._-])"
)
"""A folder or file whose name says that it has what is translated."""
_UNDER_SAID = lazy.compile(
    r"(?:^|/)(?:locales?|i18n|l10n|lang(?:uage)?s?|translations?|locali[sz]ations?)/(?:[a-z]{1,20}/)?[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,2}(?:/|\.[a-z0-9]{2,5}$)"
)
"""A file or folder right in such a folder, named as languages are: which of the 8,000 it is need not be known."""
_FORMATS = frozenset({
    "arb", "ftl", "gmo", "lang", "mo", "po", "pot", "resw", "resx", "strings", "stringsdict", "tmx", "xcstrings", "xlf",
    "xliff",
})  # fmt: skip
"""The extensions of formats made for texts, and for nothing else."""
_CARRIERS = frozenset({
    "cfg", "cjs", "conf", "cs", "csv", "dart", "hjson", "ini", "java", "js", "json", "json5", "jsonc", "jsx", "kt",
    "lua", "mjs", "neon", "php", "plist", "properties", "py", "rb", "svelte", "swift", "toml", "ts", "tsx", "txt",
    "vue", "xml", "yaml", "yml",
})  # fmt: skip
"""The extensions of formats that carry texts among other things."""
_ANDROID = lazy.compile(r"(?:^|/)values(?:-[^/]+)?/[^/]+\.xml$")
"""https://developer.android.com/guide/topics/resources/string-resource."""
_BUNDLE = lazy.compile(rf"_{_LOCALE}\.properties$")
"""https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/ResourceBundle.html."""
_QT = lazy.compile(r"<(?:source|translation)\b[^<>]*>[^<>]*$")
"""https://doc.qt.io/qt-6/linguist-ts-file-format.html; its extension is also that of TypeScript."""
_FIELD = lazy.compile(r"(?:^|\.)(?:i18n|l10n|locales?|langs?|translations?|messages)\.")
"""A block of texts in a file of something else."""
_BEFORE, _AFTER = 1200, 800
"""Characters around a value whose entries show what kind of file it is."""
_ENTRY = lazy.timed(
    r"""(?x)
    (?:=>|[:=(>])\s{0,4}(?:"(?P<text>(?:[^"\\\n]|\\.){1,300})"|'(?P<text>(?:[^'\\\n]|\\.){1,300})'|`(?P<text>[^`\n]{1,300})`)(?=\s{0,4}(?:[,;)}\]\n]|$))
    |<[\w:.-]{1,40}(?:\s[^<>\n]{0,200})?>\s{0,4}(?P<text>[^<>\n]{1,300})</
    |^[ \t]{0,40}[\w.-]{1,80}[ \t]{0,4}[:=][ \t]{0,4}(?P<text>[^\s"'`\[{(<|>&*!][^\n]{0,300})$
    """,
    8,  # re.MULTILINE
)
"""A name with a text of its own, in any format."""
_TEXT = lazy.timed(r"(?:[^\W\d_]|\p{M}|[ +]|(?![_@#*\\])\p{P}|\{\w*\}|%\d?\$?[sd@])*")
"""What is written in words alone, with gaps to be filled in."""
_SEVERAL = lazy.timed(r"[^\W\d_][,.:;!?…]?[ ]+\(?[^\W\d_]|(?=[^\x00-\x7f])[^\W\d_]")
"""Two words; or a letter that English does not have."""


_ESCAPE = lazy.compile(r"\\u[0-9a-fA-F]{4}")
"""A letter that JSON, Java and others escape; any letter stands for it."""
_LOWER = lazy.compile(r"[a-z]+$")


class _Place(enum.Enum):
    """What a path says about the texts in a file."""

    SURE = enum.auto()
    LIKELY = enum.auto()
    UNKNOWN = enum.auto()
    NONE = enum.auto()


def is_message(around: Surroundings, path: str) -> bool:
    """Return True if the value is a text of a catalogue; False if it may be generated, wherever it is."""
    place, value = _place(path.lower()), _ESCAPE.sub("\u00e4", around.value)
    if place is _Place.NONE or _may_be_generated(value):
        return False
    if place is _Place.SURE or (path.endswith(".ts") and _QT.search(around.left[-_BEFORE:])):
        return True
    if not _TEXT.fullmatch(value, timeout=1):
        return False
    if _in_block(around):
        return True
    # Where the place says nothing, the value has to be written as a label is.
    return _among_texts(around, 2) if place is _Place.LIKELY else not _LOWER.match(value) and _among_texts(around, 4)


def _may_be_generated(value: str) -> bool:
    """Return True for one word of ASCII with two digits, or with as many changes of case as no name has."""
    if not value.isascii() or " " in value:
        return False
    if sum(map(str.isdigit, value)) >= 2:
        return True
    changes = sum(before.islower() and after.isupper() for before, after in pairwise(value))
    return changes >= 3 and signals.looks_random(value)


@functools.lru_cache(maxsize=256)
def _place(path: str) -> _Place:
    """Return what a path in lower case says."""
    name = path.rpartition("/")[2]
    extension = name.rpartition(".")[2]
    if extension in _FORMATS or _ANDROID.search(path) or _is_bundle(name):
        return _Place.SURE
    if extension not in _CARRIERS:
        return _Place.NONE
    said, named = _SAID.search(path), _names_language(path, name) or bool(_UNDER_SAID.search(path))
    if said and named:
        return _Place.SURE
    return _Place.LIKELY if said or named else _Place.UNKNOWN


def _is_bundle(name: str) -> bool:
    match = _BUNDLE.search(name)
    return bool(match and match["language"] in _LANGUAGES)


def _names_language(path: str, name: str) -> bool:
    """Return True if a folder or the file has the name of a language."""
    folders = map(_PART.fullmatch, path.split("/")[:-1])
    return any(match["language"] in _LANGUAGES for match in (*folders, *_IN_NAME.finditer(name)) if match)


def _in_block(around: Surroundings) -> bool:
    """Return True in a block of texts, such as the `<i18n>` of a component."""
    return around.left.rfind("<i18n") > around.left.rfind("</i18n") or bool(_FIELD.search(around.field.path))


def _among_texts(around: Surroundings, least: int) -> bool:
    """Return True if the entries around a value are texts: some of several words, and few of anything else."""
    several = single = other = 0
    for part in (around.left[-_BEFORE:], around.right[:_AFTER]):
        for entry in _ENTRY.finditer(part, timeout=1):
            text = entry["text"].strip().rstrip(",;")
            if not _TEXT.fullmatch(text, timeout=1):
                other += 1
            elif _SEVERAL.search(text, timeout=1):
                several += 1
            else:
                single += 1
    return several >= least and 4 * other <= several + single
