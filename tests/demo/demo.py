# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: the shipped playbook takes a bare Liberty to mutual TLS, and calls show that it is so.

Exit status: 0 when everything was proved, 1 when something was not, 128 + N after signal N.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "liberty"))

from calls import BEFORE, C1, C2, PASSWORD, Call, Proof
from fetch import VERSION, liberty_install
from launcher import Liberty
from layout import free_port
from pki import issue_cast, write_private
from standin import standin_extension
from testbed import TestBedError

HERE = Path(__file__).resolve().parent
ROLE_PLAYBOOK = "zosconnect.security.mutual_tls_requester"
VERIFY_PLAYBOOK = "zosconnect.security.verify_connections"
SECONDS_TO_END = 15.0
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
INDENT = "      "

WHERE_TO_LOOK = (
    ("the playbook", "playbooks/mutual_tls_requester.yml, playbooks/verify_connections.yml"),
    ("what it was told", "tests/demo/inventory.yml, tests/demo/c1.yml, tests/demo/c2.yml"),
    ("all that it can be told", "roles/mutual_tls_requester/README.md"),
    ("the calls", "tests/demo/calls.py"),
    ("how it works", "docs/ARCHITECTURE.md"),
    ("the stand-in", "tests/liberty/README.md"),
)


class Demo:
    """What the steps share: one server, one folder for everything else, what the playbooks printed."""

    def __init__(self, cleanup: contextlib.ExitStack) -> None:
        self.server: Liberty = cleanup.enter_context(Liberty())
        # Within the server's folder, which goes with the server even if this process is killed.
        self.folder = self.server.layout.directory / "demo"
        self.pki = self.folder / "pki"
        self.ports = {"connection": free_port(), "default": self.server.http_port}
        self.server_xml = self.server.server_dir / "server.xml"
        self.bare = self.server_xml.read_text(encoding="utf-8")
        self.passwords = {f"demo_{store}_store_password": secrets.token_hex(12) for store in ("key", "trust")}
        self.printed = ""
        issue_cast(key_type="ec").write(self.pki)
        given = {"demo_server_dir": str(self.server.server_dir), "demo_pki": str(self.pki)}
        given |= {"demo_port": self.ports["connection"], **self.passwords}
        write_private(self.folder / "given.json", json.dumps(given))
        (self.folder / "ansible.cfg").touch()  # so that nobody's own settings count

    def play(self, playbook: str, declaration: str, *options: str) -> str:
        """Run a shipped playbook as a user does; return what it printed.

        Raises:
            TestBedError: it failed; with all that it printed.
        """
        say(f"ansible-playbook {playbook} -i tests/demo/inventory.yml -e @tests/demo/{declaration}")
        program = Path(sys.executable).with_name("ansible-playbook")
        given = ("-i", HERE / "inventory.yml", "-e", f"@{HERE / declaration}", "-e", f"@{self.folder / 'given.json'}")
        status, output = run([program, playbook, *given, *options], cwd=self.folder)
        self.printed += output
        if status:
            raise TestBedError(f"ansible-playbook {playbook} ended with status {status}:\n{output}")
        return output

    def call(self, calls: Sequence[Call]) -> Iterator[Proof]:
        """Make calls."""
        return (call.make(self.ports, self.pki) for call in calls)


def run(command: Sequence[object], *, cwd: Path) -> tuple[int, str]:
    """Run ansible-playbook; it ends with this process, and leaves nothing outside ``cwd``."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    temporary = dict.fromkeys(("ANSIBLE_HOME", "ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TEMP"), str(cwd / "ansible"))
    environment |= temporary | {
        "ANSIBLE_COLLECTIONS_PATH": str(Path(sys.prefix) / "collections"),
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "0",
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    # In a session of its own, so that Ctrl-C reaches it once, from here.
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate()
        except BaseException:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=SECONDS_TO_END)
            process.kill()
            raise
    return process.returncode, output


def changed_tasks(output: str) -> str:
    """What ansible-playbook printed about the tasks that changed something, with their diffs."""
    blocks = re.split(r"\n(?=TASK \[|PLAY )", output)
    return "\n".join(block.strip("\n") for block in blocks if "\nchanged: " in block)


def recap(output: str) -> str:
    """What counts in PLAY RECAP about the server."""
    line = re.findall(r"^demo-server .*$", output, re.MULTILINE)[-1]
    return " ".join(re.findall(r"\b(?:ok|changed|failed)=\d+", line))


def get_liberty() -> None:
    """Get what the server is made of; what does the work shows the progress."""
    standin_extension(liberty_install())
    say(f"Open Liberty {VERSION} and the stand-in for z/OS Connect are there.")


def bare_server(demo: Demo) -> Iterator[Proof]:
    """Show what is there before the playbook."""
    ports = f"http {demo.ports['default']}; the connection will have {demo.ports['connection']} (5002 in IBM's figure)"
    say(f"Liberty runs in {demo.server.layout.directory}, {ports}")
    say("A new CA has signed certificates for the server and for callers.")
    yield from demo.call(BEFORE)


def server_auth(demo: Demo) -> Iterator[Proof]:
    """C1."""
    yield from configure(demo, "c1.yml")
    yield from demo.call(C1)


def mutual_auth(demo: Demo) -> Iterator[Proof]:
    """C2, from C1."""
    yield from configure(demo, "c2.yml")
    yield from demo.call(C2)


def configure(demo: Demo, declaration: str) -> Iterator[Proof]:
    """Run the playbook, show its diffs; what was in server.xml before the demo must still be there, in order."""
    output = demo.play(ROLE_PLAYBOOK, declaration, "--diff")
    say(changed_tasks(output), f"PLAY RECAP: {recap(output)}")
    present = iter(demo.server_xml.read_text(encoding="utf-8").splitlines())
    kept = [line in present for line in demo.bare.splitlines()]
    observed = f"{sum(kept)} of {len(kept)} lines of the bare server.xml are there, unchanged; {recap(output)}"
    yield Proof(f"{declaration[:2].upper()}: the playbook leaves all that was there", observed, all(kept))


def again(demo: Demo) -> Iterator[Proof]:
    """Law: twice is once."""
    before = demo.server_xml.read_bytes()
    line = recap(demo.play(ROLE_PLAYBOOK, "c2.yml", "--diff"))
    same = demo.server_xml.read_bytes() == before
    observed = f"{line}; server.xml has {'the same' if same else 'OTHER'} bytes"
    yield Proof("the second run changes nothing", observed, same and line.endswith("changed=0 failed=0"))


def verify(demo: Demo) -> Iterator[Proof]:
    """Run the playbook that a user has for the same proof."""
    output = demo.play(VERIFY_PLAYBOOK, "c2.yml")
    # A probe's title begins with the connection's name; other loops of the playbook have other labels.
    titles = dict.fromkeys(re.findall(r"\(item=(\w+: .*)\)$", output, re.MULTILINE))
    say(*titles)
    observed = f"{len(titles)} probes as declared; {recap(output)}"
    yield Proof("the playbook verify_connections agrees", observed, len(titles) == 3)


def secrecy(demo: Demo) -> Iterator[Proof]:
    """Look for all secrets of server.xml, clear or encoded, and of the stores in all that the playbooks printed."""
    found = set(re.findall(r'password="(.*?)"', demo.server_xml.read_text(encoding="utf-8")))
    known = {*found, *demo.passwords.values(), PASSWORD, "PRIVATE KEY-----"}
    leaked = sum(secret in demo.printed for secret in known)
    lines = demo.printed.count("\n")
    yield Proof("no secret is printed", f"{leaked} of {len(known)} secrets in {lines} lines of output", not leaked)


Step = tuple[str, Callable[[Any], Iterator[Proof]]]
STEPS: tuple[Step, ...] = (
    ("Before: a bare server", bare_server),
    ("C1: TLS, the caller has user and password", server_auth),
    ("C2: mutual TLS, the caller is its certificate", mutual_auth),
    ("The same again", again),
    ("The playbook that users verify with", verify),
    ("Secrets", secrecy),
)


def say(*texts: str) -> None:
    """Print below the heading of a step."""
    for line in "\n".join(texts).splitlines():
        print(f"{INDENT}{line}".rstrip(), flush=True)


def verdict(proof: Proof) -> str:
    """One row of the table."""
    return f"{'ok' if proof.holds else 'FAILED':6}  {proof.claim:58}  {proof.observed}"


@contextlib.contextmanager
def step(number: int, title: str) -> Iterator[None]:
    """Number a step and say how long it took."""
    begin = time.monotonic()
    print(f"\n[{number}] {title}", flush=True)
    yield
    say(f"{time.monotonic() - begin:.1f} s")


def prove(steps: Sequence[Step], subject: object, *, first: int = 1) -> list[Proof]:
    """Go through the steps up to the first that does not prove what it should."""
    proofs: list[Proof] = []
    for number, (title, show) in enumerate(steps, first):
        with step(number, title):
            try:
                for proof in show(subject):
                    proofs.append(proof)
                    say(verdict(proof))
            except TestBedError as problem:
                say(str(problem))
                proofs.append(Proof(title, f"see step {number}", holds=False))
        if not all(proof.holds for proof in proofs):
            break
    return proofs


def summary(proofs: Sequence[Proof]) -> str:
    """The table at the end; what failed is named again below it."""
    lines = ["", "What was proved (z/OS Connect itself was a stand-in)", *map(verdict, proofs)]
    lines += ["", "Where to look", *(f"        {what:24}{where}" for what, where in WHERE_TO_LOOK)]
    lines += [f"NOT PROVED: {proof.claim}: {proof.observed}" for proof in proofs if not proof.holds]
    return "\n".join(lines)


def demonstrate() -> int:
    """Get the server, prove, stop it; the table comes last."""
    begin = time.monotonic()
    with contextlib.ExitStack() as cleanup:
        with step(1, "What it needs"):
            get_liberty()
        with step(2, "Liberty starts"):
            demo = Demo(cleanup)
        cleanup.callback(ignore_signals)
        proofs = prove(STEPS, demo, first=3)
    print(f"{summary(proofs)}\n\nThe server is stopped, its folder removed. {time.monotonic() - begin:.0f} s in all.")
    return 0 if all(proof.holds for proof in proofs) else 1


def ignore_signals() -> None:
    """While cleaning up: that must not be cut short."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def stop(number: int, _frame: object) -> NoReturn:
    """At the first signal clean up and end."""
    ignore_signals()
    print(f"\n{signal.Signals(number).name}: the server is being stopped.", flush=True)
    sys.exit(128 + number)


def main() -> int:
    """Run the demo."""
    for number in SIGNALS:
        signal.signal(number, stop)
    try:
        return demonstrate()
    except TestBedError as problem:
        print(f"\nNOT PROVED: {problem}", flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
