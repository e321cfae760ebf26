# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`, as a user runs it; and that what it claims is not said of a server that does not do it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from testbed import TestBedError

from ansible_collections.zosconnect.security.plugins.module_utils.probing import Report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "demo"))

import demo
from calls import (
    ATTLS_BOTH,
    BEFORE,
    BY_CERTIFICATE,
    BY_PASSWORD,
    CICS_ATTLS,
    IMPOSTORS,
    INBOUND,
    OUTBOUND,
    WAITING,
    Call,
    Proof,
    sentence,
)

ROOT = Path(__file__).resolve().parents[2]
CALLS = (*BEFORE, *WAITING, *INBOUND, *OUTBOUND, *IMPOSTORS)
SECONDS = 300.0
WITH_KEEPER = 2  # processes of a stand-in
SECONDS_TO_CLEAN_UP = 30.0


def wait_for(condition: Callable[[], object], what: str, *, seconds: float = SECONDS) -> None:
    """Look again and again."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not after {seconds} s: {what}"
        time.sleep(0.1)


class Run:
    """`make demo` in a process group of its own, called from elsewhere; everything temporary goes to `temporary`."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self._log = folder / "output.txt"
        # Without what an outer `make` tells its children: a user's shell does not say it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        environment |= {"TMPDIR": str(self.temporary), "ANSIBLE_FORCE_COLOR": "1", "FORCE_COLOR": "1"}
        with self._log.open("wb") as log:
            command = ["make", "-C", str(ROOT), "demo"]
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(encoding="utf-8")

    def has_ended(self) -> bool:
        """Whether `make` is done."""
        return self.process.poll() is not None

    def processes(self) -> list[str]:
        """The command lines of all that runs on its behalf, known by the environment that it gave them."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"TMPDIR={self.temporary}".encode() in (process / "environ").read_bytes():
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
        return found

    def secrets(self) -> set[str]:
        """Every password, clear or encoded, that lies in its files now."""
        found: set[str] = set()
        for path in self.temporary.glob("**/*"):
            if path.name in ("server.xml", "testbed.xml", "given.json", "openapi3.json", "credentials.json"):
                text = path.read_text(encoding="utf-8")
                found |= {match for match in re.findall(r'password"?[=:] ?"(.*?)"', text) if match}
        return found

    def end(self) -> None:
        """Whatever happened."""
        if not self.has_ended():
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(SECONDS_TO_CLEAN_UP)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Run]]:
    """Start the demo, once or again; at the end of the test none runs."""
    runs: list[Run] = []

    def another() -> Run:
        folder = tmp_path / str(len(runs))
        folder.mkdir()
        runs.append(Run(folder))
        return runs[-1]

    yield another
    for run in runs:
        run.end()


def of(run: Run, word: str) -> list[str]:
    """Those of its processes that have this word in their command line."""
    return [line for line in run.processes() if word in line]


def row(output: str, claim: str) -> tuple[str, str]:
    """Find a claim in the table at the end: the mark before it, and what was observed."""
    table = output.partition("What was proved")[2]
    found = re.findall(rf"^(\S+) +{re.escape(claim)} +(.*)$", table, re.MULTILINE)
    assert len(found) == 1, f"{claim}: {found} in\n{output}"
    return found[0]


@pytest.mark.liberty
@pytest.mark.ansible
def test_interrupted_and_at_once_again(start: Callable[[], Run]) -> None:
    """Ctrl-C in the middle of a playbook leaves nothing, and the next run is as if there had been no other.

    In the second playbook, when all runs that there is: Liberty, AT-TLS on both sides of five connections.
    """
    interrupted = start()
    wait_for(lambda: len(of(interrupted, "stunnel.conf")) == 5 * WITH_KEEPER, "AT-TLS stands")
    wait_for(lambda: len(of(interrupted, "ansible-playbook")) > 1, "a playbook runs a task")
    assert of(interrupted, "wlp")
    os.killpg(interrupted.process.pid, signal.SIGINT)
    wait_for(interrupted.has_ended, "it ends", seconds=SECONDS_TO_CLEAN_UP)
    assert interrupted.process.returncode
    assert "SIGINT: the server is being stopped." in interrupted.output
    assert "Traceback" not in interrupted.output
    assert "What was proved" not in interrupted.output
    assert list(interrupted.temporary.iterdir()) == []
    assert interrupted.processes() == []

    check_whole_run(start())


def check_whole_run(run: Run) -> None:
    """Run to the end, with an eye on the secrets in its files."""
    secrets: set[str] = set()
    while not run.has_ended():
        secrets |= run.secrets()
        time.sleep(1)
    output = run.output
    assert run.process.returncode == 0, output
    assert list(run.temporary.iterdir()) == []
    assert run.processes() == []

    opening = output.partition("[1]")[0]
    assert "STAND-IN  z/OS Connect itself" in opening
    assert "IBM's documented rules: " in opening
    assert "ours: " in opening
    assert "STAND-IN  AT-TLS" in opening
    assert "STAND-IN  pasearch" in opening
    assert [int(number) for number in re.findall(r"^\[(\d+)\]", output, re.MULTILINE)] == [*range(1, 15)]
    assert len(re.findall(r"^      \d+\.\d s$", output, re.MULTILINE)) == 14
    check_table(output)
    check_secrecy(output, secrets)


def check_table(output: str) -> None:
    """Every claim, and for those that matter most what was seen."""
    assert {call.claim: row(output, call.claim)[0] for call in CALLS} == {call.claim: "ok" for call in CALLS}
    accepted, refused, refused_12 = (row(output, call.claim)[1] for call in BY_CERTIFICATE[:3])
    assert accepted == "status 200, user cicsuser by CLIENT_CERT, client certificate asked for, TLSv1.3"
    assert refused == "closed after handshake, client certificate asked for, TLSv1.3"
    assert refused_12 == "handshake failed, client certificate asked for"
    assert row(output, BY_PASSWORD[0].claim)[1] == "status 200, user cicsuser by BASIC, TLSv1.3"
    assert row(output, BY_CERTIFICATE[-1].claim)[1] == "refused"
    assert row(output, ATTLS_BOTH[0].claim)[1] == "status 200, user cicsuser by BASIC, the server got clear text"
    assert row(output, OUTBOUND[-1].claim)[1] == "status 200, the server used http, the endpoint saw TLSv1.3"
    mark, observed = row(output, "the second run changes nothing")
    assert mark == "ok"
    unchanged = r"ok=\d+ changed=0 failed=0; server\.xml and the policies have the same bytes"
    assert re.fullmatch(unchanged, observed)
    assert row(output, "rates: server.xml waits until the stack holds the policy")[0] == "ok"
    assert row(output, "other teams get their texts")[0] == "ok"
    assert row(output, "the playbook verify_connections agrees")[0] == "ok"
    answered = row(output, "renewal: no call is refused meanwhile")[1]
    assert re.fullmatch(r"\d+ calls were answered, 0 were not", answered)
    assert row(output, "renewal: the new certificate is served")[0] == "ok"
    assert row(output, "renewal: a second run changes nothing")[1].endswith("changed=0 failed=0")
    assert row(output, "OpenAPI 3: by TLS, a user without the role") == ("ok", "status 403")
    assert row(output, "OpenAPI 3: a second run changes nothing")[1].endswith("changed=0 failed=0")
    assert row(output, "adopted: what was adopted changes nothing")[0] == "ok"
    assert 'clientAuthentication="true"' in row(output, "adopted: one line is changed, for one word")[1]
    assert row(output, "adopted: what undoes it was named, and does")[0] == "ok"
    assert row(output, "no secret is printed")[0] == "ok"
    assert row(output, "the report shows the server and its callers")[0] == "ok"
    assert f"\nOpen {demo.REPORT}.html in a browser: the report on the server.\n" in output
    assert "FAILED" not in output
    claims = re.findall(r"^ok +(\w+):", output.partition("What was proved")[2], re.MULTILINE)
    assert [name for name in dict.fromkeys(claims) if name in demo.CONNECTIONS] == [*demo.CONNECTIONS]


def check_secrecy(output: str, secrets: set[str]) -> None:
    """The diff is there, and no password is, nor a key; nor a colour, though it was asked for."""
    added = [
        line for line in output.splitlines() if line.strip().startswith(("+  <keyStore", "+  <zosconnect_authData"))
    ]
    assert len(added) == 9 + 1
    assert all('password="********"' in line for line in added)
    assert {"cics-password", "batch-password", "outsider-password"} < secrets
    # The administrators of three servers; of each of four stores and of one login the password, clear and encoded; of the
    # two stores of the server that somebody else set up, who wrote them in clear.
    assert len([secret for secret in secrets if secret.startswith("{xor}")]) == 5
    assert len(secrets) == 3 + 3 + 2 * 5 + 2
    assert [secret for secret in secrets if secret in output] == []
    assert "PRIVATE KEY" not in output
    assert "\x1b" not in output


def answer(status: int, **said: object) -> Report:
    """What a call brings that was answered over TLS."""
    headers = {"content-type": "application/json"}
    return Report(protocol="TLSv1.3", http={"status": status, "headers": headers, "body": json.dumps(said)})


@pytest.mark.chosen
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.claim)
@pytest.mark.parametrize(
    "report",
    [
        answer(200, user=None, auth_type=None),
        answer(500, error="it does not work"),
        Report("timeout"),
        Report("untrusted", client_certificate_requested=True),
        Report("no_reply", protocol="TLSv1.3", client_certificate_requested=True),
    ],
    ids=lambda report: sentence({"asked": False, "protocol": None, "outcome": report.outcome, **(report.http or {})}),
)
def test_what_proves_nothing(call: Call, report: Report) -> None:
    assert not call.judge(report).holds


@pytest.mark.chosen
def test_a_server_that_is_down_proves_closed_ports_only() -> None:
    assert {call.claim for call in CALLS if call.judge(Report("refused")).holds} == {
        *(call.claim for call in (*BEFORE[1:], *WAITING)),
        "certificate: plain http, the default port, is refused",
    }


@pytest.mark.chosen
def test_a_port_that_fell_back_to_the_default_certificate_is_no_port_for_certificates() -> None:
    """Liberty then asks for no certificate, and lets a password in."""
    fallen_back = answer(200, user="cicsuser", auth_type="BASIC")
    fallen_back.client_certificate_requested = False
    assert [call.claim for call in BY_CERTIFICATE if call.judge(fallen_back).holds] == []


@pytest.mark.chosen
def test_tls_in_the_server_is_no_at_tls() -> None:
    behind = answer(200, user="cicsuser", auth_type="BASIC", secure=True)
    behind.client_certificate_requested = False
    assert BY_PASSWORD[0].judge(behind).holds
    assert not CICS_ATTLS[0].judge(behind).holds


@pytest.mark.chosen
@pytest.mark.parametrize("outbound", [{}, {"ssl_used": "forAll"}, {"ssl_used": "accounts.out"}], ids=str)
@pytest.mark.parametrize("protocol", [None, "TLSv1.3"])
def test_a_call_of_the_server_that_is_not_what_was_declared(outbound: dict[str, str], protocol: str | None) -> None:
    """In clear, with the default SSL configuration, or without the login."""
    seen = {"user": None, "client_subject": None, "protocol": protocol}
    report = answer(200, user="cicsuser", auth_type="BASIC", outbound={**outbound, "body": json.dumps(seen)})
    held = [call.claim for call in OUTBOUND if call.judge(report).holds]
    assert held == ([OUTBOUND[-1].claim] if protocol and not outbound else [])


@pytest.mark.chosen
class TestWhenItFails:
    """With steps of our own, and no server."""

    @pytest.fixture
    def run(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[demo.Step]], int]:
        """Run these steps; gives the exit status."""
        monkeypatch.setattr(demo, "get_liberty", lambda: None)
        monkeypatch.setattr(demo, "Demo", lambda _cleanup: None)
        monkeypatch.setattr(demo, "SIGNALS", ())

        def main(steps: Sequence[demo.Step]) -> int:
            monkeypatch.setattr(demo, "STEPS", steps)
            return demo.main()

        return main

    def test_a_claim_that_does_not_hold_is_named(
        self, run: Callable[[Sequence[demo.Step]], int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        proofs = [Proof("fire is hot", "ouch", holds=True), Proof("water is dry", "wet", holds=False)]
        later = [Proof("never asked", "", holds=True)]
        assert run([("Elements", lambda _: iter(proofs)), ("Later", lambda _: iter(later))]) == 1
        output = capsys.readouterr().out
        assert row(output, "fire is hot") == ("ok", "ouch")
        assert row(output, "water is dry") == ("FAILED", "wet")
        assert "\nNOT PROVED: water is dry: wet\n" in output
        assert "never asked" not in output

    def test_a_playbook_that_fails(
        self, run: Callable[[Sequence[demo.Step]], int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        def play(_: object) -> Iterator[Proof]:
            yield Proof("so far", "good", holds=True)
            raise TestBedError("ansible-playbook ended with status 2:\nfatal: no such port")

        assert run([("A playbook", play)]) == 1
        output = capsys.readouterr().out
        assert "\n      fatal: no such port\n" in output
        assert row(output, "so far") == ("ok", "good")
        assert "\nNOT PROVED: A playbook: see step 3\n" in output

    def test_what_it_needs_is_missing(
        self,
        run: Callable[[Sequence[demo.Step]], int],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def missing() -> None:
            raise TestBedError("The program mvn is missing: install Maven.")

        monkeypatch.setattr(demo, "get_liberty", missing)
        assert run([]) == 1
        assert capsys.readouterr().out.endswith("\nNOT PROVED: The program mvn is missing: install Maven.\n")


def test_where_to_look_is_there() -> None:
    named = [path for _, paths in demo.WHERE_TO_LOOK for path in paths.split(", ")]
    assert [path for path in named if not (ROOT / path).is_file()] == []
