# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action variables_check: it needs no target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import libraries
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.variables import (
    COMMON,
    Variables,
    chosen,
    misspelt,
)

_ROLES = Path(__file__).parents[2] / "roles"


class ActionModule(SecurityAction):
    """Check variables without showing any."""

    ARGUMENTS = {
        "options": {"type": "dict"},
        "only": {"type": "list", "elements": "str"},
        "skip": {"type": "list", "elements": "str", "default": []},
        "evaluated": {"type": "list", "elements": "str"},
        "libraries": {"type": "bool", "default": False},
    }
    _requires_connection = False

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["libraries"]:
            for module, package in libraries.NEEDED.items():
                libraries.require(module, package)
            return {"changed": False}
        # One after the other: a template that fails is told by where it stands, never by what is around it.
        variables = Variables(self._vars, self._templar.template)
        if options["evaluated"]:
            variables.refuse(options["evaluated"])
            return {"changed": False}
        specified, roles = options["options"], {}
        if not specified:
            role = Path(self._vars["role_path"])
            specified = self._specified(role)
            roles = {COMMON: self._specified(_ROLES / COMMON), role.name: specified}
        complaints = variables.complaints(chosen(specified, options["only"], options["skip"]))
        complaints += misspelt(self._vars, roles, self._others())
        if complaints:
            raise SecurityError(" ".join(complaints))
        return {"changed": False}

    def _specified(self, role: Path) -> dict[str, Any]:
        """Return the options of a role."""
        path = str(role / "meta" / "argument_specs.yml")
        specified: dict[str, Any] = self._loader.load_from_file(path, unsafe=True)["argument_specs"]["variables"][
            "options"
        ]
        return specified

    def _others(self) -> list[str]:
        """Return the names of all roles of this play."""
        named = [*self._vars.get("ansible_role_names", ()), *self._vars.get("ansible_parent_role_names", ())]
        return [str(name).rpartition(".")[2] for name in named]
