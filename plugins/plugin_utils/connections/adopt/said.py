# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a declaration says, with the place of each value in what was read."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin

Scalar = str | int | bool


@dataclass(frozen=True)
class Said:
    """A value of a declaration; ``origin`` says where it stands, for people."""

    value: Scalar | Sequence[Said] | Mapping[str, Said]
    origin: str = ""

    def plain(self) -> Any:
        """Return the value alone, as a declaration has it."""
        if isinstance(self.value, Mapping):
            return {key: inner.plain() for key, inner in self.value.items()}
        return self.value if isinstance(self.value, Scalar) else [inner.plain() for inner in self.value]

    def texts(self) -> Iterator[str]:
        """Give every text in it."""
        if isinstance(self.value, str):
            yield self.value
        elif not isinstance(self.value, Scalar):
            inner = self.value.values() if isinstance(self.value, Mapping) else self.value
            for each in inner:
                yield from each.texts()

    def origins(self, where: str = "") -> Iterator[tuple[str, str]]:
        """Give the place of each value that has one, by the way that leads there, as in ``port`` or ``a.b[0]``."""
        if self.origin:
            yield where, self.origin
        if isinstance(self.value, Mapping):
            for key, inner in self.value.items():
                yield from inner.origins(f"{where}.{key}" if where else key)
        elif not isinstance(self.value, Scalar):
            for number, inner in enumerate(self.value):
                yield from inner.origins(f"{where}[{number}]")

    def without(self, key: str) -> Said:
        """Return this mapping without a key."""
        if not isinstance(self.value, Mapping):
            return self
        return Said({name: inner for name, inner in self.value.items() if name != key}, self.origin)


def said(plain: object, origins: Mapping[str, str], where: str = "") -> Said:
    """Return plain data with its places again, as ``plain`` and ``origins`` gave them."""
    if isinstance(plain, Mapping):
        inner = {key: said(value, origins, f"{where}.{key}" if where else str(key)) for key, value in plain.items()}
        return Said(inner, origins.get(where, ""))
    if isinstance(plain, list):
        return Said([said(value, origins, f"{where}[{number}]") for number, value in enumerate(plain)])
    return Said(plain if isinstance(plain, Scalar) else str(plain), origins.get(where, ""))


@dataclass(frozen=True)
class Places:
    """Says where something stands, as seen from the directory of the server."""

    server_dir: str

    def inside(self, sentence: str) -> str:
        """Return a sentence with its paths as they are seen from the directory of the server."""
        return sentence.replace(f"{self.server_dir.rstrip('/')}/", "")

    def of(self, origin: Origin) -> str:
        """Return a place as people write it: file and line, or by default; and through which variables."""
        if origin.line is None and origin.source == "default":
            place = "by default"
        else:
            inside = (
                posixpath.relpath(origin.source, self.server_dir) if origin.source.startswith("/") else origin.source
            )
            source = origin.source if inside.startswith("..") else inside
            place = source if origin.line is None else f"{source}:{origin.line}"
        if not origin.via:
            return place
        return f"{place} through {several([f'${{{name}}}' for name in origin.via], ' through ')}"
