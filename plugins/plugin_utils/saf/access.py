# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access to profiles: of those who read the ring (FACILITY or RDATALIB), and of a server and its callers.

Source: z/OS Security Server RACF Callable Services, R_datalib, RACF authorization. A profile in RDATALIB takes the
place of the FACILITY check of its ring for everyone, so a new one locks out whoever is not in its list. So does a
discrete profile where only a generic one is. Class FACILITY gives private keys of CERTAUTH and SITE certificates with
CONTROL to IRR.DIGTCERT.GENCERT, and never those of another user.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands, server_needs
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.commands import RacfCommand
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.desired import DesiredAccess, RingReader
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import ACCESS, KeyRing, RacfListing
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.server_needs import AccessNeed

LISTRING, LIST, GENCERT = "IRR.DIGTCERT.LISTRING", "IRR.DIGTCERT.LIST", "IRR.DIGTCERT.GENCERT"

Resource = tuple[str, str]
# By resource, the access that each user ID needs.
Needs = dict[Resource, dict[str, str]]


def listing_commands(want: DesiredAccess) -> list[str]:
    """Return the commands that show what is permitted now."""
    resources = list(_needs(want, KeyRing(want.owner, want.ring)))
    if want.authority == "facility" and any(reader.private_keys for reader in want.readers):
        resources.append(("FACILITY", GENCERT))
    found = [commands.list_profile(*resource) for resource in resources]
    if want.authority == "rdatalib":
        found.append(commands.LIST_OPTIONS)
    return found + (server_needs.listing_commands(want.server) if want.server else [])


def plan(
    want: DesiredAccess, ring: KeyRing, listing: RacfListing, *, complete: bool
) -> tuple[list[RacfCommand], list[str], list[str]]:
    """Return commands, findings and notes for the access that is desired."""
    steps: list[RacfCommand] = []
    findings: list[str] = []
    notes: list[str] = []
    if want.authority == "rdatalib":
        _may_define(want, listing)
        findings += _shared(want, listing)
        notes += _is_raclisted(want, listing, complete=complete)
    if want.server:
        notes += server_needs.judge_classes(want.server, listing)
        about_users, unknown = server_needs.judge_users(want.server, listing)
        findings += about_users
        notes += unknown
    for reader in want.readers if want.authority == "facility" else ():
        _can_read_keys(reader, ring)
    for (kind, resource), users in _needs(want, ring).items():
        if (kind, resource) not in listing.profiles and users:
            notes.append(
                f"No listing shows profile {resource} of class {kind}: {commands.list_profile(kind, resource)}"
            )
        if resource == server_needs.BPX_SERVER and listing.profiles.get((kind, resource), True) is None:
            findings.append(_NO_BPX_SERVER)
            continue
        new = _permits(kind, resource, users, listing)
        steps += new
        notes += _beware(kind, resource, new)
    if want.server and (kinds := _kinds(want, steps)):
        notes += server_needs.after_a_change(want.server, kinds)
    return steps, findings, notes


_NO_BPX_SERVER = (
    "Class FACILITY has no profile BPX.SERVER, to which the server's user ID needs READ for identity assertion. A new "
    "one changes what z/OS UNIX asks of all servers, so it is not defined here; have the RACF and the z/OS UNIX team "
    "decide."
)


def after_the_commands(want: DesiredAccess, steps: Iterable[RacfCommand]) -> list[str]:
    """Return what an operator enters after the commands, so that the server asks RACF again."""
    if not want.server:
        return []
    kinds = {kind for step in steps for kind in step.classes}
    if kinds & server_needs.REMEMBERED or (want.clients and kinds & {"DIGTCERT", "DIGTNMAP"}):
        return server_needs.clear_caches(want.server)
    return []


def _kinds(want: DesiredAccess, steps: Iterable[RacfCommand]) -> set[str]:
    """Return the classes of a server's access in which something changes."""
    kinds = {need.kind for need in server_needs.needs(want.server)} if want.server else set()
    return {kind for step in steps for kind in step.classes} & kinds


def _beware(kind: str, resource: str, steps: list[RacfCommand]) -> Iterator[str]:
    """Say what a command means for others than those who are named."""
    if kind == "APPL" and any(step.text.startswith("RDEFINE") for step in steps):
        yield (
            f"Once profile {resource} of class APPL is there, only user IDs that are permitted use {resource}. Permit "
            "the callers of all servers that have this profilePrefix."
        )
    if resource == GENCERT and steps:
        yield (
            f"CONTROL to {GENCERT} also lets a user ID make certificates of CAs and sites. With authority rdatalib it "
            "gets the private keys on this ring, and nothing else."
        )


def _needs(want: DesiredAccess, ring: KeyRing) -> Needs:
    """Return all access that is needed, resource by resource in the order in which it is asked for."""
    needs: Needs = {("RDATALIB", want.profile): {}} if want.authority == "rdatalib" else {}
    for need in (*_ring_needs(want, ring), *(server_needs.needs(want.server) if want.server else ())):
        users = needs.setdefault((need.kind, need.resource), {})
        users[need.user] = _higher(users.get(need.user, "NONE"), need.level)
    return needs


def _ring_needs(want: DesiredAccess, ring: KeyRing) -> Iterator[AccessNeed]:
    """Give what the readers of the ring need."""
    if want.authority == "rdatalib":
        for reader in (*want.readers, *(want.present_readers or ())):
            yield AccessNeed("RDATALIB", want.profile, reader.user, _ring_access(reader, ring))
        return
    for reader in want.readers:
        yield AccessNeed("FACILITY", LISTRING, reader.user, "READ" if reader.user == ring.owner else "UPDATE")
    for reader in want.readers:
        yield AccessNeed("FACILITY", LIST, reader.user, "READ")
    for reader in want.readers:
        if _ring_access(reader, ring) == "CONTROL":
            yield AccessNeed("FACILITY", GENCERT, reader.user, "CONTROL")


def _higher(one: str, other: str) -> str:
    return max(one, other, key=ACCESS.index)


def _ring_access(reader: RingReader, ring: KeyRing) -> str:
    """Return the access to ``owner.ring.LST``: READ for one's own keys, UPDATE for those of others, CONTROL for those
    of CERTAUTH and SITE.
    """
    level = "READ"
    for one in ring.connections if reader.private_keys else ():
        if one.usage == "PERSONAL" and one.owner != f"ID({reader.user})":
            level = _higher(level, "CONTROL" if one.owner in ("CERTAUTH", "SITE") else "UPDATE")
    return level


def _can_read_keys(reader: RingReader, ring: KeyRing) -> None:
    own = ("CERTAUTH", "SITE", f"ID({reader.user})")
    if reader.private_keys and any(one.usage == "PERSONAL" and one.owner not in own for one in ring.connections):
        raise SecurityError(
            f"{reader.where}.private_keys: class FACILITY never gives {reader.user} the private key of another user's "
            f"certificate on ring {ring.name}; use authority rdatalib."
        )


def _permits(kind: str, resource: str, needs: Mapping[str, str], listing: RacfListing) -> list[RacfCommand]:
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
            "profile defined with all its users."
        )
    # Profiles of FACILITY are there where nothing else is known: without them nobody could work with rings.
    unlisted = (kind, resource) not in listing.profiles
    new = not profile and (not unlisted or kind != "FACILITY")
    steps = [commands.define(kind, resource)] if new else []
    steps += [commands.permit(kind, resource, user, lacking[user], present.get(user)) for user in lacking]
    return [step.on_unlisted(f"profile {resource} of class {kind}") for step in steps] if unlisted else steps


def _may_define(want: DesiredAccess, listing: RacfListing) -> None:
    if want.present_readers is None and not listing.profiles.get(("RDATALIB", want.profile)):
        raise SecurityError(
            f"present_users: is missing. The new profile {want.profile} in RDATALIB takes the place of the FACILITY "
            f"check of ring {want.ring} for everyone; list all user IDs that use the ring now ([] if nobody does), "
            "and they are permitted as well."
        )


def _is_raclisted(want: DesiredAccess, listing: RacfListing, *, complete: bool) -> list[str]:
    if listing.raclisted is not None and "RDATALIB" not in listing.raclisted:
        raise SecurityError(
            f"authority: class RDATALIB is not RACLISTed, so RACF would not look at {want.profile}. Have SETROPTS "
            "CLASSACT(RDATALIB) RACLIST(RDATALIB) done first, which makes all its profiles count."
        )
    if listing.raclisted is None and not complete:
        return ["RACF looks at profiles of RDATALIB only if the class is RACLISTed: SETROPTS LIST"]
    return []


def _shared(want: DesiredAccess, listing: RacfListing) -> list[str]:
    return [
        f"Profile {want.profile} is that of ring {ring.name} too: RDATALIB does not tell rings apart whose names "
        "differ only in case."
        for ring in listing.rings_of(want.owner)
        if ring.name != want.ring and ring.name.upper() == want.ring.upper()
    ]
