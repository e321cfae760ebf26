# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""server_config_info, its filters and the playbook explain, as a user calls them."""

from __future__ import annotations

import csv
import functools
import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from launcher import Liberty
from layout import BARE_SERVER_XML, free_port
from pki import Cast
from plays import Played, play

pytestmark = pytest.mark.ansible

MODULE = "zosconnect.security.server_config_info"
MARKER = "marker-of-a-secret"
COMBINATIONS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "unit/posture/combinations.yml").read_text(encoding="utf-8")
)
# What Ansible says at -vvv for each call of target_read.
CALL = re.compile(r"Using module file [^\n]*/target_read\.py")

SERVER_XML = f"""\
<server>
  <featureManager>
    <feature>zosconnect:zosConnect-2.0</feature><feature>zosconnect:apiRequester-1.0</feature>
  </featureManager>
  <include location="${{shared.config.dir}}/requesters.xml"/>
  <keyStore id="k" location="k.p12" password="${{keys.login}}"/>
  <variable name="keys.login" value="{MARKER}1"/>
  <zosconnect_authData id="a" user="u" password="{MARKER}2"/>
  <ssl id="s" keyStoreRef="k"><!-- password="{MARKER}3" --></ssl>
  <unknown apiKey="{MARKER}4"/>
</server>
"""
REQUESTERS = """\
<server>
  <zosconnect_apiRequesters requireSecure="${secure}">
    <apiRequester name="orders"/>
    <apiRequester name="strict" requireSecure="true"/>
  </zosconnect_apiRequesters>
</server>
"""
# A policy that covers the port, with a secret of its own.
AT_TLS = {
    "zos_release": "3.1",
    "policies": {
        "common": "",
        "stack": f"""\
TTLSRule in
{{
  LocalPortRange 5001
  Direction Inbound
  TTLSGroupActionRef on
  TTLSEnvironmentActionRef server
}}
TTLSGroupAction on
{{
  TTLSEnabled On
}}
TTLSEnvironmentAction server
{{
  HandshakeRole Server
  TTLSKeyringParms
  {{
    Keyring /etc/keys.kdb
    KeyringPw {MARKER}5
  }}
}}
""",
    },
}


class Files:
    """A server's files below a directory of its own."""

    def __init__(self, folder: Path, name: str = "server") -> None:
        self.user = folder / f"{name}-usr"
        self.server = self.user / "servers" / "s"
        self.server.mkdir(parents=True)

    def write(self, path: str, text: str) -> Path:
        """Write a file; a path that begins with a slash begins at the user directory."""
        target = self.user / path[1:] if path.startswith("/") else self.server / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target


def task(files: Files, **options: Any) -> dict[str, Any]:
    return {MODULE: {"server_dir": str(files.server), **options}}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A server with a drop-in, an include elsewhere, variables, an archive and secrets."""
    files = Files(tmp_path_factory.mktemp("info"))
    files.write("server.xml", SERVER_XML)
    files.write("/shared/config/requesters.xml", REQUESTERS)
    files.write("bootstrap.properties", f"secure=false\nsecret.of.boot={MARKER}5\n")
    files.write("server.env", f"keystore_password={MARKER}6\n")
    files.write("variables/db_password", f"{MARKER}7\n")
    files.write(
        "configDropins/overrides/ports.xml", '<server><httpEndpoint id="defaultHttpEndpoint" httpPort="5001"/></server>'
    )
    files.write("resources/zosconnect/apiRequesters/archived_1.0.0.ara", "")
    return files


@pytest.fixture(scope="module")
def played(world: Files) -> Played:
    """The same question four times, with different options."""
    of_secrets = {"variables": {"x": f"{MARKER}8"}, "env": {"Y": f"{MARKER}9"}}
    place = f"{world.user}/shared/config/requesters.xml:2 through ${{secure}}"
    waiver = {"id": "requester-cleartext", "place": place, "reason": "r", "owner": "o", "ticket": "t"}
    return play(
        world.user,
        [
            task(world),
            {**task(world), "check_mode": True},
            task(world, element_names=["ssl"], attls=AT_TLS, **of_secrets),
            task(world, waivers=[{**waiver, "expires": "2999-12-31"}], severities={"requester-cleartext": "low"}),
        ],
    )


@pytest.mark.chosen
@pytest.mark.both_cores
class TestResult:
    def test_nothing_is_changed_and_check_mode_tells_the_same(self, played: Played) -> None:
        real, check = played.results[:2]
        assert (real["changed"], check["changed"]) == (False, False)
        assert real == check
        assert "ansible_facts" not in real

    def test_requesters(self, world: Files, played: Played) -> None:
        place = f"{world.user}/shared/config/requesters.xml"
        told = [(one["name"], one["requireSecure"], one["verdict"]) for one in played.results[0]["requesters"]]
        collection = {"value": False, "scope": "zosconnect_apiRequesters", "origin": f"{place}:2 through ${{secure}}"}
        own = {"value": True, "scope": "apiRequester", "origin": f"{place}:4"}
        assert told == [
            ("orders", collection, "plain http is accepted on 5001"),
            ("strict", own, "TLS is required; https on 9443"),
            ("archived_1.0.0", collection, "plain http is accepted on 5001"),
        ]

    def test_ports_and_files(self, world: Files, played: Played) -> None:
        result = played.results[0]
        dropin = world.server / "configDropins/overrides/ports.xml"
        assert [(p["port"], p["origin"]) for p in result["ports"]] == [(5001, f"{dropin}:1"), (9443, "default")]
        documents = [world.server / "server.xml", world.user / "shared/config/requesters.xml", dropin]
        assert [file["path"] for file in result["files"]][:3] == [str(path) for path in documents]
        for file in result["files"]:
            assert file["sha256"] == hashlib.sha256(Path(file["path"]).read_bytes()).hexdigest()
        assert result["files"][0]["encoding"] == "UTF-8"
        assert (result["complete"], result["unseen"], result["refused"]) == (True, [], None)

    def test_options(self, played: Played) -> None:
        result = played.results[2]
        assert [*result["config"]] == ["ssl"]
        assert result["ports"][0]["verdict"] == "TLS is done by AT-TLS, the server sees plain http"
        assert result["requesters"][0]["verdict"] == "TLS is done by AT-TLS on 5001"
        assert "requester-cleartext" not in [finding["id"] for finding in result["findings"]]

    def test_a_waiver(self, played: Played) -> None:
        found = [f for f in played.results[3]["findings"] if f["id"] == "requester-cleartext"]
        assert [(f["waived"], f["severity"]) for f in found] == [(True, "low"), (True, "low")]
        assert found[0]["waiver"]["expires"] == "2999-12-31"

    def test_one_call_for_the_server_and_for_what_is_elsewhere(self, played: Played, tmp_path: Path) -> None:
        assert len(CALL.findall(played.output)) == 4
        plain = Files(tmp_path)
        plain.write("server.xml", "<server><include location='more.xml'/></server>")
        plain.write("configDropins/defaults/a.xml", "<server/>")
        plain.write("more.xml", "<server/>")
        plain.write("unrelated.xml", "<server/>")
        alone = play(tmp_path, [task(plain)])
        assert len(CALL.findall(alone.output)) == 1
        names = [Path(file["path"]).name for file in alone.results[0]["files"]]
        assert names == ["a.xml", "server.xml", "more.xml"]

    def test_no_secret_anywhere(self, played: Played) -> None:
        assert MARKER not in played.output
        assert MARKER not in json.dumps(played.results)
        assert not [line for line in played.commands if MARKER in line]
        assert played.results[0]["config"]["keyStore"][1]["attributes"]["password"] == "********"
        assert '"x": "********"' in played.output


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Many odd servers in one playbook."""
    folder = tmp_path_factory.mktemp("bad")
    servers: dict[str, Files] = {}

    def server(name: str, xml: str, **others: str) -> None:
        servers[name] = Files(folder, name)
        for path, text in {"server.xml": xml, **others}.items():
            servers[name].write(path, text)

    server("cycle", '<server><include location="a.xml"/><config/></server>')
    servers["cycle"].write("a.xml", '<server><include location="server.xml"/></server>')
    server("broken", "<server><zosconnect_zosConnectManager requireSecure='false'/></server>")
    servers["broken"].write(
        "configDropins/overrides/a.xml", "<server><zosconnect_zosConnectManager requireAuth='false'/><"
    )
    server("loop", '<server><include location="a.xml"/></server>')
    (servers["loop"].server / "a.xml").symlink_to("a.xml")
    server("pipe", '<server><include location="a.xml"/></server>')
    os.mkfifo(servers["pipe"].server / "a.xml")
    server("missing", '<server><include location="a.xml"/></server>')
    server("selves", '<server><variable name="a" value="${a}"/><httpEndpoint id="e" host="${a}"/></server>')
    server("refused", "<server>")
    server("nothing", "<server/>")
    (servers["nothing"].server / "server.xml").unlink()
    server("itself", "<server/>")
    (servers["itself"].server / "server.xml").unlink()
    (servers["itself"].server / "server.xml").symlink_to("server.xml")
    server("nest", '<server><include location="x1/a.xml"/></server>')
    for level in range(1, 24):
        servers["nest"].write(f"x{level}/a.xml", f'<server><include location="../x{level + 1}/a.xml"/></server>')
    told = play(folder, [task(files) for files in servers.values()]).results
    return dict(zip(servers, told, strict=True))


@pytest.mark.chosen
class TestBadInput:
    def test_a_circle_of_includes(self, results: dict[str, Any]) -> None:
        assert "include-odd" in [f["id"] for f in results["cycle"]["findings"]]
        assert "config" in results["cycle"]["config"]

    def test_a_broken_dropin_counts_up_to_the_damage(self, results: dict[str, Any]) -> None:
        manager = results["broken"]["config"]["zosconnect_zosConnectManager"][0]["attributes"]
        assert (manager["requireSecure"], manager["requireAuth"]) == (False, False)
        assert "dropin-broken" in [f["id"] for f in results["broken"]["findings"]]

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("loop", "symbolic links lead in a circle; name the real file."),
            ("pipe", "is not a regular file."),
        ],
    )
    def test_what_cannot_be_read_is_named(self, results: dict[str, Any], name: str, sentence: str) -> None:
        result = results[name]
        assert result["complete"] is False
        assert [line.endswith(f"a.xml: {sentence}") for line in result["unseen"]] == [True]
        assert "not-seen" in [f["id"] for f in result["findings"]]

    def test_a_missing_include(self, results: dict[str, Any]) -> None:
        assert "include-missing" in [f["id"] for f in results["missing"]["findings"]]

    def test_what_liberty_refuses_is_a_result(self, results: dict[str, Any]) -> None:
        assert results["refused"]["refused"].endswith("Liberty refuses the whole configuration over that.")
        assert results["selves"]["refused"] == "${a} leads to itself; Liberty refuses the whole configuration over it."
        assert [f["id"] for f in results["selves"]["findings"]] == ["config-refused"]

    def test_no_server_xml(self, results: dict[str, Any]) -> None:
        assert results["nothing"]["failed"] is True
        assert results["nothing"]["msg"].endswith("server.xml: does not exist; correct server_dir.")

    def test_an_unreadable_server_xml(self, results: dict[str, Any]) -> None:
        assert results["itself"]["failed"] is True
        assert results["itself"]["msg"].endswith("server.xml: symbolic links lead in a circle; name the real file.")

    def test_a_deep_nest(self, results: dict[str, Any]) -> None:
        assert results["nest"]["failed"] is True
        assert results["nest"]["msg"].endswith(
            "is included more than 20 levels deep, which is more than is followed, so the configuration was not "
            "evaluated; include the file where it is needed."
        )

    def test_options(self, tmp_path: Path) -> None:
        files = Files(tmp_path)
        files.write("server.xml", "<server/>")
        waiver = {"id": "tls-fallback"}
        told = play(
            tmp_path, [{MODULE: {}}, task(files, waivers=[waiver]), task(files, severities={"x": "high"})]
        ).results
        assert [result["failed"] for result in told] == [True, True, True]
        assert told[0]["msg"].endswith("one of the following is required: server_dir, path")
        assert told[1]["msg"].startswith("waivers[0].reason: is missing; a waiver needs id, reason")
        assert told[2]["msg"] == "severities: no rule is called 'x'."

    def test_an_include_that_only_its_owner_may_read(self, nobody: dict[str, Any]) -> None:
        folder = Path(nobody["ansible_become_exe"]).parent
        files = Files(folder)
        files.write("server.xml", '<server><include location="more.xml"/></server>')
        files.write("more.xml", "<server/>").chmod(0o600)
        files.write("unrelated.xml", "<server/>").chmod(0o600)
        result = play(folder, [task(files)], hosts=nobody).results[0]
        more = files.server / "more.xml"
        sentence = f"{more}: cannot be read by user nobody: Permission denied; use become or grant read access."
        assert (result["complete"], result["unseen"]) == (False, [sentence])
        seen = [finding["message"] for finding in result["findings"] if finding["id"] == "not-seen"]
        server_xml = files.server / "server.xml"
        assert seen == [f"{server_xml}:1: includes {more}, which could not be read: {sentence}"]


@pytest.fixture
def nobody() -> Iterator[dict[str, Any]]:
    """Host variables by which tasks run as an unprivileged user; the folder of the become program is open to it."""
    if os.geteuid() != 0:
        pytest.skip("only root can become an unprivileged user")
    folder = Path(tempfile.mkdtemp(prefix="info-"))
    folder.chmod(0o755)
    program = folder / "become"
    drop = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh -c "$3"'
    program.write_text(f"#!/bin/sh\n# become nobody -c COMMAND\n{drop}\n", encoding="ascii")
    program.chmod(0o755)
    yield {
        "ansible_become": True,
        "ansible_become_user": "nobody",
        "ansible_become_method": "su",
        "ansible_become_exe": str(program),
        "ansible_become_flags": "",
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    shutil.rmtree(folder)


def test_ten_thousand_files(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write("server.xml", "<server/>")
    for number in range(10_000):
        member = f'<apiRequester name="r{number}"/>'
        text = f"<server><zosconnect_apiRequesters>{member}</zosconnect_apiRequesters></server>"
        files.write(f"configDropins/defaults/{number:05}.xml", text)
    counts = "result.requesters | length == 10000 and result.files | length == 10001"
    tasks = [{**task(files), "register": "result"}, {"ansible.builtin.assert": {"that": counts}}]
    playbook = [{"hosts": "localhost", "gather_facts": False, "connection": "local", "tasks": tasks}]
    (tmp_path / "playbook.yml").write_text(json.dumps(playbook), encoding="utf-8")
    # Without -vvv, which would print all of it.
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    done = subprocess.run([program, "playbook.yml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.chosen
@pytest.mark.both_cores
def test_filters_in_conditions_assertions_and_templates(world: Files, tmp_path: Path) -> None:
    text = SERVER_XML.replace("${shared.config.dir}", ".")
    secure = "zosconnect.security.effective_require_secure"
    report = play(
        tmp_path,
        [
            task(world),
            {"debug": {"msg": "asked"}, "when": f"result_0 is {'succeeded'} and result_0 | {secure}('strict')"},
            {"debug": {"msg": "asked"}, "when": f"result_0 | {secure}('orders')"},
            {
                "assert": {
                    "that": [f"not result_0 | {secure}('archived_1.0.0')", f"(text | {secure}).complete is false"]
                }
            },
            {"debug": {"msg": f"{{{{ text | {secure}('nobody', default=false) }}}}"}},
            {"debug": {"msg": f"{{{{ text | {secure}('nobody') }}}}"}},
            {"debug": {"msg": f"{{{{ 17 | {secure} }}}}"}},
            {"assert": {"that": "(text | zosconnect.security.effective_config).ports | length == 2"}},
            {"debug": {"msg": "{{ {'server.xml': ['x']} | zosconnect.security.effective_config }}"}},
        ],
        text=text,
    )
    results = report.results
    assert [result.get("skipped", False) for result in results[1:3]] == [False, True]
    assert not results[3].get("failed"), results[3]
    assert results[4]["msg"] in (False, "False")
    assert "no apiRequester 'nobody' is known (known: none). Correct the name, or give a default." in results[5]["msg"]
    needs = "needs the text of a server.xml, a mapping of file names to texts, or a result of server_config_info."
    assert f"effective_require_secure: {needs}" in results[6]["msg"]
    assert not results[7].get("failed"), results[7]
    assert f"effective_config: {needs}" in results[8]["msg"]
    assert "Traceback" not in report.output


@pytest.mark.both_cores
class TestExplain:
    @staticmethod
    def run(folder: Path, hosts: dict[str, Any], *extra: str) -> subprocess.CompletedProcess[str]:
        inventory = {"zosconnect_servers": {"hosts": hosts}}
        (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_SHOW_CUSTOM_STATS": "1"}
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        command = [program, "-i", "inventory.json", "zosconnect.security.explain", *extra]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    @staticmethod
    def host(server: Path) -> dict[str, Any]:
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        return {**local, "zosconnect_server_dir": str(server)}

    @pytest.mark.chosen
    def test_lines_and_statistics(self, world: Files, tmp_path: Path) -> None:
        done = self.run(tmp_path, {"one": self.host(world.server)})
        assert done.returncode == 0, done.stdout
        place = f"{world.user}/shared/config/requesters.xml"
        assert (
            f"orders: plain http is accepted on 5001; requireSecure false by zosconnect_apiRequesters at {place}:2 "
            "through ${secure}; requireAuth true by default"
        ) in done.stdout
        assert "high requester-cleartext at " in done.stdout
        statistics = done.stdout.partition("CUSTOM STATS")[2]
        assert '"zosconnect_explained": {' in statistics
        assert '"zosconnect": {' in statistics
        assert MARKER not in done.stdout + done.stderr

    def test_it_fails_only_when_asked(self, world: Files, tmp_path: Path) -> None:
        done = self.run(tmp_path, {"one": self.host(world.server)}, "-e", "zosconnect_fail_on=high")
        assert done.returncode == 2
        assert "findings count, the first is: API requester orders accepts plain http on 5001" in done.stdout
        accepted = {"requester-cleartext": "low", "secret-readable": "low"}
        extra = json.dumps({"zosconnect_fail_on": "high", "zosconnect_severities": accepted})
        assert self.run(tmp_path, {"one": self.host(world.server)}, "-e", extra).returncode == 0

    def test_wrong_variables(self, world: Files, tmp_path: Path) -> None:
        standards = "stig, zos-stig, nist-sp-800-52r2, pci-dss-4.0.1, rfc9325"
        wrong = {
            "standard": (
                {"zosconnect_standard": "cis"},
                f"Give for zosconnect_standard nothing or one of {standards}.",
            ),
            "fail_on": (
                {"zosconnect_fail_on": "bad"},
                "Give for zosconnect_fail_on nothing or one of high, medium, low, information.",
            ),
            "nowhere": ({"zosconnect_server_dir": ""}, "zosconnect_server_dir: is empty; it has no default."),
        }
        hosts = {name: {**self.host(world.server), **given} for name, (given, _sentence) in wrong.items()}
        done = self.run(tmp_path, hosts)
        assert done.returncode == 2
        for name, (_given, sentence) in wrong.items():
            assert re.search(rf'fatal: \[{name}\]: FAILED! => .*"msg": "{re.escape(sentence)}"', done.stdout), (
                done.stdout
            )

    def test_the_rules_of_a_standard(self, world: Files, tmp_path: Path) -> None:
        done = self.run(tmp_path, {"one": self.host(world.server)}, "-e", "zosconnect_standard=stig")
        assert done.returncode == 0, done.stdout
        assert "DISA STIG for IBM WebSphere Liberty Server, V2R4: " in done.stdout
        assert "  fail V-250348 Https only" in done.stdout
        assert '"id": "V-250348"' in done.stdout.partition("CUSTOM STATS")[2]

    def test_evidence(self, world: Files, tmp_path: Path) -> None:
        away = {**self.host(world.server), "ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
        hosts = {"one": self.host(world.server), "gone": self.host(tmp_path / "gone"), "away": away}
        done = self.run(tmp_path, hosts, "-e", f"zosconnect_report_path={tmp_path}/report")
        assert done.returncode == 2, done.stdout
        rows = list(csv.DictReader((tmp_path / "report.csv").read_text().splitlines()))
        assert [(row["host"], row["requester"]) for row in rows if row["kind"] != "finding"] == [
            ("away", ""),
            ("gone", ""),
            ("one", "orders"),
            ("one", "strict"),
            ("one", "archived_1.0.0"),
        ]
        refused = "ssh: connect to host 127.0.0.1 port 1: Connection refused"
        assert rows[0]["verdict"] == f"unreachable: away: Failed to connect to the host via ssh: {refused}"
        assert rows[1]["verdict"].endswith("gone/server.xml: does not exist; correct zosconnect_server_dir.")
        file = world.user / "shared/config/requesters.xml"
        assert rows[2]["deciding_line"] == f"{file}:2 through ${{secure}}"
        assert rows[2]["file_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rows[2]["time"])
        report = json.loads((tmp_path / "report.json").read_text())
        assert [(host["host"], host["state"]) for host in report["hosts"]] == [
            ("away", "unreachable"),
            ("gone", "failed"),
            ("one", "explained"),
        ]
        found = {(one["id"], one["origin"]) for one in report["hosts"][2]["findings"]}
        assert {(row["finding"], row["place"]) for row in rows if row["kind"] == "finding"} == found
        assert MARKER not in (tmp_path / "report.json").read_text() + (tmp_path / "report.csv").read_text()

    def test_a_time_alone_changes_no_evidence(self, world: Files, tmp_path: Path) -> None:
        first = self.run(tmp_path, {"one": self.host(world.server)}, "-e", "zosconnect_report_path=audit")
        written = {name: (tmp_path / name).read_bytes() for name in ("audit.json", "audit.csv")}
        again = self.run(tmp_path, {"one": self.host(world.server)}, "-e", "zosconnect_report_path=audit")
        assert ("changed=1 " in first.stdout, "changed=0 " in again.stdout) == (True, True), again.stdout
        assert {name: (tmp_path / name).read_bytes() for name in written} == written
        assert not (tmp_path / "audit.html").exists()


class TestRunningServer:
    """The 27 combinations, asked of a server that runs: over http and https, with one reload for three of them."""

    @pytest.fixture(scope="class")
    @staticmethod
    def configure(liberty: Liberty, pki: Cast, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any, Any], None]:
        """Make two scopes say what they shall; below them stand a requester that says true, one false, one nothing."""
        store = tmp_path_factory.mktemp("stores") / "keys.p12"
        store.write_bytes(pki.server.pkcs12(alias="server", password="for-tests"))
        keys = f'<keyStore id="defaultKeyStore" location="{store}" password="for-tests"/>'
        bare = BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", f"{keys}</server>")
        assert liberty.update(bare).applied
        liberty.settle()

        @functools.lru_cache(maxsize=1)
        def configured(manager: Any, collection: Any) -> None:
            members = "".join(f'<apiRequester name="{asked}" {require(asked)}/>' for asked in (True, False, "unset"))
            content = f"""
                <zosconnect_zosConnectManager requireAuth="false" {require(manager)}/>
                <zosconnect_apiRequesters {require(collection)}>{members}</zosconnect_apiRequesters></server>"""
            said = liberty.update(bare.replace("</server>", content))
            assert said.applied, said.text

        return configured

    @pytest.mark.parametrize("case", COMBINATIONS, ids=lambda c: "{manager}-{collection}-{requester}".format(**c))
    def test_what_the_table_says_is_what_the_server_does(
        self, liberty: Liberty, pki: Cast, configure: Callable[[Any, Any], None], case: dict[str, Any]
    ) -> None:
        configure(case["manager"], case["collection"])
        context = ssl.create_default_context(cadata=pki.root.root_pem)
        plain = http.client.HTTPConnection("localhost", liberty.http_port, timeout=20)
        tls = http.client.HTTPSConnection("localhost", liberty.https_port, context=context, timeout=20)
        told = [status(connection, case["requester"]) for connection in (plain, tls)]
        assert told == [302 if case["secure"] else 200, 200]

    def test_the_module_tells_the_same_of_that_server(
        self, liberty: Liberty, configure: Callable[[Any, Any], None], tmp_path: Path
    ) -> None:
        configure(False, "unset")
        files = {"server_dir": str(liberty.server_dir), "user_dir": str(liberty.layout.user_dir)}
        result = play(tmp_path, [{MODULE: files}]).results[0]
        effective = {one["name"]: one["requireSecure"]["value"] for one in result["requesters"]}
        assert effective == {"True": True, "False": False, "unset": False}
        verdict = result["requesters"][-1]["verdict"]
        assert verdict.startswith("plain http is accepted on ")
        assert str(liberty.http_port) in verdict
        open_ports = {(port["port"], port["protocol"]) for port in result["ports"]}
        assert {(liberty.http_port, "http"), (liberty.https_port, "https")} <= open_ports


def require(value: object) -> str:
    """Return the attribute that says so, or nothing."""
    return "" if value == "unset" else f'requireSecure="{str(value).lower()}"'


def status(connection: http.client.HTTPConnection, requester: object) -> int:
    try:
        connection.request("GET", f"/zosConnect/apiRequesters/{requester}")
        return connection.getresponse().status
    finally:
        connection.close()


ASKED = f"""
  <config updateTrigger="mbean"/>
  <zosconnect_zosConnectManager requireSecure="true"/>
  <zosconnect_apiRequesters><apiRequester name="orders" requireSecure="false"/></zosconnect_apiRequesters>
  <unknown id="u" apiKey="{MARKER}1"/>
</server>"""
# Changed, added and taken away; nobody has told the server.
UNTOLD = f"""
  <config updateTrigger="mbean" monitorInterval="1m"/>
  <zosconnect_zosConnectManager requireSecure="false"/>
  <zosconnect_apiRequesters><apiRequester name="orders"/></zosconnect_apiRequesters>
  <safRegistry id="saf"/>
  <unknown id="u" apiKey="{MARKER}2"/>
</server>"""


class TestRunning:
    """What the files say beside what a running server does."""

    @staticmethod
    def login(liberty: Liberty, **changes: Any) -> dict[str, Any]:
        credentials = json.loads(liberty.layout.credentials_file.read_text(encoding="utf-8"))
        options = {
            "url": liberty.layout.admin_url,
            "username": credentials["user"],
            "password": credentials["password"],
            "ca_content": Path(credentials["ca"]).read_text(encoding="utf-8"),
            **changes,
        }
        return {name: value for name, value in options.items() if value is not None}

    @staticmethod
    def task(liberty: Liberty, running: dict[str, Any], **options: Any) -> dict[str, Any]:
        places = {"server_dir": str(liberty.server_dir), "user_dir": str(liberty.layout.user_dir)}
        return {MODULE: {**places, "running": running, **options}}

    @pytest.fixture(scope="class")
    @staticmethod
    def untold(liberty: Liberty) -> Iterator[Path]:
        """A server.xml that the server has not read yet."""
        bare = BARE_SERVER_XML.read_text(encoding="utf-8")
        assert liberty.update(bare.replace("</server>", ASKED)).applied
        path = liberty.server_dir / "server.xml"
        path.write_text(bare.replace("</server>", UNTOLD), encoding="utf-8")
        yield path
        liberty.reset()  # so that it looks by itself again

    @pytest.fixture(scope="class")
    @staticmethod
    def asked(untold: Path, liberty: Liberty, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
        """The answers to good and bad questions."""
        assert untold.exists()
        mine, admin = TestRunning.login, liberty.layout.admin_dir
        key = (admin / "client.key").read_text(encoding="ascii")
        certificate = {
            "username": None,
            "password": None,
            "client_certificate_content": (admin / "client.pem").read_text(encoding="ascii"),
        }
        with socket.create_server(("127.0.0.1", 0)) as silent:
            questions = {
                "pending": mine(liberty),
                "certificate": mine(liberty, **certificate, client_key_content=key),
                "no key": mine(liberty, **certificate),
                "401": mine(liberty, password=f"{MARKER}3"),
                "404": mine(liberty, url=f"{liberty.layout.admin_url}/zosConnect"),
                "refused": mine(liberty, url=f"https://localhost:{free_port()}"),
                "untrusted": mine(liberty, ca_content=None),
                "silent": mine(liberty, url=f"https://localhost:{silent.getsockname()[1]}", timeout=1),
                "plain": mine(liberty, url=f"https://localhost:{liberty.http_port}"),
                "nobody": mine(liberty, username=None, password=None),
            }
            tasks = [TestRunning.task(liberty, running) for running in questions.values()]
            told = play(tmp_path_factory.mktemp("running"), tasks)
        secrets = [MARKER, mine(liberty)["password"], key.splitlines()[1]]
        everything = told.output + json.dumps(told.results) + "".join(told.commands)
        assert not [secret for secret in secrets if secret in everything]
        return dict(zip(questions, told.results, strict=True))

    def test_each_difference_is_a_finding(self, asked: dict[str, Any], untold: Path) -> None:
        lines = dict(enumerate(untold.read_text(encoding="utf-8").splitlines(), 1))
        at = {
            name: f"{untold}:{n}" for n, line in lines.items() for name in ("Manager", "config ", "saf") if name in line
        }
        result = asked["pending"]
        told = [
            (d["path"], d["attribute"], d["files"], d["server"], d["origin"]) for d in result["running"]["differences"]
        ]
        assert told == [
            ("config", "monitorInterval", 60000, 200, at["config "]),
            ("safRegistry[saf]", None, "there", None, at["saf"]),
            ("zosconnect_apiRequesters/apiRequester[orders]", "requireSecure", None, False, "running server"),
            ("zosconnect_zosConnectManager", "requireSecure", False, True, at["Manager"]),
        ]
        assert result["running"]["not_compared"] == []
        found = [finding for finding in result["findings"] if finding["id"] == "refresh-pending"]
        assert [(f["origin"], f["message"]) for f in found if "Manager" in f["message"]] == [
            (
                at["Manager"],
                "requireSecure of <zosconnect_zosConnectManager>: the files say 'false', the server has 'true'.",
            )
        ]
        assert len(found) == 4
        assert "F JOBNAME,ZCON,REFRESH" in found[0]["action"]
        (manager,) = result["running"]["config"]["zosconnect_zosConnectManager"]
        assert manager["requireSecure"] is True

    def test_a_certificate_logs_in_as_well(self, asked: dict[str, Any]) -> None:
        assert asked["certificate"]["running"]["differences"] == asked["pending"]["running"]["differences"]

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("401", "HTTP status 401, the server does not know the user, the password or the client certificate."),
            ("404", "HTTP status 404, nothing answers there; enable the feature restConnector-2.0."),
            ("refused", "nobody listens there (connection refused); start the server, or correct the port."),
            (
                "untrusted",
                "its certificate is not trusted (self-signed certificate in certificate chain); give its authority in ca_content.",
            ),
            ("silent", "it did not answer within 1 s."),
            ("plain", "no TLS session came about (wrong version number)."),
        ],
    )
    def test_a_server_that_does_not_answer(self, asked: dict[str, Any], name: str, sentence: str) -> None:
        result = asked[name]
        assert result["failed"] is True
        assert result["msg"].startswith("https://localhost:")
        assert result["msg"].endswith(f": the running server could not be asked: {sentence}")

    def test_wrong_options(self, asked: dict[str, Any]) -> None:
        assert asked["nobody"]["msg"].startswith("running.username: give username and password, or client_certificate")
        assert asked["no key"]["msg"].startswith("running.client_certificate_content holds no PEM private key;")

    def test_explain_shows_it(self, untold: Path, liberty: Liberty, tmp_path: Path) -> None:
        host = TestExplain.host(liberty.server_dir)
        variables = {"zosconnect_user_dir": str(liberty.layout.user_dir), "zosconnect_running": self.login(liberty)}
        (tmp_path / "more.json").write_text(json.dumps(variables), encoding="utf-8")
        done = TestExplain.run(tmp_path, {"one": host}, "-e", "@more.json")
        assert done.returncode == 0, done.stdout
        assert f"high refresh-pending at {untold}:" in done.stdout
        assert "not compared with the running server: none" in done.stdout
        assert variables["zosconnect_running"]["password"] not in done.stdout

    def test_after_a_refresh_nothing_is_pending(self, untold: Path, liberty: Liberty, tmp_path: Path) -> None:
        since = liberty.position()
        liberty.refresh([untold])
        assert liberty.wait_for_update(since).applied
        login = self.login(liberty)
        result = play(tmp_path, [self.task(liberty, login, element_names=["safRegistry"])]).results[0]
        assert (result["running"]["differences"], result["running"]["not_compared"]) == ([], [])
        assert "refresh-pending" not in [finding["id"] for finding in result["findings"]]
        assert [*result["running"]["config"]] == ["safRegistry"]
