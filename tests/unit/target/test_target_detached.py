# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of target_apply goes on when nobody waits for it, and somebody cleans up when it is killed itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apply_world import NEW, OLD, Json, applied, change, content, left, order, recovered, server

from ansible_collections.zosconnect.security.plugins.module_utils import detached
from ansible_collections.zosconnect.security.plugins.modules import target_apply

# The module as Ansible starts it, but that Ansible's own parts are here already. Its worker waits at the gates.
PROGRAM = """
import json, sys
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": {"order": sys.argv[1], "_ansible_tmpdir": sys.argv[2]}}).encode()
basic._ANSIBLE_PROFILE = "legacy"
# A make test that was started with nohup ignores it, and so would this.
import signal
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from ansible_collections.zosconnect.security.plugins.modules import target_apply
target_apply.main()
"""
NAMES = ("server.xml", "new.xml")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return server(tmp_path, "server.xml")


def waiting(directory: Path, seconds: float) -> Json:
    """An order whose ports are not as declared, so that it waits, and then puts all back."""
    closed = {"title": "cics", "host": "127.0.0.1", "port": 1, "plain": True, "expect": ["ok"]}
    files = [change(directory / name) for name in NAMES]
    return order(directory, *files, gates=[closed], verify_seconds=seconds, refresh={"kind": "polled"})


def started(directory: Path, given: Json, **more: Any) -> subprocess.Popen[str]:
    """Start the module with an order."""
    sent = directory.parent / "order.json"
    sent.write_text(json.dumps(given))
    sent.chmod(0o600)
    command = [sys.executable, "-c", PROGRAM, str(sent), str(directory.parent)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_new(directory: Path) -> bool:
    return {content(directory).get(name) for name in NAMES} == {NEW}


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(number) for number in text.split()]


def test_the_answer_is_relayed(directory: Path) -> None:
    process = started(directory, order(directory, *(change(directory / name) for name in NAMES)))
    out, err = process.communicate(timeout=30)
    answer = json.loads(out)
    assert (answer["outcome"], err) == ("applied", "")
    assert is_new(directory)
    assert left(directory)["state"] == "none"
    assert not (directory.parent / "order.json").exists(), "it was removed when it was read"


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_the_connection_is_lost(directory: Path, signal_: int) -> None:
    """What waits is killed with all of its process group; the files are put back all the same, and the next run says so."""
    process = started(directory, waiting(directory, 1), start_new_session=True)
    until(lambda: is_new(directory))
    os.killpg(process.pid, signal_)
    process.communicate()
    until(lambda: left(directory)["state"] == "old" and left(directory)["phase"] == "put_back")
    assert content(directory)["server.xml"] == OLD
    assert "new.xml" not in content(directory)
    answer = recovered(directory)
    assert answer["outcome"] == "put_back"
    assert "The outcome is refused, expected was ok." in answer["message"]


def test_nobody_hears_the_answer(directory: Path) -> None:
    """The module lives, but its output leads nowhere: then the answer is for the next run."""
    process = started(directory, order(directory, *(change(directory / name) for name in NAMES)))
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    process.communicate()
    assert (left(directory)["state"], left(directory)["phase"]) == ("new", "applied")
    assert recovered(directory)["outcome"] == "applied"


def test_the_worker_is_killed(directory: Path) -> None:
    """Who waits for it puts the files back."""
    process = started(directory, waiting(directory, 20))
    until(lambda: is_new(directory))
    (worker,) = children(process.pid)
    os.kill(worker, signal.SIGKILL)
    out, _err = process.communicate(timeout=30)
    answer = json.loads(out)
    assert (answer["outcome"], answer["problem"]["kind"]) == ("put_back", "interrupted")
    assert content(directory) == {"server.xml": OLD}
    assert left(directory)["state"] == "none"


def test_the_worker_is_killed_before_it_has_changed_anything() -> None:
    answer = target_apply.killed({"outcome": "applied", "changed": False, "files": []})
    assert (answer["outcome"], answer["changed"], answer["problem"]["kind"]) == ("refused", False, "interrupted")
    assert answer["message"] == "The process that changes the files was killed before it had changed any; run again."
    assert (answer["gates"], answer["refresh"]["state"]) == ([], "none"), "all that an answer has"


def test_what_an_interrupted_run_left_in_the_way_is_put_back(directory: Path) -> None:
    """Also for those who do not ask for journals: the change was planned with what was there, so it is for the next run."""
    applied(order(directory, *(change(directory / name) for name in NAMES)), taken=False)
    journal = directory / ".zosconnect-security.journal"
    journal.write_text(journal.read_text().replace('"phase": "applied"', '"phase": "placing"'))
    began = left(directory)["began"]
    out, _err = started(directory, order(directory, change(directory / "other.xml"))).communicate(timeout=60)
    answer = json.loads(out)
    assert (answer["outcome"], answer["changed"], answer["problem"]["kind"]) == ("refused", True, "journal")
    assert answer["message"] == (
        f"{journal}: the run that began at {began} was interrupted, so its files were put back. Nothing else was changed. "
        "Run again to plan from what is there now."
    )
    assert content(directory) == {"server.xml": OLD}
    journal.write_text("?")
    out, _err = started(directory, order(directory, change(directory / "other.xml"))).communicate(timeout=60)
    answer = json.loads(out)
    assert (answer["outcome"], answer["changed"]) == ("refused", False)
    assert answer["message"].startswith(f"{journal}: an interrupted run has left this")


def test_whoever_cleans_up_is_killed_too() -> None:
    answer = target_apply.killed(None)
    assert (answer["outcome"], answer["changed"]) == ("left", True)
    assert answer["message"] == (
        "The process that changes the files was killed twice; the next run puts back what it has changed."
    )


def test_a_worker_that_says_nothing() -> None:
    def work() -> Any:
        raise RuntimeError

    assert detached.run(work) is None


def test_where_the_journals_of_an_order_may_lie(directory: Path) -> None:
    given = order(directory, change(Path("/etc/pagent/policy")), {"path": "/a", "real_path": "/b/c", "expected": ""})
    assert target_apply.directories(given) == [str(directory), "/etc/pagent", "/b"]
    assert target_apply.directories({"recover": ["/a"]}) == ["/a"]


@pytest.mark.parametrize(
    ("text", "mode", "sentence"),
    [
        (
            "{",
            0o600,
            "what was sent cannot be read: it is not what the controller sends; nothing was changed. Run again.",
        ),
        (None, 0o600, "what was sent cannot be read: No such file or directory; nothing was changed. Run again."),
        (
            "{}",
            0o644,
            (
                "The password of the key store would lie in a file that every user of the host can read; nothing was changed. "
                "Install setfacl (package acl) on the host, or become root instead of an unprivileged user."
            ),
        ),
    ],
)
def test_an_order_that_is_not_taken(directory: Path, text: str | None, mode: int, sentence: str) -> None:
    sent = directory.parent / "order.json"
    directory.parent.chmod(0o755)
    if text is not None:
        sent.write_text(text)
        sent.chmod(mode)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(sent), str(directory.parent)], capture_output=True, check=False
    )
    answer = json.loads(done.stdout)
    assert answer["failed"] is True
    assert answer["msg"].endswith(sentence)
