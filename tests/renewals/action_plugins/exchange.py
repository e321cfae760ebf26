# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files between runs.py and the playbook. `wait_for` and `copy` would start Python four times for each run."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

SECONDS_BETWEEN_LOOKS = 0.02


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible's classes are without types
    """Wait for the file ``wait_for``; or make ``write`` with ``content``, JSON, in one step."""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Wait, or write."""
        given = self._task.args
        if "wait_for" in given:
            while not Path(given["wait_for"]).exists():
                time.sleep(SECONDS_BETWEEN_LOOKS)
            return {"changed": False}
        path, content = Path(given["write"]), given["content"]
        # ansible-core 2.16 reads what looks like JSON
        text = content if isinstance(content, str) else json.dumps(content)
        path.with_suffix(".new").write_text(text, encoding="utf-8")
        path.with_suffix(".new").rename(path)
        return {"changed": False}
