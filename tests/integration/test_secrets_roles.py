# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Law 6 for people who got something wrong: every variable of every role and playbook, every way to be wrong, no secret seen.

Each host has one mistake, beside secrets in all variables that take some, in clear in the file that ansible-core would quote from.
Whoever adds a variable has it here; one that holds secrets within a list or mapping has an entry in ``DECLARED``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from markers import BEGIN, forms, private_key

from ansible_collections.zosconnect.security.plugins.plugin_utils.variables import Variables, misspelt
from tests.utils.role_readme import ROOT, roles

pytestmark = [pytest.mark.ansible, pytest.mark.both_cores]

Json = dict[str, Any]
SECONDS = 400  # hangs are what this is for
SECRET = f"{BEGIN}OfAVariable"
KEY = private_key()
NOWHERE = "/nowhere/server"
# Nobody comes as far as to look into it.
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

# A declaration with everything that is secret in one.
KEYS = {
    "location": f"{NOWHERE}/key.p12",
    "password": SECRET,
    "alias": "a",
    "private_key": KEY,
    "private_key_passphrase": SECRET,
    "certificate": PEM,
}
TRUST = {"location": f"{NOWHERE}/trust.p12", "password": SECRET, "trusted": PEM}
LOGIN = {"user": "u", "password": SECRET}
TOKENS = {"url": "https://tokens.example.com/token", "login": LOGIN}
TOKEN = {
    "server": TOKENS,
    "header": "X-Token",
    "request": {"credential_location": "header", "header": "X-Credentials"},
    "response": {"token_location": "header", "header": "X-Token"},
}
CONNECTIONS: list[Json] = [
    {"name": "cics", "server_dir": NOWHERE, "port": 5002, "key_store": KEYS, "trust_store": TRUST},
    {
        "name": "api",
        "client_certificate": "required",
        "server_dir": NOWHERE,
        "endpoint": {"host": "api.example.com", "port": 443},
        "key_store": KEYS,
        "trust_store": TRUST,
        "authentication": {"basic": LOGIN, "token": TOKEN},
    },
]
ENTRY = {"alias": "a", "privatekey_content": KEY, "privatekey_passphrase": SECRET, "certificate_content": PEM}
DECLARED: Json = {
    "connections_declared": CONNECTIONS,
    "connections_callers": {"cics": {"caller_key": KEY, "caller_key_passphrase": SECRET, "request_password": SECRET}},
    "renew_stores": [{"path": "/nowhere/key.p12", "password": SECRET, "key_password": SECRET, "entries": [ENTRY]}],
    "renew_variables": {"store_password": SECRET},
    "rest_endpoint_authentication": {"token": TOKEN},
    "zosconnect_env": {"keystore_password": SECRET},
    "zosconnect_running": {"url": "https://127.0.0.1:1", "username": "u", "password": SECRET},
    "zosconnect_variables": {"store_password": SECRET},
    **{
        f"{role}_more_connections": CONNECTIONS
        for role in ("attls_fronted_port", "attls_outbound_client", "rest_endpoint")
    },
    "mutual_tls_requester_more_connections": CONNECTIONS,
}
# What else a role or playbook needs to come as far as to the secrets.
NEEDED: dict[str, Json] = {
    "attls_fronted_port": {"key_ring": "RING"},
    "attls_outbound_client": {
        "server_host": "host.example.com",
        "server_address": "192.0.2.1",
        "clients": [{"name": "c", "type": "cics", "job_name": "CICS*", "key_ring": "RING"}],
    },
    "connections": {},
    "mutual_tls_requester": {
        "key_store": f"{NOWHERE}/key.p12",
        "key_alias": "a",
        "certificate": PEM,
        "trust_store": f"{NOWHERE}/trust.p12",
    },
    "renew": {"refresh": "mbean"},
    "rest_endpoint": {
        "name": "api1",
        "client_certificate": "required",
        "key_store": f"{NOWHERE}/key.p12",
        "key_alias": "a",
        "certificate": PEM,
        "host": "api.example.com",
        "port": 443,
        "user": "u",
        "trust_store": f"{NOWHERE}/trust.p12",
    },
}
WRONG_TYPE: Json = {
    **dict.fromkeys(["int", "float", "bool"], "soon"),
    **{kind: [SECRET] for kind in ("str", "path", "dict")},
    **{kind: {"password": SECRET} for kind in ("list", "raw")},
}


@dataclass(frozen=True)
class Mistake:
    """A host of its own: its variables, whether the wrong one takes secrets, how its sentence begins where it must fail."""

    host: str
    group: str
    variables: Json
    secret: bool
    said: str | None


def explained() -> Json:
    """Return the variables of the playbook explain."""
    tasks = yaml.safe_load((ROOT / "playbooks" / "tasks" / "check.yml").read_text(encoding="utf-8"))
    options: Json = tasks[0]["zosconnect.security.variables_check"]["options"]
    return options


def options_of(role: Path) -> Json:
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options: Json = specs["argument_specs"]["variables"]["options"]
    return options


OPTIONS: dict[str, Json] = {**{role.name: options_of(role) for role in roles()}, "explain": explained()}


def given(name: str, option: Json) -> Any:
    """Return what stands in a variable before somebody gets one wrong; None for nothing."""
    if name in DECLARED:
        return DECLARED[name]
    if option.get("no_log"):
        return KEY if name.endswith(("private_key", "caller_key")) else SECRET
    return NOWHERE if name.endswith("_server_dir") else None


def base(group: str) -> Json:
    """Return the variables that all hosts of a role or playbook have."""
    needed = {f"{group}_{name}": value for name, value in NEEDED.get(group, {}).items()}
    found = {name: given(name, option) for name, option in OPTIONS[group].items()}
    return {
        "near_password": SECRET,
        "connections_zos_release": "3.1",
        **needed,
        **{name: value for name, value in found.items() if value is not None},
    }


def broken(value: Any, template: str) -> Any:
    """Return the value with a template in it, behind all that is secret."""
    if isinstance(value, list):
        return [*value, {"password": SECRET, "alias": template}]
    return {**value, "alias": template} if isinstance(value, dict) else f"{value or ''}{template}"


def mistakes() -> Iterator[Mistake]:
    """Give every mistake in every variable."""
    for group, options in OPTIONS.items():
        for name, option in options.items():
            value = base(group).get(name)
            secret = value in (SECRET, KEY) or name in DECLARED
            ways = {"type": (WRONG_TYPE[option["type"]], None if option["type"] == "raw" else f"{name}: must be ")}
            if option.get("choices"):
                ways["choice"] = ("mbeam", f"{name}: is n")
            # Of lists and mappings a part; the name of the part follows.
            ways["undefined"] = (broken(value, "{{ nope }}"), name)
            if secret:
                ways["failing"] = (broken(value, "{{ 'x' | from_json }}"), name)
            for way, (wrong, said) in ways.items():
                variables = {"near": [SECRET], "near_too": {"password": SECRET}, name: wrong}
                yield Mistake(f"{way}-{name}", group, variables, secret, said)
            if option.get("required"):
                yield Mistake(f"misspelt-{name}", group, {f"{name}x": value}, secret, f"{name}: is missing")
            elif value is not None:
                said = f"{name}x: is no variable of "
                yield Mistake(f"misspelt-{name}", group, {f"{name}x": value}, secret, said)


def other_playbooks() -> Iterator[Mistake]:
    """Give mistakes in what stands for a role's variables in playbooks that have no role of their name."""
    restored = [{"path": f"{NOWHERE}/server.xml", "backup_file": f"{NOWHERE}/server.xml.old"}]
    for group in ("verify_connections", "restore"):
        for way, template in {"undefined": "{{ nope }}", "failing": "{{ 'x' | from_json }}"}.items():
            host = f"{way}-{group}"
            # To put backups back needs no declaration, only how the server is told.
            verifies = group == "verify_connections"
            variables = {
                "zosconnect_connections": broken(CONNECTIONS, template) if verifies else CONNECTIONS,
                "connections_refresh": "operator" if verifies else "mbean",
                "connections_refresh_password": SECRET if verifies else broken(SECRET, template),
                "zosconnect_security": {host: {"restore": restored}},
            }
            said = "zosconnect_connections[2].alias: " if verifies else "connections_refresh_password: "
            yield Mistake(host, group, variables, True, said)
    secret = {"type-zosconnect_restore": {"restore": {"near_password": SECRET}}}
    yield Mistake(
        "type-zosconnect_restore",
        "restore",
        {"zosconnect_security": secret},
        True,
        "zosconnect_restore.type-zosconnect_restore: must be a list of mappings with path, ",
    )


MISTAKES = [*mistakes(), *other_playbooks()]


def chosen(some: str) -> list[Mistake]:
    """Return ``all`` mistakes; or ``many``: all in what holds secrets, of the rest one of a kind; or ``few``: one of a kind.

    A host costs a fifth of a second, and hosts of one kind take the same way through a role and through ansible-core.
    """
    if some == "all":
        return MISTAKES
    found: dict[object, Mistake] = {}
    for one in MISTAKES:
        way, _, name = one.host.partition("-")
        kind = OPTIONS.get(one.group, {}).get(name, {}).get("type")
        alone = (one.group, one.host) if some == "many" and one.secret else None
        found.setdefault(alone or (one.group, way, kind, one.secret), one)
    return list(found.values())


# Everything that a callback is given, as callbacks that write JSON get it.
CALLBACK = """\
import json, os
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME, CALLBACK_NEEDS_ENABLED = 2.0, "notification", "everything", False

    def _note(self, event, result):
        with open(os.environ["ZCS_RESULTS"], "a") as file:
            line = {"event": event, "host": result._host.get_name(), "task": str(result._task), "result": result._result}
            file.write(json.dumps(line, default=repr) + "\\n")

    def v2_runner_on_ok(self, result): self._note("ok", result)
    def v2_runner_on_failed(self, result, ignore_errors=False): self._note("failed", result)
    def v2_runner_on_skipped(self, result): self._note("skipped", result)
    def v2_runner_on_unreachable(self, result): self._note("unreachable", result)
    def v2_runner_item_on_ok(self, result): self._note("item ok", result)
    def v2_runner_item_on_failed(self, result): self._note("item failed", result)
    def v2_runner_retry(self, result): self._note("retry", result)
"""


@dataclass(frozen=True)
class Campaign:
    """What was played and seen, by place, and with which sentence each host failed."""

    mistakes: list[Mistake]
    places: dict[str, str]
    failed: dict[str, str]


def inventory(group: str, mistakes: list[Mistake]) -> Json:
    of_all = base(group if group in OPTIONS else "connections")
    if group not in OPTIONS:
        del of_all["connections_declared"]
    hosts = {mistake.host: all_variables(of_all, mistake.variables) for mistake in mistakes}
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return {"zosconnect_servers": {"vars": local, "hosts": hosts}}


def all_variables(of_all: Json, own: Json) -> Json:
    """Return all variables of a host, its own ones last; a misspelt one takes the right one away."""
    return {name: value for name, value in of_all.items() if not own.keys() & {name, f"{name}x"}} | own


def site(group: str, hosts: list[str]) -> list[Json]:
    """Run the playbook; of a role with a playbook every second host takes the role itself instead."""
    noted = {"set_fact": {"seen": 1, "cacheable": True}, "run_once": True}
    if group not in NEEDED:
        chosen, role = hosts, []
    else:
        chosen, role = hosts[::2], hosts[1::2]
    # Rescued, because a run ends where all hosts of a play have failed.
    taken = {"block": [{"include_role": {"name": f"zosconnect.security.{group}"}}], "rescue": [{"meta": "noop"}]}
    return [
        {"hosts": ",".join(role or chosen), "gather_facts": False, "tasks": [noted, *([taken] if role else [])]},
        {"import_playbook": f"zosconnect.security.{group}", "vars": {"zosconnect_hosts": ",".join(chosen)}},
    ]


def run(folder: Path, group: str, mistakes: list[Mistake], *arguments: str) -> None:
    """Play mistakes of a role or playbook, and leave in the folder what is to be seen of it."""
    hosts = inventory(group, mistakes)
    names = list(hosts["zosconnect_servers"]["hosts"])
    (folder / "inventory.yml").write_text(yaml.safe_dump(hosts, sort_keys=False), encoding="utf-8")
    (folder / "site.yml").write_text(yaml.safe_dump(site(group, names), sort_keys=False), encoding="utf-8")
    (folder / "callbacks").mkdir()
    (folder / "callbacks" / "everything.py").write_text(CALLBACK, encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "no-collections"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_KEEP_REMOTE_FILES": "1",
        "ANSIBLE_LOG_PATH": str(folder / "log"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
        "ANSIBLE_CALLBACK_PLUGINS": str(folder / "callbacks"),
        "ZCS_RESULTS": str(folder / "results"),
        "ANSIBLE_FORKS": "4",
        "ANSIBLE_NOCOLOR": "1",
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), *arguments, "-i", "inventory.yml", "site.yml"]
    with (folder / "output").open("w") as output:
        subprocess.run(command, cwd=folder, env=environment, stdout=output, stderr=output, timeout=SECONDS)


PLACES = ("output", "log", "results", "facts", "remote", "local")


def seen(mistakes: list[Mistake], folders: list[Path]) -> Campaign:
    """Collect what is left, without what the user wrote."""
    places = dict.fromkeys(PLACES, "")
    for place in PLACES:
        for path in (path for folder in folders for path in [folder / place, *(folder / place).rglob("*")]):
            places[place] += path.read_bytes().decode(errors="replace") if path.is_file() else ""
    results = [json.loads(line) for line in places["results"].splitlines()]
    failed = {event["host"]: str(event["result"].get("msg")) for event in results if event["event"] == "failed"}
    return Campaign(mistakes, places, failed)


@pytest.fixture(scope="module", params=["-v", "-vvvv --diff"])
def campaign(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """Play mistakes at the verbosity that shows most, at the other one types and templates where secrets belong."""
    some = [one for one in chosen("few") if one.secret and one.host.startswith(("type", "undefined"))]
    mistakes = chosen(os.environ.get("ZCS_MISTAKES", "few")) if "vvvv" in request.param else some
    folders = {group: tmp_path_factory.mktemp(group) for group in dict.fromkeys(one.group for one in mistakes)}
    for group, folder in folders.items():
        run(folder, group, [one for one in mistakes if one.group == group], *request.param.split())
    return seen(mistakes, list(folders.values()))


@pytest.mark.parametrize("form", list(forms()))
@pytest.mark.parametrize("place", PLACES)
def test_no_mistake_shows_a_secret(campaign: Campaign, place: str, form: str) -> None:
    seen = forms()[form].search(campaign.places[place])
    assert not seen, campaign.places[place][max(0, seen.start() - 1500) : seen.end() + 50]


def test_the_search_saw_the_places(campaign: Campaign) -> None:
    """A search of nothing finds nothing."""
    for place in ("output", "log", "results"):
        assert "must be a mapping, not a list." in campaign.places[place]
    assert "seen" in campaign.places["facts"]
    assert campaign.places["remote"].startswith("#!")


def test_each_mistake_is_told_by_the_name_of_its_variable(campaign: Campaign) -> None:
    others = {
        one.host: campaign.failed.get(one.host, "did not fail")
        for one in campaign.mistakes
        if one.said and not campaign.failed.get(one.host, "").startswith(one.said)
    }
    assert others == {}


@pytest.mark.parametrize("group", list(OPTIONS))
def test_every_mistake_has_its_sentence(group: str) -> None:
    """All of them, also those that are not played here: judged in this process, where templates fail by themselves."""

    def evaluate(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: evaluate(part) for key, part in value.items()}
        if isinstance(value, list):
            return [evaluate(part) for part in value]
        if isinstance(value, str) and "{{" in value:
            raise ValueError(SECRET)
        return value

    for one in (one for one in MISTAKES if one.group == group and one.said):
        variables = all_variables(base(group), one.variables)
        said = Variables(variables, evaluate).complaints(OPTIONS[group])
        roles_ = {"connections": OPTIONS["connections"], group: OPTIONS[group]} if group in NEEDED else {}
        # Without a variable that it needs, a role says that first.
        said = said or misspelt(variables, roles_)
        assert [sentence[: len(str(one.said))] for sentence in said] == [one.said], one.host
        assert SECRET not in said[0]


def test_every_secret_variable_has_a_secret_in_it() -> None:
    for group, options in OPTIONS.items():
        secret = [name for name, option in options.items() if option.get("no_log")]
        assert all(BEGIN in str(base(group)[name]) or base(group)[name] == KEY for name in secret)
    assert {name for options in OPTIONS.values() for name in options} >= DECLARED.keys()
