# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""server_xml as a user calls it: real playbooks, real files; xmllint is the judge of the result.

Starting Ansible takes most of the time, so one playbook has many tasks, and the tests look at what became of each.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from plays import Played, _run, play

pytestmark = pytest.mark.ansible

MODULE = "zosconnect.security.server_xml"
BEFORE = b"""\
<?xml version="1.0" encoding="UTF-8"?>\r
<!-- gr\xc3\xbc\xc3\x9fe -->\r
<server>\r
    <keyStore id='k' location='k.p12' password='{xor}Lz4sLCgwLTs='/>\r
    <httpEndpoint id='a' httpPort='9080'/> <!-- ports -->\r
    <ssl id='old' keyStoreRef='k'/>\r
</server>\r
"""
AFTER = (
    BEFORE.replace(b"'9080'", b"'-1' httpsPort='5002'")
    .replace(b"k.p12'", b"l.p12'")
    .replace(b"<ssl id='old' keyStoreRef='k'/>", b"<ssl id='new' keyStoreRef='k' clientAuthentication='true'/>")
)
ELEMENTS = [
    {"element": "httpEndpoint", "id": "a", "attributes": {"httpPort": -1, "httpsPort": "5002"}},
    {"element": "keyStore", "id": "k", "attributes": {"location": "l.p12", "password": "password"}},
    {"element": "ssl", "id": "old", "state": "absent"},
    {"element": "ssl", "id": "new", "attributes": {"keyStoreRef": "k", "clientAuthentication": "True"}},
]
HUNK = """\
@@ -1,7 +1,7 @@
 <?xml version="1.0" encoding="UTF-8"?>
 <!-- grüße -->
 <server>
-    <keyStore id='k' location='k.p12' password='********'/>
-    <httpEndpoint id='a' httpPort='9080'/> <!-- ports -->
-    <ssl id='old' keyStoreRef='k'/>
+    <keyStore id='k' location='l.p12' password='********'/>
+    <httpEndpoint id='a' httpPort='-1' httpsPort='5002'/> <!-- ports -->
+    <ssl id='new' keyStoreRef='k' clientAuthentication='true'/>
 </server>
"""


def task(
    path: Path | str, *, check: bool = False, vars: dict[str, Any] | None = None, **options: Any
) -> dict[str, Any]:
    given = {"path": str(path), "elements": ELEMENTS, **options}
    return {MODULE: given, "check_mode": check, "diff": True, "name": f"task on {path}", "vars": vars or {}}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Story:
    """Tasks by name, played at once; ``before`` and ``look`` bring the files' state into the play by tasks of their own."""

    folder: Path
    tasks: list[dict[str, Any]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    def add(self, name: str, one: dict[str, Any]) -> None:
        self.tasks.append(one)
        self.names.append(name)

    def keep(self, file: Path, name: str) -> None:
        """Remember what a file is now, with everything that belongs to it."""
        self.tasks.append({"command": {"argv": ["cp", "-a", str(file), str(self.folder / name)]}})
        self.names.append(None)

    def tell(self, **hosts: Any) -> tuple[dict[str, dict[str, Any]], Played]:
        played = play(self.folder, self.tasks, hosts=hosts)
        return {name: one for name, one in zip(self.names, played.results, strict=True) if name}, played


@dataclass
class Told:
    """What a story left: results by name, all output, and where its files are."""

    results: dict[str, dict[str, Any]]
    played: Played
    folder: Path

    def calls(self, name: str) -> list[str]:
        """The target modules that the task ran, in order."""
        number = list(self.results).index(name)
        pieces = re.split(r"^TASK \[task on ", self.played.output, flags=re.MULTILINE)[1:]
        return re.findall(r"Using module file \S*/(target_\w+)\.py", pieces[number])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("server_xml")
    story = Story(folder)
    main = folder / "configuration" / "server.xml"
    main.parent.mkdir()
    main.write_bytes(BEFORE)
    main.chmod(0o604)
    if os.geteuid() == 0:
        os.chown(main, 65534, 1)
    (main.parent / "link.xml").symlink_to("server.xml")
    steps: list[tuple[str, dict[str, Any]]] = [
        ("check", task(main, check=True, backup=True, validate="xmllint --noout %s")),
        ("apply", task(main, backup=True, validate="xmllint --noout %s")),
        ("check again", task(main, check=True)),
        ("apply again", task(main)),
        ("mode, check", task(main, check=True, mode="0640")),
        ("mode", task(main, mode="0640")),
        ("mode again", task(main, mode="0640")),
        ("by link", task(main.parent / "link.xml", elements=[ELEMENTS[0] | {"attributes": {"httpsPort": 5003}}], mode="u=rw,g=r,o=")),
        ("refused", task(main, elements=[ELEMENTS[2] | {"id": "new"}], validate="sh -c 'cat %s; exit 3'")),
        ("new, check", task(folder / "new.xml", check=True, create=True, elements=ELEMENTS[:2])),
        ("new", task(folder / "new.xml", create=True, elements=ELEMENTS[:2])),
        ("new again", task(folder / "new.xml", create=True, elements=ELEMENTS[:2])),
        ("new in EBCDIC", task(folder / "ebcdic.xml", create=True, elements=ELEMENTS[:2], encoding="IBM-1047", mode="0600")),
        ("new, empty", task(folder / "empty.xml", create=True, elements=[])),
        ("race", task(main, elements=[ELEMENTS[2] | {"id": "new"}], validate=f"sh -c 'echo theirs >> {main}; test -n %s'")),
    ]  # fmt: skip
    for name, one in [*steps, *readable_by_all(folder / "readable.xml")]:
        story.add(name, one)
        story.keep(main, name)
    results, played = story.tell(ansible_python_interpreter=target_python())
    return Told(results, played, folder)


def target_python() -> str:
    """The oldest Python of a target, where there is one."""
    found = [
        os.environ.get("ZCS_TARGET_PYTHON"),
        *map(str, sorted(Path.home().glob(".pyenv/versions/3.9*/bin/python"))),
    ]
    return next((python for python in found if python), sys.executable)


def readable_by_all(file: Path) -> list[tuple[str, dict[str, Any]]]:
    """Tasks on a file that everybody can read, in which a password stands already."""
    file.write_bytes(BEFORE)
    file.chmod(0o644)
    key_store = {"element": "keyStore", "id": "k"}
    other = [{**key_store, "attributes": {"password": "hunter2!"}}]
    ring = {"location": "safkeyring:///R", "password": "password"}
    return [
        ("readable, check", task(file, check=True, elements=other)),
        ("readable", task(file, elements=other)),
        ("readable, a variable", task(file, elements=[{"element": "variable", "attributes": {"name": "dbPassword", "value": "x"}}])),
        ("readable, a mode that lets all", task(file, elements=other, mode="u=rw,go=r")),
        ("readable, the same password", task(file, elements=[{**key_store, "attributes": {"password": "password"}}, ELEMENTS[0]])),
        ("readable, a reference", task(file, elements=[{**key_store, "attributes": {"password": "${kp}"}}])),
        ("readable, a ring", task(file, elements=[{"element": "keyStore", "id": "r", "attributes": ring}])),
        ("readable, aes", task(file, elements=other, password_encoding="aes", password_key="own key of the server")),
        ("mended", task(file, elements=[{**key_store, "attributes": {"password": "hunter3!"}}], mode="o-r", password_encoding="aes", password_key="own key of the server")),
        ("new for all", task(file.parent / "all.xml", elements=other, create=True, mode=0o644)),
    ]  # fmt: skip


SAME_IN_CHECK_MODE = ("changed", "changes", "diff", "path", "checksum_before", "checksum_after", "invocation")


@pytest.mark.chosen
@pytest.mark.both_cores
class TestStory:
    def test_check_tells_what_the_real_run_does(self, told: Told) -> None:
        check, apply = told.results["check"], told.results["apply"]
        assert (told.folder / "check").read_bytes() == BEFORE
        assert {key: check.get(key) for key in SAME_IN_CHECK_MODE} == {
            key: apply.get(key) for key in SAME_IN_CHECK_MODE
        }
        assert apply["changed"] is True
        assert (apply["checksum_before"], apply["checksum_after"]) == (sha256(BEFORE), sha256(AFTER))
        assert [(c["action"], c["element"], c["attribute"], c["line"]) for c in apply["changes"]] == [
            ("changed", "httpEndpoint", "httpPort", 5),
            ("changed", "httpEndpoint", "httpsPort", 5),
            ("changed", "keyStore", "location", 4),
            ("removed", "ssl", None, 6),
            ("added", "ssl", None, 6),
        ]
        path = told.folder / "configuration" / "server.xml"
        assert apply["diff"] == [{"prepared": f"--- {path}\n+++ {path}\n{HUNK}"}]

    def test_the_real_run_does_it(self, told: Told) -> None:
        assert (told.folder / "apply").read_bytes() == AFTER
        subprocess.run(["xmllint", "--noout", str(told.folder / "apply")], check=True)
        assert told.calls("check") == ["target_read"]
        assert told.calls("apply") == ["target_read", "target_place"]

    def test_the_backup_is_the_old_file(self, told: Told) -> None:
        backup = Path(told.results["apply"]["backup_file"])
        assert backup.read_bytes() == BEFORE
        assert not backup.name.endswith(".xml")
        assert "backup_file" not in told.results["check"]

    @pytest.mark.parametrize("step", ["check again", "apply again"])
    def test_twice_is_once_and_one_call(self, told: Told, step: str) -> None:
        result = told.results[step]
        assert (result["changed"], result["changes"], "diff" in result) == (False, [], False)
        assert result["checksum_before"] == result["checksum_after"] == sha256(AFTER)
        assert told.calls(step) == ["target_read"]

    def test_mode_and_owner_are_kept(self, told: Told) -> None:
        status = (told.folder / "apply").stat()
        assert stat.S_IMODE(status.st_mode) == 0o604
        if os.geteuid() == 0:
            assert (status.st_uid, status.st_gid) == (65534, 1)

    def test_the_mode_alone_is_one_call_more(self, told: Told) -> None:
        assert told.results["mode, check"]["changed"] is True
        assert stat.S_IMODE((told.folder / "mode, check").stat().st_mode) == 0o604
        assert told.results["mode"]["changed"] is True
        assert told.results["mode"]["changes"] == []
        assert told.calls("mode") == ["target_read", "target_place"]
        assert stat.S_IMODE((told.folder / "mode").stat().st_mode) == 0o640
        assert (told.folder / "mode").read_bytes() == AFTER
        assert told.results["mode again"]["changed"] is False

    @pytest.mark.parametrize("step", ["readable, check", "readable"])
    def test_no_password_comes_into_a_file_that_all_can_read(self, told: Told, step: str) -> None:
        assert told.results[step]["msg"] == (
            f"{told.folder / 'readable.xml'}: everybody can read this file (mode 0644), and "
            "elements[0].attributes.password puts a password into it that everybody can decode; nothing was changed. "
            'Give mode: "0640", take the right away from the file first, or let passwords be written in {aes} by a key of '
            "the server's own."
        )
        assert told.calls(step) == ["target_read"]

    def test_a_mode_must_not_let_all_read_a_new_password(self, told: Told) -> None:
        assert told.results["readable, a mode that lets all"]["msg"] == (
            "mode: u=rw,go=r lets everybody read the file, and elements[0].attributes.password puts a password into it that "
            'everybody can decode; nothing was changed. Give a mode such as "0640".'
        )
        assert told.results["new for all"]["msg"].startswith("mode: 0644 lets everybody read the file, and ")
        assert not (told.folder / "all.xml").exists()

    def test_a_variable_of_a_password_is_one(self, told: Told) -> None:
        assert "elements[0].attributes.value puts a password" in told.results["readable, a variable"]["msg"]

    @pytest.mark.parametrize("step", ["the same password", "a reference", "a ring", "aes"])
    def test_what_tells_nobody_a_new_password_may_come_into_it(self, told: Told, step: str) -> None:
        result = told.results[f"readable, {step}"]
        assert (result.get("msg"), result["changed"]) == (None, True)

    def test_the_mode_may_be_mended_with_it(self, told: Told) -> None:
        assert told.results["mended"]["changed"] is True
        assert stat.S_IMODE((told.folder / "readable.xml").stat().st_mode) == 0o640

    def test_a_link_stays_a_link(self, told: Told) -> None:
        assert (told.folder / "configuration" / "link.xml").is_symlink()
        assert told.results["by link"]["path"] == str(told.folder / "configuration" / "server.xml")
        assert (told.folder / "by link").read_bytes() == AFTER.replace(b"'5002'", b"'5003'")

    def test_a_validator_that_refuses(self, told: Told) -> None:
        result = told.results["refused"]
        assert result["failed"] is True
        assert result["msg"] == (
            "validate: sh refused the new content with return code 3; nothing was changed. "
            "Its output is not shown because it may hold secrets."
        )
        assert (told.folder / "refused").read_bytes() == (told.folder / "by link").read_bytes()

    def test_a_new_file(self, told: Told) -> None:
        check, made = told.results["new, check"], told.results["new"]
        assert {key: check.get(key) for key in SAME_IN_CHECK_MODE} == {key: made.get(key) for key in SAME_IN_CHECK_MODE}
        file = told.folder / "new.xml"
        assert file.read_text() == (
            '<?xml version="1.0" encoding="UTF-8"?>\n<server>\n    <httpEndpoint id="a" httpPort="-1" httpsPort="5002"/>\n'
            '    <keyStore id="k" location="l.p12" password="{xor}Lz4sLCgwLTs="/>\n</server>\n'
        )
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
        assert made["checksum_before"] is None
        assert '+    <keyStore id="k" location="l.p12" password="********"/>' in made["diff"][0]["prepared"]
        assert told.results["new again"]["changed"] is False

    def test_a_new_file_in_ebcdic(self, told: Told) -> None:
        data = (told.folder / "ebcdic.xml").read_bytes()
        assert data.startswith(b"\x4c\x6f\xa7\x94\x93\x40")  # <?xml and a blank
        assert data.endswith(b"\x61\xa2\x85\x99\xa5\x85\x99\x6e\x15")  # /server> and a line end of z/OS
        assert stat.S_IMODE((told.folder / "ebcdic.xml").stat().st_mode) == 0o600

    def test_a_new_file_with_nothing_in_it(self, told: Told) -> None:
        assert told.results["new, empty"]["changed"] is True
        assert (
            told.folder / "empty.xml"
        ).read_text() == '<?xml version="1.0" encoding="UTF-8"?>\n<server>\n</server>\n'

    def test_a_foreign_writer_is_not_overwritten(self, told: Told) -> None:
        assert told.results["race"]["msg"] == (
            f"{told.folder}/configuration/server.xml: changed between reading and writing, so somebody else is at work on it; "
            "nothing was changed. Run again to plan from its present content."
        )
        assert (told.folder / "race").read_bytes() == (told.folder / "refused").read_bytes() + b"theirs\n"

    def test_nothing_is_left_behind(self, told: Told) -> None:
        backup = Path(told.results["apply"]["backup_file"]).name
        assert sorted(os.listdir(told.folder / "configuration")) == sorted(["link.xml", "server.xml", backup])
        assert not [file for file in (told.folder / "remote").rglob("*") if file.is_file()]


# Bad input: a sentence that says what, where and what to do; the file as it was; nothing beside it.
@dataclass(frozen=True)
class Bad:
    """``make`` puts the bad thing at the path it is given; ``sentence`` may use {path}, {folder} and {name} of the host."""

    name: str
    make: Callable[[Path], object]
    sentence: str
    options: dict[str, Any] = field(default_factory=dict)
    as_nobody: bool = False


def holds(data: bytes) -> Callable[[Path], object]:
    return lambda path: (path.write_bytes(data), path.chmod(0o640))


def unreadable(path: Path) -> None:
    path.write_bytes(BEFORE)
    path.chmod(0o600)


def read_only_directory(path: Path) -> None:
    path.write_bytes(BEFORE)
    path.chmod(0o644)
    path.parent.chmod(0o755)


def nothing(_path: Path) -> None:
    """There is nothing at the path."""


XML = "{path}:{line}: is not well-formed XML: "
BAD = [
    Bad("missing", nothing, "{path}: does not exist; correct the path, or set create to true to make a new file."),
    Bad(
        "missing directory",
        lambda path: path.parent.rmdir(),
        "{path}: the directory {folder} does not exist; create it first.",
        {"create": True},
    ),
    Bad("directory", lambda path: path.mkdir(), "{path}: is a directory; name the file."),
    Bad(
        "loop", lambda path: path.symlink_to(path.name), "{path}: symbolic links lead in a circle; name the real file."
    ),
    Bad(
        "unreadable",
        unreadable,
        "{path}: cannot be read by user nobody: Permission denied; use become or grant read access.",
        as_nobody=True,
    ),
    Bad(
        "read-only directory",
        read_only_directory,
        "{path}: user nobody may not write in {folder}, and the new file is made beside the old one; nothing was changed. "
        "Use become, or grant write access to the directory.",
        as_nobody=True,
    ),
    Bad("empty", holds(b""), "{path}: is empty; a Liberty configuration is at least <server/>."),
    Bad("not XML", holds(b"a=b\n"), "{path}:1: is not well-formed XML: not well-formed (invalid token)."),
    Bad(
        "truncated",
        holds(BEFORE[:-40]),
        "{path}:6: is not well-formed XML: unclosed token.",
    ),
    Bad(
        "truncated between tags",
        holds(BEFORE[:-13]),
        "{path}:6: is not well-formed XML: the file ends inside <server> of line 3: it is cut off.",
    ),
    Bad(
        "text after the end",
        holds(BEFORE + b"text"),
        "{path}:8: is not well-formed XML: there is something after the end of the root element; Liberty would never look at it.",
    ),
    Bad(
        "a second root",
        holds(BEFORE + b"<server/>"),
        "{path}:8: is not well-formed XML: there is something after the end of the root element; Liberty would never look at it.",
    ),
    Bad(
        "another root",
        holds(b"<client/>"),
        "{path}:1: the root element is <client>, not <server>; Liberty would ignore the file, or empty its configuration.",
    ),
    Bad(
        "a document type",
        holds(b'<!DOCTYPE server [<!ENTITY e SYSTEM "/etc/passwd">]>\n<server>&e;</server>'),
        "{path}:1: has a DOCTYPE, which this collection never edits: entities could pull in other files. Remove the DOCTYPE and "
        "write the values out.",
    ),
    Bad(
        "wrong declared encoding",
        holds(BEFORE.replace(b"UTF-8", b"UTF-16")),
        "{path}:1: declares the encoding 'UTF-16', but its bytes are ASCII; correct the declaration.",
    ),
    Bad(
        "EBCDIC without a declaration",
        holds(bytes.fromhex("4ca28599a58599616e15")),
        "{path}: holds EBCDIC text but declares no encoding; Liberty cannot read that. Begin the file with "
        '<?xml version="1.0" encoding="IBM-1047"?> if that is its code page, or convert it to UTF-8.',
    ),
    Bad(
        "bytes that are no text",
        holds(BEFORE.replace(b"\xc3\xbc", b"\xfc")),
        "{path}:2: the byte at offset 47 is not UTF-8; correct the file's encoding or its declaration.",
    ),
    Bad(
        "NUL", holds(BEFORE.replace(b"k.p12", b"k\0p12")), "{path}:4: is not well-formed XML: it holds a NUL character."
    ),
    Bad(
        "duplicate attribute",
        holds(BEFORE.replace(b"location=", b"location='x' location=")),
        "{path}:4: is not well-formed XML: duplicate attribute.",
    ),
    Bad(
        "encoding of a new file",
        nothing,
        "encoding: a new file cannot be made in 'UTF-16LE'; known are IBM-037, IBM-1047, ISO-8859-1, US-ASCII, UTF-16BE, UTF-16LE, "
        "UTF-8, WINDOWS-1252.",
        {"create": True, "encoding": "UTF-16LE"},
    ),
    Bad(
        "an unknown element",
        holds(BEFORE),
        "elements[0]: element 'httpEndPoint' is not known; did you mean httpEndpoint? If it is right, set allow_unknown to true.",
        {"elements": [{"element": "httpEndPoint", "id": "a"}]},
    ),
    Bad(
        "an unknown attribute",
        holds(BEFORE),
        "elements[1].attributes.httpPorts: <httpEndpoint> has no attribute 'httpPorts'; did you mean httpPort, httpsPort, "
        "httpOptionsRef? "
        "If it is right, set allow_unknown to true.",
        {"elements": [ELEMENTS[1], {"element": "httpEndpoint", "id": "a", "attributes": {"httpPorts": 1}}]},
    ),
    Bad(
        "a wrong value",
        holds(BEFORE),
        "elements[0].attributes.httpPort: 70000 is outside -1..65535.",
        {"elements": [{"element": "httpEndpoint", "id": "a", "attributes": {"httpPort": 70000}}]},
    ),
    Bad(
        "an id for a singleton",
        holds(BEFORE),
        "elements[0].id: <webAppSecurity> has no id: Liberty merges all of them into one. Remove the id.",
        {"elements": [{"element": "webAppSecurity", "id": "a"}]},
    ),
    Bad(
        "conflicting elements",
        holds(BEFORE),
        'elements[1]: wants <ssl id="old"> merged, but elements[0] wants it absent; keep one of them.',
        {"elements": [ELEMENTS[2], {"element": "ssl", "id": "old"}]},
    ),
    Bad(
        "an attribute given as a child too",
        holds(
            BEFORE.replace(b"location='k.p12' password='{xor}Lz4sLCgwLTs='/>", b"><location>x</location></keyStore>")
        ),
        'elements[1].attributes.location: <keyStore id="k"> gives location as a child element at {path}:4; Liberty refuses a '
        "configuration that gives it both ways. Remove the child element too, with state absent.",
    ),
    Bad(
        "an unknown option",
        holds(BEFORE),
        "zosconnect.security.server_xml: Unsupported parameters found in the task: paht. ",
        {"paht": "x"},
    ),
    Bad(
        "an unknown state",
        holds(BEFORE),
        "zosconnect.security.server_xml: value of state must be one of: merged, replaced, absent, got: present",
        {"state": "present"},
    ),
    Bad(
        "an unknown owner",
        holds(BEFORE),
        "owner: no-such-user is not known on this host; nothing was changed.",
        {"owner": "no-such-user"},
    ),
]


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> str | None:
    """A Python of the system, run by an unprivileged user."""
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin:/bin")
    if os.geteuid() != 0 or not python or not shutil.which("setpriv"):
        return None
    wrapper = tmp_path_factory.mktemp("bin") / "python3"
    wrapper.write_text(f'#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups {python} "$@"\n')
    wrapper.chmod(0o755)
    return str(wrapper)


@dataclass
class Left:
    """What a bad input left behind: the result, and what was there before and afterwards."""

    result: dict[str, Any]
    path: Path
    before: dict[str, Any]
    after: dict[str, Any]


def everything(folder: Path) -> dict[str, Any]:
    """All that is in a folder: mode, time and content of each thing."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))] if folder.is_dir() else ():
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else None
        found[str(path)] = (status.st_mode, status.st_ino, status.st_mtime_ns, content)
    return found


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, nobody: str | None) -> dict[str, Left]:
    folder = tmp_path_factory.mktemp("bad")
    for parent in (folder, folder.parent, folder.parent.parent):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/tmp"):
            parent.chmod(0o711)
    scratch = folder / "scratch"
    scratch.mkdir()
    scratch.chmod(0o1777)
    paths = {bad.name: folder / bad.name.replace(" ", "-") / "server.xml" for bad in BAD}
    chosen = [bad for bad in BAD if nobody or not bad.as_nobody]
    tasks = []
    for bad in chosen:
        paths[bad.name].parent.mkdir()
        bad.make(paths[bad.name])
        other = {"ansible_python_interpreter": nobody, "ansible_pipelining": True, "ansible_remote_tmp": str(scratch)}
        tasks.append(task(paths[bad.name], vars=other if bad.as_nobody else {}, **bad.options))
    before = {bad.name: everything(paths[bad.name].parent) for bad in chosen}
    played = play(folder, tasks)
    return {
        bad.name: Left(result, paths[bad.name], before[bad.name], everything(paths[bad.name].parent))
        for bad, result in zip(chosen, played.results, strict=True)
    }


@pytest.mark.chosen
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_bad_input(left: dict[str, Left], bad: Bad) -> None:
    if bad.name not in left:
        pytest.skip("only root can become an unprivileged user, with setpriv and a Python that everybody can run")
    found = left[bad.name]
    assert found.result["failed"] is True
    assert found.result["changed"] is False
    expected = bad.sentence.format(path=found.path, folder=found.path.parent)
    if bad.name == "an unknown option":
        beginning = "zosconnect.security.server_xml: unsupported option paht. Supported parameters include: "
        assert found.result["msg"].startswith(beginning)
    else:
        assert found.result["msg"] == expected
    assert found.after == found.before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"this user may not mount a small disk: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_and_a_file_that_is_mounted(small_disk: Path, tmp_path: Path) -> None:
    path = small_disk / "server.xml"
    path.write_bytes(BEFORE + b"<!--" + b"x" * 40_000 + b"-->")
    data = path.read_bytes()
    inner, outer = tmp_path / "inner.xml", tmp_path / "outer.xml"
    inner.write_bytes(BEFORE)
    outer.write_bytes(b"")
    subprocess.run(["mount", "--bind", str(inner), str(outer)], check=True)
    try:
        full, refused, unsafe = play(tmp_path, [task(path), task(outer), task(outer, unsafe_writes=True)]).results
    finally:
        subprocess.run(["umount", str(outer)], check=True)
    assert full["msg"] == f"{path}: the new content cannot be written: No space left on device; nothing was changed."
    assert path.read_bytes() == data
    assert os.listdir(small_disk) == ["server.xml"]
    assert refused["msg"] == (
        f"{outer}: cannot be replaced: Device or resource busy; nothing was changed. It seems to be mounted as a single file: "
        "mount its directory instead. A module that has unsafe_writes can write into it, which is not atomic."
    )
    assert unsafe["changed"] is True
    assert inner.read_bytes() == AFTER


@pytest.mark.both_cores
def test_the_controller_has_no_lxml_and_the_target_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blocked" / "lxml").mkdir(parents=True)
    (tmp_path / "blocked" / "lxml" / "__init__.py").write_text("raise ModuleNotFoundError('No module named lxml')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "blocked"))
    path = tmp_path / "server.xml"
    path.write_bytes(BEFORE)
    no_python = {"ansible_python_interpreter": "/no/such/python"}
    missing, unreachable = play(tmp_path, [task(path), task(path, vars=no_python)]).results
    python = Path(sys.executable)
    assert missing["msg"] == (
        f"The Python library lxml is missing on the Ansible controller ({socket.gethostname()}), for {python}. Install it there, "
        "or use an execution environment built with this collection; the target does not need it."
    )
    assert "target_read could not run on the target: " in unreachable["msg"]
    assert unreachable["msg"].endswith("Is ansible_python_interpreter right?")
    assert path.read_bytes() == BEFORE


VAULTED = """
- hosts: all
  gather_facts: false
  vars:
    nothing: null
    all_elements:
      - element: keyStore
        id: k
        attributes:
          password: !vault |
{vault}
  tasks:
    - zosconnect.security.server_xml:
        path: "{path}"
        elements:
          - element: keyStore
            id: k
            attributes:
              location: "{{{{ not_given | default(omit) }}}}"
              password: !vault |
{inner}
    - zosconnect.security.server_xml:
        path: "{path}"
        elements: "{{{{ all_elements }}}}"
      register: again
    - zosconnect.security.server_xml:
        path: "{path}"
        elements:
          - element: httpEndpoint
            id: a
            attributes:
              httpPort: "{{{{ nothing }}}}"
              httpsPort: "{{{{ '5002' | int }}}}"
      when: again is not changed
"""


@pytest.mark.both_cores
def test_vaulted_values_omitted_values_and_null(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("word\n")
    (tmp_path / "ansible.cfg").write_text("[defaults]\nvault_password_file = word\n")
    program = Path(sys.executable).with_name("ansible-vault")
    encrypt = [str(program), "encrypt_string", "hunter2"]
    vault = subprocess.run(encrypt, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    secret = [line.strip() for line in vault.splitlines()[1:]]
    path = tmp_path / "server.xml"
    path.write_bytes(BEFORE)
    path.chmod(0o640)
    text = VAULTED.format(path=path, vault=indented(secret, 12), inner=indented(secret, 16))
    (tmp_path / "playbook.yml").write_text(text)
    output, _ = _run(tmp_path, {})
    expected = BEFORE.replace(b"Lz4sLCgwLTs=", b"NyoxKzotbQ==").replace(b"httpPort='9080'", b"httpsPort='5002'")
    assert path.read_bytes() == expected, output
    assert "hunter2" not in output
    assert "NyoxKzotbQ" not in output


def indented(lines: list[str], blanks: int) -> str:
    return "\n".join(" " * blanks + line for line in lines)
