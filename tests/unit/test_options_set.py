# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each option of each module and role, and each variable of playbooks, is set by at least one test."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "utils"))
import interface

from ansible_collections.zosconnect.security.plugins.plugin_utils.variables import PLAYBOOKS
from tests import options_set

ROOT = interface.ROOT
# What these files have is handed to a module, or to its engine, by the names of the module's options.
ENGINES = {
    "attls_policy": ["unit/attls/cases/"],
    "connections": ["unit/connections/run_world.py", "unit/connections/test_connections_run.py"],
    "diagnose": ["unit/diagnose/"],
    "saf_keyring": ["unit/saf/"],
    "server_xml": ["unit/liberty/"],
    "tls_probe": ["integration/test_tls_probe.py", "integration/test_tls_scan.py"],
}
# No test sets these yet. Whoever writes one takes the option away here.
UNSET = {
    "connections.connections.authentication.oauth.server.trust_store.allow_older",
    "connections.connections.authentication.token.server.trust_store.allow_older",
    "connections.connections.clients.rule",
    "connections.connections.key_store.allow_older",
    "connections.connections.outbound.local_address",
    "connections.connections.trust_store.allow_older",
    "connections.connections.verify_host_name",
    "operator_command.seconds",
    "saf_keyring.list_certificates",
    "server_config_info.running.client_key_content",
    "server_config_info.running.client_key_passphrase",
}


def files() -> Iterator[Path]:
    for folder in ("tests", "extensions/molecule"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".yml") and path.name != "interface.yml" and "corpus" not in path.parts:
                yield path


@cache
def seen() -> options_set.Seen:
    found = options_set.look(files(), interface._roles(), ENGINES)
    handing = ("roles/*/tasks/*.yml", "roles/*/vars/*.yml", "playbooks/**/*.yml")
    found.through(path for pattern in handing for path in sorted(ROOT.glob(pattern)))
    return found


def test_every_option_of_a_module_is_set() -> None:
    modules = interface.public_modules().items()
    unset = {each for name, one in modules for each in options_set.unset(seen(), name, one["doc"].get("options") or {})}
    assert unset == UNSET


def test_every_variable_of_a_role_is_set() -> None:
    assert [name for options in interface._roles().values() for name in options if name not in seen().names] == []


def test_every_variable_of_a_playbook_is_set() -> None:
    """Also those that playbooks leave: what is set by them alone is no variable that somebody gives."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("playbooks/**/*.yml"))]
    left = {
        str(name)
        for text in texts
        for node in options_set.mappings(yaml.safe_load(text))
        for name in (node.get("register"), *node.get("ansible.builtin.set_fact", ()))
    }
    given = PLAYBOOKS - set(interface._statistics()) - left
    assert sorted(name for name in given if name not in seen().names) == []


def found(text: str) -> options_set.Seen:
    """What a Python file with this text would set."""
    made = options_set.Seen()
    made.program(options_set.Program(ast.parse(text)))
    return made


class TestTheScan:
    """What finds too much would never miss anything."""

    OPTIONS = {"path": {}, "elements": {"suboptions": {"name": {"required": True}, "children": {}}}}

    def unset(self, text: str) -> list[str]:
        return [*options_set.unset(found(text), "made", self.OPTIONS)]

    def test_a_word_alone_sets_nothing(self) -> None:
        assert self.unset('x = {"path": 1, "name": 2}; print("path", path=1)')[0] == "made.path"

    def test_what_is_handed_to_another_module_sets_nothing(self) -> None:
        assert "made.path" in self.unset('{"zosconnect.security.other": {"path": 1}}')

    def test_a_mapping_by_way_of_names_calls_and_tables(self) -> None:
        text = """
MODULE = "zosconnect.security.made"
COMMON = {"path": 1}
def task(**options):
    return {MODULE: {**COMMON, **options}}
@pytest.mark.parametrize("given", [{"elements": [{"name": 1, "children": 2}]}])
def test_it(given):
    play(task(**given))
"""
        assert self.unset(text) == []
        assert self.unset(text.replace('"path"', '"other"')) == ["made.path"]
        assert self.unset(text.replace(', "children": 2', "")) == ["made.elements.children"]

    def test_a_playbook_in_a_text(self) -> None:
        text = 'TEXT = """\\n- zosconnect.security.made:\\n    path: 1\\n"""'
        assert self.unset(text) == ["made.elements", "made.elements.name", "made.elements.children"]

    def test_variables_have_their_full_names(self) -> None:
        assert found('run("-e", "connections_side=both", renew_days=1, days=2)').names >= {
            "connections_side",
            "renew_days",
        }
        assert "renew_days" not in found('run(days=2); "renew_days"').names
