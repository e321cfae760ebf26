# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server as it is, as far as a declaration depends on it: which z/OS Connect it is, and its web applications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ansible_collections.zosconnect.security.plugins.plugin_utils import zosconnect
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Connection, place
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import Endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.takeover.change import Change
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import shown
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import nearest
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import applications, features
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import (
    APPLICATION_SECURITY,
    CONNECTION_PROPERTY,
    OAS2,
    ROLE,
    read_version,
)

Json = dict[str, object]

_KEY = "zosconnect_version"


@dataclass(frozen=True)
class Application:
    """A web application of the server, and the connection that it calls now; see posture/applications.py."""

    element: str
    name: str
    id: str | None
    origin: str
    connection: str | None
    connection_origin: str | None
    found: Instance | None = None

    @property
    def file(self) -> str:
        return self.origin.rpartition(":")[0]


@dataclass(frozen=True)
class PresentServer:
    """Which z/OS Connect it is, what brings application security, and the web applications."""

    version: str | None
    origin: str | None
    application_security: str | None
    web_applications: tuple[Application, ...]

    @cached_property
    def named(self) -> Mapping[str, Application]:
        """The web applications by name; of two with one name Liberty starts the first."""
        return {each.name: each for each in reversed(self.web_applications)}

    @cached_property
    def without_id(self) -> Counter[tuple[str, str]]:
        """How many have no id, by element and file."""
        return Counter((each.element, each.file) for each in self.web_applications if each.id is None)

    @cached_property
    def calling(self) -> Mapping[str | None, list[Application]]:
        """The web applications by the connection that they call."""
        found: dict[str | None, list[Application]] = {}
        for each in self.web_applications:
            found.setdefault(each.connection, []).append(each)
        return found


def read(effective: Effective | None) -> PresentServer | None:
    """Return what the server's configuration says, None where nobody looked."""
    if effective is None:
        return None
    origin = features.version_origin(effective)
    return PresentServer(
        features.version(effective),
        str(origin) if origin else None,
        features.application_security(effective),
        tuple(_read(each) for each in applications.web_applications(effective)),
    )


def _read(found: applications.WebApplication) -> Application:
    origin = str(found.connection_origin) if found.connection_origin else None
    return Application(found.element, found.name, found.id, str(found.origin), found.connection, origin, found.found)


def version(declared: Sequence[object], option: object, present: PresentServer | None) -> str:
    """Return which z/OS Connect the server is; ``option`` is what was said for all connections."""
    seen = (present.version, present.origin) if present else (None, None)
    return zosconnect.version(_said(declared, option), *seen)


def _said(declared: Sequence[object], option: object) -> Iterator[tuple[str, str]]:
    """Give each place where a version is declared, and which one; YAML makes numbers of them."""
    if option not in (None, ""):
        yield _KEY, read_version(option, _KEY)
    for number, item in enumerate(declared):
        said = item.get(_KEY) if isinstance(item, Mapping) else None
        if said not in (None, ""):
            where = f"{place(declared, number)}.{_KEY}"
            yield where, read_version(said, where)


def lacks_application_security(connections: Sequence[Connection], present: PresentServer | None) -> bool:
    """Say whether Liberty would ask none of the callers of a new port for a role.

    z/OS Connect 2.0 sees to it itself. At a port that is there nobody asked for it.
    """
    there = present is not None and present.application_security is not None
    return not there and any(item.zosconnect_version != OAS2 and item.standing.is_new for item in connections)


def switched_on(item: Connection) -> str:
    """Return the warning that goes with application security."""
    return (
        f"{item.name}: {APPLICATION_SECURITY} is switched on, so from now on every caller of every web application "
        f"needs the role {ROLE}."
    )


def check_web_applications(connections: Sequence[Connection], present: PresentServer | None) -> None:
    """Refuse names of web applications that the server does not have; nothing here deploys them."""
    for item in connections if present else ():
        for name in item.web_applications:
            _application(name, item.name, present)


def ties(items: Sequence[Endpoint], present: PresentServer | None) -> list[Change]:
    """Return what makes the web applications call the endpoints that they are declared to call."""
    found: list[Change] = []
    tied: dict[str, str] = {}
    for item in items:
        change = Change(item.name, item.shared_files)
        for name in item.web_applications:
            if tied.setdefault(name, item.name) != item.name:
                raise SecurityError(
                    f"{item.name}: web application {name} calls {tied[name]} already; {CONNECTION_PROPERTY} names one."
                )
            application = _application(name, item.name, present)
            if application.connection != item.connection:
                _tie(change, application, item, present, {"value": item.connection})
        found.append(change)
    return found


def loosened(items: Sequence[Endpoint], present: PresentServer | None) -> list[Change]:
    """Return what takes the ties away with their endpoints; refuse to leave one that leads nowhere."""
    found: list[Change] = []
    for item in items:
        ours = set(item.web_applications)
        change = Change(item.name, item.shared_files)
        for application in present.calling.get(item.connection, ()) if present else ():
            if application.name not in ours:
                raise SecurityError(
                    f"{item.name}: web application {application.name} calls it ({application.connection_origin}). "
                    f"Name it in web_applications, and its {CONNECTION_PROPERTY} goes as well."
                )
            _tie(change, application, item, present, None)
        found.append(change)
    return found


def _application(name: str, where: str, present: PresentServer | None) -> Application:
    if present is None:
        raise SecurityError(
            f"{where}.web_applications: the server's web applications must be known, but nobody looked at the server."
        )
    if name not in present.named:
        raise SecurityError(
            f"{where}.web_applications: the server has no web application {shown(name)}"
            f"{nearest(name, present.named) or '.'} Deploy it first; this collection does not."
        )
    return present.named[name]


def _tie(
    change: Change,
    application: Application,
    item: Endpoint,
    present: PresentServer | None,
    value: Mapping[str, str] | None,
) -> None:
    """Ask for the property of a web application that names its connection, without ``value`` for its end."""
    alike = present.without_id[application.element, application.file] if present else 0
    if application.id is None and alike > 1:
        raise SecurityError(
            f"{item.name}: web application {application.name} ({application.origin}) has no id, as others have none, "
            f"so its {CONNECTION_PROPERTY} cannot be changed here. Set it to {item.connection} there, and leave it out "
            "here."
        )
    attributes = {"name": CONNECTION_PROPERTY, **(value or {})}
    end = {} if value else {"state": "absent"}
    inner: Json = {"element": "property", "attributes": attributes, **end}
    children = [{"element": "appProperties", "children": [inner]}]
    if application.found:
        change.edit(application.found, {}, children)
