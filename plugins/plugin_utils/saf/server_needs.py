# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What RACF must have for a z/OS Connect server and its callers: profiles, classes, OMVS segments.

Sources: Liberty for z/OS, Enabling z/OS authorized services, Accessing z/OS security resources using WZSSAD, Setting up
the SAF unauthenticated user; z/OS Connect, How to activate and configure the SAF user registry, How to define SAF
profiles for authorization roles (OMVS segments), How to configure identity assertion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils import operator_commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import RacfListing, RacfUser
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.server_access import RacfId, ServerAccess

BPX_SERVER = "BPX.SERVER"
AUTHORIZED_MODULE = "BBG.AUTHMOD.BBGZSAFM"
# A class that is not active makes these profiles count for nothing; APPL then lets everybody in.
_MUST_BE_ACTIVE = ("EJBROLE", "SERVER", "SURROGAT")
# Classes whose answers the server keeps in its caches.
REMEMBERED = frozenset({"APPL", "EJBROLE", "SURROGAT"})


@dataclass(frozen=True)
class AccessNeed:
    """Access of one user ID, or of nobody yet (``user`` empty), to one resource."""

    kind: str
    resource: str
    user: str
    level: str


def needs(access: ServerAccess) -> Iterator[AccessNeed]:
    """Give what a server and its callers need, in the order of one request: angel, domain, caller, role."""
    if access.server_user:
        for resource in server_resources(access.prefix, access.angel):
            yield AccessNeed("SERVER", resource, access.server_user.name, "READ")
    assertion = access.assertion
    links, asserted = (assertion.links, assertion.asserted) if assertion else ((), ())
    for one in (access.unauthenticated, *access.callers, *links, *asserted):
        yield AccessNeed("APPL", access.prefix, one.name, "READ")
    for role in access.roles:
        for one in access.callers:
            yield AccessNeed("EJBROLE", role, one.name, "READ")
    if assertion and access.server_user:
        yield AccessNeed("FACILITY", BPX_SERVER, access.server_user.name, "READ")
        for profile in assertion.profiles:
            for one in links:
                yield AccessNeed("SURROGAT", profile, one.name, "READ")


def server_resources(prefix: str, angel: str) -> tuple[str, ...]:
    """Return the resources of class SERVER that a server's user ID reads, to use SAF by way of the angel."""
    return (
        f"BBG.ANGEL.{angel}" if angel else "BBG.ANGEL",
        AUTHORIZED_MODULE,
        f"{AUTHORIZED_MODULE}.SAFCRED",
        f"BBG.SECPFX.{prefix}",
    )


def listing_commands(access: ServerAccess) -> list[str]:
    """Return the commands that show the user IDs and the classes."""
    return [*(commands.list_user(one.name) for one in _everybody(access)), commands.LIST_OPTIONS]


def further_listing_commands(access: ServerAccess, listing: RacfListing) -> list[str]:
    """Return the commands that show the groups: callers that are no user IDs, and default groups of user IDs."""
    groups = [one.name for one in access.callers if one.name in listing.no_users]
    groups += [user.default_group for one in _everybody(access) if (user := listing.users.get(one.name))]
    known = listing.groups.keys() | listing.no_groups
    return [commands.list_group(name) for name in dict.fromkeys(groups) if name and name not in known]


def _everybody(access: ServerAccess) -> tuple[RacfId, ...]:
    assertion = access.assertion
    ids = (*access.callers, access.unauthenticated)
    ids += (access.server_user,) if access.server_user else ()
    ids += (*assertion.links, *assertion.asserted) if assertion else ()
    return tuple({one.name: one for one in reversed(ids)}.values())[::-1]


def judge_classes(access: ServerAccess, listing: RacfListing) -> list[str]:
    """Return notes on classes that are not active; raise SecurityError where profiles would count for nothing."""
    kinds = dict.fromkeys(need.kind for need in needs(access))
    if listing.active is None:
        asked = [kind for kind in kinds if kind != "FACILITY"]
        return [f"RACF looks at profiles of {', '.join(asked)} only if the class is active: {commands.LIST_OPTIONS}"]
    for kind in kinds:
        if kind in _MUST_BE_ACTIVE and kind not in listing.active:
            raise SecurityError(
                f"zosconnect_access: class {kind} is not active, so RACF would not look at the profiles. Have SETROPTS "
                f"CLASSACT({kind}) RACLIST({kind}) done first, which makes all profiles of the class count."
            )
    if "APPL" not in listing.active:
        return [
            f"Class APPL is not active: RACF lets every user ID use {access.prefix}, and the permits count once it is."
        ]
    return []


def judge_users(access: ServerAccess, listing: RacfListing) -> tuple[list[str], list[str]]:
    """Return findings and notes on user IDs and groups; raise SecurityError for those that RACF does not have.

    Liberty makes the identity of a caller by z/OS UNIX services, so it needs a UID, and its default group a GID. Both
    belong to the site's own scheme, so they are never made here.
    """
    findings: list[str] = []
    notes: list[str] = []
    callers = set(access.callers)
    for one in _everybody(access):
        user = listing.users.get(one.name)
        if user:
            findings += _findings(one, user, access, listing)
        elif one.name in listing.no_users:
            findings += _as_group(one, listing, is_caller=one in callers)
        else:
            notes.append(
                f"No listing shows whether {one.name} has an OMVS segment, which Liberty needs: "
                f"{commands.list_user(one.name)}"
            )
    return list(dict.fromkeys(findings)), notes


def _findings(one: RacfId, user: RacfUser, access: ServerAccess, listing: RacfListing) -> Iterator[str]:
    if user.uid is None:
        yield (
            f"User ID {one.name} has no OMVS segment with a UID, and Liberty needs one. Have the RACF team give it "
            f"one: ALTUSER {one.name} OMVS(…), with UID or AUTOUID, HOME and PROGRAM as the site does."
        )
    if user.default_group in listing.groups and listing.groups[user.default_group] is None:
        yield _group_without_gid(user.default_group, one.name)
    if "REVOKED" in user.attributes:
        yield f"User ID {one.name} is revoked, so RACF accepts it nowhere."
    if one == access.unauthenticated:
        for attribute in ("RESTRICTED", "PROTECTED"):
            if attribute not in user.attributes:
                yield (
                    f"User ID {one.name} stands for callers that are not authenticated, and lacks the attribute "
                    f"{attribute}: ALTUSER {one.name} {_SETS[attribute]}."
                )


_SETS = {"RESTRICTED": "RESTRICTED", "PROTECTED": "NOPASSWORD NOPHRASE NOOIDCARD"}


def _group_without_gid(group: str, of_user: str = "") -> str:
    default = f", the default group of {of_user}," if of_user else ""
    return (
        f"Group {group}{default} has no OMVS segment with a GID, and Liberty needs one. Have the RACF team give it "
        f"one: ALTGROUP {group} OMVS(…), with GID or AUTOGID as the site does."
    )


def _as_group(one: RacfId, listing: RacfListing, *, is_caller: bool) -> Iterator[str]:
    """Judge a name that is no user ID: only callers may be groups."""
    if not is_caller:
        raise SecurityError(f"{one.where}: RACF has no user ID {one.name}; correct it, or have it added first.")
    if one.name in listing.no_groups:
        raise SecurityError(f"{one.where}: RACF has neither a user ID nor a group {one.name}; correct it.")
    if one.name in listing.groups and listing.groups[one.name] is None:
        yield _group_without_gid(one.name)


def clear_caches(access: ServerAccess) -> list[str]:
    """Return the operator commands that make a server forget what RACF answered."""
    job = access.job or "<jobname>"
    return list(operator_commands.commands(operator_commands.ACCESS, job, access.version))


def after_a_change(access: ServerAccess, kinds: set[str]) -> list[str]:
    """Return notes for those who run the commands: what RACF's changes need outside RACF. ``kinds`` are the classes."""
    notes = []
    if kinds & REMEMBERED:
        clear = ", ".join(clear_caches(access))
        notes.append(f"The server remembers what RACF answered. Have an operator make it ask again: {clear}")
    if "SERVER" in kinds:
        notes.append("The server connects to its angel when it starts: restart it after a change in class SERVER.")
    if access.assertion:
        notes.append(
            "Identity assertion needs a program-controlled Java library. Have the z/OS UNIX team check it, and again "
            "after maintenance: extattr +p /usr/lib/java_runtime/libifaedjreg64.so"
        )
    return notes
