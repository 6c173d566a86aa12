"""Value -> the documentation or the emulator that published it: keys that everybody knows, whichever rule finds them.

Digests, so that no file here holds what looks like a key: the first 16 hexadecimal digits of SHA-256, as in the
`documented` values of rules, which hold for the rules of one vendor. In a longer value each part is looked up.
"""

from __future__ import annotations

import functools
import hashlib
import re
from urllib.parse import unquote

SHORTEST = 10
"""Characters of a published value."""
LONGEST = 1000
"""Characters of a value that is looked at."""
_PART = re.compile(r"[0-9A-Za-z+/_-]{10,}(?:={1,2}(?![0-9A-Za-z]))?")
_NAMES_A_PASSWORD = re.compile(r"(?i)(?:password|pwd|secret|token)=[^;&]")
_SUBJECT = '"sub":"1234567890"'
"""In the claims of the samples of jwt.io, when they are decoded."""
_SOURCES = {
    "0011cc25eb432071": "Azurite", "aa6547439583c3a2": "the emulator of Cosmos DB", "3373cfa8cfd3d256": "jwt.io",
    "9cad21446b79d6b1": "jwt.io", "25be1edd45a3a982": "jwt.io", "32cd61d7a4d1ae9f": "RFC 7519",
    "92511ce2ebd0cc50": "Supabase", "bc67d2e400edf3d5": "Supabase", "a064b502e61d27e9": "Supabase",
    "6f4fc5580c68fad0": "Discord", "6c96130f130ab0d6": "RFC 6749", "00cf4c781dc37003": "RFC 6749",
    "e9974c507d2a8021": "RFC 6749", "ca7459e2b26776de": "RFC 6749", "584b27d64ebc1b33": "RFC 6749",
    "53f5da0aaa93d64c": "RFC 6749", "a35b81a7d7927b70": "RFC 6749", "b8e148545b13c78b": "RFC 6750",
    "13d31e961a1ad8ec": "RFC 7636", "0d299b1eb548708d": "RFC 7636", "cf4d418ed3de92d7": "RFC 7617",
    "687da00b09c83361": "RFC 7617", "73f71af093fdf154": "RFC 7617", "15cef4b629cc2d07": "RFC 6455",
    "7f44193a6edea087": "RFC 6455", "507e2ce3c522082b": "RFC 6455", "24b6d840b1dffbed": "RFC 6455",
    "6ad4f3f54d3760d0": "RFC 5849", "cb87c87e4a138d9a": "RFC 5849", "293257ab6495ebb1": "RFC 5849",
    "bb9b1163338b2a51": "RFC 5849", "649e1f5c769e718b": "RFC 5849", "4c20e6f5cc11b937": "RFC 5849",
    "6aa14267d94944e6": "RFC 5849", "8e0628300c16fe38": "X", "00b3dc640c9c99fc": "X", "0e04efa6bc7d2d51": "X",
    "5aac38e542b76b97": "X", "00d43ab45ad2c864": "RFC 7515", "549c9390539efcfa": "RFC 4226",
    "8be5d113c0871ce1": "Google Authenticator", "2ef2503d964e9668": "NIST SP 800-38A",
    "837e8e636d452b61": "NIST SP 800-38A", "c12ce25303a023aa": "NIST SP 800-38A", "03b970ed8171d73b": "reCAPTCHA",
    "f5e95c9954635b65": "reCAPTCHA", "fb8f35129df87662": "Turnstile", "1e3e58656012d861": "Turnstile",
    "841b4f5b0b34e19a": "Turnstile", "2cafc0970149a84f": "Stripe", "f2d6ca16515033e5": "Stripe",
    "b1471f544ceeea31": "Stripe", "bc1a50966c9e6486": "Hardhat", "8335c55334821eef": "Hardhat",
    "b26ab6529d20ebeb": "Hardhat", "64034b44c579b335": "Hardhat", "4d3e46eec8244d1d": "Hardhat",
    "0aedba9d586f34f9": "Hardhat", "28e543d3753fc9d1": "Hardhat", "f070994a85994785": "Hardhat",
    "38e69fdd19aefeb4": "Hardhat", "967f21586cdf1248": "Hardhat", "3543c50b0cb9cea8": "GitHub",
    "bc3ae723f57c6b9e": "GitHub", "797c0ce414586cc8": "GitHub", "82e74299544e0073": "GitHub",
    "0cecafe4ec476606": "GitHub", "f5a606e3c7e0d38d": "Discord", "ad71fb4165536675": "OpenID Connect",
    "9e309cccd311ea64": "OpenID Connect", "92212b05a8b8f6bb": "OpenID Connect", "f847591c86224419": "OpenID Connect",
    "a11c5c1d5f43ad76": "RFC 8292", "d7777ac0f79b40ed": "Go", "7c5db6ea3107b697": "Go",
    "4aca47a3062de8b1": "NIST SP 800-38A", "3cea986a4fa8eabf": "NIST SP 800-38A",
    "d65df89f702eec58": "NIST SP 800-38A", "3972f7918085d19e": "RFC 3686",
}  # fmt: skip
"""Who published the value with this digest: the keys of emulators and first accounts, and the samples of standards.

Azurite: https://learn.microsoft.com/en-us/azure/storage/common/storage-use-azurite. Cosmos DB:
https://learn.microsoft.com/en-us/azure/cosmos-db/emulator. Hardhat, and Foundry's Anvil:
https://hardhat.org/hardhat-network/docs/reference. Supabase: https://supabase.com/docs/guides/local-development.
Discord: https://discord.com/developers/docs/reference. X: https://docs.x.com/resources/fundamentals/authentication.
reCAPTCHA: https://developers.google.com/recaptcha/docs/faq. Turnstile:
https://developers.cloudflare.com/turnstile/troubleshooting/testing. Stripe: https://docs.stripe.com/keys. Of a JSON Web
Token the claims count, whatever it is signed with; of a token of Discord its first part.
"""
_OF_WINDOWS = """
    6ffa8ebd44afa527 d0bbf7a597d49234 0bfaed6187c4dfe8 d14ab2cedb0220cd f6cadfd4e4c25ff3 d9089930f8da503e
    cd564bae18179e55 5f44e19717e181e1 aa6ab25a2bb1c69f dbc3112ae38b94e5 959980c2180dbf29 3cea2dcf8a016f1c
    a87f4148dbc24dd8 c9964f5196711169 a0158f8c5a312613 65a2921b87b6ca48 23e77ebda21d992c 1c83dc4e6d503cc3
    b68407286fc77f53 a35720e3555f25da f262245b265015bf c76daf64fc20cf98 830539b43f4a7aca 9bb1fe697580e449
    a93b85d1deb9530d 072faa54811c6ec4
"""
"""The keys with which every Windows of an edition asks a server in its network to be activated: digests of
https://learn.microsoft.com/en-us/windows-server/get-started/kms-client-activation-keys."""
_SOURCES |= dict.fromkeys(_OF_WINDOWS.split(), "Microsoft")


@functools.lru_cache(maxsize=1 << 12)
def said(value: str) -> str:
    """Return who published a value, or the keys in it, as the reason why it is none; empty if nobody did."""
    if not SHORTEST <= len(value) <= LONGEST:
        return ""
    if source := _source(value) or ("jwt.io" if _SUBJECT in value else ""):
        return f"a value that {source} published"
    text = unquote(value) if "%" in value else value
    parts = _PART.findall(text)
    if parts == [value]:
        return ""
    source = next(filter(None, map(_source, parts)), "")
    return f"a value that {source} published" if source and not _NAMES_A_PASSWORD.search(text) else ""


def _source(value: str) -> str:
    return _SOURCES.get(hashlib.sha256(value.removeprefix("0x").encode()).hexdigest()[:16], "")
