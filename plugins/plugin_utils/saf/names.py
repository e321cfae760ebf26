# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names as RACF takes them, checked before they come near a command, and the two ways in which commands are written.

Sources: z/OS Security Server RACF Command Language Reference (user IDs, labels of up to 32 characters, profile names of
up to 246), Security Administrator's Guide (ring names of 1 to 237 characters), z/OS TSO/E (a quotation mark in a quoted
string is doubled; a hyphen at the end of a line continues a command).
"""

from __future__ import annotations

import re
from itertools import pairwise

from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.zos_names import (
    DATA_SET,
    JOB,
    LABEL_LENGTH,
    RING,
    RING_LENGTH,
    USER,
)

PROFILE_LENGTH, FILTER_LENGTH = 246, 255
# Columns 73 to 80 of a SYSTSIN record may be taken for a line number.
LINE = 72
# A line of a command is never cut beside a blank; a label cannot have so many.
_BLANKS = 33

_OWNER = re.compile(r"ID\((.*)\)", re.IGNORECASE)
_APPL = re.compile(r"[A-Z0-9$#@]{1,8}")
_ANGEL = re.compile(r"[A-Z0-9$#@._-]{1,54}")
_PROFILE = re.compile(r"[A-Za-z0-9$#@][A-Za-z0-9$#@._/-]*")
_FILTER = re.compile(r"[A-Za-z][A-Za-z0-9]*=.+")
_IBM_1047 = codepages.for_name("IBM-1047")
_QUOTED = re.compile(r"'(?:[^']|'')*'")


def user(given: str, where: str) -> str:
    """Return a user ID in capital letters, as RACF keeps it."""
    name = given.strip().upper()
    if not USER.fits(name):
        raise SecurityError(f"{where}: {given!r} is no user ID; one has 1 to 8 letters, digits, and the signs $ # @.")
    return name


def owner(given: str | None, where: str, *, default: str) -> str:
    """Return the owner of a certificate as a listing has it: CERTAUTH, SITE or ID(user)."""
    name = (given or default).strip()
    if name.upper() in ("CERTAUTH", "SITE"):
        return name.upper()
    inner = _OWNER.fullmatch(name)
    return f"ID({user(inner[1] if inner else name, where)})"


def ring(given: str, where: str) -> str:
    """Return the name of a key ring; RACF keeps its case."""
    if len(given) > RING_LENGTH:
        raise SecurityError(f"{where}: a ring name has at most {RING_LENGTH} characters, this one has {len(given)}.")
    if not RING.fits(given):
        raise SecurityError(
            f"{where}: {given!r} is not taken for a ring name; use letters, digits, and the signs $ # @ . _ - without "
            "blanks."
        )
    return given


def label(given: str, where: str) -> str:
    """Return a label as RACF keeps it: case and blanks within stay, blanks around it go."""
    name = given.strip(" ")
    if not 1 <= len(name) <= LABEL_LENGTH:
        raise SecurityError(f"{where}: a label has 1 to {LABEL_LENGTH} characters, {name!r} has {len(name)}.")
    if name.startswith("-"):
        raise SecurityError(f"{where}: {name!r} begins with -, as options do; choose another label.")
    return _printable(name, where)


def name_filter(given: str, where: str) -> str:
    """Return a distinguished name, or its end, as ``RACDCERT MAP`` takes it: ``CN=name.OU=unit.O=organisation``."""
    name = given.strip(" ")
    if not _FILTER.fullmatch(name) or len(name) > FILTER_LENGTH:
        raise SecurityError(
            f"{where}: {given!r} is no filter; write the name as RACDCERT LIST shows it, from some part to its end, "
            f"for example CN=cics.OU=Payments.O=Bank, in at most {FILTER_LENGTH} characters."
        )
    if " " * _BLANKS in name:
        raise SecurityError(
            f"{where}: {given!r} holds {_BLANKS} blanks in a row, where no line of a command can be cut; take some out."
        )
    return _printable(name, where)


def data_set(given: str, where: str) -> str:
    """Return the fully qualified name of a data set."""
    name = given.strip().strip("'").upper()
    if not DATA_SET.fits(name):
        raise SecurityError(f"{where}: {given!r} is not {DATA_SET.words}.")
    return name


def profile_prefix(given: str, where: str) -> str:
    """Return ``safCredentials profilePrefix``, which is also the name of a profile in class APPL."""
    if not _APPL.fullmatch(given):
        raise SecurityError(f"{where}: {given!r} is no profile prefix, such as BBGZDFLT.")
    return given


def profile(given: str, where: str) -> str:
    """Return the name of a profile in EJBROLE or SURROGAT; EJBROLE keeps case."""
    if len(given) > PROFILE_LENGTH:
        raise SecurityError(
            f"{where}: the profile {given[:40]}… would have {len(given)} characters, and RACF takes {PROFILE_LENGTH}."
        )
    if not _PROFILE.fullmatch(given):
        raise SecurityError(
            f"{where}: {given!r} is not taken for the name of a RACF profile; use letters, digits, and the signs "
            "$ # @ . _ / - without blanks."
        )
    return _ends_a_line(given, where)


def job(given: str, where: str) -> str:
    """Return the name of a job or started task in capital letters."""
    name = given.strip().upper()
    if not JOB.fits(name):
        raise SecurityError(
            f"{where}: {given!r} is no job name; one has 1 to 8 letters, digits, and the signs $ # @, and does not "
            "begin with a digit."
        )
    return name


def angel(given: str, where: str) -> str:
    """Return the name of an angel process, as it stands behind ``BBG.ANGEL.``."""
    if not _ANGEL.fullmatch(given):
        raise SecurityError(
            f"{where}: {given!r} is no name of an angel; one has up to 54 capital letters, digits, and the signs "
            "$ # @ . _ -."
        )
    return _ends_a_line(given, where)


def _ends_a_line(name: str, where: str) -> str:
    """Return a name that stands unquoted in commands, also as their last word."""
    if name.endswith("-"):
        raise SecurityError(
            f"{where}: {name[:60]!r} ends with -, and at the end of a line TSO takes that for a sign that the command "
            "goes on in the next one; choose another name."
        )
    return name


def _printable(name: str, where: str) -> str:
    wrong = next((char for char in name if not (char.isprintable() and _IBM_1047 and _IBM_1047.can_hold(char))), None)
    if wrong is not None:
        raise SecurityError(
            f"{where}: {name!r} holds {wrong!r}, which cannot stand in a RACF command (code page IBM-1047, no control "
            "characters)."
        )
    return name


def quoted(text: str) -> str:
    """Return ``text`` as a quoted string of TSO."""
    return "'" + text.replace("'", "''") + "'"


def fold(command: str, width: int = LINE) -> list[str]:
    """Return a command as lines for SYSTSIN; all but the last end with a hyphen, which continues a command.

    A line ends at a blank between operands where there is one; where a long name has to be cut, it goes on in column 1.
    """
    lines: list[str] = []
    rest = command
    while len(rest) > width:
        blank, cut = _breaks(rest, width)
        lines.append(rest[:blank] + " -" if blank else rest[:cut] + "-")
        rest = rest[blank + 1 :] if blank else rest[cut:]
    return [*lines, rest]


def _breaks(rest: str, width: int) -> tuple[int, int]:
    """Return the last blank outside quotes that leaves room for ``" -"`` (0: none), and where to cut otherwise."""
    inside = {at for found in _QUOTED.finditer(rest) for at in range(*found.span())}
    blanks = [at for at in range(1, width - 1) if rest[at] == " " and at not in inside]
    cuts = [at for at, pair in enumerate(pairwise(rest[:width]), 1) if " " not in pair]
    return (blanks[-1] if blanks else 0), cuts[-1]
