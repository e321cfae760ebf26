# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What actions say of a file before anything is placed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found, can_place, can_touch


def file(**facts: Any) -> Found:
    known = {"path": "/s/server.xml", "real_path": "/s/server.xml", "data": b"", "sha256": "", "tag": None}
    place = {"attributes_differ": False, "directory": "/s", "directory_exists": True, "directory_writable": True}
    return Found(**{**known, **place, "user": "zceesrv", **facts})


def test_what_only_a_path_can_name_is_not_set_where_somebody_could_exchange_the_file() -> None:
    for check in (can_touch, can_place):
        with pytest.raises(SecurityError) as caught:
            check(file(is_led=True), {"setype": "etc_t", "mode": "0640"})
        assert str(caught.value) == (
            "setype: can only be set by the path of a file, and user zceesrv, in whose hands /s is, could exchange "
            "/s/server.xml meanwhile; nothing was changed. Run as that user: become_user: zceesrv."
        )
        check(file(is_led=True), {"setype": None, "mode": "0640"})
        check(file(), {"setype": "etc_t"})


def test_an_obstacle_is_said_as_it_is() -> None:
    for check in (can_touch, can_place):
        with pytest.raises(SecurityError) as caught:
            check(file(obstacle="a sentence."), {})
        assert str(caught.value) == "a sentence."


@pytest.mark.parametrize(
    ("links", "said"), [(1, []), (3, ["/s/server.xml: its other names (hard links, 2) keep the old content."])]
)
def test_other_names_of_a_file(links: int, said: list[str]) -> None:
    assert file(hard_links=links).tie() == said


class Lost(SecurityAction):
    """An action whose connection is lost as soon as something is applied."""

    def run_on_target(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        raise AnsibleConnectionFailure(f"The way to {name} is lost")

    def send(self, data: bytes) -> str:
        return "/tmp/sent"

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        return self.apply({}) if options["apply"] else self.ask({}, {})

    def _remove_tmp_path(self, *_arguments: object, **_options: object) -> None:
        raise AnsibleConnectionFailure("It still is.")


GOES_ON = (
    "zcee1: The way to target_apply is lost. What was begun there goes on without the connection; run again, which says "
    "what became of it."
)


@pytest.mark.parametrize(("apply", "said"), [(False, "zcee1: The way to target_read is lost"), (True, GOES_ON)])
def test_a_lost_connection_does_not_hide_what_goes_on(
    monkeypatch: pytest.MonkeyPatch, *, apply: bool, said: str
) -> None:
    action = object.__new__(Lost)
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments: {})
    monkeypatch.setattr(Lost, "_options", lambda _self: {"apply": apply})
    action._task = SimpleNamespace(delegate_to=None, async_val=0)
    context = SimpleNamespace(remote_addr="192.0.2.1")
    action._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/tmp/task"), _play_context=context)
    with pytest.raises(AnsibleConnectionFailure):
        action.cleanup()
    result = action.run(task_vars={"inventory_hostname": "zcee1"})
    action.cleanup()
    assert result == {"unreachable": True, "changed": False, "msg": said}


class Checked(SecurityAction):
    """An action in check mode that finds what an interrupted run left."""

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"changed": self.recover(options, None)}


@pytest.mark.parametrize(("state", "changed"), [("new", True), ("old", False)])
def test_a_check_run_tells_what_an_interrupted_one_left(
    monkeypatch: pytest.MonkeyPatch, *, state: str, changed: bool
) -> None:
    """It counts as a change where the real run would put files back."""
    action = object.__new__(Checked)
    left = {"directory": "/s", "phase": "placing", "state": state, "message": f"It was interrupted: {state}."}
    action._task = SimpleNamespace(check_mode=True)
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments: {})
    monkeypatch.setattr(Checked, "_options", lambda _self: {"journals": [left]})
    assert action.run(None, {}) == {"changed": changed, "warnings": [f"It was interrupted: {state}."]}


class Shown(SecurityAction):
    """An action whose result has what the owner of a directory chose as the name of a file, everywhere."""

    NAME = "a\x1b[2J\x9b2J\u202e\nok: [h]"
    CLEAN = r"a\x1b[2J\x9b2J\u202e ok: [h]"

    def work(self, options: dict[str, Any]) -> dict[str, Any]:
        name = self.NAME
        return {
            "changed": False,
            "path": name,
            "msg": f"{name}: is wrong.",
            "warnings": [name],
            "lines": (name,),
            "summary": {"worst": [name], "counts": {"files": 1}},
            "diff": [{"prepared": f"-\ta \u3000é\r\n+b\r\x1b[2J\x85{self.NAME}\n"}],
        }


def test_what_people_read_does_not_steer_their_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings and errors are printed as they are, lines and differences nearly so; what is data stays as it is."""
    action, clean = object.__new__(Shown), Shown.CLEAN
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments: {})
    monkeypatch.setattr(Shown, "_options", lambda _self: {})
    assert action.run(None, {}) == {
        "changed": False,
        "path": Shown.NAME,
        "msg": f"{clean}: is wrong.",
        "warnings": [clean],
        "lines": [clean],
        "summary": {"worst": [clean], "counts": {"files": 1}},
        "diff": [{"prepared": "-\ta \u3000é\r\n+b\\r\\x1b[2J\\x85a\\x1b[2J\\x9b2J\\u202e\nok: [h]\n"}],
    }
