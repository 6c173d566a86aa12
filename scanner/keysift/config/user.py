"""What the user's own configuration states: how keys are verified. No repository can state it.

It is `config.toml` in the user's configuration directory (`~/.config/keysift` on Linux). It holds two tables, of which
`agent.user_settings` reads `[agent]`:

    [verify]
    hosts = ["gitlab-*=git.acme.example"]
    networks = ["10.0.0.0/8"]
    proxy = "http://proxy.acme.example:3128"
    ca-file = "/etc/ssl/acme.pem"
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

from keysift.config import LARGEST, bounded, values
from keysift.errors import ConfigError
from keysift.records import dataclass

NAME = "config.toml"
_HOST = re.compile(r"[a-z0-9-]{1,80}\*?=[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::\d{1,5})?(?:/[A-Za-z0-9_-]{1,40}){0,5}")
HOST_HELP = "write RULE=HOST, as in gitlab-*=git.acme.example, RULE=HOST:PORT or RULE=HOST/PATH-OF-THE-API"


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """The hosts and the network of `keysift verify`, as the user states them."""

    hosts: tuple[str, ...] = ()
    """`RULE=HOST`: where keys of a rule may be sent, too; with a port or the path of the API if it has one."""
    networks: tuple[str, ...] = ()
    """The private networks in which those hosts may lie."""
    proxy: str = ""
    ca_file: str = ""


def place() -> Path:
    """Return the path of the user's configuration, which need not be there."""
    import platformdirs  # noqa: PLC0415 - for those who verify

    return Path(platformdirs.user_config_dir("keysift", appauthor=False)) / NAME


def read() -> VerifySettings:
    """Return what the user's configuration states.

    Raises:
        ConfigError: it is invalid.
    """
    import tomllib  # noqa: PLC0415 - likewise

    path = place()
    try:
        content = tomllib.loads((bounded.read(path, LARGEST, "it holds two small tables") or b"").decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: invalid TOML: {error}", help="see https://toml.io for the syntax") from error
    for name in content:
        values.check_name(str(path), name, {"agent", "verify"})
    table = content.get("verify", {})
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: 'verify' must be a table", help="write [verify]")
    for name in table:
        values.check_name(f"{path}: [verify]", name, {"hosts", "networks", "proxy", "ca-file"})
    where = f"{path}: [verify]: "
    return VerifySettings(
        check_hosts(f"{where}'hosts'", values.read_strings(f"{where}'hosts'", table.get("hosts", []))),
        check_networks(f"{where}'networks'", values.read_strings(f"{where}'networks'", table.get("networks", []))),
        values.read_text(f"{where}'proxy'", table.get("proxy", "")),
        values.read_text(f"{where}'ca-file'", table.get("ca-file", "")),
    )


def check_hosts(where: str, stated: tuple[str, ...]) -> tuple[str, ...]:
    """Return them as they are. Raises ConfigError for what is not `RULE=HOST`, or sends keys of all rules somewhere."""
    for text in stated:
        if not _HOST.fullmatch(text):
            raise ConfigError(f"{where}: '{text}' does not name the host of a rule", help=HOST_HELP)
    return stated


def check_networks(where: str, stated: tuple[str, ...]) -> tuple[str, ...]:
    """Return them as they are. Raises ConfigError for what is no network."""
    for text in stated:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            raise ConfigError(f"{where}: '{text}' is not a network", help="write 10.0.0.0/8, or one address") from error
    return stated
