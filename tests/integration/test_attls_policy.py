# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""attls_policy as a user calls it: real playbooks, real files; a few lines of awk are the judge of the result.

Starting Ansible takes most of the time, so one playbook has many tasks, and the tests look at what became of each.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from plays import Played, play

pytestmark = pytest.mark.ansible

MODULE = "zosconnect.security.attls_policy"
SECRETS = [f"ZcsPolicy{number}Marker" for number in range(4)]
TEXT = f"""\
# Policy of the gateway
TTLSRule            zcReqOut
{{
  Direction         OUTBOUND    # from IMS
  RemotePortRange   5002
  TTLSGroupActionRef        zcGroup
  TTLSEnvironmentActionRef  zcClient
}}
TTLSGroupAction     zcGroup
{{
  TTLSEnabled       On
}}
TTLSEnvironmentAction  zcClient
{{
  HandshakeRole     Client
  TTLSKeyringParms
  {{
    Keyring         /etc/zc.kdb
    KeyringPw       {SECRETS[0]}
    # KeyringPw     {SECRETS[1]}
  }}
  TTLSEnvironmentAdvancedParms
  {{
    TLSv1.2         On
    HostReferenceIdDNS  zcee.example.com
  }}
}}
"""
BEFORE = TEXT.encode("cp037")  # of which IBM-1047 differs only in characters that are not in it
BEFORE = BEFORE.replace(b"\x25", b"\x15")
CONFIG = {
    "TTLSRule": [{"name": "zcReqOut", "RemotePortRange": "5003", "Jobname": "IMSMPP*"}],
    "TTLSEnvironmentAction": [{"name": "zcClient", "TTLSKeyringParms": {"KeyringPw": "{{ secrets[2] }}"}}],
}
AFTER = TEXT.replace("5002", "5003").replace(SECRETS[0], SECRETS[2])
AFTER = AFTER.replace("  zcClient\n}", "  zcClient\n  Jobname           IMSMPP*\n}", 1)
HUNK = """\
@@ -2,9 +2,10 @@
 TTLSRule            zcReqOut
 {
   Direction         OUTBOUND    # from IMS
-  RemotePortRange   5002
+  RemotePortRange   5003
   TTLSGroupActionRef        zcGroup
   TTLSEnvironmentActionRef  zcClient
+  Jobname           IMSMPP*
 }
 TTLSGroupAction     zcGroup
 {
@@ -16,7 +17,7 @@
   TTLSKeyringParms
   {
     Keyring         /etc/zc.kdb
-    KeyringPw       ********
+    KeyringPw       ********
     # KeyringPw     ********
   }
   TTLSEnvironmentAdvancedParms
"""
SMALL = {"TTLSGroupAction": [{"name": "off", "TTLSEnabled": False}]}
RENDERED = "TTLSGroupAction             off\n{\n  TTLSEnabled               Off\n}\n"


def ebcdic(text: str) -> bytes:
    return text.encode("cp037").replace(b"\x25", b"\x15")


def task(path: Path | str | None, *, check: bool = False, **options: Any) -> dict[str, Any]:
    given = {"config": CONFIG, "encoding": "IBM-1047", **({"path": str(path)} if path else {}), **options}
    given = {key: value for key, value in given.items() if value is not None}
    return {MODULE: given, "check_mode": check, "diff": True, "vars": {"secrets": SECRETS}}


@dataclass(frozen=True)
class Bad:
    """``make`` puts the bad thing at the path that it is given; ``sentence`` may use {path} and {folder}."""

    name: str
    make: Callable[[Path], object]
    sentence: str
    options: dict[str, Any] = field(default_factory=dict)


def holds(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(text.encode())


def nothing(_path: Path) -> None:
    """There is nothing at the path."""


PLAIN = {"config": SMALL, "encoding": None}
BAD = [
    Bad("missing", nothing, "{path}: does not exist; correct the path, or set create to true to make a new file."),
    Bad(
        "missing and absent",
        nothing,
        "{path}: does not exist, so nothing can be removed from it; correct the path.",
        {"state": "absent", "create": True, "config": {"TTLSRule": [{"name": "gone"}]}},
    ),
    Bad(
        "new without an encoding",
        nothing,
        "{path}: is new, so its encoding is needed: IBM-1047 is what the Policy Agent reads unless its Codepage statement "
        "says otherwise.",
        {**PLAIN, "create": True},
    ),
    Bad("directory", lambda path: path.mkdir(), "{path}: is a directory; name the file."),
    Bad(
        "EBCDIC without saying so",
        lambda path: path.write_bytes(BEFORE),
        "{path}: is EBCDIC text, but would be read as UTF-8; set encoding to IBM-1047.",
        PLAIN,
    ),
    Bad(
        "a brace on the same line",
        holds("TTLSRule r {\n}\n"),
        "{path}:1: a brace stands on the same line as TTLSRule; put it on a line of its own, as the Policy Agent wants it.",
        PLAIN,
    ),
    Bad(
        "exported",
        holds("## Created by the IBM Configuration Assistant for z/OS Communications Server\n"),
        "{path}:1: this file was made by the Configuration Assistant, whose next export would undo the change. Use state "
        "rendered, and give the text to those who maintain it there, or set edit_exported to true.",
        PLAIN,
    ),
    Bad(
        "text with a file",
        holds(""),
        "text: cannot be given with state merged; leave it out.",
        {**PLAIN, "text": "x"},
    ),
    Bad(
        "a sequential data set",
        nothing,
        "path: //'SYS1.TCPPARMS' is no member of a data set; write it in capital letters as the Policy Agent does: "
        "//'HLQ.POLICY(MEMBER)'. A sequential data set is not taken: zos_copy would delete it and allocate another.",
        {**PLAIN, "path": "//'SYS1.TCPPARMS'"},
    ),
]


# The steps after which a copy of the file is kept, in the folder "after".
KEPT = ("check", "apply", "mode", "by link", "refused", "removed")


@dataclass
class Told:
    """What the playbook left: results by name, the play, and its folder."""

    results: dict[str, dict[str, Any]]
    played: Played
    folder: Path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("attls_policy")
    main = folder / "policies" / "ttls.policy"
    main.parent.mkdir()
    main.write_bytes(BEFORE)
    main.chmod(0o604)
    (main.parent / "link").symlink_to(main.name)
    small = {"config": SMALL}
    steps: dict[str, dict[str, Any]] = {
        "check": task(main, check=True, backup=True, validate="test -s %s"),
        "apply": task(main, backup=True, validate="test -s %s"),
        "check again": task(main, check=True),
        "apply again": task(main),
        "mode": task(main, mode="0640"),
        "by link": task(main.parent / "link", **small),
        "refused": task(main, config={"TTLSGroupAction": [{"name": "off"}]}, state="absent", validate="sh -c 'cat %s; exit 3'"),
        "removed": task(main, config={"TTLSGroupAction": [{"name": "off"}]}, state="absent"),
        "wrong": task(main, config={"TTLSKeyringParms": [{"name": "k", "KeyringPw": ["{{ secrets[3] }}"]}]}),
        "new, check": task(folder / "new", check=True, create=True, **small),
        "new": task(folder / "new", create=True, **small),
        "new again": task(folder / "new", create=True, **small),
        "forced": task(folder / "exported", edit_exported=True, **PLAIN),
        "rendered": task(None, state="rendered", encoding=None, config={**SMALL, **secret_ring()}),
        "parsed": task(None, state="parsed", config=None, encoding=None, text=TEXT),
    }  # fmt: skip
    (folder / "exported").write_text("# IBM Configuration Assistant\n")
    (folder / "after").mkdir()
    tasks, places = [], {}
    for name, one in steps.items():
        places[name] = len(tasks)
        tasks.append(one)
        if name in KEPT:
            tasks.append({"command": {"argv": ["cp", "-a", str(main), str(folder / "after" / name)]}})
    steps_done = len(tasks)
    for number, bad in enumerate(BAD):
        place = folder / f"bad{number}"
        place.mkdir()
        bad.make(place / "policy")
        options = {"path": str(place / "policy"), **bad.options}
        tasks.append(task(options.pop("path"), **options))
    played = play(folder, tasks)
    results = {name: played.results[place] for name, place in places.items()}
    bad_results = dict(zip([bad.name for bad in BAD], played.results[steps_done:], strict=True))
    return Told(results | bad_results, played, folder)


def secret_ring() -> dict[str, Any]:
    return {"TTLSKeyringParms": [{"name": "k", "Keyring": "/k", "KeyringPw": "{{ secrets[2] }}"}]}


SAME_IN_CHECK_MODE = ("changed", "changes", "diff", "path", "checksum_before", "checksum_after", "invocation")


@pytest.mark.chosen
@pytest.mark.both_cores
class TestStory:
    def test_check_tells_what_the_real_run_does(self, told: Told) -> None:
        check, apply = told.results["check"], told.results["apply"]
        assert (told.folder / "after" / "check").read_bytes() == BEFORE
        same = [{k: one.get(k) for k in SAME_IN_CHECK_MODE} for one in (check, apply)]
        assert {**same[0], "invocation": None} == {**same[1], "invocation": None}
        assert apply["changed"] is True
        assert apply["checksum_before"] == hashlib.sha256(BEFORE).hexdigest()
        assert apply["checksum_after"] == hashlib.sha256(ebcdic(AFTER)).hexdigest()
        assert [(c["action"], c["name"], c["parameter"], c["line"]) for c in apply["changes"]] == [
            ("changed", "zcReqOut", "RemotePortRange", 5),
            ("added", "zcReqOut", "Jobname", 7),
            ("changed", "zcClient", "TTLSKeyringParms.KeyringPw", 19),
        ]
        path = told.folder / "policies" / "ttls.policy"
        assert apply["diff"] == [{"prepared": f"--- {path}\n+++ {path}\n{HUNK}"}]

    def test_the_real_run_does_it(self, told: Told) -> None:
        assert (told.folder / "after" / "apply").read_bytes() == ebcdic(AFTER)
        text = (told.folder / "after" / "apply").read_bytes().replace(b"\x15", b"\x25").decode("cp037")
        program = 'BEGIN{RS="\\n"} $1=="TTLSRule"{n=$2} $1=="}"{n=""} n!="" && NF==2 && $1!="TTLSRule"{print n, $1, $2}'
        awk = subprocess.run(["awk", program], input=text, capture_output=True, text=True, check=True)
        assert "zcReqOut RemotePortRange 5003\n" in awk.stdout
        assert "zcReqOut Jobname IMSMPP*\n" in awk.stdout

    def test_backup_mode_and_links(self, told: Told) -> None:
        assert Path(told.results["apply"]["backup_file"]).read_bytes() == BEFORE
        assert "backup_file" not in told.results["check"]
        assert stat.S_IMODE((told.folder / "after" / "apply").stat().st_mode) == 0o604
        assert stat.S_IMODE((told.folder / "after" / "mode").stat().st_mode) == 0o640
        assert (told.results["mode"]["changed"], told.results["mode"]["changes"]) == (True, [])
        assert (told.folder / "policies" / "link").is_symlink()
        assert told.results["by link"]["path"] == str(told.folder / "policies" / "ttls.policy")

    @pytest.mark.parametrize("step", ["check again", "apply again", "new again"])
    def test_twice_is_once(self, told: Told, step: str) -> None:
        result = told.results[step]
        assert (result["changed"], result["changes"], "diff" in result) == (False, [], False)
        assert result["checksum_before"] == result["checksum_after"]

    def test_a_validator_that_refuses(self, told: Told) -> None:
        assert told.results["refused"]["msg"] == (
            "validate: sh refused the new content with return code 3; nothing was changed. "
            "Its output is not shown because it may hold secrets."
        )
        assert (told.folder / "after" / "refused").read_bytes() == (told.folder / "after" / "by link").read_bytes()
        assert (told.folder / "after" / "removed").read_bytes() == ebcdic(AFTER)

    def test_a_new_file(self, told: Told) -> None:
        check, made = told.results["new, check"], told.results["new"]
        assert {k: check.get(k) for k in SAME_IN_CHECK_MODE} == {k: made.get(k) for k in SAME_IN_CHECK_MODE}
        assert (told.folder / "new").exists()
        assert made["checksum_before"] is None
        assert "+TTLSGroupAction             off\n" in made["diff"][0]["prepared"]

    def test_an_exported_file_when_forced(self, told: Told) -> None:
        assert told.results["forced"]["changed"] is True
        assert RENDERED in (told.folder / "exported").read_text()

    def test_without_a_host(self, told: Told) -> None:
        rendered, parsed = told.results["rendered"], told.results["parsed"]
        ring = "TTLSKeyringParms            k\n{\n  Keyring                   /k\n  KeyringPw                 ********\n}\n"
        assert (rendered["changed"], rendered["rendered"]) == (False, f"{RENDERED}\n{ring}")
        assert parsed["changed"] is False
        assert parsed["parsed"]["TTLSRule"] == [
            {
                "name": "zcReqOut",
                "Direction": "OUTBOUND",
                "RemotePortRange": "5002",
                "TTLSGroupActionRef": "zcGroup",
                "TTLSEnvironmentActionRef": "zcClient",
            }
        ]
        assert parsed["parsed"]["TTLSEnvironmentAction"][0]["TTLSKeyringParms"]["KeyringPw"] == "********"

    @pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
    def test_bad_input(self, told: Told, bad: Bad) -> None:
        result = told.results[bad.name]
        place = told.folder / f"bad{BAD.index(bad)}"
        assert result["failed"] is True
        assert result["msg"] == bad.sentence.format(path=place / "policy", folder=place)
        assert sorted(os.listdir(place)) in ([], ["policy"])

    def test_no_secret_is_seen(self, told: Told) -> None:
        assert told.results["wrong"]["failed"] is True
        seen = told.played.output + str(told.results) + "\n".join(told.played.commands)
        assert "TTLSKeyringParms" in seen
        assert [secret for secret in SECRETS if secret in seen] == []

    def test_nothing_is_left_behind(self, told: Told) -> None:
        backup = Path(told.results["apply"]["backup_file"]).name
        assert sorted(os.listdir(told.folder / "policies")) == sorted(["link", "ttls.policy", backup])
        assert not [file for file in (told.folder / "remote").rglob("*") if file.is_file()]
