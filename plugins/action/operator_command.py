# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action operator_command: commands after a change, given to a console. Nothing of the target gets into them."""

from __future__ import annotations

from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import declared, operator_answers, operator_commands
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_console import ZOS_OPERATOR, check
from ansible_collections.zosconnect.security.plugins.plugin_utils.operator_answers import Answer


class ActionModule(SecurityAction):
    """Give a server, or the Policy Agent, the commands after which a change counts."""

    ARGUMENTS = {
        "changed": {"type": "list", "elements": "str", "choices": list(operator_commands.TOLD), "required": True},
        "by": {"type": "str", "choices": list(operator_commands.BY), "required": True},
        "job_name": {"type": "str", "default": operator_commands.JOB_NAME},
        "zosconnect_version": {"type": "str", "default": "2.0"},
        "console": {"type": "str", "default": ""},
        "tsocmd": {"type": "str", "default": "/bin/tsocmd"},
        "seconds": {"type": "int", "default": 10},
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        commands = operator_commands.told(options["changed"], options["job_name"], options["zosconnect_version"])
        console = options["console"] and declared.mvs_name(options["console"], "console")
        named = any(what != operator_commands.POLICY for what in options["changed"])
        check(self, options["by"], options["job_name"] if named else "")
        answers: list[Answer] = []
        if not self._task.check_mode:
            answers = [self._give(command, console, options) for command in commands]
        doubts = [doubt for answer in answers if (doubt := answer.doubt)]
        result = {"changed": bool(commands), "commands": commands, "answers": [one.shown() for one in answers]}
        return {**result, "warnings": doubts} if doubts else result

    def _give(self, command: str, console: str, options: dict[str, Any]) -> Answer:
        """Give one command; the next one only where this one was not refused."""
        if options["by"] == operator_commands.ZOS_OPERATOR:
            return self._by_collection(command, options)
        name = f" NAME({console})" if console else ""
        asked = {"commands": [f"CONSOLE SYSCMD({command}){name}"], "changes": True, "tsocmd": options["tsocmd"]}
        (answer,) = self.run_on_target("target_tso", asked)["answers"]
        return operator_answers.read(command, answer["output"], answer["rc"], "tsocmd")

    def _by_collection(self, command: str, options: dict[str, Any]) -> Answer:
        asked = {"cmd": command, "wait_time": options["seconds"]}
        answer = self._execute_module(module_name=ZOS_OPERATOR, module_args=asked, task_vars=self._vars)
        output = str(answer.get("stdout") or "")
        if answer.get("failed"):
            output = f"{output}\n{answer.get('stderr') or ''}\n{answer.get('msg') or ''}"
        return operator_answers.read(command, output, 1 if answer.get("failed") else 0, "zos_operator")
