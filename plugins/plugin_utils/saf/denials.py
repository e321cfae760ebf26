# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What RACF denied, from the messages of a Liberty server and of the console: what is missing, and its commands.

Sources: IBM Washington Systems Center, z/OS Connect EE V3 Topics Guide (Troubleshooting RACF issues) and Enabling SAF
Security in Liberty Servers (Common SAF configuration issues): CWWKS2909E and CWWKS2930W come from class SERVER,
although they name the APPL. z/OS Security Server RACF Messages and Codes (ICH408I).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.racdcert import RacfListing
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.server_access import ServerAccess
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf.server_needs import AUTHORIZED_MODULE

_ID = r"[A-Za-z0-9$#@]{1,8}"
_NAME = r"[A-Za-z0-9$#@._/%*&:-]{1,246}"


@dataclass(frozen=True)
class DenialRule:
    """A message and what it means; ``kind`` and ``resource`` take groups of ``form``.

    ``needed_by`` says whose access is missing where the message names no user ID: ``server`` or ``callers``.
    ``profile`` says whether a profile covers the resource: ``there``, ``missing`` or ``unknown``.
    """

    message: str
    form: re.Pattern[str]
    kind: str
    resource: str
    needed_by: str
    profile: str


RULES = (
    DenialRule(
        "CWWKS2907E",
        re.compile(rf"because user (?P<user>{_ID}) has insufficient authority to access APPL-ID (?P<appl>{_ID})\."),
        kind="APPL",
        resource="{appl}",
        needed_by="",
        profile="there",
    ),
    DenialRule(
        "CWWKS2909E",
        re.compile(rf"not authorized to access the following SAF resource: APPL-ID (?P<appl>{_ID})\."),
        kind="SERVER",
        resource="BBG.SECPFX.{appl}",
        needed_by="server",
        profile="unknown",
    ),
    DenialRule(
        "CWWKS2930W",
        re.compile(rf"server is not authorized to access the APPL-ID (?P<appl>{_ID})\."),
        kind="SERVER",
        resource="BBG.SECPFX.{appl}",
        needed_by="server",
        profile="unknown",
    ),
    DenialRule(
        "CWWKS2911E",
        re.compile(
            rf"because the resource profile (?P<name>{_NAME}) in class (?P<kind>[A-Z$#@]{{1,8}}) does not exist"
        ),
        kind="{kind}",
        resource="{name}",
        needed_by="callers",
        profile="missing",
    ),
    DenialRule(
        "CWWKB0118W",
        re.compile(rf"not authorized to connect to the (?P<angel>{_NAME}) angel process"),
        kind="SERVER",
        resource="BBG.ANGEL.{angel}",
        needed_by="server",
        profile="unknown",
    ),
    DenialRule(
        "CWWKB0118W",
        re.compile("not authorized to connect to the angel process"),
        kind="SERVER",
        resource="BBG.ANGEL",
        needed_by="server",
        profile="unknown",
    ),
    DenialRule(
        "CWWKB0115I",
        re.compile("not authorized to load module bbgzsafm"),
        kind="SERVER",
        resource=AUTHORIZED_MODULE,
        needed_by="server",
        profile="unknown",
    ),
    DenialRule(
        "CWWKB0104I",
        re.compile("Authorized service group SAFCRED is not available"),
        kind="SERVER",
        resource=f"{AUTHORIZED_MODULE}.SAFCRED",
        needed_by="server",
        profile="unknown",
    ),
    DenialRule(
        "ICH408I",
        re.compile(
            rf"\AICH408I USER\((?P<user>{_ID}) ?\) .{{0,60}}?(?P<name>{_NAME}) "
            r"CL\((?P<kind>[A-Z$#@]{1,8}) ?\) INSUFFICIENT ACCESS AUTHORITY "
            rf"(?:FROM (?P<generic>{_NAME}) \(G\) )?"
            r"ACCESS INTENT\((?P<level>[A-Z]{1,7}) ?\)"
        ),
        kind="{kind}",
        resource="{name}",
        needed_by="",
        profile="there",
    ),
)
# With one of these, a service is lacking because there is no angel, and not because of a profile of its own.
_NO_ANGEL = re.compile(r"\bCWWKB0(?:101I|115I|117W|118W)\b")
_MESSAGE = re.compile(r"\b(?:CWWK[SB]\d{4}[A-Z]|ICH408I(?=\s+(?:USER|JOB)\())")
# The console may repeat the identifier in each line of a message.
_REPEATED = re.compile(r"\bICH408I(?=\s+(?!\s|USER\(|JOB\())")


@dataclass(frozen=True)
class Denial:
    """Access that somebody lacks. ``user`` is empty where the message names nobody; ``generic`` is what covers it."""

    message: str
    kind: str
    resource: str
    level: str
    user: str
    needed_by: str
    profile: str
    generic: str


def read(text: str) -> tuple[Denial, ...]:
    """Return what messages say that RACF denied, each once and in their order."""
    whole = _REPEATED.sub(" ", text)
    starts = [found.start() for found in _MESSAGE.finditer(whole)]
    found: dict[Denial, None] = {}
    for start, end in pairwise([*starts, len(whole)]):
        found.update(dict.fromkeys(_read_message(" ".join(whole[start:end].split()))))
    no_angel = bool(_NO_ANGEL.search(whole))
    return tuple(one for one in found if not (no_angel and one.message == "CWWKB0104I"))


def _read_message(message: str) -> Iterator[Denial]:
    for rule in RULES:
        if message.startswith(rule.message) and (match := rule.form.search(message)):
            groups = {name: value or "" for name, value in match.groupdict().items()}
            yield Denial(
                rule.message,
                rule.kind.format(**groups),
                rule.resource.format(**groups),
                groups.get("level", "READ"),
                groups.get("user", "").upper(),
                rule.needed_by,
                rule.profile,
                groups.get("generic", ""),
            )


def mending_commands(denial: Denial, access: ServerAccess | None, listing: RacfListing) -> list[str]:
    """Return the commands for what is missing; none where nobody knows for whom, or where it must not be given."""
    users = _users(denial, access)
    if not users or _would_let_everybody_in(denial, access):
        return []
    unlisted = (denial.kind, denial.resource) not in listing.profiles
    profile = listing.profiles.get((denial.kind, denial.resource))
    covering = denial.generic or (profile.name if profile else denial.resource)
    new = not profile and not denial.generic and (denial.profile != "there" or not unlisted)
    steps = [commands.define(denial.kind, denial.resource)] if new else []
    steps += [commands.permit(denial.kind, covering, user, denial.level, None) for user in users]
    return commands.all_of(steps)


def _users(denial: Denial, access: ServerAccess | None) -> list[str]:
    if denial.user or access is None:
        return [denial.user] if denial.user else []
    if denial.needed_by == "server":
        return [access.server_user.name] if access.server_user else []
    return [one.name for one in access.callers]


def _would_let_everybody_in(denial: Denial, access: ServerAccess | None) -> bool:
    """Say whether a role is asked for callers who are not authenticated: somebody's APPL is missing, not this."""
    unauthenticated = access.unauthenticated.name if access else "WSGUEST"
    return denial.kind == "EJBROLE" and denial.user == unauthenticated


def shown(denials: Sequence[Denial], access: ServerAccess | None, listing: RacfListing) -> list[dict[str, Any]]:
    """Return denials as plain data, each with a sentence and the commands that mend it."""
    return [
        {
            "message": one.message,
            "class": one.kind,
            "resource": one.resource,
            "access": one.level,
            "user": one.user or None,
            "missing": _sentence(one, access),
            "commands": mending_commands(one, access, listing),
            "listing_command": commands.list_profile(one.kind, one.resource),
        }
        for one in denials
    ]


def _sentence(denial: Denial, access: ServerAccess | None) -> str:
    if _would_let_everybody_in(denial, access):
        return (
            f"{denial.user} stands for callers that are not authenticated; with the role, everybody could call. Look "
            "why the caller was not authenticated, mostly READ to the profile of class APPL (CWWKS2907E)."
        )
    whose = {"server": "The server's user ID", "callers": "Who calls"}.get(denial.needed_by, f"User ID {denial.user}")
    missing = " The profile is not there." if denial.profile == "missing" else ""
    return f"{whose} needs {denial.level} to {denial.resource} in class {denial.kind}.{missing}"
