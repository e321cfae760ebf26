# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a z/OS Connect server and its callers shall be permitted (``zosconnect_access``), checked; and the roles' names.

Sources: Liberty for z/OS, Controlling how roles are mapped to SAF profiles (``safRoleMapper``), Accessing z/OS security
resources using WZSSAD; z/OS Connect, How to configure the zosConnectAccess role with a SAF user registry (2.0), API
requester authorization (3.0), How to configure identity assertion (2.0).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import names
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import OAS2, OAS3, ROLE, read_version

PATTERN = "%profilePrefix%.%resource%.%role%"
# The name of the profile is not in any page that could be read, so a site can name another one.
SURROGATE_PROFILE = "%user%.BAQASSRT"

_ALL_REQUESTERS = ("zos.connect.access.roles", "zosConnectAccess")
_VARIABLE = re.compile(r"%([^%\s.]+)%")
_KNOWN_VARIABLES = ("profilePrefix", "resource", "role")
# What Liberty's role mapper replaces by #.
_REPLACED = re.compile(r"[%&*\s]")


@dataclass(frozen=True)
class RacfId:
    """A user ID, or where the option takes it a group, and the option that names it."""

    where: str
    name: str


@dataclass(frozen=True)
class IdentityAssertion:
    """Who may assert whom: ``links`` authenticate to the server, programs run as ``asserted``."""

    links: tuple[RacfId, ...]
    asserted: tuple[RacfId, ...]
    # The profile of class SURROGAT for each of ``asserted``.
    profiles: tuple[str, ...]


@dataclass(frozen=True)
class ServerAccess:
    """Who may call a server, and what the server's own user ID may ask RACF. ``angel`` is empty for the default one."""

    version: str
    prefix: str
    roles: tuple[str, ...]
    callers: tuple[RacfId, ...]
    unauthenticated: RacfId
    server_user: RacfId | None
    angel: str
    assertion: IdentityAssertion | None
    job: str


def access_profiles(
    prefix: str,
    web_applications: Sequence[str] | None,
    *,
    pattern: str = PATTERN,
    to_upper_case: bool = False,
    where: str = "zosconnect_access",
) -> tuple[str, ...]:
    """Return the EJBROLE profiles that a caller needs: one for a 2.0 server, one for each web application of 3.0.

    ``pattern`` and ``to_upper_case`` are those of the server's ``safRoleMapper``. Raises SecurityError for a name that
    RACF would not take.
    """
    roles = [_ALL_REQUESTERS] if web_applications is None else [(name, ROLE) for name in web_applications]
    profiles = []
    for at, (resource, role) in enumerate(roles):
        option = f"{where}.profile_pattern" if web_applications is None else f"{where}.web_applications[{at}]"
        if not resource.strip():
            raise SecurityError(f"{option}: is blank; give the name of a webApplication element.")
        values = {"profilePrefix": prefix, "resource": resource, "role": role}
        name = pattern
        for variable, value in values.items():
            name = name.replace(f"%{variable}%", value)
        name = _REPLACED.sub("#", name)
        profiles.append(names.profile(name.upper() if to_upper_case else name, option))
    return tuple(dict.fromkeys(profiles))


def check(options: Mapping[str, Any], where: str = "zosconnect_access") -> ServerAccess:
    """Return the option as data; raise SecurityError with the path of the option that is wrong."""
    version = _version(options, where)
    prefix = names.profile_prefix(options["profile_prefix"], f"{where}.profile_prefix")
    server_user = options.get("server_user")
    access = ServerAccess(
        version=version,
        prefix=prefix,
        roles=access_profiles(
            prefix,
            options.get("web_applications"),
            pattern=_pattern(options["profile_pattern"], f"{where}.profile_pattern"),
            to_upper_case=options["to_upper_case"],
            where=where,
        ),
        callers=_ids(options["users"], f"{where}.users"),
        unauthenticated=_id(options["unauthenticated_user"], f"{where}.unauthenticated_user"),
        server_user=None if server_user is None else _id(server_user, f"{where}.server_user"),
        angel=_angel(options.get("angel_name"), f"{where}.angel_name"),
        assertion=_assertion(options.get("identity_assertion"), f"{where}.identity_assertion"),
        job=names.job(options["job_name"], f"{where}.job_name") if options.get("job_name") else "",
    )
    _fits_together(access, where)
    return access


def _version(options: Mapping[str, Any], where: str) -> str:
    """Return the version; where the option is left out, web applications tell that it is 3.0."""
    applications = options.get("web_applications")
    if applications is not None and not applications:
        raise SecurityError(
            f"{where}.web_applications: the list is empty; the variable behind it may not have been set. Leave it out "
            "for a zosConnect-2.0 server."
        )
    if options.get("version") is None:
        return OAS2 if applications is None else OAS3
    version = read_version(options["version"], f"{where}.version")
    if version == OAS3 and applications is None:
        raise SecurityError(
            f"{where}.web_applications: is missing. A zosConnect-3.0 server asks for the role invoke of each "
            "application; give the names of its webApplication elements."
        )
    if version == OAS2 and applications is not None:
        raise SecurityError(
            f"{where}.web_applications: are for zosConnect-3.0; a 2.0 server has one role, zosConnectAccess, for all "
            "API requesters. Correct version, or leave web_applications out."
        )
    return version


def _pattern(pattern: str, where: str) -> str:
    if unknown := next((name for name in _VARIABLE.findall(pattern) if name not in _KNOWN_VARIABLES), None):
        raise SecurityError(
            f"{where}: %{unknown}% is not known; safRoleMapper replaces %profilePrefix%, %resource% and %role%."
        )
    return pattern


def _angel(name: str | None, where: str) -> str:
    return names.angel(name, where) if name else ""


def _id(name: str, where: str) -> RacfId:
    return RacfId(where, names.user(name, where))


def _ids(users: Sequence[str], where: str) -> tuple[RacfId, ...]:
    ids = [_id(item, f"{where}[{at}]") for at, item in enumerate(users)]
    return tuple({one.name: one for one in reversed(ids)}.values())[::-1]


def _assertion(options: Mapping[str, Any] | None, where: str) -> IdentityAssertion | None:
    if options is None:
        return None
    for key in ("link_users", "asserted_users"):
        if not options[key]:
            raise SecurityError(f"{where}.{key}: the list is empty; the variable behind it may not have been set.")
    pattern = options["surrogate_profile"]
    if "%user%" not in pattern:
        raise SecurityError(f"{where}.surrogate_profile: {pattern!r} lacks %user%, the user ID that is asserted.")
    asserted = _ids(options["asserted_users"], f"{where}.asserted_users")
    return IdentityAssertion(
        _ids(options["link_users"], f"{where}.link_users"),
        asserted,
        tuple(names.profile(pattern.replace("%user%", one.name), f"{where}.surrogate_profile") for one in asserted),
    )


def _fits_together(access: ServerAccess, where: str) -> None:
    if not (access.callers or access.server_user or access.assertion):
        raise SecurityError(f"{where}: names nobody; give users, server_user or identity_assertion.")
    if access.assertion and access.version == OAS3:
        raise SecurityError(
            f"{where}.identity_assertion: is for zosConnect-2.0; a 3.0 server takes no asserted identity from "
            "API requesters."
        )
    if access.assertion and not access.server_user:
        raise SecurityError(
            f"{where}.server_user: is missing; with identity_assertion the server's user ID needs READ to BPX.SERVER."
        )
    if access.angel and not access.server_user:
        raise SecurityError(f"{where}.server_user: is missing; it is the server's user ID that connects to the angel.")
    assertion = access.assertion
    named = (*access.callers, *((*assertion.links, *assertion.asserted) if assertion else ()))
    if one := next((one for one in named if one.name == access.unauthenticated.name), None):
        raise SecurityError(
            f"{one.where}: {one.name} stands for callers that are not authenticated, so everybody could call; leave it "
            "out."
        )
