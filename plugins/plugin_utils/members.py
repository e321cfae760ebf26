# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members of partitioned data sets as files: their names, their records, and what one record can hold. Pure.

Sources: z/OS Communications Server IP Configuration Reference, TTLSConfig (``//'HLQ.PDS(MEMBER)'``); z/OS DFSMS Using
Data Sets (the four bytes before each record of format V count in its length); the documentation of zos_copy and
zos_stat in ibm.ibm_zos_core 2.0.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, found
from ansible_collections.zosconnect.security.plugins.plugin_utils.zos_names import DATA_SET, JOB

COLLECTION = "ibm.ibm_zos_core"
COPY, STAT = f"{COLLECTION}.zos_copy", f"{COLLECTION}.zos_stat"
_PATH = re.compile(r"//'(?P<library>[^()']+)\((?P<name>[^()']+)\)'")
# What only a file of z/OS UNIX has.
_OF_FILES = ("mode", "owner", "group", "seuser", "serole", "setype", "selevel", "attributes", "validate")
# The record descriptor word of variable records.
_RDW = 4
_LINE_ENDS = re.compile(b"[\x15\x25]")
_BLANK = b"\x40"


@dataclass(frozen=True)
class Member:
    """A member: what the user wrote, and its name for z/OS and zos_copy."""

    path: str
    library: str
    name: str

    @property
    def data_set(self) -> str:
        return f"{self.library}({self.name})"

    def found(self, data: bytes) -> Found:
        """Return the member with its text as a file, which nobody leads elsewhere."""
        return found(self.item(data))

    def item(self, data: bytes) -> dict[str, Any]:
        """Return the member with its text as target_read tells of a file."""
        return {
            "path": self.path,
            "real_path": self.path,
            "state": "file",
            "content": base64.b64encode(data).decode("ascii"),
            "sha256": sha256(data),
            "directory": self.library,
            "directory_exists": True,
            "directory_writable": True,
            "user": "",
            "obstacle": None,
            "is_led": False,
        }


@dataclass(frozen=True)
class MemberChange:
    """What a member holds, and what it shall hold."""

    member: Member
    old: bytes
    new: bytes


def needed(option: str) -> str:
    """Say what a member that ``option`` names needs."""
    return (
        f"{option}: a member of a data set needs the collection {COLLECTION}, 2.0 or later, on the controller, and "
        f"ZOAU on the target. Install it: ansible-galaxy collection install {COLLECTION}"
    )


def is_data_set(path: str) -> bool:
    """Whether a path names a data set and not a file, as z/OS UNIX and the Policy Agent tell them apart."""
    return path.startswith("//")


def member(path: str, option: str = "path") -> Member:
    """Return the member that a path names; SecurityError where it names none."""
    match = _PATH.fullmatch(path)
    if not match or not DATA_SET.fits(match["library"]) or not JOB.fits(match["name"]):
        raise SecurityError(
            f"{option}: {path} is no member of a data set; write it in capital letters as the Policy Agent does: "
            "//'HLQ.POLICY(MEMBER)'. A sequential data set is not taken: zos_copy would delete it and allocate another."
        )
    return Member(path, match["library"], match["name"])


def backup_of(one: Member) -> Member:
    """Return a member of the same library for what ``one`` holds, under a name that no other run takes."""
    name = f"Z{secrets.token_hex(4)[:7].upper()}"
    return Member(f"//'{one.library}({name})'", one.library, name)


def check(options: Mapping[str, Any]) -> None:
    """Raise SecurityError for options that only a file can have."""
    given = [name for name in _OF_FILES if options.get(name) is not None]
    if given:
        raise SecurityError(f"{given[0]}: cannot be given for a member of a data set; leave it out.")


def encoding(given: str | None, option: str = "encoding") -> str:
    """Return the code page of a member; zos_copy finds the ends of records in EBCDIC only."""
    page = codepages.for_name(given or "IBM-1047")
    if page is None or not page.ebcdic:
        raise SecurityError(f"{option}: {given} cannot be that of a member of a data set; give IBM-1047 or IBM-037.")
    return page.name


def records(data: bytes) -> list[bytes]:
    """Return what a data set keeps of a text: its records, without the blanks that fill them up."""
    lines = [line.rstrip(_BLANK) for line in _LINE_ENDS.split(data)]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def can_hold(one: Member, data: bytes, attributes: Mapping[str, Any]) -> None:
    """Raise SecurityError where a line is longer than a record; ``attributes`` are those of zos_stat."""
    length, form = attributes.get("record_length"), str(attributes.get("record_format") or "").lower()
    if not length or form.startswith("u"):
        return
    room = int(length) - (_RDW if form.startswith("v") else 0)
    for number, line in enumerate(records(data), 1):
        if len(line) > room:
            raise SecurityError(
                f"{one.path}:{number}: would have {len(line)} characters, and a record of {one.library} holds {room}; "
                "shorten it, or copy the members into a data set with longer records."
            )
