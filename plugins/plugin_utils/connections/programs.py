# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be meant of the programs that call, and what deserves a word.

Sources: IBM's pages on TLS connections from z/OS applications; a client certificate from IMS or batch is only possible
with an AT-TLS outbound policy.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.client import Client
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.names import (
    LONGEST_RULE,
    client_rule,
    server_rule,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

_NO_CERTIFICATE = {
    True: "AT-TLS in front of the server never asks for one",
    False: "the server never asks for one",
}
_WHOSE = {
    True: "which lets them through to the server, who never sees it: nobody logs in with it",
    False: "so all of them become that one user",
}


def rule_name(item: Connection, client: Client | None = None) -> str:
    """Return the name of the AT-TLS rule of a client, or of the one in front of the server."""
    if client:
        return client.rule or client_rule(item.name, client.name)
    return (item.inbound.rule if item.inbound else None) or server_rule(item.name)


def rule_names(item: Connection) -> Iterator[str]:
    """Give the names of all AT-TLS rules that are made for one connection."""
    if item.server_attls:
        yield rule_name(item)
    if item.caller_attls:
        yield from (rule_name(item, client) for client in item.clients)


def check_clients(item: Connection) -> None:
    """Refuse what the clients of one connection cannot mean."""
    if item.caller_attls and not item.clients and item.standing.is_new:
        raise SecurityError(
            f"{item.name}: clients is empty; with caller_tls attls an AT-TLS rule is made for each program that "
            "calls. Name them."
        )
    if not item.served and not item.clients:
        raise SecurityError(
            f"{item.name}: no client is declared, so there is nothing to do on the side of the programs. Name them in "
            "clients."
        )
    if item.clients and not item.server_host:
        raise SecurityError(f"{item.name}: server_host is missing; clients must be told the name of the server.")
    if item.caller_attls and item.clients and not item.server_address:
        raise SecurityError(
            f"{item.name}: server_address is missing; without it an AT-TLS outbound rule would catch calls to any "
            "host, loopback too."
        )
    for name in rule_names(item):
        if len(name) > LONGEST_RULE:
            raise SecurityError(
                f"{item.name}: the AT-TLS rule would be named {name}, which is over {LONGEST_RULE} characters."
            )
    for client in item.clients:
        _client(item, client)


def _client(item: Connection, client: Client) -> None:
    where = f"{item.name}: client {client.name}"
    if client.type != "cics" and not item.caller_attls:
        raise SecurityError(
            f"{where}: {client.type} has no TLS of its own, so with caller_tls cics it could not call. Declare it in a "
            "connection with caller_tls attls."
        )
    if item.caller_attls and not (client.job_name or client.user_id):
        raise SecurityError(
            f"{where}: job_name or user_id is missing; without either the AT-TLS rule would wrap every program's calls."
        )
    if item.caller_attls and not client.key_ring:
        raise SecurityError(f"{where}: key_ring is missing; the AT-TLS rule needs the ring with the CA of the server.")
    if client.certificate_label and not item.asks:
        raise SecurityError(
            f"{where}: has a certificate_label, but client_certificate is none, so "
            f"{_NO_CERTIFICATE[item.server_attls]}."
        )
    if item.caller_attls and item.client_certificate == "required" and not client.certificate_label:
        raise SecurityError(
            f"{where}: certificate_label is missing; with client_certificate required a call without a certificate "
            "is refused."
        )
    if item.profile.shared(client.profile) is None:
        raise SecurityError(
            f"{where}: its tls_profile and that of the connection have no protocol with a cipher in common "
            f"({client.profile} here, {item.profile} there), so every handshake would fail."
        )


def warnings(item: Connection) -> Iterator[str]:
    """Say what deserves attention about the programs that call."""
    for client in item.clients:
        who = client.user_id or client.job_name or client.name
        if item.caller_attls and client.certificate_label:
            yield (
                f"{item.name}: every program that the AT-TLS rule {rule_name(item, client)} matches ({who}) calls with "
                f"the certificate {client.certificate_label!r}, {_WHOSE[item.server_attls]}."
            )
        elif item.caller_attls:
            yield (
                f"{item.name}: the key ring {client.key_ring} of client {client.name} should hold the CA chain only; a "
                "default certificate on it would be shown to a server that asks."
            )
        if not item.caller_attls and not item.server_attls and item.asks and not client.certificate_label:
            yield (
                f"{item.name}: client {client.name} names no certificate_label, so CICS shows the default certificate "
                "of the region's key ring."
            )
