# Copyright (c) 2026, The zosconnect.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action connections_restore: look at all files and backups in one call, put them back, tell the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.zosconnect.security.plugins.plugin_utils import action_console, restoring, telling
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_members import Members
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import summary
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import found
from ansible_collections.zosconnect.security.plugins.plugin_utils.hints import several
from ansible_collections.zosconnect.security.plugins.plugin_utils.restoring import Pair, Saved

Json = dict[str, Any]


class ActionModule(SecurityAction):
    """Put the backups of a run back."""

    ARGUMENTS = {
        "restore": {"type": "raw", "required": True},
        "host": {"type": "str"},
        "backup": {"type": "bool", "default": True},
        **telling.OPTIONS,
        **action_console.OPTIONS,
        "job_name": {"type": "str"},
        "zosconnect_version": {"type": "str"},
        "prefix": {"type": "str", "default": ""},
    }

    def run(self, tmp: str | None = None, task_vars: Json | None = None) -> Json:
        result = super().run(tmp, task_vars)
        # Whoever looks at the statistics must find every host in them.
        return {"summary": summary.of_failure(result), **result}

    def work(self, options: Json) -> Json:
        connector = telling.connector(options, options["prefix"])
        action_console.check_options(self, options)
        telling.command([], options["job_name"], options["zosconnect_version"])
        host = str(self._vars["inventory_hostname"])
        saved = restoring.saved(options["restore"], host, self._vars["ansible_play_hosts_all"])
        here = [one for one in saved if one.host == (options["host"] or None)]
        self._members = Members(self, restoring.NAME)
        if not any(one.is_member for one in here):
            return self._work(options, saved, here, connector)
        with self._members:
            result = self._work(options, saved, here, connector)
        warnings = [*result.get("warnings", ()), *self._members.warnings]
        return {**result, **({"warnings": warnings} if warnings else {})}

    def _work(self, options: Json, saved: Sequence[Saved], here: Sequence[Saved], connector: Json | None) -> Json:
        restoring.check_version(here, options)
        pairs = self._look(here, connector)
        changed, stopped = [pair for pair in pairs if pair.differs], ""
        kept: dict[str, str | None] = {}
        elsewhere = [] if options["host"] else list(dict.fromkeys(one.host for one in saved if one.host))
        if changed and not self._task.check_mode:
            kept, left, stopped = self._put_back(changed, options)
            changed, pairs = ([pair for pair in some if pair not in left] for some in (changed, pairs))
        result: Json = {"changed": bool(changed), "elsewhere": elsewhere, "restored": [one.shown() for one in changed]}
        for shown in result["restored"]:
            shown.update({"backup_file": kept[shown["path"]]} if kept.get(shown["path"]) else {})
        # Of all of them: an earlier run may have failed to tell. What was made is named by nobody any more.
        untold = "" if self._task.check_mode else self._tell(restoring.told(pairs), connector)
        result["given"], problem, warnings = self._give(pairs, options)
        given, check_mode = [one["command"] for one in result["given"]], bool(self._task.check_mode)
        result["lines"] = restoring.lines(pairs, options, given=given, check_mode=check_mode, is_told=not untold)
        result["summary"] = summary.of_restore(result, check_mode=self._task.check_mode)
        result |= {"warnings": list(warnings)} if warnings else {}
        problem = " ".join(filter(None, (stopped, untold, problem)))
        return {**result, "failed": True, "msg": problem} if problem else result

    def _tell(self, files: Sequence[str], connector: Json | None) -> str:
        """Tell the server of files by its MBean, where that was asked for; return why that was not possible."""
        try:
            if connector and files:
                self.run_on_target("liberty_refresh", {**connector, "files": files})
        except SecurityError as e:
            return f"{str(e).rstrip('.')}. The files are put back; run again when the server can be told."
        return ""

    def _give(self, pairs: Sequence[Pair], options: Json) -> tuple[list[Json], str, Sequence[str]]:
        """Have a console told, where that was asked for; return its answers, why it refused, and warnings."""
        changed = restoring.to_give(pairs, options)
        if not changed or self._task.check_mode:
            return [], "", ()
        try:
            told = action_console.give(self, changed, options, options["zosconnect_version"])
        except SecurityError as e:
            return [], f"{str(e).rstrip('.')}. The files are put back; run again when it can be given.", ()
        if told.confirmed and (order := restoring.settling(pairs)):
            self.apply(order)
        return list(told.answers), "", told.warnings

    def _look(self, saved: Sequence[Saved], connector: Json | None) -> list[Pair]:
        """Read all in one call, what was changed last first; refuse before anything changes."""
        if not saved:
            return []
        last_first = saved[::-1]
        files = [one for one in last_first if not one.is_member]
        asked: Json = {"files": [question for one in files for question in one.questions()]}
        asked["journals"] = restoring.directories(files)
        answer = self.run_on_target("target_read", asked)
        if self.recover(answer, connector):
            answer = self.run_on_target("target_read", asked)
        by = {pair.saved: pair for pair in restoring.pairs(files, map(found, answer["files"]))}
        pairs = [by[one] if one in by else self._member(one) for one in last_first]
        for pair in pairs:
            pair.check("checksum_after")
        return pairs

    def _member(self, saved: Saved) -> Pair:
        member, backup = saved.members()
        return Pair(saved, self._members.read(member), self._members.read(backup))

    def _put_back(self, pairs: Sequence[Pair], options: Json) -> tuple[dict[str, str | None], list[Pair], str]:
        """Put all of it back in one call, or nothing; then remove what was made.

        Return the copies that were kept; what was made and is there still, and why, where that stopped half way.
        """
        saved = [pair for pair in pairs if not pair.saved.made]
        kept: dict[str, str | None] = {}
        if saved:
            backup = options["backup"]
            texts = [pair.change() for pair in saved if pair.saved.is_member]
            files = [pair for pair in saved if not pair.saved.is_member]
            order = restoring.order(files, backup=backup, told=options["refresh"])
            answer = self._members.apply(texts, order, self.apply, backup=backup)
            if answer["outcome"] != "applied":
                left = [item["message"] for item in answer["files"] if item["state"] == "left" and item["message"]]
                raise SecurityError(" ".join(dict.fromkeys([answer["message"], *left])))
            kept = {item["real_path"]: item["backup_file"] for item in answer["files"]}
        made = [pair for pair in pairs if pair.saved.made]
        for number, pair in enumerate(made):
            try:
                gone = self.run_on_target("target_place", {**pair.removing(), "backup": options["backup"]})
            except SecurityError as e:
                done = [one.file.real_path for one in (*saved, *made[:number])]
                if not done:
                    raise
                return (
                    kept,
                    made[number:],
                    f"{e} Before that, these were put back or removed: {several(done)}. Run again.",
                )
            kept[pair.file.real_path] = gone.get("backup_file")
        return kept, [], ""
