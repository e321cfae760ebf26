# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all actions share: options in, target modules run without a word in any log, one kind of failure out."""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from ansible import constants as C
from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase

from ansible_collections.zosconnect.security.plugins.plugin_utils import hints, redact, survey, unfinished, variables
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import (
    Found,
    can_touch,
    found,
    given_file_options,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.remembered import Memory

COLLECTION = "zosconnect.security"
# What people read of a result, beside the difference: names of files, and a journal, must not steer their terminal.
_READ = (
    *("msg", "warnings", "lines", "complaint", "summary", "next", "undo", "notes"),
    *("told", "unseen", "unproved", "proved"),
)
_GOES_ON = " What was begun there goes on without the connection; run again, which says what became of it."


class SecurityAction(ActionBase):  # type: ignore[misc]  # Ansible's classes are without types
    """An action says read, plan, place; subclasses set ``ARGUMENTS`` and implement ``work``."""

    ARGUMENTS: ClassVar[dict[str, dict[str, Any]]] = {}
    RULES: ClassVar[dict[str, Any]] = {}
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = True
    # What the sentence about a lost connection ends with: of what was begun, and of what was done before.
    _goes_on = ""
    _besides = ""
    _is_lost = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._vars = task_vars or {}
        self._sent: list[str] = []
        self._settled: dict[str, Any] = {}
        try:
            result.update(self.work(self._options()))
        except SecurityError as e:
            result.update(failed=True, changed=False, msg=redact.without_keys(str(e)))
        except AnsibleConnectionFailure as e:
            host = self._task.delegate_to or self._vars.get("inventory_hostname")
            more = f"{self._goes_on}{self._besides}"
            why = f"{e.message.rstrip('. ')}.{more}" if more else e.message
            result.update(unreachable=True, changed=False, msg=f"{host}: {why}")
            self._is_lost = True
        finally:
            self._take_away()
        if self._settled:
            result["changed"] = bool(result.get("changed") or self._settled["changed"])
            result["warnings"] = list(dict.fromkeys([self._settled["message"], *result.get("warnings", ())]))
        shown = {**dict.fromkeys(_READ, hints.clean), "diff": hints.visible}
        return {**result, **{key: hints.each_text(result[key], how) for key, how in shown.items() if key in result}}

    def cleanup(self, force: bool = False) -> None:  # noqa: FBT001, FBT002  # as Ansible calls it
        """Remove the task's directory. That it fails too where the connection is lost would hide what was said."""
        try:
            super().cleanup(force)
        except AnsibleConnectionFailure:
            if not self._is_lost:
                raise

    def _take_away(self) -> None:
        """Remove what was sent where Ansible keeps remote files (for looking at modules): it may hold secrets."""
        for path in self._sent if C.DEFAULT_KEEP_REMOTE_FILES else []:
            self._low_level_execute_command(self._connection._shell.remove(path), sudoable=False)

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        """Do the task and return its result; raise SecurityError to fail."""
        raise NotImplementedError  # each action has its own

    def _options(self) -> dict[str, Any]:
        """Return the task's options, checked. The task's source is not attached to an error: it may hold a secret."""
        given = self._given()
        if given.get("prefix"):
            variables.check(str(given["prefix"]), self.ARGUMENTS, given)
        checked = ArgumentSpecValidator(self.ARGUMENTS, **self.RULES).validate(given)
        if wrong := _wrong(checked):
            raise SecurityError(f"{COLLECTION}.{self._load_name.rpartition('.')[2]}: {wrong}")
        options: dict[str, Any] = checked.validated_parameters
        return options

    def _given(self) -> dict[str, Any]:
        """Return the task's options as they were given, in clear; lists that a survey gave as text are lists."""
        given = _decrypted(self._task.args)
        return {name: _of_survey(value, self.ARGUMENTS.get(name, {})) for name, value in given.items()}

    def check_items(self, name: str, arguments: Mapping[str, Any], rules: Mapping[str, Any], where: str) -> None:
        """Refuse the first item of a list whose options make no sense, by its number and name."""
        given = self._given().get(name)
        for number, item in enumerate(given if isinstance(given, list) else ()):
            checked = ArgumentSpecValidator(arguments, **rules).validate(item) if isinstance(item, dict) else None
            if wrong := _wrong(checked) if checked else "":
                raise SecurityError(f"{numbered(where, number, item)}: {wrong}")

    def run_on_target(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Run a module on the target. Its answer may hold secrets, so the connection plug-in must not show it."""
        # The connection has a copy of the task's play context, and its own is the one that ssh looks at.
        context = self._connection._play_context
        shown = context.no_log
        context.no_log = True
        try:
            answer: dict[str, Any] = self._execute_module(
                module_name=f"{COLLECTION}.{name}", module_args=arguments, task_vars=self._vars
            )
        except AnsibleConnectionFailure:
            # Why stays hidden with the answer; this one has none to hide, and fails likewise.
            context.no_log = False
            self._low_level_execute_command(":")
            raise
        finally:
            context.no_log = shown
        if answer.get("failed") or answer.get("unreachable"):
            raise SecurityError(_failure(name, answer))
        return answer

    def run_task(self, name: str, arguments: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
        """Run another action, or a module, as a task of a playbook does; return its result, failed or not."""
        task = self._task.copy()
        task.action, task.args, task.check_mode, task.async_val = name, dict(arguments), check_mode, 0
        loader = self._shared_loader_obj.action_loader
        action = loader.get(
            name if loader.has_plugin(name) else "ansible.legacy.normal",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        answer: dict[str, Any] = action.run(task_vars=self._vars)
        return answer

    def playbook(self, name: str, *options: str) -> str:
        """Return the command that runs a playbook of ours for this host, with its inventory, as it can be typed."""
        sources = self._vars.get("ansible_inventory_sources") or []
        inventory = [word for source in sources for word in ("-i", str(source))]
        host = str(self._vars["inventory_hostname"])
        return shlex.join(["ansible-playbook", f"{COLLECTION}.{name}", *inventory, "-l", host, *options])

    def at_end(self, does: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Do what comes last. Where the connection is lost by then, the answer is a failure, and hides no result."""
        try:
            return does()
        except AnsibleConnectionFailure as e:
            # What Ansible removes when the task ends fails too.
            self._is_lost = True
            return {"failed": True, "msg": e.message}

    def forget_directory(self) -> None:
        """Remove the task's directory on the target, if it is there; what is sent next gets another one."""
        shell = self._connection._shell
        if shell.tmpdir:
            self._remove_tmp_path(shell.tmpdir, force=True)
        shell.tmpdir = None

    def ask(self, question: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Ask target_read; secrets ``given`` by name travel as a file. Stores that are known are not opened again."""
        stores, host = question.get("stores", ()), self._task.delegate_to or self._vars.get("inventory_hostname")
        address = self._connection._play_context.remote_addr
        memory = Memory(os.path.dirname(C.DEFAULT_LOCAL_TMP), [str(host), str(address)])
        sent = {"secrets": self.send(json.dumps(given).encode())} if given else {}
        answer = self.run_on_target("target_read", {**question, **sent, "stores": memory.asked(stores)})
        return {**answer, "stores": memory.told(stores, answer["stores"])}

    def apply(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Have an order carried out; it may hold secrets and travels as a file."""
        sent = {"order": self.send(json.dumps(order).encode())}
        self._goes_on = _GOES_ON
        answer = self.run_on_target("target_apply", sent)
        self._goes_on = ""
        return answer

    def recover(self, answer: Mapping[str, Any], connector: Mapping[str, Any] | None) -> bool:
        """Finish or undo what an interrupted run left, as target_read told; return whether it must be read again.

        In check mode it is only told.
        """
        journals = answer.get("journals") or ()
        left = unfinished.directories(journals)
        if left and self._task.check_mode:
            said = " ".join(journal["message"] for journal in journals if journal["message"])
            self._settled = {"changed": unfinished.goes_back(journals), "message": said}
        if not left or self._task.check_mode:
            return False
        self.settle(unfinished.order(left, connector))
        return True

    def settle(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Have done what was left; whatever becomes of this task, its result says so."""
        answer = self._settled = self.apply(order)
        unfinished.check(answer)
        return answer

    def read(self, path: str, options: Mapping[str, Any]) -> Found:
        """Bring one file from the target; raise SecurityError when it is there but cannot be read."""
        answer = self.run_on_target(
            "target_read", {"files": [{"path": path, "attributes": given_file_options(options)}]}
        )
        return found(answer["files"][0])

    def place(
        self,
        file: Found,
        data: bytes,
        options: Mapping[str, Any],
        *,
        new_mode: str,
        judged: Sequence[Mapping[str, str]] = (),
        pending: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Place ``data`` where ``file`` was read.

        ``judged`` are other files (``path``, ``expected``) that must not have changed meanwhile either, ``pending`` is
        what is noted for the server.
        """
        arguments = {
            **file.place(),
            **given_file_options(options),
            "src": self.send(data),
            "expected": file.sha256 or "",
            "new_mode": new_mode,
            "judged": list(judged),
            "backup": options["backup"],
            "validate": options.get("validate"),
            "unsafe_writes": options["unsafe_writes"],
            "pending": dict(pending) if pending else None,
        }
        return self.run_on_target("target_place", arguments)

    def change_look(self, file: Found, options: Mapping[str, Any]) -> None:
        """Give a file that keeps its content the file options that were given; in check mode only see if that works."""
        can_touch(file, options)
        if not self._task.check_mode:
            self.run_on_target(
                "target_place", {**file.place(), **given_file_options(options), "expected": file.sha256 or ""}
            )

    def send(self, data: bytes) -> str:
        """Put ``data`` into a file on the target that only its user can read; return its path.

        It lies in the task's own temporary directory, which Ansible removes when the task ends.
        """
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        remote = self._connection._shell.join_path(self._connection._shell.tmpdir, f"zcs-{secrets.token_hex(8)}")
        self._sent.append(str(remote))
        self._transfer_data(remote, data)
        # Nobody else may enter that directory anyway; the file shall not depend on it.
        self._remote_chmod([remote], "u=rw,g=,o=")
        self._fixup_perms2((self._connection._shell.tmpdir, remote), execute=False)
        return str(remote)


def _of_survey(value: Any, option: Mapping[str, Any]) -> Any:
    """Return an option that may be the text of a survey as the mapping, or the list of mappings, that it must be.

    Of a list of words to choose from, each word stands between commas or in a line of its own.
    """
    if option.get("type") == "dict":
        return survey.held(value, Mapping)
    if option.get("type") == "list" and "choices" in option:
        found = survey.held(value, list)
        return [one.strip() for one in re.split("[,\n]", found) if one.strip()] if isinstance(found, str) else found
    return survey.held(value, list) if option.get("elements") == "dict" else value


def _decrypted(given: Any) -> Any:
    """Return a task's arguments with vaulted values as text; before ansible-core 2.19 they are objects of their own."""
    if getattr(given, "__ENCRYPTED__", False):
        return str(given)
    if isinstance(given, Mapping):
        return {key: _decrypted(value) for key, value in given.items()}
    return [_decrypted(value) for value in given] if isinstance(given, list) else given


def _failure(name: str, answer: Mapping[str, Any]) -> str:
    """The module's own sentence; where it never came to speak, what the target's Python said last."""
    message = _message(answer) or f"{name} failed on the target without a message"
    lines = [line for line in _printed(answer) if line.strip()]
    if not lines:
        return message
    first = message.splitlines()[0]
    return f"{name} could not run on the target: {lines[-1][:300]} ({first}). Is ansible_python_interpreter right?"


def _message(answer: Mapping[str, Any]) -> str:
    """What a module's fail_json said; ansible-core 2.19 and later keep it in the exception where there was one."""
    event = getattr(answer.get("exception"), "event", None)
    return str(answer.get("msg") or getattr(event, "msg", ""))


def _printed(answer: Mapping[str, Any]) -> list[str]:
    """What came instead of a result, without what looks like part of one: that may be a file's content."""
    text = str(answer.get("module_stderr") or answer.get("module_stdout") or "")
    return [line for line in text.splitlines() if "{" not in line]


def _wrong(checked: ValidationResult) -> str:
    """Say what is wrong with options; ansible-core leaves it to its callers to say so of the names that it lists."""
    return "; ".join(
        f"unsupported option {error.msg}" if isinstance(error, UnsupportedError) else error.msg
        for error in checked.errors.errors
    )


def numbered(where: str, number: int, item: Mapping[str, Any]) -> str:
    """Return how sentences name an item of a list that has a name of its own."""
    name = item.get("name")
    return f"{where}[{number}] ({name})" if isinstance(name, str) and name else f"{where}[{number}]"
