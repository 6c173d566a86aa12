"""Lists what the prefilter looks for: stems of names, and what may stand between such a name and its value."""

from __future__ import annotations

STEMS = ("pass", "pw", "psw", "secret", "token", "key", "auth", "cred", "otp", "psk", "salt", "pepper")
_MARK = rb"(?:[\"'`]|&quot;|&apos;|&#39;|&#34;)"
_BARE = rb"[^\s\"'`<>(){}\[\]$,;][^\s\"'`<>]{3}"
FOLLOWED = (
    rb"(?:[\w.$-]*(?:" + _MARK + rb"|[\])?!*\\]|\[\w*\])*(?:[ \t]+(?:[Aa]s[ \t]+)?[\w.\[\]*]+)?[ \t]*"
    rb"(?:[:=,({!<>|?+-]+\s*|,\s*[\"']?(?:value|default|content)[\"']?[ \t]*[:=])"
    rb"[\w.@$:=>|?({\[\]<&*\s\\+!-]*(?:'static[ \t]+str[ \t]*=[ \t]*)?[\"'`]{0,2}\\*" + _MARK + rb"[^\s\"'`][^\s]{2}"
    rb"|[\w.$-]*[\"'`\])]+[ \t]+or[ \t]+[\"'][^\s\"'`][^\s]{2}"
    rb"|[\w.$-]*[\"'`\])*\\]*[ \t]*(?::|=>|:=|[?+]?=|>)[ \t]*[^\s\"'`][^\s]{3}"
    rb"|[\w.$-]*[ \t]+[\"'][^\s\"'`<>][^\s<>]{2}"
    rb"|[\w.$-]*[\"']?(?:[ \t]+[\w:.-]+=[\"'][^\"'<>\n]*[\"'])+>" + _BARE + rb""
    rb"|[\w.$-]*[\"']?:[ \t]*[|>][+-]?[ \t]*\r?\n[ \t]+" + _BARE + rb")"
)
"""A regex for what follows a stem. Wider than `candidates._TAIL`, and without bounds, which cost the prefilter much."""
GENERIC = (b"value", b"default", b"content", b"<string")
"""What a name ends with that says nothing of its value: another name may, beside it or around it."""
GENERIC_FOLLOWED = (
    rb"[\"'`\\]*\]?[ \t]*(?:(?:=>|:=|[:=])\s*[\w.]*\(?\\*[\"'][^\s\"'`<>][^\s<>]{2}"
    rb"|(?::[ \t]+|=|(?:[ \t]+[\w:.-]+=\"[^\"<>\n]*\")*>(?:<!\[CDATA\[)?)" + _BARE + rb")"
)
"""A regex for what follows such a name."""
DIRECTIVES = (b"env ", b"setx ", b"set ", b"_param ", b"_header ")
DIRECTED = rb"[ \t]*(?:-\w+[ \t]+)*[\w.-]*(?:" + b"|".join(map(str.encode, STEMS)) + rb")[\w.-]*[ \t]+" + _BARE
"""A regex for a name and its value with nothing but a space between them, behind a word that gives names values."""
