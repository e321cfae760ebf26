# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a log as text: its code page by its file tag or by its bytes, and without a first line that is cut off.

A log is for reading, never written back, so what its code page does not know becomes a replacement character.
"""

from __future__ import annotations

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages

# Blanks and line ends of text in EBCDIC, and of text in all the other code pages that logs are written in.
_EBCDIC, _OTHERS = b"\x40\x15", b"\x20\x0a"
_LOOKED_AT = 65536


def decoded(data: bytes, tag: str | None = None, *, is_cut: bool = False) -> str:
    """Return the text of a log. ``tag`` is its z/OS file tag; ``is_cut`` says that ``data`` may begin within a line."""
    codec = codepages.for_name(tag) if tag else None
    if codec is not None and codec.ebcdic:
        text = codec.decode(data)
    elif codec is None and _is_ebcdic(data[-_LOOKED_AT:]):
        ebcdic = codepages.for_name("IBM-1047")
        text = ebcdic.decode(data) if ebcdic else ""
    else:
        text = data.decode("utf-8" if codec is None else codec.name, "replace")
    return text.partition("\n")[2] if is_cut else text


def _is_ebcdic(data: bytes) -> bool:
    def share(ends: bytes) -> int:
        return sum(data.count(byte) for byte in ends)

    return share(_EBCDIC) > share(_OTHERS)
