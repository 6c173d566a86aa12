"""The forms of what is neither secret nor a key: checksums, entity tags, colours, drawings, names of files."""

from __future__ import annotations

from keysift.detect.forms.form import HEX_DIGITS, Form

OTHER: tuple[Form, ...] = (
    Form(
        "v0123456789",
        r"v?\d{1,4}(?:\.\d{1,6}){2,3}(?:-(?:0\.|(?:alpha|beta|dev|pre|rc|snapshot|release|final)[\d.-]*){0,2}"
        r"(?:\d{14}-[0-9a-f]{12})?(?:\+\w{1,20})?)?(?::\d{1,5})?",
        "a version or an address",
        "https://semver.org, https://go.dev/ref/mod#pseudo-versions",
    ),
    Form(
        "np^~<>=wv0123456789",
        r"(?:npm:(?:@?[\w.-]+(?:/[\w.-]+)?@)?|workspace:|patch:[\w.@/-]+:)?[\^~<>=]{1,2}=? ?v?\d{1,5}(?:\.\d{1,6}){0,3}"
        r"(?:-[0-9A-Za-z.]{1,30})?(?: ?(?:[|]{2}|,|-)? ?[\^~<>=]{0,2} ?\d{1,5}(?:\.\d{1,6}){0,3})*",
        "a range of versions",
        "https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies, https://yarnpkg.com/protocols",
    ),
    Form(
        "abcdefghijklmnopqrstuvwxyz0123456789",
        r"[a-z0-9][a-z0-9._+-]{1,60}@(?:[a-z0-9-]{1,60}\.){1,4}(?:[a-z]{2}|com|org|net|edu|gov|info|app|dev)",
        "an address of e-mail",
        "RFC 5322, 3.4.1",
    ),
    Form(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        r"[0-9A-Z]{12,32}(?:/|%2F)\d{8}(?:/|%2F)[\w-]{2,30}(?:/|%2F)[\w-]{2,30}(?:/|%2F)(?:aws4|goog4)_request",
        "the id of a key, with the scope of a signature",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html",
    ),
    Form("012", r"[012](?:\.\d{1,9}){4,}", "an object identifier", "ITU-T X.660"),
    Form(
        "smhzbx",
        r"(?i:sha-?\d{1,3}|md5|h1|zh|blake\d\w?|xxh\d{1,3})[-:=/]{1,2}[0-9A-Za-z+/=_-]{16,}",
        "a checksum",
        "https://www.w3.org/TR/SRI/",
    ),
    Form(
        "W\"\\'",
        r"(?:W/)?\\?[\"'][0-9A-Za-z+/=_:.-]{6,}(?:\\?[\"'])?",
        "an entity tag",
        "RFC 9110, 8.8.3",
    ),
    Form(
        "#",
        r"#(?:[0-9a-fA-F]{3,4}){1,2}",
        "a colour",
        "https://www.w3.org/TR/css-color-4/",
    ),
    Form(
        HEX_DIGITS + "#",
        r"#?[0-9a-fA-F]{6}(?:[0-9a-fA-F]{6})?(?:[-,;| ]+#?[0-9a-fA-F]{6}(?:[0-9a-fA-F]{6})?)+",
        "a list of colours",
        "https://www.w3.org/TR/css-color-4/",
    ),
    Form(
        "rh",
        r"(?:rgb|hsl|hwb|lab|lch)a?\([\d\s.,%/+a-z-]*\)?",
        "a colour",
        "https://www.w3.org/TR/css-color-4/",
    ),
    Form(
        "Mm",
        r"[Mm]\s*[+-]?[\d.]+[\s,-][\d\s.,eE+-]*(?:[MmLlHhVvCcSsQqTtAaZz][\d\s.,eE+-]*){2,}",
        "a drawing",
        "https://www.w3.org/TR/SVG2/paths.html",
    ),
    Form(
        "0123456789" + HEX_DIGITS + "ghijklmnopqrstuvwxyz_./-",
        r"[\w.-]{1,80}(?:/[\w.-]{1,80})+\.(?:json|ya?ml|pem|key|crt|txt|env|conf|toml|xml|py|js|ts|go|rb|sh"
        r"|html?|css|png|jpe?g|svg|csv|zip|gz|tar|pdf|log)",
        "the name of a file",
        "a path with an ending",
    ),
)
