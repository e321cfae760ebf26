# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Face of variables_check: it needs no target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.face import Face
from ansible_collections.zosconnect.security.plugins.plugin_utils.variables import Variables, chosen


class ActionModule(Face):
    """Check variables without showing any."""

    ARGUMENTS = {"options": {"type": "dict"}, "only": {"type": "list", "elements": "str"}}
    _requires_connection = False

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        # One after the other: a template that fails is told by where it stands, never by what is around it.
        variables = Variables(self._vars, self._templar.template)
        said = variables.complaints(chosen(options["options"] or self._specified(), options["only"]))
        if said:
            raise SecurityError(" ".join(said))
        return {"changed": False}

    def _specified(self) -> dict[str, Any]:
        """Return the options of the role whose task this is."""
        path = Path(self._vars["role_path"], "meta", "argument_specs.yml")
        specified: dict[str, Any] = self._loader.load_from_file(str(path))["argument_specs"]["variables"]["options"]
        return specified
