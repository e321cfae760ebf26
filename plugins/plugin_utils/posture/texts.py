# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An effective configuration from texts: one server.xml, or a server's files by name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import mapping
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import assembly
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import evaluated

_DECLARATION = re.compile(r"\A\ufeff?(\s*)<\?xml\s[^>]*\?>")


def effective(texts: object, variables: Mapping[str, str] | None = None) -> tuple[Effective, Files]:
    """Return the effective configuration of a text (a server.xml), or of a mapping of file names to texts.

    Names are relative to the server's directory. Texts are decoded already, so what encoding they declare is ignored.
    """
    if isinstance(texts, str):
        texts = {"server.xml": texts}
    if not isinstance(texts, Mapping) or not all(isinstance(text, str) for text in texts.values()):
        raise SecurityError(
            "needs the text of a server.xml, a mapping of file names to texts, or a result of server_config_info."
        )
    content = {posixpath.normpath(str(name)): _without_declaration(text).encode() for name, text in texts.items()}
    files = Files(content)
    outer = Outer(command_line={str(name): str(value) for name, value in mapping(variables or {}, "variables").items()})
    return evaluated(assembly.assemble(files, Places("."), outer, server_xml="server.xml")), files


def _without_declaration(text: str) -> str:
    match = _DECLARATION.match(text)
    if match is None or match[1]:
        return text.removeprefix("\ufeff")
    # The lines must keep their numbers.
    return re.sub(r"[^\r\n]", " ", match[0]).lstrip(" ") + text[match.end() :]
