# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Law 6: no secret leaves. Everything is run at -vvvv, and all that anybody could see is searched for markers.

Whoever adds something that handles secrets adds a scene: a function that makes what it needs in a folder and gives tasks, all
with secrets out of ``SECRETS``. All scenes are played at once, over each connection, on the oldest and the newest core.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from markers import BEGIN, forms, private_key
from plays import Played, play

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords

pytestmark = [pytest.mark.ansible, pytest.mark.both_cores]

Task = dict[str, Any]
SERVER_XML = "zosconnect.security.server_xml"
# Told apart by their numbers, known by their beginning.
SECRETS = [f"{BEGIN}{number}Marker" for number in range(20)]


def test_the_search_finds_what_it_looks_for() -> None:
    xor = passwords.encode_xor(SECRETS[0])
    for padding in ("", "a", "ab", "abc"):
        assert forms()["in Base64"].search(base64.b64encode(f"{padding}{SECRETS[0]}".encode()).decode())
    assert forms()["in clear"].search(f"x{SECRETS[0]}")
    assert forms()["in xor"].search(xor)
    assert forms()["in Base64 of xor"].search(base64.b64encode(xor[len("{xor}") :].encode()).decode())
    for line in private_key().splitlines()[1:-1]:
        assert forms()["in Base64"].search(line)


# The scenes.
FILE = f"""\
<server>
    <!-- <keyStore id="old" password="{SECRETS[0]}"/> -->
    <keyStore id="k" location="k.p12" password="{passwords.encode_xor(SECRETS[1])}"/>
    <keyStore id="l" location="l.p12" password="${{kp}}"/>
    <variable name="kp" value="{SECRETS[2]}"/>
    <basicRegistry id="r"><user name="u" password="{SECRETS[3]}"/></basicRegistry>
    <mystery><clientSecret>{SECRETS[4]}</clientSecret></mystery>
    <webAppSecurity ssoRequiresSSL="false"/>
</server>
"""


def server_xml(folder: Path) -> list[Task]:
    """Secrets that were in the file, secrets that come, and all the ways to fail."""
    path = folder / "server.xml"
    path.write_text(FILE)
    path.chmod(0o600)
    key_store = {"element": "keyStore", "id": "k", "attributes": {"password": "{{ secrets[5] }}"}}
    changed = [
        key_store,
        {"element": "variable", "attributes": {"name": "kp", "value": "{{ secrets[6] }}"}},
        {"element": "keyStore", "id": "n", "attributes": {"location": "n.p12", "password": "{{ secrets[7] }}"}},
        {"element": "mystery", "children": [{"element": "clientSecret", "text": "{{ secrets[8] }}"}]},
        {"element": "webAppSecurity", "attributes": {"ssoRequiresSSL": True}},
        {"element": "zosconnect_authData", "id": "a", "attributes": {"user": "u", "password": "{{ secrets[9] }}"}},
    ]
    contradiction = {"element": "keyStore", "id": "k", "attributes": {"password": "{{ secrets[10] }}"}}
    wrong = {"element": "keyStore", "id": "k", "attributes": {"password": ["{{ secrets[10] }}"]}}

    def task(elements: object, *, check: bool = False, **options: Any) -> Task:
        return {SERVER_XML: {"path": str(path), "elements": elements, **options}, "diff": True, "check_mode": check}

    return [
        task(changed, check=True, allow_unknown=True),
        task([key_store], validate="sh -c 'cat %s; cat %s >&2; exit 1'"),
        task([key_store, contradiction]),
        task([wrong]),
        task([key_store], password="{{ secrets[10] }}"),
        task("{{ secrets[10] }}"),
        task([key_store], mode="no-mode"),
        task([{"element": "keyStore", "id": "k", "state": "absent"}], check=True),
        task(changed, allow_unknown=True, backup=True, validate="xmllint --noout %s"),
        task(changed, allow_unknown=True),
        {**task([key_store], mode="0600"), "loop": [1], "loop_control": {"label": "one"}},
        task(changed[:1], create=True, path=str(folder / "new.xml"), password_encoding="plain"),
        task([{"element": "basicRegistry", "id": "r", "state": "replaced"}], check=True),
    ]


def attls_policy(folder: Path) -> list[Task]:
    """Passwords of key databases: in the file, in a comment, desired, and in texts for other people."""
    path = folder / "ttls.policy"
    text = f"TTLSKeyringParms k\n{{\n  Keyring /k\n  KeyringPw {SECRETS[11]} # {SECRETS[12]}\n  #KeyringPw {SECRETS[13]}\n}}\n"
    path.write_text(text)
    path.chmod(0o600)

    def task(password: object, *, check: bool = False, **options: Any) -> Task:
        config = {"TTLSKeyringParms": [{"name": "k", "Keyring": "/l", "KeyringPw": password}]}
        given = {"path": str(path), "config": config, **options}
        return {"zosconnect.security.attls_policy": given, "diff": True, "check_mode": check}

    return [
        task("{{ secrets[14] }}", check=True),
        task(["{{ secrets[14] }}"]),
        task("{{ secrets[14] }}", validate="sh -c 'cat %s; exit 1'"),
        task("{{ secrets[14] }}", state="rendered", path=None),
        task(
            "{{ secrets[14] }}",
            state="parsed",
            path=None,
            config=None,
            text=text.replace(SECRETS[11], "{{ secrets[15] }}"),
        ),
        task("{{ secrets[14] }}", backup=True),
    ]


SCENES: list[Callable[[Path], list[Task]]] = [server_xml, attls_policy]


# Who could see it.
@dataclass
class Evidence:
    """All that was to be seen while the scenes were played, by place."""

    played: Played
    folder: Path
    temporary_files: set[str]
    places: dict[str, str] = field(default_factory=dict)


@contextmanager
def syslog(lines: list[str]) -> Iterator[None]:
    """Be the machine's syslog, where there is none. Of runs side by side each waits for its turn."""
    place = Path("/dev/log")
    with ExitStack() as held:
        directory = os.open(place.parent, os.O_RDONLY)
        held.callback(os.close, directory)
        fcntl.flock(directory, fcntl.LOCK_EX)
        if place.exists() or os.geteuid() != 0:
            lines.append("")
            yield
            return
        listening = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        listening.bind(str(place))
        place.chmod(0o666)
        listening.settimeout(0.1)
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    lines.append(listening.recv(1 << 20).decode(errors="replace"))

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield
        finally:
            ended.set()
            listener.join()
            place.unlink()


@contextmanager
def watched(folder: Path, seen: set[str], readable: list[str]) -> Iterator[None]:
    """Note which files come and go in Ansible's temporary directories in ``folder``, and which of them others could read."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            for path in files_in_temporary_directories(folder):
                seen.add(path.name)
                with suppress(OSError):
                    readable.extend([f"{path} {text(path)}"] if is_open(path, folder) else [])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def files_in_temporary_directories(folder: Path) -> list[Path]:
    """List the files; what vanishes meanwhile is left out."""
    walks = [walk for root in ("remote", "local") for walk in os.walk(folder / root)]
    return [Path(where, name) for where, _, names in walks for name in names]


def is_open(path: Path, folder: Path) -> bool:
    """Say whether others could read the file, as far as the folders below ``folder`` let them in."""
    if not stat.S_ISREG(path.lstat().st_mode) or not path.stat().st_mode & 0o044:
        return False
    between = [parent for parent in path.parents if folder in parent.parents]
    return all(parent.stat().st_mode & 0o011 for parent in between)


def text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace")


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any] | None]:
    """Variables of a host that is this machine, reached over SSH with throw-away keys; None without sshd."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program or not shutil.which("ssh"):
        yield None
        return
    folder = tmp_path_factory.mktemp("ssh")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nPidFile none\n"
        "StrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n"
        "MaxStartups 100\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    daemon = subprocess.Popen([program, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes"
        yield {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": port,
            "ansible_ssh_private_key_file": str(folder / "user"),
            "ansible_ssh_args": "-o ControlMaster=auto -o ControlPersist=30s",
            "ansible_control_path": str(folder / "c"),
            "ansible_ssh_common_args": options,
        }
    finally:
        daemon.terminate()
        daemon.wait()


def wait_for(port: int) -> None:
    for _ in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise AssertionError("sshd does not listen")


def gathered(folder: Path, hosts: dict[str, Any]) -> Evidence:
    tasks = [task for scene in SCENES for task in scene(folder)]
    logged: list[str] = []
    seen: set[str] = set()
    readable: list[str] = []
    # The secrets come from a file, as from a vault: on a command line or in a playbook they would be the user's to hide.
    (folder / "secrets.json").write_text(json.dumps({"secrets": SECRETS}))
    with syslog(logged), watched(folder, seen, readable):
        played = play(folder, tasks, hosts=hosts, arguments=["-vvvv", "-e", "@secrets.json"])
    places = {
        "output": played.output,
        "results": json.dumps(played.results),
        "syslog": "\n".join(logged),
        "command lines": "\n".join(played.commands),
        "files that others can read": "\n".join(readable),
        "files that are left": "\n".join(map(text, files_in_temporary_directories(folder))),
    }
    return Evidence(played, folder, seen, places)


@pytest.fixture(scope="module")
def ssh_stand_in(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Variables of a host that Ansible's ssh plug-in reaches by a program that runs what ssh would run there."""
    program = tmp_path_factory.mktemp("stand-in") / "ssh"
    program.write_text('#!/bin/sh\nfor command; do :; done\nexec /bin/sh -c "$command"\n')
    program.chmod(0o755)
    return {
        "ansible_connection": "ssh",
        "ansible_ssh_executable": str(program),
        "ansible_ssh_transfer_method": "piped",
        "ansible_control_path": str(program.with_name("c")),
    }


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("local", marks=pytest.mark.chosen),
        pytest.param("ssh plug-in", marks=pytest.mark.chosen),
        "ssh",
    ],
)
def evidence(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    ssh: dict[str, Any] | None,
    ssh_stand_in: dict[str, Any],
) -> Evidence:
    folder = tmp_path_factory.mktemp(f"secrets-{request.param.replace(' ', '-')}")
    if request.param == "ssh" and ssh is None:
        pytest.skip("no sshd here (Debian package openssh-server); Ansible's ssh plug-in itself is tested")
    return gathered(folder, {"local": {}, "ssh plug-in": ssh_stand_in, "ssh": ssh or {}}[request.param])


PLACES = ["output", "results", "syslog", "command lines", "files that others can read", "files that are left"]


@pytest.mark.parametrize("form", list(forms()))
@pytest.mark.parametrize("place", PLACES)
def test_no_secret_is_seen(evidence: Evidence, place: str, form: str) -> None:
    if place == "syslog" and evidence.places[place] == "":
        pytest.skip("this machine has a syslog of its own, or only root can be it")
    seen = forms()[form].search(evidence.places[place])
    assert not seen, evidence.places[place][max(0, seen.start() - 300) : seen.end() + 50]


def test_the_search_saw_the_places(evidence: Evidence) -> None:
    """A search of nothing finds nothing: each place holds what it must."""
    assert "target_place" in evidence.places["output"]
    assert "********" in evidence.places["results"]
    if evidence.places["syslog"]:
        assert "target_read: Invoked with files=" in evidence.places["syslog"]
    assert "ansible-playbook" in evidence.places["command lines"]
    assert any(name.startswith("zcs-") for name in evidence.temporary_files)


def test_the_secrets_were_really_used(evidence: Evidence) -> None:
    results = evidence.played.results
    edits, policies = [False] + [True] * 6 + [False] * 6, [False, True, True, False, False, False]
    assert [bool(result.get("failed")) for result in results] == edits + policies, results
    file = (evidence.folder / "server.xml").read_text()
    assert all(passwords.encode_xor(SECRETS[number]) in file for number in (5, 7, 9))
    assert all(SECRETS[number] in file for number in (6, 8))
    assert SECRETS[14] in (evidence.folder / "ttls.policy").read_text()
    assert SECRETS[5] in (evidence.folder / "new.xml").read_text()


def test_backups_and_files_are_private(evidence: Evidence) -> None:
    holders = [path for path in evidence.folder.iterdir() if path.name.startswith("server.xml")]
    assert len(holders) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in holders} == {0o600}
    assert stat.S_IMODE((evidence.folder / "new.xml").stat().st_mode) == 0o640
