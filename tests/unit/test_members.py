# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members of data sets: their names, their records, and what cannot be said of them."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure

from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.plugin_utils import codepages, members
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_base import SecurityAction
from ansible_collections.zosconnect.security.plugins.plugin_utils.action_members import Members, Written
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.change import no_data_set
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError

PATH = "//'SYS1.TCPPARMS(TTLSPOL)'"
EBCDIC = codepages.for_name("IBM-1047")
assert EBCDIC


def said(function: Any, *arguments: object) -> str:
    with pytest.raises(SecurityError) as caught:
        function(*arguments)
    return str(caught.value)


def test_a_path_names_a_member() -> None:
    one = members.member(PATH)
    assert (one.library, one.name, one.data_set) == ("SYS1.TCPPARMS", "TTLSPOL", "SYS1.TCPPARMS(TTLSPOL)")
    assert members.member("//'A.B#C(X@1)'").data_set == "A.B#C(X@1)"


def test_a_backup_has_a_name_of_its_own() -> None:
    one = members.member(PATH)
    kept = [members.backup_of(one) for _ in range(9)]
    assert len({each.path for each in kept}) == 9
    assert all(re.fullmatch(r"Z[0-9A-F]{7}", each.name) for each in kept)
    assert [members.member(each.path) for each in kept] == kept


@pytest.mark.parametrize(
    "path",
    [
        "//'SYS1.TCPPARMS'",
        "//SYS1.TCPPARMS(TTLSPOL)",
        "//'sys1.tcpparms(ttlspol)'",
        "//'SYS1.TCPPARMS(TTLSPOLICY)'",
        "//'SYS1.TCPPARMS(*)'",
        "//'SYS1..TCPPARMS(A)'",
        f"//'{'.'.join(['ABCDEFGH'] * 5)}.X(A)'",
        "//'SYS1.PARM(A)' -x",
    ],
)
def test_what_names_none(path: str) -> None:
    assert said(members.member, path) == (
        f"path: {path} is no member of a data set; write it in capital letters as the Policy Agent does: "
        "//'HLQ.POLICY(MEMBER)'. A sequential data set is not taken: zos_copy would delete it and allocate another."
    )


def test_what_only_a_file_has() -> None:
    members.check({"mode": None, "validate": None, "backup": True})
    assert said(members.check, {"mode": "0640", "validate": None}) == (
        "mode: cannot be given for a member of a data set; leave it out."
    )


def test_a_member_is_in_EBCDIC() -> None:
    assert (members.encoding(None), members.encoding("IBM-037")) == ("IBM-1047", "IBM-037")
    for given in ("UTF-8", "nonsense"):
        assert said(members.encoding, given) == (
            f"encoding: {given} cannot be that of a member of a data set; give IBM-1047 or IBM-037."
        )
    assert said(members.encoding, "UTF-8", "connections_policy_encoding").startswith(
        "connections_policy_encoding: UTF-8 "
    )


def test_records_are_lines_without_the_blanks_that_fill_them_up() -> None:
    assert EBCDIC
    encode = EBCDIC.encode
    assert members.records(encode("a  \n\nb\n")) == [encode("a"), b"", encode("b")]
    assert members.records(encode("a\n")) == members.records(encode("a")) == members.records(encode("a \n \n"))
    assert members.records(b"") == []
    assert members.records(encode(" a")) != members.records(encode("a"))


@pytest.mark.parametrize(
    ("attributes", "room"),
    [
        ({"record_format": "fb", "record_length": 80}, 80),
        ({"record_format": "vb", "record_length": 84}, 80),
        ({"record_format": "VBA", "record_length": 84}, 80),
        ({"record_format": "u", "record_length": 0}, None),
        ({"record_format": "u", "record_length": 80}, None),
        ({}, None),
    ],
)
def test_what_a_record_holds(attributes: dict[str, Any], room: int | None) -> None:
    assert EBCDIC
    one = members.member(PATH)
    members.can_hold(one, EBCDIC.encode("x\n" + "a" * 80 + "   \n"), attributes)
    long = EBCDIC.encode("x\n" + "a" * 81 + "\n")
    if room is None:
        members.can_hold(one, long, attributes)
        return
    assert said(members.can_hold, one, long, attributes) == (
        f"{PATH}:2: would have 81 characters, and a record of SYS1.TCPPARMS holds 80; shorten it, or copy the members into "
        "a data set with longer records."
    )


def test_what_changes_together_must_be_files() -> None:
    no_data_set("/etc/pagent/ttls.policy", "policies")
    assert said(no_data_set, PATH, "policies") == (
        f"policies: {PATH} is a data set, and what changes together must be files. Leave it out; the "
        "module attls_policy changes a member."
    )


DENIED = "ICH408I USER(ZCEEADM ) GROUP(SYS1    ) SYS1.TCPPARMS CL(DATASET ) INSUFFICIENT ACCESS AUTHORITY"
OLD, NEW = (EBCDIC.encode(text) for text in ("TTLSGroupAction zcOn\n{\n}\n", "TTLSGroupAction zcOff\n{\n}\n# new\n"))
BACKUP = "SYS1.TCPPARMS(ZA1B2C3D)"
LEFT = f" Its backup //'{BACKUP}' is left."


class Zos(Members):
    """Members in memory, with zos_copy and zos_stat as they are documented; ``wrong`` is what the next copies do wrong.

    Each of ``wrong`` is for a read or a write. It says ``msg`` and ``stderr``, or nothing, and has written ``kept`` bytes.
    """

    def __init__(self, *wrong: Mapping[str, Any]) -> None:
        self.library = {"SYS1.TCPPARMS(TTLSPOL)": OLD}
        self.files: dict[str, bytes] = {}
        self.wrong = list(wrong)
        # What ends the removal of the directory.
        self.at_end: Exception | dict[str, Any] | None = None
        self.attributes: dict[str, Any] = {"record_format": "vb", "record_length": 255}
        finder = SimpleNamespace(has_plugin=lambda _name: True)
        action = SimpleNamespace(
            _shared_loader_obj=SimpleNamespace(module_loader=finder),
            _goes_on="",
            _besides="",
            _is_lost=False,
            send=self.sent,
            run_on_target=self.answer,
        )
        action.at_end = lambda does: SecurityAction.at_end(action, does)  # type: ignore[arg-type]
        super().__init__(action)  # type: ignore[arg-type]  # all that it asks an action for

    def sent(self, data: bytes) -> str:
        self.files["/tmp/sent"] = data
        return "/tmp/sent"

    def answer(self, _name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        path = asked["files"][0]["path"]
        place = {
            "path": path,
            "real_path": path,
            "directory": "/tmp",
            "directory_exists": True,
            "directory_writable": True,
        }
        content = base64.b64encode(self.files[path])
        return {
            "files": [{**place, "state": "file", "user": "", "obstacle": None, "is_led": False, "content": content}]
        }

    def _task(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if name == "ansible.builtin.file" and self.at_end:
            if isinstance(self.at_end, Exception):
                raise self.at_end
            return self.at_end
        if name.startswith("ansible.builtin."):
            return {"changed": True, "path": "/tmp/zcs-1"}
        if name == members.STAT:
            return {"stat": {"attributes": self.attributes}} if self.attributes else {"failed": True, "msg": "no ZOAU"}
        assert name == members.COPY
        assert "encoding" not in arguments, "zos_copy refuses it for a data set"
        source, target = arguments["src"], arguments["dest"]
        kind = "write" if source in self.files else "read"
        wrong = self.wrong.pop(0) if self.wrong and self.wrong[0]["at"] == kind else {}
        if wrong.get("lost"):
            raise AnsibleConnectionFailure("timed out")
        told = {key: wrong[key] for key in ("msg", "stderr") if key in wrong}
        if kind == "read":
            if told:
                return told
            if source not in self.library:
                return {"msg": f"Unable to copy. {source} does not exist."}
            self.files[target] = self.library[source]
            return {"changed": True}
        assert arguments["backup"] == ("backup_name" in arguments), "zos_copy refuses a name without a backup"
        if arguments["backup"] and wrong.get("backup", True):
            self.library[arguments["backup_name"]] = self.library[target]
            # A failure has no name of it.
            told["backup_name"] = None if "msg" in wrong else arguments["backup_name"]
        if not wrong or "kept" in wrong:
            self.library[target] = self.files[source][: wrong.get("kept")]
        return {**told, "changed": "msg" not in wrong}


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> members.Member:
    monkeypatch.setattr(secrets, "token_hex", lambda number: "a1b2c3d4"[: 2 * number])
    return members.member(PATH)


def test_a_member_is_written_and_looked_at(member: members.Member) -> None:
    with Zos() as there:
        found = there.read(member)
        assert (found.path, found.real_path, found.data) == (PATH, PATH, OLD)
        there.can_hold(member, NEW)
        assert there.place(member, OLD, NEW, backup=True) == Written("//'SYS1.TCPPARMS(ZA1B2C3D)'", sha256(NEW))
        assert (there.library[member.data_set], there.library[BACKUP]) == (NEW, OLD)
        assert there.place(member, NEW, OLD, backup=False) == Written(None, sha256(OLD))
        assert said(lambda: there.place(member, NEW, OLD, backup=False)) == (
            f"{PATH}: has changed since it was read; nothing was changed. Run again."
        )


OTHER = "what was read afterwards is another text"
COPYING = {"msg": "Unable to copy source /tmp/sent to SYS1.TCPPARMS(TTLSPOL)."}
IN_USE = {"msg": "Unable to write to dest 'SYS1.TCPPARMS' because a task is accessing the data set."}
CUT = {"at": "write", "kept": 20}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ([{"at": "write"}], f"zos_copy did not write it: it gave no reason. The member is as it was.{LEFT}"),
        ([{"at": "write", **IN_USE}], f"zos_copy did not write it: {IN_USE['msg']} The member is as it was.{LEFT}"),
        (
            [{"at": "write", **COPYING, "stderr": DENIED}],
            f"zos_copy did not write it: {COPYING['msg'][:-1]}: {DENIED}. The member is as it was.{LEFT}",
        ),
        (
            [{"at": "write", "msg": "Unable to backup", "stderr": "the directory is full", "backup": False}],
            "zos_copy did not write it: Unable to backup: the directory is full. The member is as it was.",
        ),
        (
            [{"at": "write", **COPYING, "stderr": "IEC031I D37", "kept": 3}],
            f"was not written as intended: {COPYING['msg'][:-1]}: IEC031I D37. The text that was there has been put back.{LEFT}",
        ),
        (
            [CUT],
            f"was not written as intended: {OTHER}. The text that was there has been put back.{LEFT}",
        ),
    ],
)
def test_it_is_all_or_nothing(member: members.Member, wrong: list[Mapping[str, Any]], sentence: str) -> None:
    with Zos(*wrong) as there:
        assert said(lambda: there.place(member, OLD, NEW, backup=True)) == f"{PATH}: {sentence}"
        assert there.library[member.data_set] == OLD


@pytest.mark.parametrize(
    ("backup", "wrong", "kept"),
    [
        (True, CUT, f"its text is in //'{BACKUP}'"),
        (True, {**CUT, **COPYING}, f"its text is in //'{BACKUP}'"),
        (
            True,
            {**CUT, **COPYING, "backup": False},
            f"its text is in //'{BACKUP}', if zos_copy came to make that backup",
        ),
        (False, CUT, "no backup was asked for"),
    ],
)
def test_the_old_text_cannot_be_written_either(
    member: members.Member, wrong: Mapping[str, Any], kept: str, *, backup: bool
) -> None:
    with Zos(wrong, {"at": "write", **COPYING, "stderr": DENIED}) as there:
        why = COPYING["msg"][:-1] if "msg" in wrong else OTHER
        assert said(lambda: there.place(member, OLD, NEW, backup=backup)) == (
            f"{PATH}: was not written as intended: {why}. The text that was there could "
            f"not be put back either: {COPYING['msg'][:-1]}: {DENIED}; {kept}."
        )


@pytest.mark.parametrize(("made", "path"), [(True, f"//'{BACKUP}'"), (False, None)])
def test_it_is_written_although_zos_copy_complains(member: members.Member, path: str | None, *, made: bool) -> None:
    with Zos({"at": "write", "kept": None, "backup": made, "msg": "a warning"}) as there:
        assert there.place(member, OLD, NEW, backup=True).backup_file == path
        assert there.library[member.data_set] == NEW


def test_what_cannot_be_read(member: members.Member) -> None:
    missing = "Unable to copy. Source member TTLSPOL does not exist or is not cataloged."
    with Zos({"at": "read", "msg": missing}) as there:
        assert said(lambda: there.read(member)) == (
            f"{PATH}: zos_copy did not read it: {missing[:-1]}. A new member begins empty: ibm.ibm_zos_core.zos_data_set makes "
            "it, with type member."
        )
        there.attributes = {}
        assert said(lambda: there.can_hold(member, NEW)) == f"{PATH}: zos_stat failed: no ZOAU. Nothing was changed."


def test_it_cannot_be_read_afterwards(member: members.Member) -> None:
    """Then nobody knows what is there, so the old text is written again, and looked at."""
    gone = {"at": "read", "msg": "gone"}
    with Zos() as there:
        write = there._write

        def then_gone(*given: Any, **how: Any) -> dict[str, Any]:
            answer = write(*given, **how)
            there.wrong = [gone]
            return answer

        there._write = then_gone  # type: ignore[method-assign]
        assert said(lambda: there.place(member, OLD, NEW, backup=False)).endswith("; no backup was asked for.")


def test_without_the_collection() -> None:
    there = Zos()
    there._action._shared_loader_obj.module_loader.has_plugin = lambda name: name != members.STAT
    assert said(there.__enter__) == (
        "path: a member of a data set needs the collection ibm.ibm_zos_core, 2.0 or later, on the controller, and ZOAU on "
        "the target. Install it: ansible-galaxy collection install ibm.ibm_zos_core"
    )


def test_its_directory_cannot_be_made() -> None:
    there = Zos()
    there._task = lambda _name, _arguments: {"failed": True, "msg": "no space"}  # type: ignore[method-assign]
    assert said(there.__enter__) == "ansible.builtin.tempfile: no space"


@pytest.mark.parametrize(
    ("end", "why", "lost"),
    [
        ({"failed": True, "msg": "rmtree failed: busy."}, "rmtree failed: busy", False),
        (AnsibleConnectionFailure("timed out"), "timed out", True),
    ],
)
def test_that_copies_stay_hides_nothing(member: members.Member, end: Any, why: str, *, lost: bool) -> None:
    """Neither what was written and where its backup is, nor the sentence of a failure."""
    there = Zos()
    there.at_end = end
    with there:
        kept = there.place(member, OLD, NEW, backup=True).backup_file
    assert (kept, there.library[member.data_set], there._action._is_lost) == (f"//'{BACKUP}'", NEW, lost)
    assert there.warnings == [f"/tmp/zcs-1: could not be removed: {why}. It holds copies of members; remove it."]
    with pytest.raises(SecurityError, match="has changed since it was read"), there:
        there.place(member, OLD, NEW, backup=True)


@pytest.mark.parametrize("at", ["write", "read"])
@pytest.mark.parametrize(
    ("backup", "kept"),
    [
        (True, f"what was there is in //'{BACKUP}', if zos_copy came to make that backup"),
        (False, "no backup was asked for"),
    ],
)
def test_a_connection_that_is_lost_while_it_is_written(
    member: members.Member, at: str, kept: str, *, backup: bool
) -> None:
    with Zos() as there:
        there.read(member)
        write = there._write

        def lost(*given: Any) -> dict[str, Any]:
            there.wrong = [{"at": at, "lost": True}]
            return write(*given)

        there._write = lost  # type: ignore[method-assign]
        with pytest.raises(AnsibleConnectionFailure):
            there.place(member, OLD, NEW, backup=backup)
        assert there._action._goes_on == (
            f" {PATH} may be new, half written or as it was; {kept}. Look at it before you run again."
        )


def test_a_connection_that_is_lost_before_or_afterwards(member: members.Member) -> None:
    with Zos({"at": "read", "lost": True}) as there:
        with pytest.raises(AnsibleConnectionFailure):
            there.place(member, OLD, NEW, backup=True)
        assert there._action._goes_on == ""
        there.place(member, OLD, NEW, backup=True)
        assert there._action._goes_on == ""


OTHER_PATH = "//'SYS1.TCPPARMS(CALLERS)'"
ORDER = {"files": [{"path": "/srv/server.xml"}]}
DONE = {"path": "/srv/server.xml", "state": "new"}


class TestTogether:
    """Members and the files of an order: all of them are written, or none."""

    @staticmethod
    def run(there: Zos, answer: Any, *, order: dict[str, Any] | None = None, backup: bool = True) -> dict[str, Any]:
        """Write two members, then let an order be answered so; raise what is no answer."""
        there.library["SYS1.TCPPARMS(CALLERS)"] = OLD
        changes = [members.MemberChange(members.member(path), OLD, NEW) for path in (PATH, OTHER_PATH)]

        def apply(_order: Mapping[str, Any]) -> dict[str, Any]:
            if isinstance(answer, Exception):
                raise answer
            if callable(answer):
                answer()
            return (
                dict(answer) if isinstance(answer, Mapping) else {"outcome": "refused", "files": [], "message": "No."}
            )

        return there.apply(changes, order or ORDER, apply, backup=backup)

    @staticmethod
    def texts(there: Zos) -> list[bytes]:
        return [there.library[f"SYS1.TCPPARMS({name})"] for name in ("TTLSPOL", "CALLERS")]

    def test_all_of_it(self, member: members.Member) -> None:
        with Zos() as there:
            answer = self.run(there, {"outcome": "applied", "changed": True, "files": [DONE], "message": ""})
            assert self.texts(there) == [NEW, NEW]
            sums = {"checksum_before": sha256(OLD), "checksum_after": sha256(NEW)}
            row = {"state": "new", "message": "", "made": False, "backup_file": f"//'{BACKUP}'", **sums}
            assert answer["files"] == [
                {"path": PATH, "real_path": PATH, **row},
                {"path": OTHER_PATH, "real_path": OTHER_PATH, **row},
                DONE,
            ]
            kept = f"what was there is in //'{BACKUP}'"
            assert there._action._besides == (
                f" {PATH} has its new text; {kept}. {OTHER_PATH} has its new text; {kept}."
            )

    def test_nothing_but_members(self, member: members.Member) -> None:
        with Zos() as there:
            answer = self.run(there, AssertionError("no order is given"), order={"files": []}, backup=False)
            assert (answer["outcome"], answer["changed"], len(answer["files"])) == ("applied", True, 2)
            assert there._action._besides == "".join(
                f" {path} has its new text; no backup was asked for." for path in (PATH, OTHER_PATH)
            )

    @pytest.mark.parametrize(("outcome", "said"), [("refused", "put_back"), ("put_back", "put_back"), ("left", "left")])
    def test_the_target_refuses(self, member: members.Member, outcome: str, said: str) -> None:
        with Zos() as there:
            files = [{"path": "/srv/server.xml", "state": "left" if outcome == "left" else "old"}]
            answer = self.run(there, {"outcome": outcome, "changed": False, "files": files, "message": "No."})
            assert self.texts(there) == [OLD, OLD]
            assert (answer["outcome"], answer["changed"], answer["message"]) == (said, said == "left", "No.")
            rows = [(each["path"], each["state"]) for each in answer["files"]]
            assert rows == [(OTHER_PATH, "old"), (PATH, "old"), ("/srv/server.xml", files[0]["state"])]
            assert there._action._besides == ""

    def test_somebody_changes_a_member_meanwhile(self, member: members.Member) -> None:
        with Zos() as there:
            mine = EBCDIC.encode("mine\n")
            answer = self.run(there, lambda: there.library.update({member.data_set: mine}))
            assert self.texts(there) == [mine, OLD]
            assert (answer["outcome"], answer["changed"]) == ("left", True)
            assert [each["message"] for each in answer["files"]] == [
                "",
                f"{PATH}: has changed since this run wrote it, so it stays. What this run found there is in //'{BACKUP}'.",
            ]

    def test_the_second_member_is_not_written(self, member: members.Member) -> None:
        with Zos() as there:
            write = there._write

            def refused(one: members.Member, *given: Any) -> dict[str, Any]:
                return dict(IN_USE) if one.path == OTHER_PATH else write(one, *given)

            there._write = refused  # type: ignore[method-assign]
            answer = self.run(there, AssertionError("no order is given"), backup=False)
            assert self.texts(there) == [OLD, OLD]
            assert answer["outcome"] == "put_back"
            assert answer["message"] == (
                f"{OTHER_PATH}: zos_copy did not write it: {IN_USE['msg']} The member is as it was."
            )
            assert [(each["path"], each["state"]) for each in answer["files"]] == [(PATH, "old")]

    def test_a_member_is_left_half_written(self, member: members.Member) -> None:
        with Zos(CUT, {"at": "write", **COPYING}) as there:
            answer = self.run(there, AssertionError("no order is given"))
            assert (answer["outcome"], answer["changed"]) == ("left", True)
            assert [(each["path"], each["state"]) for each in answer["files"]] == [(PATH, "left")]
            assert answer["message"] == answer["files"][0]["message"]

    def test_the_target_does_not_come_to_speak(self, member: members.Member) -> None:
        with Zos() as there:
            sentence = said(lambda: self.run(there, SecurityError("target_apply failed.")))
            assert sentence == (
                f"target_apply failed. {OTHER_PATH} has its old text again. {PATH} has its old text again."
            )
            assert self.texts(there) == [OLD, OLD]

    def test_the_connection_is_lost(self, member: members.Member) -> None:
        with Zos() as there, pytest.raises(AnsibleConnectionFailure):
            self.run(there, AnsibleConnectionFailure("timed out"), backup=False)
        assert there._action._besides == "".join(
            f" {path} has its new text; no backup was asked for." for path in (PATH, OTHER_PATH)
        )
