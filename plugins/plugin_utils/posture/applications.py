# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The web applications of a z/OS Connect 3.0 server: an API requester is a WAR there, and calls one endpoint.

Sources: IBM's sample sample-oas3-requester (``webApplication/appProperties/property`` named ``connectionRef``), IBM's
page "How to configure API requester authorization" for OpenAPI 3; that Liberty names an application without a ``name``
after its file, and that nobody is asked for a role without application security, was observed on Open Liberty 26.0.0.3.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.attributes import Value
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective, Instance
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import CONNECTION_PROPERTY

_ELEMENTS = ("webApplication", "application")


@dataclass(frozen=True)
class WebApplication:
    """One web application; ``connection`` is the id that its ``connectionRef`` names, and where that stands."""

    element: str
    name: str
    id: str | None
    origin: Origin
    connection: str | None = None
    connection_origin: Origin | None = None
    found: Instance | None = None


def web_applications(effective: Effective) -> list[WebApplication]:
    """Return all web applications that the configuration names, in the order of their elements."""
    return [_read(name, found) for name in _ELEMENTS for found in effective.all(name) if _is_web(found)]


def dangling(effective: Effective) -> Iterator[WebApplication]:
    """Yield the web applications whose ``connectionRef`` names no connection of the configuration."""
    known = {each.id for name, found in effective.instances.items() if _is_connection(name) for each in found}
    # A connection of which nobody knows the port, say, is there all the same.
    known |= {p.identity for p in effective.problems if p.root.unresolved and _is_connection(p.element or "")}
    for one in web_applications(effective):
        if one.connection is not None and one.connection not in known and "${" not in one.connection:
            yield one


def _is_web(found: Instance) -> bool:
    return found.element == "webApplication" or "war" in (found.get("type"), _file(found).rpartition(".")[2])


def _is_connection(element: str) -> bool:
    return element.startswith("zosconnect_") and element.lower().endswith("connection")


def _file(found: Instance) -> str:
    return posixpath.basename(str(found.get("location") or "").rstrip("/"))


def _read(element: str, found: Instance) -> WebApplication:
    name = str(found.get("name") or _file(found).rpartition(".")[0] or _file(found))
    value = _connection(found)
    place = found.places[-1]
    identity = found.id if found.explicit else None
    if value is None:
        return WebApplication(element, name, identity, place, found=found)
    return WebApplication(element, name, identity, place, str(value.value), value.origin, found)


def _connection(found: Instance) -> Value | None:
    """Return the value of the property ``connectionRef``; of two the last one counts."""
    for properties in reversed(found.children.get("appProperties", [])):
        for each in reversed(properties.children.get("property", [])):
            if each.get("name") == CONNECTION_PROPERTY:
                return each.attributes.get("value")
    return None
