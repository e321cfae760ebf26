# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every face shares: options in, hands called without a word in any log, one kind of failure out."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible import constants as C
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase

from ansible_collections.zosconnect.security.plugins.module_utils.looks import BY_PATH
from ansible_collections.zosconnect.security.plugins.plugin_utils import redact
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

COLLECTION = "zosconnect.security"
FILE_OPTIONS: dict[str, dict[str, Any]] = {
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "seuser": {"type": "str"},
    "serole": {"type": "str"},
    "setype": {"type": "str"},
    "selevel": {"type": "str"},
    "attributes": {"type": "str", "aliases": ["attr"]},
    "unsafe_writes": {"type": "bool", "default": False},
}


@dataclass(frozen=True)
class Found:
    """A file as the reading hand found it. ``data`` is None when there is no file."""

    path: str
    real_path: str
    data: bytes | None
    sha256: str | None
    tag: str | None
    attributes_differ: bool
    directory: str
    directory_exists: bool
    directory_writable: bool
    user: str
    # Why it cannot be replaced; whether root is led to it by somebody else; how many names it has.
    obstacle: str | None = None
    is_led: bool = False
    hard_links: int = 1
    mode: str | None = None
    # The directory of the server whose configuration named it, None where the task itself did.
    named_in: str | None = None

    def place(self) -> dict[str, str]:
        """Return how the placing hand is told which file is meant, and that it was this one."""
        named_in = {"server_dir": self.named_in} if self.named_in else {}
        return {"path": self.path, "real_path": self.real_path, **named_in}

    def tie(self) -> list[str]:
        """Say that other names of the file will keep the old content."""
        if self.hard_links < 2:
            return []
        return [f"{self.real_path}: its other names (hard links, {self.hard_links - 1}) keep the old content."]


def given_file_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the file options (mode, owner and so on) that the user really gave."""
    return {k: options[k] for k in FILE_OPTIONS if k != "unsafe_writes" and options.get(k) is not None}


class Face(ActionBase):
    """A face says read, plan, place; subclasses set ``ARGUMENTS`` and implement ``work``."""

    ARGUMENTS: ClassVar[dict[str, dict[str, Any]]] = {}
    RULES: ClassVar[dict[str, Any]] = {}
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self._vars = task_vars or {}
        self._sent: list[str] = []
        try:
            result.update(self.work(self._options()))
        except SecurityError as e:
            result.update(failed=True, changed=False, msg=redact.without_keys(str(e)))
        finally:
            self._take_away()
        return result

    def _take_away(self) -> None:
        """Remove what was sent where Ansible keeps remote files (for looking at modules): it may hold secrets."""
        for path in self._sent if C.DEFAULT_KEEP_REMOTE_FILES else []:
            self._low_level_execute_command(self._connection._shell.remove(path), sudoable=False)

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        """Do the task and return its result; raise SecurityError to fail."""
        raise NotImplementedError  # each face has its own

    def _options(self) -> dict[str, Any]:
        """Return the task's options, checked. The task's source is not attached to an error: it may hold a secret."""
        checked = ArgumentSpecValidator(self.ARGUMENTS, **self.RULES).validate(_decrypted(self._task.args))
        if checked.error_messages:
            # ansible-core leaves it to its callers to say what is wrong with the names that it lists.
            said = [
                f"unsupported option {error.msg}" if isinstance(error, UnsupportedError) else error.msg
                for error in checked.errors.errors
            ]
            raise SecurityError(f"{COLLECTION}.{self._load_name.rpartition('.')[2]}: " + "; ".join(said))
        options: dict[str, Any] = checked.validated_parameters
        return options

    def hand(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Run one hand on the target. What it brings may hold secrets, so the connection plug-in must not show it."""
        # The connection has a copy of the task's play context, and its own is the one that ssh looks at.
        context = self._connection._play_context
        shown = context.no_log
        context.no_log = True
        try:
            answer: dict[str, Any] = self._execute_module(
                module_name=f"{COLLECTION}.{name}", module_args=arguments, task_vars=self._vars
            )
        finally:
            context.no_log = shown
        if answer.get("failed") or answer.get("unreachable"):
            raise SecurityError(_failure(name, answer))
        return answer

    def read(self, path: str, options: Mapping[str, Any]) -> Found:
        """Bring one file from the target; raise SecurityError when it is there but cannot be read."""
        answer = self.hand("target_read", {"files": [{"path": path, "attributes": given_file_options(options)}]})
        return found(answer["files"][0])

    def place(
        self,
        file: Found,
        data: bytes,
        options: Mapping[str, Any],
        *,
        new_mode: str,
        judged: Sequence[Mapping[str, str]] = (),
    ) -> dict[str, Any]:
        """Place ``data`` where ``file`` was read.

        ``judged`` are other files (``path``, ``expected``) that must not have changed meanwhile either.
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
        }
        return self.hand("target_place", arguments)

    def change_look(self, file: Found, options: Mapping[str, Any]) -> None:
        """Give a file that keeps its content the file options that were given; in check mode only see if that works."""
        can_touch(file, options)
        if not self._task.check_mode:
            self.hand("target_place", {**file.place(), **given_file_options(options), "expected": file.sha256 or ""})

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


def _decrypted(given: Any) -> Any:
    """Return a task's arguments with vaulted values as text; before ansible-core 2.19 they are objects of their own."""
    if getattr(given, "__ENCRYPTED__", False):
        return str(given)
    if isinstance(given, Mapping):
        return {key: _decrypted(value) for key, value in given.items()}
    return [_decrypted(value) for value in given] if isinstance(given, list) else given


def _failure(name: str, answer: Mapping[str, Any]) -> str:
    """The hand's own sentence; where it never came to speak, what the target's Python said last."""
    message = _message(answer) or f"{name} failed on the target without a message"
    said = [line for line in _printed(answer) if line.strip()]
    if not said:
        return message
    first = message.splitlines()[0]
    return f"{name} could not run on the target: {said[-1][:300]} ({first}). Is ansible_python_interpreter right?"


def _message(answer: Mapping[str, Any]) -> str:
    """What a module's fail_json said; ansible-core 2.19 and later keep it in the exception where there was one."""
    event = getattr(answer.get("exception"), "event", None)
    return str(answer.get("msg") or getattr(event, "msg", ""))


def _printed(answer: Mapping[str, Any]) -> list[str]:
    """What came instead of a result, without what looks like part of one: that may be a file's content."""
    text = str(answer.get("module_stderr") or answer.get("module_stdout") or "")
    return [line for line in text.splitlines() if "{" not in line]


def found(item: Mapping[str, Any]) -> Found:
    """Turn one answer of the reading hand into Found; raise SecurityError unless it is a file or absent."""
    if item["state"] not in ("file", "absent"):
        raise SecurityError(item["message"])
    content = item.get("content")
    return Found(
        path=item["path"],
        real_path=item["real_path"],
        data=None if content is None else base64.b64decode(content),
        sha256=item.get("sha256"),
        tag=item.get("tag"),
        attributes_differ=item.get("attributes_differ", False),
        directory=item["directory"],
        directory_exists=item["directory_exists"],
        directory_writable=item["directory_writable"],
        user=item["user"],
        obstacle=item["obstacle"],
        is_led=item["is_led"],
        hard_links=item.get("hard_links", 1),
        mode=item.get("mode"),
    )


def can_touch(file: Found, options: Mapping[str, Any]) -> None:
    """Raise SecurityError where root must not touch the file, or cannot set what is asked without being misled."""
    if file.obstacle:
        raise SecurityError(file.obstacle)
    by_path = [name for name in BY_PATH if options.get(name) is not None]
    if file.is_led and by_path:
        raise SecurityError(
            f"{by_path[0]}: can only be set by the path of a file, and user {file.user}, in whose hands "
            f"{file.directory} is, could exchange {file.path} meanwhile; nothing was changed. Run as that user: "
            f"become_user: {file.user}."
        )


def can_place(file: Found, options: Mapping[str, Any]) -> None:
    """Raise SecurityError where placing would fail, so that check mode fails where the real run does."""
    if not file.directory_exists:
        raise SecurityError(f"{file.path}: the directory {file.directory} does not exist; create it first.")
    can_touch(file, options)
    if not file.directory_writable:
        raise SecurityError(
            f"{file.path}: user {file.user} may not write in {file.directory}, and the new file is made beside the "
            "old one; nothing was changed. Use become, or grant write access to the directory."
        )
