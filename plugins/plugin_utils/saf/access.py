# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may read the ring (FACILITY or RDATALIB) and who may call z/OS Connect (EJBROLE).

Source: z/OS Security Server RACF Callable Services, R_datalib, RACF authorization. A profile in RDATALIB takes the
place of the FACILITY check of its ring for everyone, so a new one locks out whoever is not in its list. So does a
discrete profile where only a generic one is.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.commands import Command
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import ACCESS, Listing, Ring
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.wishes import Reader, Wish

LISTRING, LIST = "IRR.DIGTCERT.LISTRING", "IRR.DIGTCERT.LIST"

Needs = dict[str, str]


def listing_commands(wish: Wish) -> list[str]:
    """Return the commands that show what is permitted now."""
    found = [commands.list_profile(kind, resource) for kind, resource in _resources(wish)]
    return [*found, commands.LIST_OPTIONS] if wish.authority == "rdatalib" else found


def _resources(wish: Wish) -> list[tuple[str, str]]:
    found = [("FACILITY", LISTRING), ("FACILITY", LIST)] if wish.authority == "facility" else []
    found += [("RDATALIB", wish.profile)] if wish.authority == "rdatalib" else []
    return found + ([("EJBROLE", wish.role)] if wish.role else [])


def plan(wish: Wish, ring: Ring, listing: Listing, *, complete: bool) -> tuple[list[Command], list[str], list[str]]:
    """Return commands, findings and notes for the authorities that a wish needs."""
    steps: list[Command] = []
    findings: list[str] = []
    notes: list[str] = []
    if wish.authority == "rdatalib":
        _may_define(wish, listing)
        findings += _shared(wish, listing)
        notes += _is_raclisted(wish, listing, complete=complete)
    for kind, resource in _resources(wish):
        needs = _needs(wish, ring, kind, resource)
        if (kind, resource) not in listing.profiles and needs:
            notes.append(
                f"No listing shows profile {resource} of class {kind}: {commands.list_profile(kind, resource)}"
            )
        steps += _permits(kind, resource, needs, listing)
    return steps, findings, notes


def _needs(wish: Wish, ring: Ring, kind: str, resource: str) -> Needs:
    """Return the access that each user needs to one resource."""
    if kind == "EJBROLE":
        return dict.fromkeys(wish.callers, "READ")
    if kind == "RDATALIB":
        needs: Needs = {}
        for reader in (*wish.readers, *(wish.present_readers or ())):
            needs[reader.user] = _higher(needs.get(reader.user, "NONE"), _ring_access(reader, ring))
        return needs
    for reader in wish.readers:
        _can_read_keys(reader, ring)
    own = "READ" if resource == LIST else "UPDATE"
    return {reader.user: "READ" if reader.user == ring.owner else own for reader in wish.readers}


def _higher(one: str, other: str) -> str:
    return max(one, other, key=ACCESS.index)


def _ring_access(reader: Reader, ring: Ring) -> str:
    """Return the access to ``owner.ring.LST``: READ for one's own keys, UPDATE for those of others, CONTROL for those
    of CERTAUTH and SITE.
    """
    level = "READ"
    for one in ring.connections if reader.private_keys else ():
        if one.usage == "PERSONAL" and one.owner != f"ID({reader.user})":
            level = _higher(level, "CONTROL" if one.owner in ("CERTAUTH", "SITE") else "UPDATE")
    return level


def _can_read_keys(reader: Reader, ring: Ring) -> None:
    if _ring_access(reader, ring) != "READ":
        raise SecurityError(
            f"{reader.where}.private_keys: class FACILITY never gives {reader.user} the private key of another's "
            f"certificate on ring {ring.name}; use authority rdatalib."
        )


def _permits(kind: str, resource: str, needs: Needs, listing: Listing) -> list[Command]:
    """Return what gives each user what it needs; access that is higher already stays."""
    profile = listing.profiles.get((kind, resource))
    present: Mapping[str, str] = profile.access if profile else {}
    lacking = {
        user: level for user, level in needs.items() if ACCESS.index(present.get(user, "NONE")) < ACCESS.index(level)
    }
    if profile and profile.name != resource and lacking:
        raise SecurityError(
            f"{kind} {resource}: only the generic profile {profile.name} covers it. A profile of its own would lock "
            f"out all who are permitted by {profile.name}; permit {', '.join(sorted(lacking))} there, or have the "
            f"profile defined with all its users."
        )
    # Without these profiles of FACILITY nobody could work with rings, so they are there where nothing else is known.
    unknown = (kind, resource) not in listing.profiles
    new = not profile and (not unknown or kind != "FACILITY")
    steps = [commands.define(kind, resource)] if new else []
    return steps + [commands.permit(kind, resource, user, lacking[user], present.get(user)) for user in lacking]


def _may_define(wish: Wish, listing: Listing) -> None:
    if wish.present_readers is None and not listing.profiles.get(("RDATALIB", wish.profile)):
        raise SecurityError(
            f"present_users: is missing. The new profile {wish.profile} in RDATALIB takes the place of the FACILITY "
            f"check of ring {wish.ring} for everyone; list all user IDs that use the ring now ([] if nobody does), "
            f"and they are permitted as well."
        )


def _is_raclisted(wish: Wish, listing: Listing, *, complete: bool) -> list[str]:
    if listing.raclisted is not None and "RDATALIB" not in listing.raclisted:
        raise SecurityError(
            f"authority: class RDATALIB is not RACLISTed, so RACF would not look at {wish.profile}. Have SETROPTS "
            f"CLASSACT(RDATALIB) RACLIST(RDATALIB) done first, which makes all its profiles count."
        )
    if listing.raclisted is None and not complete:
        return ["RACF looks at profiles of RDATALIB only if the class is RACLISTed: SETROPTS LIST"]
    return []


def _shared(wish: Wish, listing: Listing) -> list[str]:
    return [
        f"Profile {wish.profile} is that of ring {ring.name} too: RDATALIB does not tell rings apart whose names "
        f"differ only in case."
        for ring in listing.rings_of(wish.owner)
        if ring.name != wish.ring and ring.name.upper() == wish.ring.upper()
    ]
