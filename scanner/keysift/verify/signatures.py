"""Requests that are signed, for keys that are never sent themselves: a function for each vendor."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from keysift import lazy

if TYPE_CHECKING:
    from keysift.verify import requests
else:
    requests = lazy.module("keysift.verify.requests")

_Function = Callable[[str, Mapping[str, str], str, datetime], "requests.Request"]


def signed(function: str, secret: str, pairs: Mapping[str, str], host: str) -> requests.Request:
    """Return the request of a named function to a host, signed now."""
    return FUNCTIONS[function](secret, pairs, host, datetime.now(UTC))


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def aws_caller_identity(secret: str, pairs: Mapping[str, str], host: str, now: datetime) -> requests.Request:
    """Return STS GetCallerIdentity, which needs no permission, with signature version 4.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html,
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

    Raises:
        UnfitError: the key is a temporary one.
    """
    if pairs["id"].startswith("ASIA"):
        raise requests.UnfitError("it is a temporary key, which counts only with its session token")
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    parts = host.split(".")
    region = parts[1] if len(parts) > 3 else "us-east-1"
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    signed_headers = {"content-type": kind, "host": host, "x-amz-date": stamp}
    how = authorize_aws(secret, pairs["id"], f"{region}/sts", signed_headers, body)
    headers = (("Content-Type", kind), ("X-Amz-Date", stamp), ("Authorization", how))
    return requests.Request("POST", host, "/", headers, body)


def authorize_aws(secret: str, identity: str, place: str, headers: Mapping[str, str], body: bytes) -> str:
    """Return the header `Authorization` of a POST to `/`: all other headers, by names in small letters, are signed.

    `place` is region and service: `us-east-1/sts`.
    """
    stamp, listed = headers["x-amz-date"], ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n/\n\n{lines}\n{listed}\n{_sha256(body)}"
    scope = f"{stamp[:8]}/{place}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{_sha256(canonical.encode())}"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return f"AWS4-HMAC-SHA256 Credential={identity}/{scope}, SignedHeaders={listed}, Signature={_hmac(key, text).hex()}"


FUNCTIONS: Mapping[str, _Function] = {"aws-caller-identity": aws_caller_identity}
"""By their names in rules; `rules.authoring.verifying` says which other halves each needs."""
