# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action attls_policy: read, plan, place what changes; or render and parse without a host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import members, redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_members import Members
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired, form, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.change import NEW_MODE, PolicyChange, change
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import FILE_OPTIONS
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

_WITHOUT_HOST = ("rendered", "parsed")


class ActionModule(SecurityAction):
    """Change statements of one AT-TLS policy file."""

    # Paths are of type str here: the target module expands ~ there, not the controller its own.
    ARGUMENTS = {
        "path": {"type": "str"},
        "config": {"type": "raw"},
        "text": {"type": "str"},
        "state": {"type": "str", "choices": [*desired.STATES, *_WITHOUT_HOST], "default": "merged"},
        "zos_release": {"type": "str"},
        "zos_apars": {"type": "list", "elements": "str", "default": []},
        "encoding": {"type": "str"},
        "create": {"type": "bool", "default": False},
        "backup": {"type": "bool", "default": False},
        "validate": {"type": "str"},
        "shared_actions": {"type": "str", "choices": ["refuse", "copy"], "default": "refuse"},
        "on_overlap": {"type": "str", "choices": ["error", "warn"], "default": "error"},
        "edit_exported": {"type": "bool", "default": False},
        "allow_unknown": {"type": "bool", "default": False},
        "accept_findings": {"type": "list", "elements": "str", "default": []},
        **FILE_OPTIONS,
    }
    RULES = {
        "required_if": [
            *(("state", state, ("path", "config")) for state in desired.STATES),
            ("state", "rendered", ("config",)),
            ("state", "parsed", ("text",)),
        ]
    }

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        shown = {**options, "text": redact.text(options["text"])} if options["text"] else options
        result: dict[str, Any] = {"changed": False, "invocation": {"module_args": redact.structure(shown)}}
        if options["state"] == "parsed":
            _nothing_else(options, ("path", "config"))
            codec = text.codec(options["encoding"] or "UTF-8")
            return {**result, "parsed": form.structure(Policy(Source("text", options["text"], codec)))}
        _nothing_else(options, ("path", "text") if options["state"] == "rendered" else ("text",))
        reading = _options(options)
        wanted = desired.check(options["config"], reading)
        if options["state"] == "rendered":
            codec = text.codec(options["encoding"] or "UTF-8")
            planned = plan(Source("rendered", "", codec), wanted, reading)
            return {**result, **_warned(planned.warnings), "rendered": redact.text(planned.result.text)}
        return {**result, **self._change(options, wanted, reading)}

    def _change(
        self, options: dict[str, Any], wanted: tuple[desired.DesiredStatement, ...], reading: desired.Options
    ) -> dict[str, Any]:
        if members.is_data_set(options["path"]):
            return self._change_member(options, wanted, reading)
        file = self.read(options["path"], options)
        planned = change(file, wanted, reading, options)
        result = self._told(planned)
        if planned.writes and not self._task.check_mode:
            placed = self.place(file, planned.data, options, new_mode=NEW_MODE)
            result.update({key: placed[key] for key in ("backup_file",) if key in placed})
        elif file.attributes_differ and not planned.writes:
            self.change_look(file, options)
        return result

    def _change_member(
        self, options: dict[str, Any], wanted: tuple[desired.DesiredStatement, ...], reading: desired.Options
    ) -> dict[str, Any]:
        member = members.member(options["path"])
        members.check(options)
        options = {**options, "encoding": members.encoding(options["encoding"])}
        with Members(self) as there:
            file = there.read(member)
            planned = change(file, wanted, reading, options)
            result = self._told(planned)
            if planned.writes:
                there.can_hold(member, planned.data)
            if planned.writes and not self._task.check_mode:
                kept = there.place(member, file.data or b"", planned.data, backup=options["backup"]).backup_file
                result.update({"backup_file": kept} if kept else {})
        warnings = [*result.get("warnings", ()), *there.warnings]
        return {**result, **({"warnings": warnings} if warnings else {})}

    def _told(self, planned: PolicyChange) -> dict[str, Any]:
        """Return what becomes of the policy, as check mode tells it too."""
        file = planned.file
        return {
            **_warned(planned.warnings),
            "changed": planned.writes or file.attributes_differ,
            "path": file.real_path,
            "changes": planned.changes,
            "checksum_before": file.sha256,
            "checksum_after": planned.checksum_after(),
            **({"diff": [planned.shown()]} if planned.writes and self._task.diff else {}),
        }


def _nothing_else(options: dict[str, Any], names: tuple[str, ...]) -> None:
    given = [name for name in names if options[name] is not None]
    if given:
        raise SecurityError(f"{given[0]}: cannot be given with state {options['state']}; leave it out.")


def _options(options: dict[str, Any]) -> desired.Options:
    state = "merged" if options["state"] == "rendered" else options["state"]
    return desired.Options(
        state=state,
        zos_release=options["zos_release"],
        zos_apars=options["zos_apars"],
        allow_unknown=options["allow_unknown"],
        shared_actions=options["shared_actions"],
        on_overlap=options["on_overlap"],
        accept_findings=options["accept_findings"],
    )


def _warned(warnings: Sequence[str]) -> dict[str, Any]:
    return {"warnings": list(warnings)} if warnings else {}
