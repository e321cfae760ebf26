# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""target_read in one call: what files name is followed, programs and ports are asked, secrets come in one file."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "liberty"))

import pki

from ansible_collections.zosconnect.security.plugins.module_utils import (
    following,
    notifying,
    reading,
    sent_secrets,
    stores,
    surroundings,
)
from ansible_collections.zosconnect.security.plugins.module_utils.stores import StoreError
from ansible_collections.zosconnect.security.plugins.modules import target_read
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import server as servers

Json = dict[str, Any]

PROGRAM = """
import json, sys
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": json.loads(sys.argv[1])}).encode()
basic._ANSIBLE_PROFILE = "legacy"
from ansible_collections.zosconnect.security.plugins.modules import target_read
target_read.main()
"""


def called(folder: Path, **arguments: Any) -> Json:
    """Call target_read as a process; its private directory is ``folder``."""
    text = json.dumps({**arguments, "_ansible_tmpdir": str(folder)})
    done = subprocess.run([sys.executable, "-c", PROGRAM, text], capture_output=True, check=False, text=True)
    answer: Json = json.loads(done.stdout)
    assert done.stderr == ""
    return answer


# What files name ------------------------------------------------------------------------------------------------------

SERVER = {
    "server.xml": (
        '<server><include location="${server.config.dir}a.xml"/><variable name="place" value="${wlp.user.dir}/shared"/>'
        '<include location="${place}/folder/"/><include location="gone.xml" optional="true"/>'
        '<zosconnect_apiRequesters location="${server.config.dir}/archives"/></server>'
    ),
    "a.xml": '<server><include location="deep/b.xml"/><nested><include location="no.xml"/></nested></server>',
    "deep/b.xml": '<server><include location="file:@BASE@/elsewhere.xml"/><include location="http://host/no.xml"/></server>',
    "copy.xml": '<server><include location="never.xml"/></server>',
    "bootstrap.properties": "# of the server\nfrom.bootstrap=overridden.xml\nbroken\n",
    "configDropins/overrides/z.xml": '<server><include location="../../${from.bootstrap}"/></server>',
    "overridden.xml": '<server><include location="${unknown}/x.xml"/><include location="a.xml"/><include location="folder"/></server>',
    "folder/inside.xml": "<server/>",
    "archives/one_1.0.0.ara": "",
    "../../shared/folder/one.xml": '<server><include location="two.txt"/></server>',
    "../../shared/folder/two.txt": "<server/>",
    "../../elsewhere.xml": "<server/>",
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    base = tmp_path / "usr" / "servers" / "one"
    for name, text in SERVER.items():
        path = Path(os.path.normpath(base / name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("@BASE@", str(tmp_path / "usr")))
    return base


def test_one_call_brings_what_the_files_name(directory: Path, tmp_path: Path) -> None:
    server = servers.from_options({"server_dir": str(directory)})
    answer = called(tmp_path, **server.first_question())
    server.take(answer)
    (followed,) = answer["followed"]
    # server.xml stands before its includes; what was brought already is not brought again.
    found = {str(Path(item["path"]).relative_to(tmp_path / "usr")): item["state"] for item in followed["files"]}
    assert found == {
        "servers/one/deep/b.xml": "file",
        "servers/one/folder": "directory",
        "servers/one/gone.xml": "absent",
        "servers/one/${unknown}/x.xml": "absent",
        "elsewhere.xml": "file",
        "shared/folder/two.txt": "file",
    }
    folders = {str(Path(item["path"]).relative_to(tmp_path / "usr")): item["names"] for item in followed["folders"]}
    assert folders == {
        "shared/folder": ["one.xml", "two.txt"],
        "servers/one/folder": ["inside.xml"],
        "servers/one/archives": ["one_1.0.0.ara"],
    }
    assert server.next_question() is None


def test_a_call_as_before_is_answered_as_before(directory: Path, tmp_path: Path) -> None:
    server = servers.from_options({"server_dir": str(directory)})
    question = {name: asked for name, asked in server.first_question().items() if name != "follow"}
    answer = called(tmp_path, **question)
    nothing = {"followed": [], "listeners": [], "commands": [], "journals": [], "directories": [], "stores": []}
    assert {name: answer[name] for name in nothing} == nothing
    assert (answer["jvm_starts"], answer["connector"]["state"], len(answer["files"])) == (
        0,
        "none",
        len(question["files"]),
    )


@pytest.mark.parametrize(
    ("data", "includes"),
    [
        (b'<server><include location="a"/><include location="b"/>', ["a", "b"]),
        (b'<server><include location="a"/><broken <include location="b"/></server>', ["a"]),
        (b'<!DOCTYPE server [<!ENTITY x "y">]><server><include location="&x;"/></server>', []),
        (b'<client><include location="a"/></client>', []),
        (b'<s:server xmlns:s="x"><s:include location="a"/><include/></s:server>', ["a"]),
        (
            '<?xml version="1.0" encoding="IBM-037"?>\x85<server>\x85<include\x85location="a"/></server>'.encode(
                "cp037"
            ),
            ["a"],
        ),
        (
            '<?xml version="1.0" encoding="UTF-16"?><server><include location="\u00e4"/></server>'.encode("utf-16"),
            ["\u00e4"],
        ),
        (b'<?xml version="1.0" encoding="no-such"?><server><include location="a"/></server>', []),
        (b"", []),
        (b"\0", []),
    ],
)
def test_what_a_document_names(data: bytes, includes: list[str]) -> None:
    assert following.scan(data).includes == includes


def test_variables_of_a_document() -> None:
    text = (
        '<server><variable name="a" value="1"/><variable name="b" defaultValue="2"/><variable name="c"/>'
        f'<variable name="d" value="{"x" * 5000}"/></server>'
    )
    assert following.scan(text.encode()).variables == {"a": "1", "b": "2"}


def test_variables_that_grow_without_end() -> None:
    known = {f"v{n}": f"${{v{n + 1}}}" * 100 for n in range(50)}
    assert following.resolve("${v0}", known) is None  # 100 to the power of 50 would never end
    assert following.resolve("${a}", {"a": "${a}"}) == "${a}"
    assert following.resolve("${a}/x", {}) == "${a}/x"
    assert following.resolve("${a}/x", {"a": "${b}", "b": "/y"}) == "/y/x"


def test_includes_that_lead_in_a_circle_or_without_end(tmp_path: Path) -> None:
    """Each file includes the next one."""

    def file(path: str, _known: tuple[str, ...]) -> Json:
        number = int(path.rpartition("/")[2] or 0)
        content[path] = f'<server><include location="{number + 1}"/><include location="{number}"/></server>'.encode()
        return {"path": path, "state": "file"}

    content = {"/s/server.xml": b'<server><include location="1"/></server>'}
    asked = {"server_dir": "/s", "server_xml": None, "user_dir": None, "install_dir": None, "output_dir": None}
    folder = lambda path, _suffixes, _known: {"path": path, "state": "absent", "files": []}  # noqa: E731
    answer = following.Follower(asked, content, [], file, folder).follow()
    assert len(answer["files"]) == following.MOST_LEVELS


# Secrets --------------------------------------------------------------------------------------------------------------


def sent(folder: Path, values: object) -> Path:
    path = folder / "sent"
    path.write_text(json.dumps(values))
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("text", "why"), [("{", "it is not what the controller sends"), (None, "No such file or directory")]
)
def test_secrets_that_did_not_arrive(tmp_path: Path, text: str | None, why: str) -> None:
    path = tmp_path / "sent"
    if text is not None:
        path.write_text(text)
        path.chmod(0o600)
    with pytest.raises(StoreError) as caught:
        sent_secrets.read(str(path))
    assert str(caught.value) == f"{path}: what was sent cannot be read: {why}; nothing was changed. Run again."


def test_secrets_of_a_store(tmp_path: Path) -> None:
    path = sent(tmp_path, {"one": "word"})
    secrets = sent_secrets.read(str(path))
    assert not path.exists()
    assert "word" not in repr(secrets)
    file = secrets.file({"password": "one"}, "password", str(tmp_path))
    assert file
    assert (Path(file).read_text(), Path(file).stat().st_mode & 0o777) == ("word", 0o600)
    assert secrets.file({"password_file": "/a"}, "password", str(tmp_path)) == "/a"
    assert secrets.file({}, "key_password", str(tmp_path)) is None
    with pytest.raises(StoreError) as caught:
        secrets.file({"password": "two"}, "password", str(tmp_path))
    assert str(caught.value) == "No secret of the name two was sent along."


# It waits until another one was started too.
KEYTOOL = """#!/bin/sh
cd "${0%/bin/keytool}"
touch "started.$$"
for _ in $(seq 200); do
    if [ "$(ls started.* | wc -l)" -ge 2 ]; then cat said; exit 0; fi
    sleep 0.1
done
exit 1
"""


def test_two_stores_by_their_names(tmp_path: Path) -> None:
    """Java is started twice, side by side; a store that is known, and opened by the password, is not listed."""
    home = tmp_path / "java"
    (home / "bin").mkdir(parents=True)
    (home / "bin/keytool").write_text(KEYTOOL)
    (home / "bin/keytool").chmod(0o755)
    (home / "said").write_text("Your keystore contains 0 entries\n\n")
    data = pki.Authority("CA", key_type="ec").java_truststore("marker-word")
    for name in "abcd":
        (tmp_path / name).write_bytes(data)
    tmp_path.chmod(0o700)
    common, java = {"java_home": str(home), "password": "one"}, stores.java_of(str(home / "bin/keytool"))
    asked = [{"path": str(tmp_path / name), **common} for name in "abcd"]
    for store, password in ((asked[2], "one"), (asked[1], "another")):
        store.update(known_sha256=reading.sha256(data), password=password, known_java=java)
    asked.append({"path": str(tmp_path / "none"), "java_home": str(home), "password": "other"})
    answer = called(tmp_path, stores=asked, secrets=str(sent(tmp_path, {"one": "marker-word", "another": "wrong"})))
    assert [(store["state"], store["unchanged"], store["format"]) for store in answer["stores"][:4]] == [
        ("file", False, "PKCS12"),
        ("file", False, "PKCS12"),
        ("file", True, None),
        ("file", False, "PKCS12"),
    ]
    assert answer["stores"][4]["message"] == "No secret of the name other was sent along."
    assert answer["jvm_starts"] == 3
    assert "marker-word" not in json.dumps(answer)


NAMING = {
    "server.xml": (
        '<server><include location="more.xml"/><keyStore id="plain" location="plain.p12" password="plain-word"/>'
        '<keyStore id="both" password="overruled"/><keyStore id="default&#75;eyStore"/>'
        '<keyStore id="ring" location="safkeyring:///Ring" password="password"/><keyStore id="none" location="none.p12"/>'
        '<keyStore id="hash" location="hash.p12" password="{hash}xx"/><keyStore id="aes" location="a.p12" password="{aes}xx"/>'
        '<keyStore id="lost" location="${nobody}/a.p12" password="x"/><keyStore id="who" location="b.p12" password="${nobody}"/>'
        '<keyStore id="bad" location="c.p12" password="{xor}not"/><ssl id="s"><trustStore location="/in.p12" password="${word}"/></ssl>'
        '<variable name="word" value="{xor}LDosLDYwMQ=="/></server>'
    ),
    "more.xml": '<server><keyStore id="both" location="${server.config.dir}/both.p12" password="later"/></server>',
    "server.env": "# of the server\nkeystore_password=of-the-environment\n",
}


def test_a_store_is_known_by_its_java_alone(tmp_path: Path) -> None:
    """Without Java, or with another one, it is as if nothing were remembered."""
    home, store = tmp_path / "java", tmp_path / "a"
    (home / "bin").mkdir(parents=True)
    (home / "bin/keytool").write_text("#!/bin/sh\necho Your keystore contains 0 entries\n")
    (home / "bin/keytool").chmod(0o755)
    store.write_bytes(pki.Authority("CA", key_type="ec").java_truststore("marker-word"))
    tmp_path.chmod(0o700)
    java = stores.java_of(str(home / "bin/keytool"))
    item = {"path": str(store), "password": "one", "known_sha256": reading.sha256(store.read_bytes())}

    def asked(home: Path, known: str) -> dict[str, Any]:
        listed = {**item, "java_home": str(home), "known_java": known}
        secrets = str(sent(tmp_path, {"one": "marker-word"}))
        (found,) = called(tmp_path, stores=[listed], secrets=secrets)["stores"]
        return dict(found)

    assert [asked(home, known)["unchanged"] for known in (java, "another", "")] == [True, False, False]
    assert asked(home, "another")["java"] == java
    gone = asked(tmp_path / "gone", java)
    assert (gone["state"], gone["unchanged"]) == ("store", False)
    assert gone["message"] == (
        f"java_home: {tmp_path / 'gone'} holds no program bin/keytool that can be run; name another directory."
    )
    (home / "bin/keytool").chmod(0o775)
    assert "is not run, because others than " in asked(home, java)["message"]


def test_which_stores_files_name_and_by_which_passwords() -> None:
    content = {f"/s/{name}": text.encode() for name, text in NAMING.items()}
    asked = {"server_dir": "/s", "server_xml": None, "user_dir": None, "install_dir": None, "output_dir": None}
    nothing = {"state": "absent", "files": []}
    follower = following.Follower(asked, content, (), lambda *_: dict(nothing), lambda *_: dict(nothing))
    follower.follow()
    assert follower.stores() == {
        "/s/resources/security/plain.p12": "plain-word",
        "/s/both.p12": "later",
        "/s/resources/security/key.p12": "of-the-environment",
        "/in.p12": "session",
    }
    many = "".join(f'<keyStore location="{number}" password="x"/>' for number in range(5000))
    follower = following.Follower(
        asked, {"/s/server.xml": f"<server>{many}</server>".encode()}, (), *[lambda *_: dict(nothing)] * 2
    )
    follower.follow()
    assert len(follower.stores()) == following.MOST_STORES


def test_stores_that_files_name_are_listed_in_the_same_call(tmp_path: Path) -> None:
    home, server = tmp_path / "java", tmp_path / "usr" / "servers" / "one"
    (home / "bin").mkdir(parents=True)
    (home / "bin/keytool").write_text(KEYTOOL)
    (home / "bin/keytool").chmod(0o755)
    (home / "said").write_text("Your keystore contains 0 entries\n\n")
    server.mkdir(parents=True)
    for name in "ab":
        (server / name).write_bytes(b"\x30\x80\x02\x01\x03")
    named = "".join(f'<keyStore id="{name}" location="{server}/{name}" password="marker-word"/>' for name in "abc")
    (server / "server.xml").write_text(f"<server>{named}</server>")
    tmp_path.chmod(0o700)
    question = servers.from_options({"server_dir": str(server)}).first_question()
    assert "stores" in (answer := called(tmp_path, **question))["followed"][0]
    assert (answer["followed"][0]["stores"], answer["jvm_starts"]) == ([], 0), "nobody asked"
    question["follow"][0] |= {"stores": True, "java_home": str(home)}
    answer = called(tmp_path, **question)
    listed = [(each["path"], each["state"], each["entries"]) for each in answer["followed"][0]["stores"]]
    assert listed == [(f"{server}/{name}", "absent" if name == "c" else "file", []) for name in "abc"]
    assert (answer["stores"], answer["jvm_starts"]) == ([], 2)
    assert "marker-word" not in json.dumps([answer["followed"][0]["stores"], answer["stores"]])


def test_a_store_without_room_for_its_copy(tmp_path: Path) -> None:
    answer = called(tmp_path / "gone", stores=[{"path": "/a", "password_file": "/b"}])
    assert answer["stores"][0]["message"] == "/a: the store cannot be looked at: No such file or directory."

    assert answer["stores"][0]["message"] == target_read.not_looked_at("/a", FileNotFoundError(2, os.strerror(2)))


def test_a_store_without_a_password(tmp_path: Path) -> None:
    answer = called(tmp_path, stores=[{"path": "/a"}])
    assert answer["msg"] == "one of the following is required: password_file, password found in stores"


# Around the server ----------------------------------------------------------------------------------------------------


def test_who_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        asked = [{"host": host, "port": port} for host in ("127.0.0.1", "*", "no.such.host.invalid")]
        asked.append({"host": "127.0.0.1", "port": 1})
        answer = called(tmp_path, listeners=asked)
    assert [each["address"] for each in answer["listeners"]] == ["127.0.0.1", "127.0.0.1", None, None]


@pytest.mark.parametrize(
    ("script", "seconds", "expected"),
    [
        (
            "echo out; echo err >&2; exit 3",
            20,
            {"state": "done", "rc": 3, "stdout": "out\n", "stderr": "err\n", "message": ""},
        ),
        ("cat", 20, {"state": "done", "rc": 0, "stdout": "", "stderr": "", "message": ""}),
        ("printf '\\201\\225'", 20, {"state": "done", "rc": 0, "stdout": "\ufffd\ufffd", "stderr": "", "message": ""}),
        ("printf '\\201\\025'", 20, {"state": "done", "rc": 0, "stdout": "a\n", "stderr": "", "message": ""}),
        (
            "echo out; sleep 60 & sleep 60",
            0.3,
            {"state": "timeout", "rc": -9, "stdout": "out\n", "stderr": "", "message": "sh: did not end within 0.3 s."},
        ),
        (
            "yes",
            20,
            {
                "state": "large",
                "rc": -9,
                "stdout": "",
                "stderr": "",
                "message": "sh: prints more than 20000000 bytes, more than are read.",
            },
        ),
    ],
)
def test_a_program(script: str, seconds: float, expected: Json) -> None:
    assert surroundings.command("it", ["sh", "-c", script], seconds) == {"name": "it", **expected}


def test_programs_are_asked_for_by_name(tmp_path: Path) -> None:
    answer = called(tmp_path, commands=[{"name": "one", "argv": ["echo", "a b"]}, {"name": "two", "argv": ["/gone"]}])
    assert [(each["name"], each["state"], each["stdout"]) for each in answer["commands"]] == [
        ("one", "done", "a b\n"),
        ("two", "missing", ""),
    ]


@pytest.mark.parametrize(
    ("program", "state", "message"),
    [
        ("/no/such/program", "missing", "/no/such/program: cannot be run: No such file or directory."),
        ("/", "error", "/: cannot be run: Permission denied."),
        ("a\0b", "error", "a\0b: cannot be run: embedded null byte."),
    ],
)
def test_a_program_that_cannot_be_run(program: str, state: str, message: str) -> None:
    nothing = {"name": "it", "rc": None, "stdout": "", "stderr": ""}
    assert surroundings.command("it", [program], 5) == {**nothing, "state": state, "message": message}


def test_whose_a_directory_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    found = reading.describe_directory(str(tmp_path))
    owner, group = reading.user_name(os.geteuid()), reading.group_name(tmp_path.stat().st_gid)
    assert found == {
        "path": str(tmp_path),
        "owner": owner,
        "group": group,
        "mode": "0750",
        "message": "",
        "state": "directory",
    }
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    states = [reading.describe_directory(str(tmp_path / name))["state"] for name in ("file", "pipe", "none", "file/x")]
    assert states == ["file", "special", "absent", "error"]


def test_whether_a_server_could_be_told(tmp_path: Path) -> None:
    login = {"url": "https://127.0.0.1:1", "username": "admin", "password": "marker-word", "timeout": 1}
    answer = called(tmp_path, connector="it", secrets=str(sent(tmp_path, {"it": login})))
    assert answer["connector"] == {
        "state": "failed",
        "message": (
            "https://127.0.0.1:1: the server could not be told of changes: nobody listens there (connection refused); start "
            "the server, or correct the port."
        ),
    }
    assert notifying.reachable({**login, "url": "http://h"}, None)["message"].startswith(
        "url: http://h must begin with"
    )
    told = notifying.tell({**login, "kind": "mbean", "url": "http://h"}, {"modified": ["/a"]}, None)
    assert (told["state"], told["files"]) == ("failed", ["/a"])
    told = notifying.tell({**login, "kind": "mbean"}, {"modified": ["/a"]}, None)
    assert told["message"] == (
        "https://127.0.0.1:1: the server was not told: nobody listens there (connection refused); start the server, or "
        "correct the port."
    )


def test_a_server_that_repeats_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(_self: object, _path: str, _body: object = None) -> bytes:
        token = "YWRtaW46bWFya2VyLXdvcmQ="
        raise urllib.error.HTTPError("https://h", 418, f"marker-word {token} you said", Message(), None)

    monkeypatch.setattr(notifying.Connector, "call", call)
    login = {"url": "https://h", "username": "admin", "password": "marker-word"}
    said = "HTTP status 418, ******** ******** you said."
    assert notifying.reachable(login, None)["message"] == f"https://h: the server could not be told of changes: {said}"
    told = notifying.tell({**login, "kind": "mbean"}, {"modified": ["/a"]}, None)
    assert told["message"] == f"https://h: the server was not told: {said}"


def test_journals_beside_files_are_told(tmp_path: Path) -> None:
    """Whoever asks for the journal of a server need not know where those of its other files lie."""
    for name in ("server", "etc", "more"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    (tmp_path / "etc" / ".zosconnect-security.journal").write_text("?")
    files = [{"path": str(tmp_path / name / "file")} for name in ("server", "etc", "more")]
    answer = called(tmp_path, files=files, journals=[str(tmp_path / "server")])
    assert [(Path(each["directory"]).name, each["state"]) for each in answer["journals"]] == [
        ("server", "none"),
        ("etc", "refused"),
    ]
    assert called(tmp_path, files=files)["journals"] == []


def test_starts_of_java_are_counted() -> None:
    before = len(stores.STARTED)
    tool = stores.Tool("/no/such/keytool", "/p", "/tmp")
    with pytest.raises(StoreError):
        tool.run("-list")
    assert len(stores.STARTED) == before + 1
