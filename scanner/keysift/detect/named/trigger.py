"""Lists what the prefilter looks for: stems of names, and what may stand between such a name and its value."""

from __future__ import annotations

STEMS = ("pass", "pw", "psw", "secret", "token", "key", "auth", "cred", "otp")
_MARK = rb"(?:[\"'`]|&quot;|&apos;|&#39;|&#34;)"
FOLLOWED = (
    rb"(?:[\w.$-]*(?:" + _MARK + rb"|[\])?!*\\])*(?:[ \t]+[\w.\[\]*]+)?[ \t]*"
    rb"(?:[:=,({!<>|?+-]+\s*|,\s*[\"']?(?:value|default|content)[\"']?[ \t]*[:=])"
    rb"[\w.@$:=>|?({\[\]<&*\s\\+!-]*[\"'`]{0,2}" + _MARK + rb"[^\s\"'`][^\s]{2}"
    rb"|[\w.$-]*[\"'`\])*\\]*[ \t]*(?::|=>|:=|[?+]?=|>)[ \t]*[^\s\"'`][^\s]{3})"
)
"""A regex for what follows a stem. Wider than `candidates._TAIL`, and without bounds, which cost the prefilter much."""
