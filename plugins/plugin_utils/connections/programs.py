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
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

LONGEST_NAME = 32  # of an AT-TLS statement
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
    return f"{item.name}_{client.name}" if client else f"{item.name}_in"


def alone(item: Connection) -> None:
    """Refuse what the clients of one connection cannot mean."""
    if item.wrapped and not item.clients:
        raise SecurityError(
            f"{item.name}: clients is empty; in {item.kind} an AT-TLS rule is made for each program that calls. Name "
            "them."
        )
    if not item.served and not item.clients:
        raise SecurityError(
            f"{item.name}: no client is declared, so there is nothing to do on the side of the programs. Name them in "
            "clients."
        )
    if item.clients and not item.server_host:
        raise SecurityError(f"{item.name}: server_host is missing; clients must be told the name of the server.")
    if item.wrapped and not item.server_address:
        raise SecurityError(
            f"{item.name}: server_address is missing; without it an AT-TLS outbound rule would catch calls to any "
            "host, loopback too."
        )
    names = [rule_name(item)] if item.fronted else []
    for name in names + [rule_name(item, client) for client in item.clients if item.wrapped]:
        if len(name) > LONGEST_NAME:
            raise SecurityError(
                f"{item.name}: the AT-TLS rule would be named {name}, which is over {LONGEST_NAME} characters."
            )
    for client in item.clients:
        _client(item, client)


def _client(item: Connection, client: Client) -> None:
    where = f"{item.name}: client {client.name}"
    if client.type != "cics" and not item.wrapped:
        raise SecurityError(
            f"{where}: {client.type} has no TLS of its own, so in {item.kind} it could not call. Declare it in C4 or "
            "C5, where AT-TLS does TLS for it."
        )
    if item.wrapped and not (client.job_name or client.user_id):
        raise SecurityError(
            f"{where}: job_name or user_id is missing; without either the AT-TLS rule would wrap every program's calls."
        )
    if item.wrapped and not client.key_ring:
        raise SecurityError(f"{where}: key_ring is missing; the AT-TLS rule needs the ring with the CA of the server.")
    if client.certificate_label and not item.asks:
        raise SecurityError(
            f"{where}: has a certificate_label, but client_authentication is none, so {_NO_CERTIFICATE[item.fronted]}."
        )
    if item.wrapped and item.client_authentication == "required" and not client.certificate_label:
        raise SecurityError(
            f"{where}: certificate_label is missing; with client_authentication required a call without a certificate "
            "is refused."
        )
    if item.profile.shared(client.profile) is None:
        raise SecurityError(
            f"{where}: its tls_profile and that of the connection have no protocol with a cipher in common "
            f"({_offer(client)} here, {_said(item)} there), so every handshake would fail."
        )


def _offer(client: Client) -> str:
    return " ".join((*client.profile.protocols, *client.profile.ciphers))


def _said(item: Connection) -> str:
    return " ".join((*item.profile.protocols, *item.profile.ciphers))


def warnings(item: Connection) -> Iterator[str]:
    """Say what deserves attention about the programs that call."""
    for client in item.clients:
        who = client.user_id or client.job_name or client.name
        if item.wrapped and client.certificate_label:
            yield (
                f"{item.name}: every program that the AT-TLS rule {rule_name(item, client)} matches ({who}) calls with "
                f"the certificate {client.certificate_label!r}, {_WHOSE[item.fronted]}."
            )
        elif item.wrapped:
            yield (
                f"{item.name}: the key ring {client.key_ring} of client {client.name} should hold the CA chain only; a "
                "default certificate on it would be shown to a server that asks."
            )
        if item.kind == "C2" and not client.certificate_label:
            yield (
                f"{item.name}: client {client.name} names no certificate_label, so CICS shows the default certificate "
                "of the region's key ring."
            )
