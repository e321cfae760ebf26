# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules: who callers are taken for, by certificates that nobody asks them for."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import (
    Fault,
    Rule,
    Subject,
    of,
    rule,
)


@rule("certificate-never-asked")
def never_asked(subject: Subject) -> Iterator[Fault]:
    security = subject.effective.one("webAppSecurity")
    https = [port for port in subject.ports if port.tls and not port.unusable]
    asked = any(port.client_authentication != "none" for port in https)
    if not security or security.get("overrideHttpAuthMethod") != "CLIENT_CERT" or asked or not https:
        return
    then = "nobody can log in"
    if security.get("allowFailOverToBasicAuth") is True:
        then = "every caller logs in by user and password"
    text = f"Callers log in by client certificate (CLIENT_CERT), but no https port asks for one, so {then}."
    yield Fault(security.origin("overrideHttpAuthMethod"), text, about=of(security))


RULES = tuple(entry for entry in list(globals().values()) if isinstance(entry, Rule))
