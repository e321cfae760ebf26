# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes of each task name, seconds and JVMs started to the file that BENCH_SECONDS names, one JSON line a task."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: task_seconds
type: notification
short_description: Writes the seconds of each task
description: For the bench only.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]  # Ansible's classes are without types
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "task_seconds"

    def __init__(self) -> None:
        super().__init__()
        self._begun = 0.0

    def v2_playbook_on_task_start(self, task: Any, is_conditional: Any) -> None:
        self._begun = time.perf_counter()

    def v2_runner_on_ok(self, result: Any) -> None:
        name = getattr(result, "task", None) or result._task
        line = {
            "task": name.get_name().rpartition(" : ")[2],
            "seconds": time.perf_counter() - self._begun,
            "jvm_starts": result._result.get("jvm_starts"),
        }
        with open(os.environ["BENCH_SECONDS"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
