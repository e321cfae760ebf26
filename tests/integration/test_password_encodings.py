# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""{aes}: the securityUtility of a real Liberty is the judge; and server_xml as a user calls it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import fetch
import pytest
from plays import play

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import passwords
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import Keys

PASSWORD = "pä§§ wörd €"
KEY = "marker-of-a-key"
OWN_KEY = "F83N7uPjKOgxFY8bX1kvZj2OeXUCb70ZV0YIReEDmTE="
# Liberty's public interface, with the keys that a program without a server has: the built-in one.
READER = """
public class Reader {
    public static void main(String[] texts) throws Exception {
        for (String text : texts) {
            String read = com.ibm.websphere.crypto.PasswordUtil.decode(text);
            System.out.println(java.util.HexFormat.of().formatHex(read.getBytes("UTF-8")));
        }
    }
}
"""


@pytest.mark.chosen
@pytest.mark.java
@pytest.mark.liberty
def test_what_the_real_utility_writes_is_read_and_the_other_way_round(tmp_path: Path) -> None:
    install = fetch.liberty_install()
    forms: list[tuple[list[str], Keys]] = [
        (["--encoding=aes", f"--key={KEY}"], Keys(KEY)),
        (["--encoding=aes-128", f"--key={KEY}"], Keys(KEY)),
        (["--encoding=aes", f"--base64Key={OWN_KEY}"], Keys(key=OWN_KEY)),
        (["--encoding=xor"], Keys()),
    ]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    utility = [str(install / "bin/securityUtility"), "encode"]
    started = [
        subprocess.Popen([*utility, *form, PASSWORD], stdout=subprocess.PIPE, text=True, env=environment)
        for form, _ in forms
    ]
    (tmp_path / "Reader.java").write_text(READER, encoding="ascii")
    texts = [passwords.encode(PASSWORD, encoding) for encoding in ("aes", "aes-128", "xor")]
    command = ["java", "-cp", str(install / "lib/*"), str(tmp_path / "Reader.java"), *texts]
    read = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert read.stdout.split() == [PASSWORD.encode().hex()] * len(texts)
    for process, (form, keys) in zip(started, forms, strict=True):
        written = process.communicate(timeout=120)[0].strip()
        assert passwords.decode(written, keys) == PASSWORD, form


@pytest.mark.ansible
def test_a_password_is_written_in_aes_by_the_key_of_the_server(tmp_path: Path) -> None:
    """The key is in an include. What is there stays, in check mode too; the wrong key is said."""
    path, aside = tmp_path / "server.xml", tmp_path / "key.xml"
    path.write_text('<server>\n  <include location="key.xml"/>\n</server>\n', encoding="ascii")
    path.chmod(0o640)
    aside.write_text(
        f'<server>\n  <variable name="wlp.password.encryption.key" value="{KEY}"/>\n</server>\n', encoding="ascii"
    )
    server = {"server_dir": str(tmp_path)}
    own = {"password_key": "another-key-marker"}
    calls: list[dict[str, Any]] = [
        {"check_mode": True, "options": server},
        {"options": server},
        {"check_mode": True, "options": server},
        {"options": {**server, "password_encoding": "xor", "password_key": KEY}},
        {"options": {**server, **own}},
        {"options": {}},
        {"options": {**own, "password_encoding": "xor"}},
        {"options": {"server_dir": str(tmp_path / "bare"), "path": str(tmp_path / "bare/server.xml")}},
    ]
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare/server.xml").write_text("<server>\n</server>\n", encoding="ascii")
    (tmp_path / "bare/server.xml").chmod(0o640)
    played = play(tmp_path, [task(path, call) for call in calls])
    check, apply, check_again, again, wrong, unknown, unread, bare = played.results
    assert check["changes"] == apply["changes"]
    assert (check["changed"], apply["changed"], check_again["changed"], again["changed"]) == (True, True, False, False)
    text = path.read_text(encoding="ascii").partition('password="')[2].partition('"')[0]
    assert passwords.decode(text, Keys(KEY)) == PASSWORD
    assert wrong["msg"] == (
        f"password_key: is another key than wlp.password.encryption.key at {aside}:2, so the server could not read {{aes}}."
    )
    assert unknown["msg"] == (
        "password_encoding: aes needs the key that the server uses; give password_key, or server_dir, where the variable "
        "wlp.password.encryption.key is looked for."
    )
    assert "was encoded with another key than the wlp.password.encryption.key that is known here" in unread["msg"]
    assert bare["warnings"] == [
        (
            "The server has no key of its own for {aes}, so passwords are written with the built-in one, which everybody "
            "knows; define the variable wlp.password.encryption.key in an included file that few may read."
        )
    ]
    for secret in (KEY, PASSWORD, own["password_key"], text):
        assert secret not in played.output
        assert not [command for command in played.commands if secret in command]


def task(path: Path, call: dict[str, Any]) -> dict[str, Any]:
    elements = [{"element": "keyStore", "id": "k", "attributes": {"location": "k.p12", "password": PASSWORD}}]
    options = {"path": str(path), "elements": elements, "password_encoding": "aes", **call["options"]}
    return {"zosconnect.security.server_xml": options, "check_mode": call.get("check_mode", False), "diff": True}
