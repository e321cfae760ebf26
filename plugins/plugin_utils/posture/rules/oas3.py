# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for z/OS Connect 3.0 (OpenAPI 3), where no requireSecure closes what a port opens."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import applications, features
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Rule,
    Subject,
    rule,
    want,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.zosconnect import APPLICATION_SECURITY


@rule("oas3-role-not-enforced")
def role_not_enforced(subject: Subject) -> Iterator[Fault]:
    manager = subject.effective.one("featureManager")
    seen = manager is not None and subject.effective.all_read
    if not manager or not seen or not subject.is_oas3 or features.application_security(subject.effective):
        return
    names = [repr(one.name) for one in subject.web_applications]
    if names:
        child = {"element": "feature", "text": APPLICATION_SECURITY}
        text = f"Anybody may call {several(names)}: no feature brings application security, such as {child['text']}."
        remedy = [{"element": "featureManager", "children": [child]}]
        yield Fault(manager.origin("feature"), text, remedy, about=("webApplication",), detail=frozenset(names))


@rule("oas3-http-open")
def http_open(subject: Subject) -> Iterator[Fault]:
    for port in subject.ports if subject.is_oas3 else ():
        if port.cleartext:
            text = (
                f"Port {port.port} of {port.endpoint} accepts plain http, and no AT-TLS is declared in front of it; "
                "only a transport guarantee inside a WAR would refuse it."
            )
            yield Fault(port.origin, text, want("httpEndpoint", port.endpoint, httpPort=-1), about=port.about)


@rule("oas3-connection-dangling")
def connection_dangling(subject: Subject) -> Iterator[Fault]:
    if not subject.effective.all_read:
        return
    for one in applications.dangling(subject.effective):
        text = f"connectionRef of {one.element} {one.name!r} names {one.connection!r}, but no connection has that id."
        yield Fault(one.connection_origin or one.origin, text, about=(one.element, one.name, one.connection))


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
