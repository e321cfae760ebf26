# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modes of files as Ansible's option ``mode`` takes them: a number, its octal digits, or symbols such as u=rw,o-r."""

from __future__ import annotations

import re

_READ_OTHERS = 0o004
_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=][rwxXstugo]*)+)")
_ACTION = re.compile(r"([-+=])([rwxXstugo]*)")


def others_read(mode: str, wanted: object = None) -> bool:
    """Say whether others may read a file of ``mode`` (octal digits) after it has got the ``wanted`` one, if any.

    Raises nothing: what is no mode is refused by whoever sets it, and leaves it as it is here.
    """
    readable = bool(int(mode, 8) & _READ_OTHERS)
    if wanted is None:
        return readable
    if isinstance(wanted, int):
        return bool(wanted & _READ_OTHERS)
    text = str(wanted).strip()
    if re.fullmatch(r"[0-7]+", text):
        return bool(int(text, 8) & _READ_OTHERS)
    for who, actions in _CLAUSE.findall(text):
        if not who or "o" in who or "a" in who:
            readable = _after(actions, readable=readable)
    return readable


def _after(actions: str, *, readable: bool) -> bool:
    """Carry out the parts of a clause for others. What the owner or the group may (o=u), others are said to read."""
    for sign, rights in _ACTION.findall(actions):
        names_read = bool({"r", "u", "g"} & set(rights))
        if sign == "=":
            readable = names_read
        elif names_read:
            readable = sign == "+"
    return readable


def shown(mode: object) -> str:
    """Return a mode as people write it: a number in octal digits."""
    return f"{mode:04o}" if isinstance(mode, int) else str(mode)


def without_others(mode: str) -> str:
    """Return ``mode`` (octal digits) without any right of others."""
    return f"{int(mode, 8) & ~0o007:04o}"
