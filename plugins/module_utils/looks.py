# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""File options (mode, owner, group and so on) that a user gives. PRIVATE to this collection.

Standard library only, Python 3.9.
Mode, owner and group are set on the open file before it gets its name. What only a path can name (SELinux context,
attributes) is left to Ansible's own code, for places where nobody can exchange the file meanwhile.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.locks import PlaceError
from ansible_collections.zosconnect.security.plugins.module_utils.placing import Look

BY_PATH = ("seuser", "serole", "setype", "selevel", "attributes")


@dataclass(frozen=True)
class FileOptions:
    """The file options in ``given``; ``module`` is the AnsibleModule that knows symbolic modes and SELinux."""

    module: Any
    given: Mapping[str, Any]

    def look(self, look: Look) -> Look:
        """Return what a file that looks like ``look`` looks like with these options."""
        owner, group, mode = (self.given.get(name) for name in ("owner", "group", "mode"))
        return Look(
            look.uid if owner is None else _number("owner", owner),
            look.gid if group is None else _number("group", group),
            look.mode if mode is None else self._mode(mode, look.mode),
        )

    def _mode(self, wanted: object, present: int) -> int:
        try:
            # YAML has turned an unquoted 0640 into its number already.
            mode = wanted if isinstance(wanted, int) else int(str(wanted), 8)
        except ValueError:
            mode = self._symbolic(str(wanted), present)
        if mode != stat.S_IMODE(mode):
            raise PlaceError(f"mode: {wanted} has more than permission bits; give something like 0640.")
        return mode

    def _symbolic(self, wanted: str, present: int) -> int:
        status = os.stat_result((stat.S_IFREG | present, *([0] * 9)))
        try:
            mode: int = self.module._symbolic_mode_to_octal(status, wanted)
        except ValueError as e:
            raise PlaceError(f"mode: {wanted} is no mode; give something like 0640 or u=rw,g=r,o=.") from e
        return mode

    def prepare(self, path: str) -> None:
        """Set what only a path can name."""
        self._by_path(path)

    def differ(self, path: str, present: Look) -> bool:
        """Say whether the file looks otherwise than these options say; its module must be in check mode."""
        return self.look(present) != present or self._by_path(path)

    def _by_path(self, path: str) -> bool:
        given = {name: self.given.get(name) for name in BY_PATH}
        if all(value is None for value in given.values()):
            return False
        differs: bool = self.module.set_fs_attributes_if_different(
            self.module.load_file_common_arguments(given, path=path), False
        )
        return differs


_KNOWN: dict[str, Callable[[str], int]] = {
    "owner": lambda name: pwd.getpwnam(name).pw_uid,
    "group": lambda name: grp.getgrnam(name).gr_gid,
}


def is_known(option: str, name: str) -> bool:
    """Say whether this host knows an ``owner`` or a ``group``; a number needs no name."""
    try:
        _number(option, name)
    except PlaceError:
        return False
    return True


def _number(option: str, name: object) -> int:
    if str(name).isdecimal():
        return int(str(name))
    try:
        return _KNOWN[option](str(name))
    except KeyError as e:
        raise PlaceError(f"{option}: {name} is not known on this host; nothing was changed.") from e
