# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of a declaration that are documented are those that the engine takes, with their defaults and choices."""

from __future__ import annotations

import copy
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.zosconnect.security.plugins.doc_fragments.declaration import ModuleDocFragment
from ansible_collections.zosconnect.security.plugins.plugin_utils import declared
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import declaration, endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import waivers as accepted

sys.path.insert(0, str(Path(__file__).parents[2] / "utils"))
import declaration_page

Json = dict[str, Any]
DOCUMENTED: Json = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]["connections"]["suboptions"]
RING = {"location": "safkeyring:///Zcee", "alias": "zcee"}
STORE = {"location": "/t.p12", "password": "changeit"}
LOGIN = {"user": "zcee", "password": "secret"}
TOKEN_SERVER = {"url": "https://login.example.com/", "login": LOGIN, "trust_store": STORE}
CALL = {"name": "call", "server_dir": "/s", "endpoint": {"host": "api.example.com", "port": 443}}
# Declarations that bring every mapping there is.
SAMPLES: tuple[Json, ...] = (
    {
        "name": "cics",
        "server_dir": "/s",
        "port": 5002,
        "key_store": RING,
        "trust_store": STORE,
        "tls_profile": {"fips": False},
        "require_secure": {"server": True},
        "elements": {"ssl": "one"},
        "clients": [{"name": "cics", "type": "cics", "job_name": "CICS", "tls_profile": {"fips": False}}],
    },
    {"name": "front", "server_dir": "/s", "port": 5004, "server_tls": "attls", "inbound": {"key_ring": "U/R"}},
    {
        **CALL,
        "server_tls": "jsse",
        "authentication": {"basic": LOGIN, "oauth": {"server": TOKEN_SERVER}},
        "skip_host_names": {"hosts": ["a"], "reason": "r", "owner": "o", "ticket": "t", "expires": "2999-01-01"},
    },
    {
        **CALL,
        "server_tls": "attls",
        "outbound": {"address": "192.0.2.1", "key_ring": "U/R", "job_name": "Z"},
        "authentication": {
            "token": {
                "server": TOKEN_SERVER,
                "request": {"credential_location": "header", "header": "Authorization"},
                "response": {"token_location": "header", "header": "Authorization"},
            }
        },
    },
)
# Their keys are not taken one by one: waivers are read for all connections at once, settings are those of two filters.
ELSEWHERE = {"waivers", "clients.settings"}


def read(given: Json) -> object:
    given = copy.deepcopy(given)
    return endpoint.endpoint(given) if endpoint.is_endpoint(given) else declaration.connection(given)


@pytest.fixture(scope="module")
def taken() -> dict[str, set[str]]:
    """The keys that the engine asks for, by the path of their mapping."""
    found: dict[str, set[str]] = defaultdict(set)
    with pytest.MonkeyPatch.context() as patch:
        take = declared.Reader.take

        def noted(self: declared.Reader, key: str, *others: Any) -> Any:
            _first, _dot, path = re.sub(r"\[\d+\]", "", self.where).partition(".")
            found[path].add(key)
            return take(self, key, *others)

        patch.setattr(declared.Reader, "take", noted)
        for sample in SAMPLES:
            read(sample)
    return found


def documented(options: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Each mapping with its path."""
    yield path, options
    for name, option in options.items():
        if "suboptions" in option:
            yield from documented(option["suboptions"], f"{path}.{name}".lstrip("."))


def test_every_key_is_documented_and_no_other(taken: Mapping[str, set[str]]) -> None:
    told = {path: set(options) for path, options in documented(DOCUMENTED) if path not in ELSEWHERE}
    assert told == {path: keys for path, keys in taken.items() if path not in ELSEWHERE}


def refusals(path: tuple[str, ...], value: object) -> Iterator[str]:
    """What the engine says to a value at a path, of each sample that has the mapping around it."""
    for sample in SAMPLES:
        given = copy.deepcopy(sample)
        node: Any = given
        for key in path[:-1]:
            node = node.get(key) if isinstance(node, dict) else None
            node = node[0] if isinstance(node, list) else node
        if isinstance(node, dict):
            node[path[-1]] = value
            try:
                read(given)
            except SecurityError as e:
                yield str(e)


CHOICES = [
    (tuple(f"{path}.{name}".lstrip(".").split(".")), option["choices"])
    for path, options in documented(DOCUMENTED)
    for name, option in options.items()
    if option.get("choices")
]


@pytest.mark.parametrize(("path", "choices"), CHOICES, ids=[".".join(path) for path, _ in CHOICES])
def test_the_choices_are_those_that_a_refusal_names(path: tuple[str, ...], choices: list[str]) -> None:
    said = [{word.rstrip(".") for word in re.findall(r"[\w.]+", one)} for one in refusals(path, "no-such-word")]
    assert any(set(map(str, choices)) <= words for words in said), said


@pytest.mark.parametrize(("path", "choices"), CHOICES, ids=[".".join(path) for path, _ in CHOICES])
def test_each_choice_is_one(path: tuple[str, ...], choices: list[str]) -> None:
    for choice in choices:
        assert not [one for one in refusals(path, choice) if f"{choice!r} is not" in one or f"not {choice!r}" in one]


TYPES = [
    (tuple(f"{path}.{name}".lstrip(".").split(".")), option["type"])
    for path, options in documented(DOCUMENTED)
    for name, option in options.items()
    if option["type"] in ("dict", "bool", "int") and path not in ELSEWHERE
]


@pytest.mark.parametrize(("path", "kind"), TYPES, ids=[".".join(path) for path, _ in TYPES])
def test_a_value_of_another_type_is_refused(path: tuple[str, ...], kind: str) -> None:
    wrong, sentence = {
        "dict": (5, "must be a mapping"),
        "bool": ("perhaps", "is not true or false"),
        "int": ("many", "'many' is not"),
    }[kind]
    said = [*refusals(path, wrong)]
    assert any(f".{path[-1]}: " in one and sentence in one for one in said), said


def test_a_waiver_has_the_documented_keys() -> None:
    assert set(DOCUMENTED["waivers"]["suboptions"]) == set(accepted.KEYS)
    needed = {name for name, option in DOCUMENTED["waivers"]["suboptions"].items() if option.get("required")}
    assert needed == set(accepted._NEEDED)


def test_the_page_shows_them() -> None:
    """python tests/utils/declaration_page.py"""
    assert declaration_page.FILE.read_text(encoding="utf-8") == declaration_page.text()
