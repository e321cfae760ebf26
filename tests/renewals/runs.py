# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role ``renew``, run again and again by one ansible-playbook at -vvv, whose start alone would take half of the time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import yaml
from jobs import MARKER
from pki import write_private

Json = dict[str, Any]
SECONDS = 300
HERE = Path(__file__).parent


@dataclass
class Runs:
    """The running ansible-playbook; ``number`` counts what was asked of it."""

    folder: Path
    process: subprocess.Popen[bytes]
    number: int = 0

    def run(self, variables: Json) -> Json:
        """Have the role run with these variables, and return ``changed`` and ``report``.

        Raises:
            AssertionError: it failed; with the end of what was printed.
        """
        given, done = (self.folder / f"{name}-{self.number}.json" for name in ("given", "done"))
        scratch = write_private(self.folder / "given.new", json.dumps(variables))
        scratch.rename(given)
        self.number += 1
        deadline = time.monotonic() + SECONDS
        while not done.exists():
            assert self.process.poll() is None, self.printed()[-3000:]
            assert time.monotonic() < deadline, f"no answer in {SECONDS} seconds: {self.printed()[-3000:]}"
            time.sleep(0.05)
        answer: Json = json.loads(done.read_text(encoding="utf-8"))
        given.unlink()
        return answer

    def printed(self) -> str:
        return (self.folder / "printed.txt").read_text(encoding="utf-8", errors="replace")


@contextmanager
def runs(folder: Path, *, turns: int) -> Iterator[Runs]:
    """Start it for at most so many runs; at the end no secret may be in what it printed."""
    folder.mkdir()
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = {"zosconnect_servers": {"hosts": {"server": local}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    (folder / "vars.json").write_text(json.dumps({"folder": str(folder), "turns": turns + 1}), encoding="utf-8")
    with open(folder / "printed.txt", "wb") as printed:
        one = Runs(folder, _start(folder, printed))
        try:
            yield one
            write_private(folder / f"given-{one.number}.json", json.dumps({"no_more": True}))
            assert one.process.wait(timeout=SECONDS) == 0, one.printed()[-3000:]
        finally:
            one.process.kill()
            one.process.wait()
    assert MARKER not in one.printed()


def _start(folder: Path, printed: IO[bytes]) -> subprocess.Popen[bytes]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "no-collections"),
        "ANSIBLE_ACTION_PLUGINS": str(HERE / "action_plugins"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
    }
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "-vvv", "-i", "hosts.yml", "-e", "@vars.json", str(HERE / "turns.yml")]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=printed, stderr=subprocess.STDOUT)
