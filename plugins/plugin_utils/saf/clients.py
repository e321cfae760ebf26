# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which user a client certificate stands for: RACDCERT ADD (the certificate itself) or MAP (a filter for its names).

Source: z/OS Security Server RACF Security Administrator's Guide, how RACF processes certificate name filters: first the
certificate itself is looked for, then filters from the most specific to the least.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.commands import Command
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import (
    Certificate,
    Listing,
    NameFilter,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.wishes import Client, Wish


def listing_commands(wish: Wish) -> list[str]:
    """Return the commands that show which certificates and filters the users have."""
    return [
        commands.list_certificate(*client.key) if client.data_set else commands.list_filters(client.user)
        for client in wish.clients
    ]


def plan(wish: Wish, listing: Listing) -> tuple[list[Command], list[str], list[str]]:
    """Return commands, findings and notes for client certificates."""
    steps: list[Command] = []
    notes: list[str] = []
    filters = list(listing.filters)
    for client in wish.clients:
        if client.data_set:
            steps += _add(client, listing)
            asked, known = commands.list_certificate(*client.key), client.key in listing.no_certificates
            known = known or client.key in listing.certificates
        else:
            steps += _map(client, listing)
            filters.append(NameFilter(client.user, client.label, "TRUST", client.issuer, client.subject))
            asked, known = commands.list_filters(client.user), client.user in listing.filter_users
        if not known:
            notes.append(f"No listing says what {client.user} has of {client.label!r}: {asked}")
    return steps, list(dict.fromkeys(_two_users(listing, filters))), notes


def _add(client: Client, listing: Listing) -> list[Command]:
    return [] if client.key in listing.certificates else [commands.add_certificate(client)]


def _map(client: Client, listing: Listing) -> list[Command]:
    for found in listing.filters:
        if (found.subject, found.issuer) == (client.subject, client.issuer):
            if found.user == client.user:
                return []
            raise SecurityError(
                f"{client.where}.subject: RACF maps these names to {found.user or 'MULTIID'} already (filter "
                f"{found.label!r}); a certificate stands for one user. Delete that filter, or correct user."
            )
        if (found.user, found.label) == (client.user, client.label):
            raise SecurityError(
                f"{client.where}.label: {client.user} has a filter {client.label!r} for other names; choose another "
                f"label, or delete that filter with RACDCERT DELMAP."
            )
    return [commands.map_certificate(client)]


def _two_users(listing: Listing, filters: list[NameFilter]) -> Iterator[str]:
    """Name certificates that RACF knows as one user's while a filter, or another entry, says another's."""
    personal = [found for found in listing.certificates.values() if found.owner not in ("CERTAUTH", "SITE")]
    for found in personal:
        for one in filters:
            if one.user and found.owner != f"ID({one.user})" and _matches(found, one):
                yield (
                    f"One certificate, two users: {found.label!r} is of {found.owner}, and filter {one.label!r} maps "
                    f"its names to {one.user}; RACF takes {found.owner}."
                )
        for other in personal:
            if found.owner < other.owner and (found.subject, found.issuer) == (other.subject, other.issuer):
                yield (
                    f"One name, two users: {found.label!r} of {found.owner} and {other.label!r} of {other.owner} have "
                    f"the same subject and issuer."
                )


def _matches(found: Certificate, one: NameFilter) -> bool:
    names = ((found.subject, one.subject), (found.issuer, one.issuer))
    return all(not part or name == part or name.endswith(f".{part}") for name, part in names)
