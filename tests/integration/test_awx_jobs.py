# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each template of the AWX pack as a job: its playbook of the project, the answers of its survey, and what credentials give.

No AWX: ansible-runner gets exactly the variables that AWX would make of the survey and of the credentials.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import awx_data
import awx_rules
import pytest
import yaml
from jobs import MARKER, Job, run_project
from layout import free_port
from pki import Cast
from role_world import Place, secrets_of

pytestmark = [pytest.mark.ansible, pytest.mark.java]

Json = dict[str, Any]
DATA = awx_data.data()
TEMPLATES = {item["name"].partition(" - ")[2]: item for item in DATA["controller_templates"]}
KINDS = {kind["name"].removeprefix("z/OS Connect "): kind for kind in DATA["controller_credential_types"]}
WAYS = sorted(
    path.stem for path in (awx_data.PROJECT / "inventory/group_vars").glob("*.yml") if path.stem != "zosconnect_servers"
)
# AWX hands artifacts to each job that follows, and keeps them with every job.
MOST_ARTIFACTS = 64 * 1024


def server(folder: Path, pki: Cast) -> Place:
    """A server with the requesters of the examples."""
    place = Place.make(folder, pki)
    for name in ("accounts", "payments", "rates"):
        (place.server_dir / f"resources/zosconnect/apiRequesters/{name}_1.0.0.ara").touch()
    return place


@pytest.fixture
def place(tmp_path: Path, pki: Cast) -> Place:
    return server(tmp_path / "server", pki)


def credentials(place: Place, *names: str) -> Json:
    """What credentials of these kinds give, all fields filled in."""
    server = place.pki.server
    pem = {
        "private_key": server.key_pem(),
        "certificate": server.certificate_pem,
        "certificate_chain": server.chain_pem,
    }
    pem |= {"ca": place.pki.root.root_pem, "key": server.key_pem()}
    # The key has no passphrase, and the REST connector is said by the inventory where there is one.
    empty = ("private_key_passphrase", "key_passphrase", "url")
    given: Json = {}
    for name in names:
        plain = {item["id"]: MARKER if item.get("secret") else "of-" for item in KINDS[name]["inputs"]["fields"]}
        inputs = {one: pem.get(one, "" if one in empty else f"{begin}{one}") for one, begin in plain.items()}
        given |= awx_rules.variables_of(KINDS[name], inputs)
    return given


def job(
    place: Place, template: str, given: Json, *, answers: Json | None = None, group: str = "", check: bool = True
) -> Job:
    """Run a template as AWX would: answers that the survey takes, its defaults for the others."""
    return job_for({"zceesrv1": (place, group)}, template, given, answers=answers, check=check)


def job_for(
    hosts: dict[str, tuple[Place, str]], template: str, given: Json, *, answers: Json | None = None, check: bool = True
) -> Job:
    """The same for several hosts, each with the folder of its server and a group of the inventory, which has no other."""
    place = next(iter(hosts.values()))[0]
    folder = place.server_dir.parent / "job"
    if not folder.exists():
        shutil.copytree(awx_data.PROJECT, folder / "project")
        (folder / "project/inventory").rename(folder / "inventory")
        inventory = yaml.safe_load((folder / "inventory/hosts.yml").read_text(encoding="utf-8"))
        servers = inventory["zosconnect_servers"]
        servers["children"]["cics_to_server"] = {}
        for name, (where, group) in hosts.items():
            members = servers["children"][group] if group else servers
            members["hosts"] = {name: host_variables(where)}
        (folder / "inventory/hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    item = TEMPLATES[template]
    spec = item["survey_spec"]
    assert awx_rules.answers(spec, {**awx_rules.defaults(spec), **(answers or {})}) == []
    variables = {**item.get("extra_vars", {}), **awx_rules.defaults(spec), **(answers or {}), **given}
    secrets = secrets_of(place.pki.server)
    return run_project(
        folder, item["playbook"], survey=variables, options="--check --diff" if check else "--diff", secrets=secrets
    )


def host_variables(place: Place) -> Json:
    """What the inventory knows of a server."""
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    known = {"zosconnect_server_dir": str(place.server_dir), "site_server_host": "localhost"}
    known |= {"site_server_address": "192.0.2.1"}
    return {**local, **known, **dict.fromkeys(("site_callers_ca", "site_endpoints_ca"), place.pki.root.root_pem)}


def stores(place: Place) -> Json:
    """Answers for one port."""
    role = "mutual_tls_requester"
    given = {"key_store": str(place.store("keys")), "key_alias": "server", "trust_store": str(place.store("trust"))}
    given |= {"trusted_certificates": place.pki.root.root_pem, "requesters": "orders_1.0.0"}
    return {f"{role}_{name}": value for name, value in given.items()} | {f"{role}_port": free_port()}


class TestLooking:
    @pytest.mark.parametrize("template", ["explain", "report", "adopt", "diagnose"])
    def test_it_looks(self, place: Place, template: str) -> None:
        before = place.state()
        done = job(place, template, credentials(place, *KINDS))
        assert done.rc == 0, done.failure("zceesrv1")
        assert place.state() == before
        assert len(json.dumps(done.statistics)) < MOST_ARTIFACTS

    def test_renew_has_nothing_to_do(self, place: Place) -> None:
        # An AES key is for a server that has one; another refuses it.
        held = credentials(place, *(name for name in KINDS if name != "AES key"))
        done = job(place, "renew", held)
        assert (done.rc, done.changed("zceesrv1")) == (0, 0), done.failure("zceesrv1")

    def test_the_last_node_fails(self, place: Place) -> None:
        done = job(place, "was put back", {})
        assert done.failure("localhost").startswith(
            "The change could not be made or proved, so what it had changed was put back."
        )


@pytest.fixture(scope="module")
def handed_over(tmp_path_factory: pytest.TempPathFactory, pki: Cast) -> Job:
    """One job for a server of each way, in check mode: what needs a policy would wait for it, and is handed over."""
    folder = tmp_path_factory.mktemp("ways")
    hosts = {f"{way}_1": (server(folder / way, pki), way) for way in WAYS}
    given = credentials(hosts[f"{WAYS[0]}_1"][0], "server keys", "caller", "endpoint login")
    return job_for(hosts, "hand over", given)


class TestEachWay:
    @pytest.mark.parametrize("way", WAYS)
    def test_the_example_of_the_inventory(self, handed_over: Job, way: str) -> None:
        assert handed_over.rc == 0, handed_over.output[-3000:]
        # A server is not changed before the policy is there on which it relies.
        assert handed_over.changed(f"{way}_1") == (0 if way.endswith("_attls") else 1)
        assert len(json.dumps(handed_over.statistics)) < MOST_ARTIFACTS

    def test_there_are_eight(self) -> None:
        assert len(WAYS) == 8


class TestOnePort:
    @pytest.mark.chosen
    def test_it_is_made_from_answers_and_a_credential_and_a_second_run_changes_nothing(self, place: Place) -> None:
        answers, given = stores(place), credentials(place, "server keys")
        answers["mutual_tls_requester_plain_http"] = "unchanged"
        for changed in (1, 0):
            done = job(place, "one port", given, answers=answers, check=False)
            assert (done.rc, done.changed("zceesrv1")) == (0, changed), done.output[-3000:]
        assert place.store("keys").exists()

    def test_restore_takes_the_artifacts_of_the_job_before(self, place: Place) -> None:
        before = place.server_xml.read_bytes()
        answers = stores(place) | {"mutual_tls_requester_plain_http": "unchanged"}
        made = job(place, "one port", credentials(place, "server keys"), answers=answers, check=False)
        assert place.server_xml.read_bytes() != before
        done = job(place, "restore", {**made.statistics, **credentials(place, "administrator")}, check=False)
        assert done.rc == 0, done.failure("zceesrv1")
        assert place.server_xml.read_bytes() == before
        assert not place.store("keys").exists()

    @pytest.mark.chosen
    def test_without_the_credential(self, place: Place) -> None:
        before = place.state()
        done = job(place, "one port", {}, answers=stores(place))
        assert done.failure("zceesrv1") == (
            f"zosConnectTls.key_store.password: is missing; {place.store('keys')} cannot be opened without it."
        )
        assert place.state() == before

    def test_a_name_with_blanks_is_refused(self, place: Place) -> None:
        answers = stores(place) | {"mutual_tls_requester_name": " zosConnectTls "}
        done = job(place, "one port", credentials(place, "server keys"), answers=answers)
        assert done.failure("zceesrv1") == (
            "connections[0].name: ' zosConnectTls ' must be a name of letters, digits, '_', '.' and '-', beginning with a letter."
        )

    @pytest.mark.parametrize("names", [" orders_1.0.0 \n\n stock_1.0.0\n", "[orders_1.0.0, stock_1.0.0]"])
    def test_names_one_a_line_or_a_list_in_text(self, place: Place, names: str) -> None:
        answers = stores(place) | {"mutual_tls_requester_requesters": names}
        done = job(place, "one port", credentials(place, "server keys"), answers=answers)
        assert done.rc == 0, done.failure("zceesrv1")
        (result,) = done.results("zceesrv1", "Read, plan, judge, apply, prove")
        assert all(name in json.dumps(result) for name in ("orders_1.0.0", "stock_1.0.0"))


def test_a_declared_connection_without_its_credential_says_which_variable_is_missing(place: Place) -> None:
    done = job(place, "connections", {}, group="cics_to_server_mutual")
    assert done.failure("zceesrv1") == (
        "zosconnect_connections[0].key_store.password: the variable zosconnect_key_store_password is not defined."
    )
