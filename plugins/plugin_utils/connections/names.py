# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that are made from the name of a connection: AT-TLS rules, ids of elements, files for other teams."""

from __future__ import annotations

from collections.abc import Container

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import ports

LONGEST_RULE = 32  # characters of the name of an AT-TLS statement
DEFAULT_ENDPOINT = "defaultHttpEndpoint"
DEFAULT_SSL = "defaultSSLConfig"
HARDENED = ports.HARDENED
# The SSL configuration that outgoing calls use which name none, where a declaration makes one for them.
DEFAULT_OUTBOUND = "defaultOutbound"
STEPS_FILE = "README.txt"


# What stands behind the name of a connection in the ids of its parts.
_PARTS = ("keys", "trust", "out", "login", "oauth", "token", "server")


def taken_by(name: str, others: Container[str]) -> str | None:
    """Return the connection whose parts are called as this one is, so that both would make one element."""
    for at, letter in enumerate(name):
        if letter == "." and name[:at] in others and name[at + 1 :].partition(".")[0] in _PARTS:
            return name[:at]
    return None


def server_rule(connection: str) -> str:
    """Return the name of the AT-TLS rule in front of the server."""
    return f"{connection}_in"


def client_rule(connection: str, client: str) -> str:
    """Return the name of the AT-TLS rule below a program that calls."""
    return f"{connection}_{client}"


def endpoint_rule(connection: str) -> str:
    """Return the name of the AT-TLS rules of a call of the server: below the server, and in front of the endpoint."""
    return f"{connection}_endpoint"


def keys_id(ssl: str) -> str:
    """Return the id of the key store of an SSL configuration."""
    return f"{ssl}.keys"


def trust_id(ssl: str) -> str:
    """Return the id of the trust store of an SSL configuration."""
    return f"{ssl}.trust"


def outbound_ssl(owner: str) -> str:
    """Return the id of the SSL configuration with which an endpoint or a token server is called."""
    return f"{owner}.out"


def authentication_id(owner: str, part: str) -> str:
    """Return the id of a ``part`` (``login``, ``oauth``, ``token``, ``server``) of how a call authenticates."""
    return f"{owner}.{part}"


def policy_file(side: str) -> str:
    """Return the file of an AT-TLS policy for those who look after it."""
    return f"{side}-policy.txt"


def client_file(connection: str, client: str, what: str) -> str:
    """Return the file with the definitions of a program that calls."""
    return f"{connection}-{client}.{what}"
