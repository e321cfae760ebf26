# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers to adopt, out of texts."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers

DIRECTORY = "/srv/zceesrv1"
FEATURES = (
    "<featureManager><feature>zosconnect:zosConnect-2.0</feature><feature>zosconnect:apiRequester-1.0</feature>"
    "</featureManager>"
)
# Nothing of the default endpoint is open.
QUIET = '<httpEndpoint id="defaultHttpEndpoint" httpPort="-1" httpsPort="-1"/>'


def rule(name: str, conditions: str, role: str, advanced: str = "") -> str:
    """An AT-TLS rule that does TLS, with actions of its own."""
    return (
        f"TTLSRule {name}\n{{\n  {conditions}\n  TTLSGroupActionRef {name}\n  TTLSEnvironmentActionRef {name}\n}}\n"
        f"TTLSGroupAction {name}\n{{\n  TTLSEnabled On\n}}\n"
        f"TTLSEnvironmentAction {name}\n{{\n  HandshakeRole {role}\n  TTLSKeyringParms\n  {{\n    Keyring U/R\n  }}\n"
        f"  TTLSEnvironmentAdvancedParms\n  {{\n    TLSv1.2 On\n    {advanced}\n  }}\n}}\n"
    )


def present(
    files: Mapping[str, str | bytes],
    policies: Mapping[str, str] | None = None,
    archives: tuple[str, ...] = (),
    csd: str | None = None,
) -> Present:
    """What is there: files below the server's directory, policy texts by side, archives of API requesters by name."""
    server = servers.from_options({"server_dir": DIRECTORY})
    for name, content in files.items():
        path = name if name.startswith("/") else f"{DIRECTORY}/{name}"
        server.content[path] = content if isinstance(content, bytes) else content.encode()
    server.listings[f"{DIRECTORY}/resources/zosconnect/apiRequesters"] = [f"{name}.ara" for name in archives]
    return Present(
        server=server,
        csd=csd,
        policies={side: stack.parse(text, f"{side.upper()}.ttls") for side, text in (policies or {}).items()},
    )


def server_xml(inside: str) -> dict[str, str]:
    """The files of a server with one file; ``inside`` begins on its line 3."""
    return {"server.xml": f"<server>\n{FEATURES}\n{inside}\n</server>\n"}
