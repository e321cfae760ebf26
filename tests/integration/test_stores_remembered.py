# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks and runs that use the same stores start Java once for each; other passwords, bytes and hosts are seen."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest
from pki import Cast
from plays import Played, play
from role_world import KEY_PASSWORD, Place

pytestmark = [pytest.mark.ansible, pytest.mark.java, pytest.mark.both_cores]

Json = dict[str, Any]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, pki: Cast) -> Played:
    folder = tmp_path_factory.mktemp("remembered")
    place = Place.make(folder / "server", pki)
    _batch, cics = place.declared()
    keys, trust = cics["key_store"], cics["trust_store"]
    wrong = {**cics, "key_store": {**keys, "password": "Marker-another"}}
    renew: Json = {"zosconnect.security.renew": {"stores": [_named(keys), _named(trust)], "days": 1}}
    other = {"name": "other", "ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    keytool = "keytool -importkeystore -noprompt -srckeystore {} -destkeystore {} -deststoretype PKCS12"
    more = pki.root.java_truststore(KEY_PASSWORD)
    (folder / "more.p12").write_bytes(more)
    command = f"{keytool.format(folder / 'more.p12', keys['location'])} -srcstorepass {KEY_PASSWORD} -deststorepass {KEY_PASSWORD}"
    tasks: list[Json] = [
        _connections(cics),
        _connections(cics),
        _connections(cics),
        {**_connections(cics), "check_mode": True},
        renew,
        _connections(wrong),
        {"ansible.builtin.command": command},
        _connections(cics),
        {"ansible.builtin.add_host": other},
        {**renew, "delegate_to": "other"},
    ]
    first = play(folder, tasks, arguments=())
    later = play(folder, [_connections(cics), _connections(wrong)], arguments=())
    return replace(first, results=[*first.results, *later.results])


def _connections(*declared: Json) -> Json:
    return {"zosconnect.security.connections": {"connections": list(declared)}}


def _named(store: Json) -> Json:
    return {"path": store["location"], "password": store["password"]}


def starts(played: Played, number: int) -> object:
    result = played.results[number]
    assert not result.get("failed"), result
    return result["jvm_starts"]


def test_each_store_is_opened_once(played: Played) -> None:
    assert played.results[0]["changed"] is True
    assert [starts(played, number) for number in (1, 2)] == [2, 0]
    assert [played.results[number]["changed"] for number in (1, 2)] == [False, False]


def test_in_check_mode_and_by_another_action_too(played: Played) -> None:
    assert [starts(played, number) for number in (3, 4)] == [0, 0]


def test_another_password_is_noticed(played: Played) -> None:
    assert played.results[5]["failed"] is True
    assert "the key store cannot be opened: its password is another one" in played.results[5]["msg"]


def test_a_store_that_has_changed_is_opened_again(played: Played) -> None:
    assert played.results[6]["rc"] == 0
    assert starts(played, 7) == 1


def test_the_next_run_knows_them_too(played: Played) -> None:
    assert starts(played, 10) == 0
    assert played.results[11]["failed"] is True


def test_nothing_is_known_of_another_host(played: Played) -> None:
    assert starts(played, 9) == 2
