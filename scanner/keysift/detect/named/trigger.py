"""What the prefilter looks for: stems of names, and what stands between such a name and a value."""

from __future__ import annotations

STEMS = ("pass", "pw", "psw", "secret", "token", "key", "auth", "cred", "otp")
_MARK = rb"(?:[\"'`]|&quot;|&apos;|&#39;|&#34;)"
FOLLOWED = (
    rb"(?:[\w.$-]*(?:" + _MARK + rb"|[\])?!*\\])*(?:[ \t][\w.\[\]*]+)?[ \t]*"
    rb"(?:[:=,({!<>|?+-]+\s*|,\s*[\"']?(?:value|default|content)[\"']?[ \t]*[:=])"
    rb"[\w.@$:=>|?({\[\]<&*\s\\-]*" + _MARK + rb"[^\s\"'`<>][^\s<>]{2}"
    rb"|[\w.$-]*[\"'`\])*\\]*[ \t]*(?::|=>|:=|[?+]?=|>)[ \t]*[^\s\"'`<>(){}\[\]$,;][^\s\"'`<>]{3})"
)
"""Behind a stem, for the prefilter: wider than `candidates._TAIL`, and without bounds, for they cost much."""
