# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers as ansible-core takes them. PRIVATE to this collection. Standard library only, Python 3.9.

A file's name may have any bytes. Python holds those that are no UTF-8 as lone surrogates, and from 2.19 on ansible-core
refuses the whole answer of a module because of one, without a word of where it is.
"""

from __future__ import annotations

from typing import Any


def utf8(value: Any) -> Any:
    r"""Return an answer whose texts are all valid UTF-8: other bytes of a name are shown by their codes, as ``\xff``.

    Under such a name there is no file, so what is asked for or changed by it later is found missing.
    """
    if isinstance(value, str):
        return value if value.isascii() else _shown(value)
    if isinstance(value, dict):
        return {utf8(key): utf8(one) for key, one in value.items()}
    return [utf8(one) for one in value] if isinstance(value, (list, tuple)) else value


def _shown(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(map(_code, text))
    return text


def _code(char: str) -> str:
    """Return a character; of a lone surrogate the code of the byte that it stands for, or its own."""
    code = ord(char)
    if not 0xD800 <= code <= 0xDFFF:
        return char
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
