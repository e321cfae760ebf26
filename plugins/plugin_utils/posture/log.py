# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a server writes its messages.log.

Rules: Open Liberty, "Log and trace configuration" (element logging, com.ibm.ws.logging properties, LOG_DIR) and
"Default environment variables" (WLP_OUTPUT_DIR).
"""

from __future__ import annotations

import posixpath

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

_NAME = "messages.log"


def messages_log(server: Server) -> str:
    """Return the path; what only a started task's own environment says is not known."""
    effective, own = server.effective(), server.places.server
    outer, logging = effective.assembly.variables.outer, effective.one("logging")
    # The catalogue does not know the element, so its attributes are as they were spelled; Liberty ignores case.
    written = {name.lower(): value for name, value in logging.attributes.items()} if logging else {}

    def said(attribute: str, word: str) -> str | None:
        value = written.get(attribute.lower())
        found = str(value.value) if value else outer.bootstrap.get(f"com.ibm.ws.logging.{word}")
        return found if found and "${" not in found else None

    output = outer.environment.get("WLP_OUTPUT_DIR")
    base = posixpath.join(output, posixpath.basename(own)) if output else server.places.output or own
    folder = said("logDirectory", "log.directory") or outer.environment.get("LOG_DIR") or "logs"
    return posixpath.normpath(posixpath.join(base, folder, said("messageFileName", "message.file.name") or _NAME))
