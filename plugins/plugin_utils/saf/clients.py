# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which user a client certificate stands for: RACDCERT ADD (the certificate itself) or MAP (a filter for its names).

Source: z/OS Security Server RACF Security Administrator's Guide, how RACF processes certificate name filters: first the
certificate itself is looked for, then filters from the most specific to the least. They count only while class DIGTNMAP
is active and RACLISTed.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.commands import RacfCommand
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.desired import ClientCertificate, DesiredAccess
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import (
    NameFilter,
    RacfCertificate,
    RacfListing,
)


def listing_commands(want: DesiredAccess) -> list[str]:
    """Return the commands that show which certificates and filters the users have."""
    found = [
        commands.list_certificate(*client.key) if client.data_set else commands.list_filters(client.user)
        for client in want.clients
    ]
    return [*found, commands.LIST_OPTIONS] if _has_filters(want) else found


def plan(want: DesiredAccess, listing: RacfListing) -> tuple[list[RacfCommand], list[str], list[str]]:
    """Return commands, findings and notes for client certificates."""
    steps, notes = _filters_count(listing) if _has_filters(want) else ([], [])
    filters = list(listing.filters)
    for client in want.clients:
        if client.data_set:
            new = _add(client, listing)
            asked, known = commands.list_certificate(*client.key), client.key in listing.no_certificates
            known = known or client.key in listing.certificates
        else:
            new = _map(client, listing)
            filters.append(NameFilter(client.user, client.label, "TRUST", client.issuer, client.subject))
            asked, known = commands.list_filters(client.user), client.user in listing.filter_users
        if not known:
            notes.append(f"No listing shows what {client.user} has of {client.label!r}: {asked}")
            new = [step.on_unlisted(f"{client.label!r} of {client.user}") for step in new]
        steps += new
    if steps and not want.server:
        notes.append(_SERVERS_REMEMBER)
    return steps, list(dict.fromkeys(_two_users(listing, filters))), notes


_ARE_FILTERS_USED = (
    f"RACF looks at filters only if class DIGTNMAP is active and RACLISTed ({commands.LIST_OPTIONS}). If it is not: "
    "SETROPTS CLASSACT(DIGTNMAP) RACLIST(DIGTNMAP)"
)


_SERVERS_REMEMBER = (
    "A server that knows a certificate already keeps its user ID until its caches are cleared; with zosconnect_access, "
    "operator_commands says how."
)


def _has_filters(want: DesiredAccess) -> bool:
    return any(not client.data_set for client in want.clients)


def _filters_count(listing: RacfListing) -> tuple[list[RacfCommand], list[str]]:
    """Return what makes RACF look at filters at all, or a note where nobody listed whether it does."""
    if listing.active is None or listing.raclisted is None:
        return [], [_ARE_FILTERS_USED]
    if "DIGTNMAP" in listing.active & listing.raclisted:
        return [], []
    return [commands.activate("DIGTNMAP", active="DIGTNMAP" in listing.active)], []


def _add(client: ClientCertificate, listing: RacfListing) -> list[RacfCommand]:
    return [] if client.key in listing.certificates else [commands.add_certificate(client)]


def _map(client: ClientCertificate, listing: RacfListing) -> list[RacfCommand]:
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
                "label, or delete that filter with RACDCERT DELMAP."
            )
    return [commands.map_certificate(client)]


def _two_users(listing: RacfListing, filters: list[NameFilter]) -> Iterator[str]:
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
                    "the same subject and issuer."
                )


def _matches(found: RacfCertificate, one: NameFilter) -> bool:
    names = ((found.subject, one.subject), (found.issuer, one.issuer))
    return all(not part or name == part or name.endswith(f".{part}") for name, part in names)
