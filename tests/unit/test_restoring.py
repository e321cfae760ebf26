# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What zosconnect_restore may be, and what is said of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils import restoring, telling
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import run
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.found import Found
from ansible_collections.zosconnect.security.plugins.plugin_utils.restoring import Pair, Saved

ITEM = {"path": "/s/server.xml", "backup_file": "/s/server.xml~", "checksum_before": "b", "checksum_after": "a"}
SAVED = Saved("/s/server.xml", "/s/server.xml~", "b", "a")
HOSTS = ["one", "two"]


@pytest.mark.parametrize(
    "given",
    [
        [ITEM],
        {"one": [ITEM]},
        {"one": {"restore": [ITEM], "changed": True}, "two": []},
        json.dumps([ITEM]),
        json.dumps({"one": [ITEM]}),
        {"one": json.dumps([ITEM])},
        # What a run leaves, pasted whole.
        run.restore_text("one", datetime(2026, 11, 29, tzinfo=UTC), [ITEM]),
        "- {path: /s/server.xml, backup_file: /s/server.xml~, checksum_before: b, checksum_after: a}",
    ],
)
def test_it_may_be_a_list_or_of_many_hosts_or_text(given: Any) -> None:
    assert restoring.saved(given, "one", HOSTS) == [SAVED]


def test_what_may_be_left_out() -> None:
    item = {name: ITEM[name] for name in ("path", "backup_file", "checksum_before")}
    (found,) = restoring.saved([{**item, "host": "lpar1", "kind": "policy"}], "one", HOSTS)
    assert (found.checksum_after, found.host, found.kind) == (None, "lpar1", "policy")


MADE = {"path": "/s/k.p12", "made": True, "checksum_after": "a"}


def test_what_was_made_has_no_backup() -> None:
    assert restoring.saved([MADE], "one", HOSTS) == [Saved("/s/k.p12", "", "", "a", made=True)]


def test_a_pasted_file_may_say_what_is_no_template() -> None:
    item = {**ITEM, "path": "/s/{{ a }}.xml", "backup_file": "/s/{% a %}~"}
    text = run.restore_text("one", datetime(2026, 11, 29, tzinfo=UTC), [item])
    assert "!unsafe" in text
    (found,) = restoring.saved(text, "one", HOSTS)
    assert (found.path, found.backup_file) == (item["path"], item["backup_file"])


def test_a_mapping_for_others_is_nothing_for_this_host() -> None:
    assert restoring.saved({"two": [ITEM]}, "one", HOSTS) == []


TEXT = "is a text that holds neither a list nor a mapping in YAML or JSON."
NOTHING = (
    "There is nothing to restore for one. Give zosconnect_restore: a restore file (-e @FILE), the list of a run's statistics, or "
    "these statistics themselves."
)
KEYS = (
    "a list of mappings with path, backup_file, checksum_before and checksum_after, or a mapping of hosts to such lists"
)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], NOTHING),
        ("", NOTHING),
        (None, NOTHING),
        ({"one": []}, NOTHING),
        ({"one": {"changed": False}}, NOTHING),
        (
            7,
            (
                "zosconnect_restore: must be a list of mappings with path, backup_file, checksum_before and checksum_after, or "
                "a mapping of hosts to such lists, not a number."
            ),
        ),
        ({"one": 7}, f"zosconnect_restore.one: must be {KEYS}, not a number."),
        ({"one": {"restore": "x"}}, f"zosconnect_restore.one: {TEXT}"),
        ("[", f"zosconnect_restore: {TEXT}"),
        ([{**ITEM, "backup_file": ""}], "zosconnect_restore[0].backup_file: is missing; it has no default."),
        (
            {"one": [ITEM, {"path": "/s/k.p12", "backup_file": "/s/k~"}]},
            "zosconnect_restore.one[1].checksum_before: is missing; it has no default.",
        ),
        (
            [{"path": "/s/k.p12", "made": True}],
            "zosconnect_restore[0].checksum_after: is missing; it has no default.",
        ),
        ([{**ITEM, "bakup": 1}], "zosconnect_restore[0]: 'bakup' is not known; did you mean backup_file?"),
        (
            {"tow": [ITEM]},
            (
                "zosconnect_restore: is for tow, and no host of this play has that name; did you mean two? Its keys must be "
                "names of the inventory."
            ),
        ),
        (
            {"path": "/s"},
            "zosconnect_restore: is for path, and no host of this play has that name. Its keys must be names of the inventory.",
        ),
    ],
)
def test_each_mistake_has_its_sentence(given: Any, said: str) -> None:
    with pytest.raises(SecurityError) as caught:
        restoring.saved(given, "one", HOSTS)
    assert str(caught.value) == said


def pair(saved: Saved = SAVED, *, now: str | None = "a", then: str | None = "b") -> Pair:
    def found(path: str, checksum: str | None) -> Found:
        return Found(path, path, None, checksum, None, False, "/s", True, True, "zceesrv")

    return Pair(saved, found(saved.path, now), found(saved.backup_file, then))


class TestPending:
    """The target notes for the server what was put back, where its directory is known."""

    def order(self, *paths: str, kind: str | None = None) -> Any:
        saved = [Saved(path, f"{path}~", "b", "a", kind=kind) for path in paths]
        pairs = [Pair(each, replace(pair(each).file, path=each.path), pair(each).backup) for each in saved]
        return restoring.order(pairs, backup=True, told="operator")["pending"]

    def test_files_of_a_server(self) -> None:
        kinds = {"/s/server.xml": "configuration", "/shared/tls.xml": "configuration", "/s/k.p12": "key_stores"}
        expected = {"directory": "/s", "log": None, "told": "operator", "kinds": kinds}
        assert self.order("/shared/tls.xml", "/s/k.p12", "/s/server.xml") == expected

    def test_a_directory_that_is_not_known(self) -> None:
        assert self.order("/s/k.p12") is None
        assert self.order("/etc/pagent/server.xml", kind="policy") is None


class TestLines:
    OPERATOR = {"host": None, "refresh": "operator", "job_name": "", "zosconnect_version": "2.0"}

    def test_by_the_operator(self) -> None:
        assert restoring.lines([pair()], self.OPERATOR, check_mode=False) == [
            "put back: /s/server.xml",
            "in force after the operator command F BAQSTRT,ZCON,REFRESH, or by itself where the server polls",
        ]

    def test_a_second_run_names_the_command_still(self) -> None:
        assert restoring.lines([pair(now="b")] * 2, self.OPERATOR, check_mode=False) == [
            "nothing to put back: 2 files are what was saved",
            (
                "in force after the operator command F BAQSTRT,ZCON,REFRESH, unless it was given since, or by itself "
                "where the server polls"
            ),
        ]

    def test_check_mode(self) -> None:
        told = {**self.OPERATOR, "refresh": "mbean"}
        assert restoring.lines([pair()], told, check_mode=True) == ["would put back: /s/server.xml"]

    def test_without_an_operator(self) -> None:
        for how, said in {"mbean": "the server was told", "polled": "the server looks for changes itself"}.items():
            assert restoring.lines([pair()], {**self.OPERATOR, "refresh": how}, check_mode=False)[1:] == [said]

    def test_a_second_run_tells_the_server_again(self) -> None:
        nothing = "nothing to put back: 1 file is what was saved"
        for how, said in {"mbean": ["the server was told"], "polled": []}.items():
            assert restoring.lines([pair(now="b")], {**self.OPERATOR, "refresh": how}, check_mode=False) == [
                nothing,
                *said,
            ]

    def test_a_policy_on_another_host(self) -> None:
        policy = Saved("/etc/p", "/etc/p~", "b", "a", "lpar1", "policy")
        assert restoring.lines([pair(policy)], {**self.OPERATOR, "host": "lpar1"}, check_mode=False) == [
            "put back on lpar1: /etc/p",
            "the policy counts after F PAGENT,UPDATE",
        ]

    @pytest.mark.parametrize(
        ("now", "check_mode", "said"),
        [
            ("a", False, "removed: /s/k.p12, made by that run"),
            ("a", True, "would remove: /s/k.p12, made by that run"),
            (None, False, "nothing to put back: 1 file is what was saved"),
            ("x", False, "/s/k.p12 was made by that run and is another one now, so it stays"),
        ],
    )
    def test_what_was_made(self, now: str | None, check_mode: bool, said: str) -> None:  # noqa: FBT001
        (saved,) = restoring.saved([MADE], "one", HOSTS)
        one = Pair(saved, pair(saved, now=now).file, None)
        one.check("checksum_after")
        told = restoring.lines([one], self.OPERATOR, check_mode=check_mode)
        assert told == ([said] if now != "x" else ["nothing to put back: 1 file is what was saved", said])
        assert (one.differs, one.stays) == (now == "a", now == "x")

    def test_nothing_for_this_host(self) -> None:
        said = ["nothing to put back: zosconnect_restore is for other hosts"]
        assert restoring.lines([], self.OPERATOR, check_mode=False) == said


class TestTelling:
    OPTIONS = {
        "refresh": "mbean",
        "refresh_url": "https://h:1",
        "refresh_username": "u",
        "refresh_password": "p",
        "refresh_ca": "",
        "refresh_seconds": 9,
    }

    def test_how_the_mbean_is_reached(self) -> None:
        assert telling.connector(self.OPTIONS) == {
            "url": "https://h:1",
            "username": "u",
            "password": "p",
            "ca_content": None,
            "timeout": 9,
        }
        assert telling.connector({**self.OPTIONS, "refresh": "polled"}) is None

    @pytest.mark.parametrize("name", ["refresh_url", "refresh_username", "refresh_password"])
    def test_what_is_needed_for_that(self, name: str) -> None:
        with pytest.raises(SecurityError) as caught:
            telling.connector({**self.OPTIONS, name: ""}, "connections_")
        assert str(caught.value) == (
            f"connections_{name}: is empty; with connections_refresh mbean it is needed to tell the server."
        )

    def test_the_command_of_each_version(self) -> None:
        assert telling.command(["/a.xml"], "Z1", 3.0) == "F Z1,REFRESH,CONFIG"
        assert telling.command(["/a.p12"], None, "3.0") == "F BAQSTRT,REFRESH,CONFIG, then F BAQSTRT,REFRESH,KEYSTORE"
        assert (
            telling.command([], "", "") == "F BAQSTRT,ZCON,REFRESH (z/OS Connect 2.0) or F BAQSTRT,REFRESH,CONFIG (3.0)"
        )


class TestConsole:
    """A console is told of what was put back."""

    OPTIONS = {
        "refresh": "operator",
        "operator": "zos_operator",
        "zosconnect_version": "3.0",
        "prefix": "connections_",
        "job_name": None,
        "host": None,
    }
    MEMBER = Saved("//'SYS1.TCPPARMS(TTLSPOL)'", "//'SYS1.TCPPARMS(ZA1B2C3D)'", "b", "a")

    def test_of_what(self) -> None:
        policy = Saved("/etc/p", "/etc/p~", "b", "a", kind="policy")
        store = Saved("/s/k.p12", "/s/k.p12~", "b", "a")
        both = [pair(self.MEMBER), pair(SAVED), pair(store)]
        assert restoring.to_give(both, self.OPTIONS) == ["policy", "configuration", "key_stores"]
        assert restoring.to_give(both, {**self.OPTIONS, "refresh": "mbean"}) == ["policy"]
        assert restoring.to_give(both, {**self.OPTIONS, "operator": ""}) == []
        assert restoring.to_give([pair(policy)], self.OPTIONS) == ["policy"]
        assert restoring.to_give([pair(SAVED)], self.OPTIONS) == ["configuration"]

    def test_it_is_said(self) -> None:
        commands = ["F PAGENT,UPDATE", "F BAQSTRT,REFRESH,CONFIG"]
        assert restoring.lines([pair(SAVED)], self.OPTIONS, given=commands, check_mode=False) == [
            "put back: /s/server.xml",
            "given to the console: F PAGENT,UPDATE, then F BAQSTRT,REFRESH,CONFIG",
        ]

    def test_what_is_noted_goes(self) -> None:
        order = restoring.settling([pair(SAVED)])
        assert order is not None
        assert (order["files"], order["journal_dir"]) == ([], "/s")
        assert order["pending"] == {"directory": "/s", "log": None, "told": "command", "kinds": {}}
        assert restoring.settling([pair(self.MEMBER)]) is None

    def test_which_version_must_be_known(self) -> None:
        unknown = {**self.OPTIONS, "zosconnect_version": ""}
        with pytest.raises(SecurityError) as caught:
            restoring.check_version([SAVED], unknown)
        assert str(caught.value) == (
            "connections_zosconnect_version is empty; with connections_operator zos_operator it is needed, because 2.0 and "
            "3.0 know other commands."
        )
        restoring.check_version([self.MEMBER], unknown)
        restoring.check_version([Saved("/etc/p", "/etc/p~", "b", "a", "lpar1")], unknown)
        restoring.check_version([SAVED], {**unknown, "operator": ""})
        restoring.check_version([SAVED], {**unknown, "refresh": "mbean"})

    def test_a_member(self) -> None:
        member, backup = self.MEMBER.members()
        assert (member.name, backup.name) == ("TTLSPOL", "ZA1B2C3D")
        with pytest.raises(SecurityError) as caught:
            Saved(self.MEMBER.path, "/tmp/p~", "b", "a").members()
        assert str(caught.value).startswith("backup_file: /tmp/p~ is no member of a data set; ")
