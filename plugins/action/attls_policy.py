# Copyright: (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Face of attls_policy: read, plan with the brain, place what changes; or render and parse without a host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.plugin_utils import diff, redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import form, text, wishes
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.plan import Plan, plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.face import FILE_OPTIONS, Face, Found, can_place
from ansible_collections.zosconnect.security.plugins.plugin_utils.source import Source

# A policy may hold the password of a key database: a new one is not for everybody.
_NEW_MODE = "0640"
_WITHOUT_HOST = ("rendered", "parsed")


class ActionModule(Face):
    """Change statements of one AT-TLS policy file."""

    # Paths are of type str here: the hand expands ~ on the target, not the controller its own.
    ARGUMENTS = {
        "path": {"type": "str"},
        "config": {"type": "raw"},
        "text": {"type": "str"},
        "state": {"type": "str", "choices": [*wishes.STATES, *_WITHOUT_HOST], "default": "merged"},
        "zos_release": {"type": "str"},
        "encoding": {"type": "str"},
        "create": {"type": "bool", "default": False},
        "backup": {"type": "bool", "default": False},
        "validate": {"type": "str"},
        "shared_actions": {"type": "str", "choices": ["refuse", "copy"], "default": "refuse"},
        "on_overlap": {"type": "str", "choices": ["error", "warn"], "default": "error"},
        "edit_exported": {"type": "bool", "default": False},
        "allow_unknown": {"type": "bool", "default": False},
        **FILE_OPTIONS,
    }
    RULES = {
        "required_if": [
            *(("state", state, ("path", "config")) for state in wishes.STATES),
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
        manner = _manner(options)
        wished = wishes.check(options["config"], manner)
        if options["state"] == "rendered":
            codec = text.codec(options["encoding"] or "UTF-8")
            planned = plan(Source("rendered", "", codec), wished, manner)
            return {**result, **_warned(planned.warnings), "rendered": redact.text(planned.result.text)}
        return {**result, **self._change(options, wished, manner)}

    def _change(
        self, options: dict[str, Any], wished: tuple[wishes.Wish, ...], manner: wishes.Manner
    ) -> dict[str, Any]:
        _no_data_set(options["path"])
        file = self.read(options["path"], options)
        planned = plan(_source(file, options), wished, manner)
        writes = planned.changed or file.data is None
        result: dict[str, Any] = {
            **_warned([*planned.warnings, *(file.tie() if writes else [])]),
            "changed": writes or file.attributes_differ,
            "path": file.real_path,
            "changes": [asdict(change) for change in planned.changes],
            "checksum_before": file.sha256,
            "checksum_after": file.sha256,
        }
        if writes:
            _may_edit(file, planned, options)
            self._write(file, planned, options, result)
        elif file.attributes_differ:
            self.change_look(file, options)
        return result

    def _write(self, file: Found, planned: Plan, options: dict[str, Any], result: dict[str, Any]) -> None:
        can_place(file, options)
        data = planned.result.data
        result["checksum_after"] = sha256(data)
        if self._task.diff:
            shown = (file.path, planned.source, planned.result, planned.splices)
            result["diff"] = [diff.prepared(*shown, is_new=file.data is None)]
        if not self._task.check_mode:
            placed = self.place(file, data, options, new_mode=_NEW_MODE)
            result.update({key: placed[key] for key in ("backup_file",) if key in placed})


def _nothing_else(options: dict[str, Any], names: tuple[str, ...]) -> None:
    given = [name for name in names if options[name] is not None]
    if given:
        raise SecurityError(f"{given[0]}: cannot be given with state {options['state']}; leave it out.")


def _manner(options: dict[str, Any]) -> wishes.Manner:
    state = "merged" if options["state"] == "rendered" else options["state"]
    return wishes.Manner(
        state=state,
        zos_release=options["zos_release"],
        allow_unknown=options["allow_unknown"],
        shared_actions=options["shared_actions"],
        on_overlap=options["on_overlap"],
    )


def _warned(warnings: Sequence[str]) -> dict[str, Any]:
    return {"warnings": list(warnings)} if warnings else {}


def _no_data_set(path: str) -> None:
    if path.startswith("//"):
        raise SecurityError(
            f"path: {path} is a data set, which this module does not edit. Use state rendered, and give the text to "
            "whoever maintains the data set."
        )


def _source(file: Found, options: dict[str, Any]) -> Source:
    if file.data is not None:
        return text.read_source(file.data, name=file.path, encoding=options["encoding"], tag=file.tag)
    if options["state"] == "absent":
        raise SecurityError(f"{file.path}: does not exist, so nothing can be removed from it; correct the path.")
    if not options["create"]:
        raise SecurityError(f"{file.path}: does not exist; correct the path, or set create to true to make a new file.")
    if not options["encoding"]:
        raise SecurityError(
            f"{file.path}: is new, so its encoding is needed: IBM-1047 is what the Policy Agent reads unless its "
            "Codepage statement says otherwise."
        )
    return Source(file.path, "", text.codec(options["encoding"]))


def _may_edit(file: Found, planned: Plan, options: dict[str, Any]) -> None:
    """What the Configuration Assistant exports is made again from its backing store, and the change would be lost."""
    line = text.exported(planned.source.text)
    if line and not options["edit_exported"]:
        raise SecurityError(
            f"{file.path}:{line}: this file was made by the Configuration Assistant, whose next export would undo the "
            "change. Use state rendered, and give the text to those who maintain it there, or set edit_exported to "
            "true."
        )
