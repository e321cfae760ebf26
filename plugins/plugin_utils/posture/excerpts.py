# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The line of a configuration file that a finding is about, secrets hidden."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.document import read_source
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import Effective
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import LINE_END

MOST_CHARACTERS = 200


class Excerpts:
    """Lines of the documents of one configuration; each file is decoded and redacted once, when it is asked for."""

    def __init__(self, effective: Effective, files: Files) -> None:
        self._effective, self._files = effective, files
        self._lines: dict[str, list[str]] = {}

    def of(self, origin: Origin) -> Mapping[str, object]:
        """Return ``excerpt``, the line at a place without blanks around it, and ``column``, from 1, where it begins.

        Of a long line it is the first 200 characters and an ellipsis. Both are None where no line of a document is
        meant, or where the file cannot be decoded.
        """
        lines = self._read(origin.source) if origin.line else []
        if not origin.line or origin.line > len(lines):
            return {"excerpt": None, "column": None}
        line = str(redact.without(lines[origin.line - 1], self._effective.secret_texts))
        shown = line.strip()
        more = "…" if len(shown) > MOST_CHARACTERS else ""
        return {"excerpt": shown[:MOST_CHARACTERS] + more, "column": len(line) - len(line.lstrip()) + 1}

    @cached_property
    def _documents(self) -> frozenset[str]:
        return frozenset(self._effective.assembly.read)

    def _read(self, path: str) -> list[str]:
        if path not in self._lines:
            data = self._files.read(path) if path in self._documents else None
            self._lines[path] = [] if data is None else self._redacted(data, path)
        return self._lines[path]

    def _redacted(self, data: bytes, path: str) -> list[str]:
        try:
            text = read_source(data, name=path).text
        except SecurityError:
            return []
        return LINE_END.split(redact.text(text, self._effective.secret_variables))
