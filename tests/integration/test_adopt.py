# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""adopted_file and the playbook adopt, as a user calls them."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pki
import pytest
import yaml
from launcher import Liberty, wait_for_port
from layout import BARE_SERVER_XML, free_port
from plays import play

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords

pytestmark = pytest.mark.ansible

TAKEN = (
    "{path}: is there on the controller with other content, perhaps with your own changes, so nothing was written. "
    "Give another path, one for each host, or set zosconnect_adopted_replace to true, which keeps a copy of it."
)


def kept(folder: Path, *, keywords: dict[str, bool] | None = None, **options: Any) -> dict[str, Any]:
    task = {"zosconnect.security.adopted_file": {"content": "---\nnew: 1\n", **options}, **(keywords or {})}
    return play(folder, [task]).results[0]


class TestFile:
    def test_a_new_file_and_its_directories(self, tmp_path: Path) -> None:
        path = tmp_path / "host_vars" / "zceesrv1" / "connections.yml"
        made = kept(tmp_path, path="host_vars/zceesrv1/connections.yml")
        assert (made["changed"], made["path"]) == (True, str(path))
        assert path.read_text() == "---\nnew: 1\n"
        assert [path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777] == [0o640, 0o750]
        assert [each.name for each in path.parent.iterdir()] == ["connections.yml"]
        assert not kept(tmp_path, path=str(path))["changed"]

    @pytest.mark.chosen
    def test_somebodys_changes_stay(self, tmp_path: Path) -> None:
        path = tmp_path / "connections.yml"
        path.write_text("---\nmine: 1\n")
        made = kept(tmp_path, path=str(path))
        assert (made["failed"], made["msg"]) == (True, TAKEN.format(path=path))
        assert path.read_text() == "---\nmine: 1\n"

    def test_asked_to_replace_it_keeps_a_copy(self, tmp_path: Path) -> None:
        (tmp_path / "real.yml").write_text("---\nmine: 1\n")
        (tmp_path / "real.yml").chmod(0o600)
        (tmp_path / "link.yml").symlink_to("real.yml")
        made = kept(tmp_path, path=str(tmp_path / "link.yml"), replace=True, keywords={"diff": True})
        path = tmp_path / "real.yml"
        assert (made["changed"], made["path"]) == (True, str(path))
        assert [path.read_text(), path.stat().st_mode & 0o777] == ["---\nnew: 1\n", 0o600]
        assert Path(made["backup_file"]).read_text() == "---\nmine: 1\n"
        assert [made["backup_file"][: len(f"{path}.")], made["backup_file"][-1]] == [f"{path}.", "~"]
        assert [made["diff"][0]["before"], made["diff"][0]["after"]] == ["---\nmine: 1\n", "---\nnew: 1\n"]

    def test_check_mode_writes_nothing(self, tmp_path: Path) -> None:
        made = kept(tmp_path, path=str(tmp_path / "new" / "x.yml"), keywords={"check_mode": True})
        assert made["changed"]
        assert not (tmp_path / "new").exists()

    def test_where_nothing_can_be_written(self, tmp_path: Path) -> None:
        made = kept(tmp_path, path=str(tmp_path))
        assert made["msg"] == f"{tmp_path}: cannot be written on the controller: Is a directory."


SERVER_XML = """\
<server>
  <featureManager><feature>zosconnect:zosConnect-2.0</feature><feature>zosconnect:apiRequester-1.0</feature></featureManager>
  <httpEndpoint id="defaultHttpEndpoint" host="*" httpPort="9080" httpsPort="5002"/>
  <sslDefault sslRef="DefaultSSLSettings"/>
  <ssl id="DefaultSSLSettings" keyStoreRef="CellDefaultKeyStore" trustStoreRef="CellDefaultTrustStore"/>
  <keyStore id="CellDefaultKeyStore" location="safkeyring:///Keyring.LIBERTY" password="password" type="JCERACFKS"/>
  <keyStore id="CellDefaultTrustStore" location="safkeyring:///Keyring.LIBERTY" password="password" type="JCERACFKS"/>
</server>
"""


def adopt(folder: Path, *arguments: str, hosts: tuple[str, ...] = ("zceesrv1",)) -> subprocess.CompletedProcess[str]:
    """Run the playbook over servers in folders of their names."""
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    servers = {host: {**here, "zosconnect_server_dir": str(folder / host)} for host in hosts}
    inventory = {"zosconnect_servers": {"hosts": servers}}
    (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "zosconnect.security.adopt", "-i", "inventory.json", *arguments]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_REMOTE_TEMP": str(folder / "remote")}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def server(folder: Path, text: str = SERVER_XML) -> Path:
    archives = folder / "resources" / "zosconnect" / "apiRequesters"
    archives.mkdir(parents=True)
    (archives / "inventory_1.0.0.ara").write_bytes(b"")
    (folder / "server.xml").write_text(text, encoding="utf-8")
    return folder


class TestPlaybook:
    @pytest.mark.chosen
    def test_a_server_is_adopted_and_unchanged(self, tmp_path: Path) -> None:
        own = server(tmp_path / "zceesrv1")
        done = adopt(tmp_path, "-e", "zosconnect_adopted_path=host_vars/zceesrv1/connections.yml")
        assert done.returncode == 0, done.stdout
        assert "1 connection, 0 calls adopted; a check run with them changes nothing (proved)" in done.stdout
        assert "written: host_vars/zceesrv1/connections.yml" in done.stdout
        text = (tmp_path / "host_vars/zceesrv1/connections.yml").read_text()
        (connection,) = yaml.safe_load(text)["zosconnect_connections"]
        assert connection == {
            "name": "default_https",
            "host": "*",
            "port": 5002,
            "caller_tls": "cics",
            "server_tls": "jsse",
            "client_certificate": "none",
            "plain_http": "unchanged",
            "elements": {
                "httpEndpoint": "defaultHttpEndpoint",
                "ssl": "DefaultSSLSettings",
                "keyStore": "CellDefaultKeyStore",
                "trustStore": "CellDefaultTrustStore",
            },
            "requesters": ["inventory_1.0.0"],
        }
        assert (own / "server.xml").read_text() == SERVER_XML
        again = adopt(tmp_path, "-e", "zosconnect_adopted_path=host_vars/zceesrv1/connections.yml")
        assert "changed=0" in again.stdout

    def test_a_wrong_directory_is_told(self, tmp_path: Path) -> None:
        done = adopt(tmp_path, "-e", "zosconnect_adopted_path=x.yml")
        assert done.returncode != 0
        assert f"{tmp_path}/zceesrv1/server.xml: does not exist; correct server_dir." in done.stdout
        assert not (tmp_path / "x.yml").exists()

    def test_many_servers_share_what_they_have_in_common(self, tmp_path: Path) -> None:
        server(tmp_path / "one")
        server(tmp_path / "two", SERVER_XML.replace("5002", "5012"))
        done = adopt(
            tmp_path,
            "-e",
            '{"zosconnect_adopted_path": "host_vars/{{ inventory_hostname }}/connections.yml"}',
            "-e",
            "zosconnect_adopted_profile_path=group_vars/zosconnect_servers/connections.yml",
            hosts=("one", "two"),
        )
        assert done.returncode == 0, done.stdout
        shown = [
            {"debug": {"msg": "{{ zosconnect_connections | map(attribute='port') | list }}"}},
        ]
        plays = [{"hosts": "all", "gather_facts": False, "tasks": shown}]
        (tmp_path / "show.yml").write_text(json.dumps(plays), encoding="utf-8")
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        command = [program, "show.yml", "-i", "inventory.json"]
        told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300).stdout
        assert "5002" in told
        assert "5012" in told


STORES = """\
<server>
  <featureManager><feature>zosconnect:zosConnect-2.0</feature><feature>transportSecurity-1.0</feature></featureManager>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="-1" httpsPort="5002" sslOptionsRef="one"/><sslOptions id="one" sslRef="one"/>
  <ssl id="one" keyStoreRef="k1" trustStoreRef="t" serverKeyAlias="CICS"/><keyStore id="k1" location="{base}/one.p12" password="{xor}"/>
  <httpEndpoint id="two" httpPort="-1" httpsPort="5003" sslOptionsRef="two"/><sslOptions id="two" sslRef="two"/>
  <ssl id="two" keyStoreRef="k2" trustStoreRef="t"/><keyStore id="k2" location="{base}/two.p12" password="{second}"/>
  <keyStore id="t" location="{base}/gone.p12" password="marker-word"/>
</server>
"""


@pytest.mark.java
class TestStores:
    """The entries of key store files are read in the call that reads the rest."""

    def gathered(self, folder: Path, second: str, **options: Any) -> tuple[dict[str, Any], dict[str, Any], str]:
        """Return what is adopted of a server with two stores, and what a check run with it says."""
        authority = pki.Authority()
        folder.chmod(0o700)
        for number, name in enumerate(("one", "two")):
            data = authority.issue(name, days=400).pkcs12(alias=("cics", "only")[number], password="marker-word")
            (folder / f"{name}.p12").write_bytes(data)
        xor = passwords.encode("marker-word", "xor")
        text = STORES.replace("{base}", str(folder)).replace("{xor}", xor).replace("{second}", second)
        server(folder / "zceesrv1", text)
        where = {"server_dir": str(folder / "zceesrv1"), **options}
        task: dict[str, Any] = {"zosconnect.security.connections": {**where, "state": "gathered"}, "register": "found"}
        check = {
            "zosconnect.security.connections": {**where, "connections": "{{ result_0.connections }}"},
            "check_mode": True,
        }
        done = play(folder, [task, check])
        return done.results[0], done.results[1], done.output

    @pytest.mark.parametrize(("encoding", "calls"), [("plain", 1), ("aes", 2)])
    def test_which_key_a_port_shows(self, tmp_path: Path, encoding: str, calls: int) -> None:
        made, checked, output = self.gathered(tmp_path, passwords.encode("marker-word", encoding))
        assert not made.get("failed"), made
        found = {each["name"]: each.get("key_store") for each in made["connections"]}
        assert found == {"default_https": {"alias": "CICS"}, "two": None}
        assert made["origins"]["default_https"]["server_tls"].startswith("shows 'cics' (CN=one")
        assert made["origins"]["two"]["server_tls"].startswith("shows 'only' (CN=two")
        assert [each["reason"] for each in made["not_expressed"]] == [
            f"could not be looked into: {tmp_path}/gone.p12: does not exist."
        ]
        # What only the controller can decode costs a call more.
        assert (made["remote_calls"], made["jvm_starts"]) == (calls, 2)
        assert (checked["changed"], checked.get("failed", False)) == (False, False), checked
        assert "marker-word" not in json.dumps([made, checked]) + output

    def test_stores_that_cannot_be_read(self, tmp_path: Path) -> None:
        """Without a Java, and with a password that opens nothing: the rest is adopted all the same."""
        (tmp_path / "java").mkdir()
        made, checked, _output = self.gathered(tmp_path, "another-word", java_home=str(tmp_path / "java"))
        assert [each["name"] for each in made["connections"]] == ["default_https", "two"]
        reasons = [each["reason"] for each in made["not_expressed"]]
        assert len(reasons) == 3
        assert all(each.startswith("could not be looked into: ") for each in reasons)
        assert (checked["changed"], checked.get("failed", False)) == (False, False), checked


BY_HAND = """\
  <keyStore id="defaultKeyStore" password="default-password"/>
  <variable name="hand.port" value="{port}"/>
  <httpEndpoint id="hand"   httpPort="-1"
      httpsPort='${{hand.port}}' sslOptionsRef="handOptions"/>
  <sslOptions id="handOptions" sslRef="hand"/>
  <ssl id="hand" keyStoreRef="defaultKeyStore" trustStoreRef="defaultKeyStore" sslProtocol="TLSv1.2"
       clientAuthentication="true"/>
</server>
"""


def demands_a_certificate(port: int) -> bool:
    """Whether a caller without a certificate is turned away."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as plain, context.wrap_socket(plain):
            return False
    except (ssl.SSLError, ConnectionError):
        return True


@pytest.mark.java
@pytest.mark.liberty
def test_a_real_server_that_somebody_changed_by_hand(liberty: Liberty, tmp_path: Path) -> None:
    port = free_port()
    text = BARE_SERVER_XML.read_text(encoding="utf-8")
    liberty.update(text.replace("</server>", BY_HAND.format(port=port)))
    wait_for_port(port)
    before = {path: path.read_bytes() for path in liberty.server_dir.rglob("*.xml")}
    (tmp_path / "zceesrv1").symlink_to(liberty.server_dir)
    done = adopt(tmp_path, "-e", "zosconnect_adopted_path=connections.yml")
    assert done.returncode == 0, done.stdout
    assert "a check run with them changes nothing (proved)" in done.stdout
    assert {path: path.read_bytes() for path in liberty.server_dir.rglob("*.xml")} == before
    connections = yaml.safe_load((tmp_path / "connections.yml").read_text())["zosconnect_connections"]
    mine = next(each for each in connections if each["port"] == port)
    assert (mine["name"], mine["client_certificate"], mine["protocols"]) == ("hand", "required", ["TLSv1.2"])
    assert mine["elements"]["ssl"] == "hand"
    told = {each["port"]: each["client_certificate"] == "required" for each in connections}
    assert told == {port: demands_a_certificate(port) for port in told}
