# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring the results of a test's tasks into a file. `copy` would do the same with two modules, each a second of Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible's classes are without types
    """Write ``content``, JSON, to ``dest``, also in check mode."""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write the file."""
        content = self._task.args["content"]
        # ansible-core 2.16 reads what looks like JSON
        text = content if isinstance(content, str) else json.dumps(content)
        dest = Path(self._task.args["dest"])
        dest.touch(mode=0o600)
        dest.write_text(text, encoding="utf-8")
        return {"changed": False}
