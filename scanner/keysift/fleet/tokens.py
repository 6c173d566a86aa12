"""Tokens, from the environment to the header that a service or git expects; never anywhere else."""

from __future__ import annotations

import base64
import os

from keysift.errors import UsageError
from keysift.fleet.model import Access

API_TOKEN_USER = "x-bitbucket-api-token-auth"
"""Beside a Bitbucket API token: https://support.atlassian.com/bitbucket-cloud/docs/using-api-tokens/."""


def read(name: str) -> str:
    """Return the token that an environment variable holds; empty if none is named.

    Raises:
        UsageError: the variable is not set, or holds something that cannot stand in a header.
    """
    if not name:
        return ""
    token = os.environ.get(name, "").strip()
    if not token:
        raise UsageError(f"the environment variable {name} is not set", help="token-env names it in fleet.toml")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"the environment variable {name} does not hold a token", help="it has blanks or line ends")
    return token


def basic(user: str, token: str) -> str:
    """Return the value of a header: https://www.rfc-editor.org/rfc/rfc7617."""
    return f"Basic {base64.b64encode(f'{user}:{token}'.encode()).decode()}"


def for_git(access: Access) -> str:
    """Return the value of the header with which git shows the token; empty without one.

    Raises:
        UsageError: as for `read`.
    """
    token = read(access.token_env)
    if not token:
        return ""
    address, _, bare = token.partition(":")  # an address and an API token, as Bitbucket's API takes them
    return basic(API_TOKEN_USER, bare) if bare and "@" in address else basic(access.user or "git", token)
