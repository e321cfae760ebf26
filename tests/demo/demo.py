# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: one declaration makes all connections of IBM's figure on a bare Liberty, and calls show that it is so.

Exit status: 0 when everything was proved, 1 when something was not, 128 + N after signal N.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "liberty"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "zos"))

from adopted import AFTER as AFTER_ADOPTED
from adopted import ASKS_EVERYBODY, Adopted, one_line, restore_file, same, told
from adopted import BEFORE as BEFORE_ADOPTED
from calls import BEFORE, BY_PASSWORD, IMPOSTORS, INBOUND, OUTBOUND, PASSWORD, WAITING, Call, Proof, Stream
from endpoints import LOGIN
from fetch import VERSION, liberty_install
from launcher import Liberty
from layout import BARE_SERVER_XML, free_ports
from openapi3 import OpenApi3
from pki import Issued, write_private
from second_day import second_day_server
from standin import standin_extension
from surroundings import Surroundings
from testbed import TestBedError

from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.text import read_source

HERE = Path(__file__).resolve().parent
PLAYBOOK = "zosconnect.security.connections"
VERIFY_PLAYBOOK = "zosconnect.security.verify_connections"
RENEW_PLAYBOOK = "zosconnect.security.renew"
REPORT_PLAYBOOK = "zosconnect.security.report"
# Here it stays when the server and its folder are gone.
REPORT = HERE.parents[1] / ".build" / "demo" / "report"
CONNECTIONS = ("password", "certificate", "cics_attls", "attls_jsse", "attls_both", "accounts", "payments", "rates")
# Which endpoint a requester calls was built into it; connectionRef says it to the stand-in.
REQUESTERS = """\
  <zosconnect_apiRequesters>
    <apiRequester name="accounts_1.0.0" connectionRef="accounts"/>
    <apiRequester name="payments_1.0.0" connectionRef="payments"/>
    <apiRequester name="rates_1.0.0" connectionRef="rates"/>
  </zosconnect_apiRequesters>

</server>"""
# No element names them yet.
DEPLOYED = ("orders_1.0.0", "stock_1.0.0")
HANDED_OVER = {
    "README.txt",
    "certificate-cicsprod.csdup",
    "cics_attls-cicsprod.csdup",
    "attls_jsse-night.ceeopts",
    "attls_both-night.ceeopts",
}
GOOD_ENDPOINTS = {"accounts": "password", "payments": "mutual", "rates": "server"}
SECONDS_TO_END = 15.0
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
INDENT = "      "

WHERE_TO_LOOK = (
    ("the playbooks", "playbooks/adopt.yml, playbooks/connections.yml, playbooks/verify_connections.yml"),
    ("what it was told", "tests/demo/connections.yml, tests/demo/inventory.yml"),
    ("all that it can be told", "docs/docsite/rst/declaration.rst"),
    ("the report", "docs/REPORT.md"),
    ("the calls", "tests/demo/calls.py"),
    ("how it works", "docs/ARCHITECTURE.md"),
    ("the stand-ins", "tests/liberty/README.md, tests/zos/README.md"),
)


class Demo:
    """What the steps share: one server, what is around it, what the playbooks printed."""

    def __init__(self, cleanup: contextlib.ExitStack) -> None:
        self._cleanup = cleanup
        xml = BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", REQUESTERS)
        self.server: Liberty = cleanup.enter_context(Liberty(server_xml=xml))
        cleanup.callback(ignore_signals)
        archives = self.server.server_dir / "resources" / "zosconnect" / "apiRequesters"
        archives.mkdir(parents=True)
        for name in DEPLOYED:
            (archives / f"{name}.ara").touch()
        # Within the server's folder, which goes with the server even if this process is killed.
        self.folder = self.server.layout.directory / "demo"
        self.handover = self.folder / "handover"
        self.handover.mkdir(parents=True)
        self.ports = dict(zip(CONNECTIONS, free_ports(len(CONNECTIONS)), strict=True))
        self.around = Surroundings.make(self.folder, self.ports)
        self.server_xml = self.server.server_dir / "server.xml"
        self.bare = self.server_xml.read_text(encoding="utf-8")
        self.passwords = {f"demo_{store}_store_password": secrets.token_hex(12) for store in ("key", "trust", "client")}
        self.passwords["demo_api_password"] = LOGIN.partition(":")[2]
        self.printed = ""
        given = {"demo_server_dir": str(self.server.server_dir), "demo_folder": str(self.folder)}
        given |= {"demo_pki": str(self.around.pki), **self.passwords}
        stack = {"demo_ports": self.ports, "demo_pasearch": self.around.stack.pasearch}
        write_private(self.folder / "given.json", json.dumps(given | stack))
        (self.folder / "ansible.cfg").touch()  # so that nobody's own settings count

    def play(self, playbook: str, *options: str, fails: bool = False) -> str:
        """Run a shipped playbook as a user does; return what it printed.

        Raises:
            TestBedError: it failed, or did not where it should; with all that it printed.
        """
        say(f"ansible-playbook {playbook} -i tests/demo/inventory.yml -e @tests/demo/connections.yml")
        given = [f"@{HERE / 'connections.yml'}", f"@{self.folder / 'given.json'}"]
        return self._run(
            playbook, HERE / "inventory.yml", *(word for file in given for word in ("-e", file)), *options, fails=fails
        )

    def work(self, inventory: Path, playbook: str, *options: str) -> str:
        """Run a shipped playbook with another inventory, and with nothing but what is said in it."""
        say(f"ansible-playbook zosconnect.security.{playbook} -i {inventory.name} {' '.join(options)}".rstrip())
        return self._run(f"zosconnect.security.{playbook}", inventory, *options)

    def _run(self, playbook: str, inventory: Path, *options: str, fails: bool = False) -> str:
        program = Path(sys.executable).with_name("ansible-playbook")
        status, output = run([program, playbook, "-i", inventory, *options], cwd=self.folder)
        self.printed += output
        if bool(status) != fails:
            raise TestBedError(f"ansible-playbook {playbook} ended with status {status}:\n{output}")
        return output

    def call(self, calls: Sequence[Call]) -> Iterator[Proof]:
        """Make calls."""
        return (call.make({**self.ports, "default": self.server.http_port}, self.around.pki) for call in calls)

    def start_attls(self) -> None:
        """From now on to the end of the demo."""
        self._cleanup.enter_context(self.around.attls())
        self._cleanup.callback(ignore_signals)

    def give_renewal(self, new: Issued) -> None:
        """Write the variables of role renew: the new key, and how the server is told."""
        credentials = json.loads(self.server.layout.credentials_file.read_text(encoding="utf-8"))
        entry = {"alias": "zosconnect", "privatekey_content": new.key_pem(), "certificate_content": new.certificate_pem}
        store = {
            "path": str(self.server.server_dir / "resources" / "security" / "zosconnect-key.p12"),
            "password": self.passwords["demo_key_store_password"],
            "entries": [entry],
        }
        told = {
            "refresh": "mbean",
            "refresh_url": self.server.layout.admin_url,
            "refresh_username": credentials["user"],
            "refresh_password": credentials["password"],
            "refresh_ca": Path(credentials["ca"]).read_text(encoding="utf-8"),
        }
        given = {"server_dir": str(self.server.server_dir), "stores": [store], **told}
        write_private(
            self.folder / "renewal.json", json.dumps({f"renew_{name}": value for name, value in given.items()})
        )

    def policy(self) -> list[str]:
        """The lines of the policy in front of the server and below it, which is in the Policy Agent's code page."""
        path = self.around.server_policy
        return read_source(path.read_bytes(), name=str(path), encoding="IBM-1047").text.splitlines()


def run(command: Sequence[object], *, cwd: Path) -> tuple[int, str]:
    """Run ansible-playbook; it ends with this process, and leaves nothing outside ``cwd``."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    temporary = dict.fromkeys(("ANSIBLE_HOME", "ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TEMP"), str(cwd / "ansible"))
    environment |= temporary | {
        "ANSIBLE_COLLECTIONS_PATH": str(Path(sys.prefix) / "collections"),
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "0",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
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
    say(f"Liberty runs in {demo.server.layout.directory}, plain http on {demo.server.http_port}.")
    say("A new CA has signed certificates for the server, for callers and for endpoints.")
    say("Ports: " + ", ".join(f"{name} {port}" for name, port in demo.ports.items()))
    yield from demo.call(BEFORE)


def policies_first(demo: Demo) -> Iterator[Proof]:
    """The Policy Agent holds nothing: policies and texts are written, and the server stays as it is."""
    demo.around.stack.holds(None)
    output = demo.play(PLAYBOOK, fails=True)
    policy = demo.policy()
    shown = list(itertools.takewhile(lambda line: line != "}", policy))
    say(f"{demo.around.server_policy} (IBM-1047) begins:", *(f"  {line}" for line in [*shown, "}"]))
    say(f"  ... {len(policy) - len(shown) - 1} more lines; the AT-TLS below programs is in another file.")
    say("The playbook says:", *(f"  {line}" for line in told(output)))
    same = demo.server_xml.read_text(encoding="utf-8") == demo.bare
    observed = "as before" if same else "NOT as before"
    yield Proof("rates: server.xml waits until the stack holds the policy", observed, same)
    yield from demo.call(WAITING)
    names = sorted(path.name for path in demo.handover.iterdir())
    yield Proof("other teams get their texts", ", ".join(names), {*names} == HANDED_OVER)


def configure(demo: Demo) -> Iterator[Proof]:
    """Run the playbook, show its diffs; what was in server.xml before the demo must still be there, in order."""
    say("The policy is installed (so says the stand-in for pasearch), AT-TLS does what the policy files say.")
    demo.around.stack.holds(demo.around.server_policy)
    demo.start_attls()
    output = demo.play(PLAYBOOK, "--diff")
    say(changed_tasks(output), f"PLAY RECAP: {recap(output)}")
    present = iter(demo.server_xml.read_text(encoding="utf-8").splitlines())
    kept = [line in present for line in demo.bare.splitlines()]
    observed = f"{sum(kept)} of {len(kept)} lines of the bare server.xml are there, unchanged; {recap(output)}"
    yield Proof("the playbook leaves all that was there", observed, all(kept))


def programs_call(demo: Demo) -> Iterator[Proof]:
    """CICS and batch call the server, with TLS of their own and with AT-TLS."""
    yield from demo.call(INBOUND)


def server_calls(demo: Demo) -> Iterator[Proof]:
    """The server calls endpoints for a caller with a password; then somebody else listens where they were."""
    with demo.around.endpoints(**GOOD_ENDPOINTS):
        yield from demo.call(OUTBOUND)
    with demo.around.endpoints(accounts="wrong_name", rates="wrong_name"):
        yield from demo.call(IMPOSTORS)


def again(demo: Demo) -> Iterator[Proof]:
    """Law: twice is once."""
    files = [demo.server_xml, demo.around.server_policy, demo.around.programs_policy]
    before = [path.read_bytes() for path in files]
    output = demo.play(PLAYBOOK, "--diff")
    line = recap(output)
    say(*told(output), changed_tasks(output))
    same = [path.read_bytes() for path in files] == before
    observed = f"{line}; server.xml and the policies have {'the same' if same else 'OTHER'} bytes"
    yield Proof("the second run changes nothing", observed, same and line.endswith("changed=0 failed=0"))


def verify(demo: Demo) -> Iterator[Proof]:
    """The playbook with which users verify."""
    with demo.around.endpoints(**GOOD_ENDPOINTS):
        output = demo.play(VERIFY_PLAYBOOK)
    said = re.findall(r'"(\w+: as declared)\."', output)
    say(*said)
    observed = f"{len(said)} connections as declared; {recap(output)}"
    named = {sentence.partition(":")[0] for sentence in said}
    yield Proof("the playbook verify_connections agrees", observed, named == set(CONNECTIONS))


def renewal(demo: Demo) -> Iterator[Proof]:
    """The server gets a new key under the old alias while it is called; it reads the store when it is told."""
    new = demo.around.cast.root.issue("localhost", sans=["localhost"], key_type="ec", client=False)
    demo.give_renewal(new)
    with Stream(BY_PASSWORD[0], demo.ports, demo.around.pki) as stream:
        output = demo.play(RENEW_PLAYBOOK, "-e", f"@{demo.folder / 'renewal.json'}")
        deadline = time.monotonic() + SECONDS_TO_END
        while new.fingerprint_sha256 not in stream.served and time.monotonic() < deadline:
            time.sleep(0.5)
    say(changed_tasks(output), f"PLAY RECAP: {recap(output)}")
    observed = (
        f"{stream.good} calls were answered, {len(stream.failed)} were not {' '.join(set(stream.failed))}".strip()
    )
    yield Proof("renewal: no call is refused meanwhile", observed, stream.good > 0 and not stream.failed)
    shown = " then ".join(f"{one[:16]}..." for one in stream.served)
    wanted = [demo.around.cast.server.fingerprint_sha256, new.fingerprint_sha256]
    yield Proof("renewal: the new certificate is served", f"SHA-256 {shown}", stream.served == wanted)
    line = recap(demo.play(RENEW_PLAYBOOK, "-e", f"@{demo.folder / 'renewal.json'}"))
    yield Proof("renewal: a second run changes nothing", line, line.endswith("changed=0 failed=0"))


def openapi3(demo: Demo) -> Iterator[Proof]:
    """A server of z/OS Connect 3.0, which has no requireSecure: the port decides, and the role of the web application."""
    with Liberty() as server:
        demo.passwords["openapi3"] = secrets.token_hex(12)
        there = OpenApi3(server, demo.around.cast, demo.passwords["openapi3"])
        before = there.in_clear()
        yield Proof("OpenAPI 3: before, anybody may call in clear", f"status {before}", before == "200")
        write_private(demo.folder / "openapi3.json", json.dumps(there.declared()))
        declared = ("-e", f"@{demo.folder / 'openapi3.json'}")
        say(changed_tasks(demo.play(PLAYBOOK, "--diff", *declared)))
        after = there.in_clear()
        yield Proof("OpenAPI 3: the http port is closed", after, after == "nobody listens")
        for who, status, wanted in there.answers():
            yield Proof(f"OpenAPI 3: by TLS, {who}", f"status {status}", status == wanted)
        line = recap(demo.play(PLAYBOOK, *declared))
        yield Proof("OpenAPI 3: a second run changes nothing", line, line.endswith("changed=0 failed=0"))


def adopted(demo: Demo) -> Iterator[Proof]:
    """A server that somebody else set up: adopted, nothing changes; one word, and only that changes; then it is undone."""
    demo.passwords |= {"adopted_keys": secrets.token_hex(12), "adopted_trust": secrets.token_hex(12)}
    server = second_day_server(
        demo.around.cast, keys=demo.passwords["adopted_keys"], trust=demo.passwords["adopted_trust"]
    )
    with server:
        server.settle()
        there = Adopted(server, demo.folder / "adopted")
        there.write_inventory()
        ports, pki = {"adopted": server.https_port}, demo.around.pki
        before = there.state
        yield from (call.make(ports, pki) for call in BEFORE_ADOPTED)
        output = demo.work(there.inventory, "adopt", "-e", f"zosconnect_adopted_path={there.declaration}")
        say(*told(output), "", there.declaration.read_text(encoding="utf-8"))
        say(*told(demo.work(there.inventory, "connections")))
        yield same("what was adopted changes nothing", before, there.state)
        yield Proof("adopted: one word of it is changed", ASKS_EVERYBODY, there.change_one_word())
        output = demo.work(there.inventory, "connections", "--diff")
        say(changed_tasks(output), *told(output))
        yield one_line(before, there.state)
        yield from (call.make(ports, pki) for call in AFTER_ADOPTED)
        undo = restore_file(output)
        say(*told(demo.work(there.inventory, "restore", "-e", f"@{undo}")))
        yield same("what undoes it was named, and does", before, there.state)
        yield from (call.make(ports, pki) for call in BEFORE_ADOPTED)


def report(demo: Demo) -> Iterator[Proof]:
    """What the server is now, for people and for programs."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    output = demo.play(REPORT_PLAYBOOK, "-e", f"zosconnect_report_path={REPORT}")
    lines = told(output)
    say(*lines)
    files = sorted(REPORT.parent.glob(f"{REPORT.name}.*"))
    demo.printed += "".join(path.read_text(encoding="utf-8") for path in files)
    page = REPORT.with_suffix(".html").read_text(encoding="utf-8")
    drawn = [name for name in ("orders_1.0.0", "cicsprod", "night", "accounts") if name in page]
    observed = f"{REPORT.with_suffix('.html')}, and {len(files) - 1} other formats"
    yield Proof("the report shows the server and its callers", observed, len(drawn) == 4 and len(lines) == 2)


def secrecy(demo: Demo) -> Iterator[Proof]:
    """Look for all secrets of server.xml, clear or encoded, and of the stores in all that the playbooks printed."""
    found = set(re.findall(r'password="(.*?)"', demo.server_xml.read_text(encoding="utf-8")))
    known = {*found, *demo.passwords.values(), PASSWORD, "PRIVATE KEY-----"}
    leaked = sum(secret in demo.printed for secret in known)
    lines = demo.printed.count("\n")
    yield Proof(
        "no secret is printed", f"{leaked} of {len(known)} secrets in {lines} lines of output and report", not leaked
    )


Step = tuple[str, Callable[[Any], Iterator[Proof]]]
STEPS: tuple[Step, ...] = (
    ("Before: a bare server", bare_server),
    ("All connections are declared; the stack holds no AT-TLS policy yet", policies_first),
    ("The same again, when the policy is installed", configure),
    ("z/OS programs call the server", programs_call),
    ("The server calls RESTful endpoints", server_calls),
    ("The same again", again),
    ("The playbook that users verify with", verify),
    ("The server's key is renewed while it is called", renewal),
    ("A server of z/OS Connect 3.0", openapi3),
    ("A server that somebody else set up: one word is changed", adopted),
    ("The report on the server", report),
    ("Secrets", secrecy),
)


def say(*texts: str) -> None:
    """Print below the heading of a step."""
    for line in "\n".join(texts).splitlines():
        print(f"{INDENT}{line}".rstrip(), flush=True)


def verdict(proof: Proof) -> str:
    """One row of the table."""
    return f"{'ok' if proof.holds else 'FAILED':6}  {proof.claim:64}  {proof.observed}"


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


def table(proofs: Iterable[Proof]) -> list[str]:
    """The rows by connection, what is before them first and what is about all of them last."""
    order = ("before", *CONNECTIONS)

    def group(proof: Proof) -> int:
        subject, colon, _rest = proof.claim.partition(":")
        return order.index(subject) if subject in order else len(order) + (not colon)

    groups = itertools.groupby(sorted(proofs, key=group), group)
    return [line for _group, rows in groups for line in ("", *map(verdict, rows))]


def summary(proofs: Sequence[Proof]) -> str:
    """The table at the end; what failed is named again below it."""
    lines = ["", "What was proved (z/OS Connect, AT-TLS and pasearch were stand-ins)", *table(proofs)]
    lines += ["", "Where to look", *(f"        {what:24}{where}" for what, where in WHERE_TO_LOOK)]
    lines += [f"NOT PROVED: {proof.claim}: {proof.observed}" for proof in proofs if not proof.holds]
    return "\n".join(lines)


def demonstrate() -> int:
    """Get the server, prove, stop it; the table comes last."""
    begin = time.monotonic()
    shutil.rmtree(REPORT.parent, ignore_errors=True)
    with contextlib.ExitStack() as cleanup:
        with step(1, "What it needs"):
            get_liberty()
        with step(2, "Liberty starts"):
            demo = Demo(cleanup)
        proofs = prove(STEPS, demo, first=3)
    kept = (
        f"\nOpen {page} in a browser: the report on the server."
        if (page := REPORT.with_suffix(".html")).exists()
        else ""
    )
    print(f"{summary(proofs)}\n{kept}\nAll is stopped, its folder removed. {time.monotonic() - begin:.0f} s in all.")
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
