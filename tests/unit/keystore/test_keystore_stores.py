# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The target's side without a JDK: what keytool prints, where it is, and what is said when it fails."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.module_utils import merging, stores
from ansible_collections.zosconnect.security.plugins.module_utils.merging import Merge
from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.module_utils.stores import Place, StoreError, Tool

STARS = "*" * 43
KEY_BAG = bytes.fromhex("060b2a864886f70d010c0a0102")
ENCRYPTED = bytes.fromhex("06092a864886f70d010706")


def pem(text: str) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{text}\n{text}\n-----END CERTIFICATE-----"


def printed(*blocks: str, count: int | None = None) -> str:
    """Return what keytool -list -rfc prints."""
    number = len(blocks) if count is None else count
    head = f"Keystore type: PKCS12\nKeystore provider: SUN\n\nYour keystore contains {number} entr\n\n"
    return head + "".join(f"{block}\n\n\n{STARS}\n{STARS}\n\n\n" for block in blocks)


def key(alias: str, *chain: str, length: int | None = None) -> str:
    number = len(chain) if length is None else length
    text = f"Alias name: {alias}\nCreation date: Nov 22, 2026\nEntry type: PrivateKeyEntry\n"
    text += f"Certificate chain length: {number}\n"
    return text + "\n".join(f"Certificate[{n}]:\n{each}" for n, each in enumerate(chain, 1))


def trusted(alias: str, certificate: str) -> str:
    return f"Alias name: {alias}\nCreation date: Nov 22, 2026\nEntry type: trustedCertEntry\n\n{certificate}"


def secret(alias: str) -> str:
    return f"Alias name: {alias}\nCreation date: Nov 22, 2026\nEntry type: SecretKeyEntry"


def program(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    return Tool(str(tmp_path / "keytool"), str(tmp_path / "password"), str(tmp_path))


@pytest.fixture(autouse=True)
def no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own Java is not there, unless a test puts one there."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")


# What keytool prints ----------------------------------------------------------------------------------------------


def test_all_kinds_of_entries() -> None:
    text = printed(key("one", pem("AAA"), pem("BBB")), secret("aes"), trusted("ca", pem("CCC")))
    assert stores.parse(text) == [
        {"alias": "one", "kind": "PrivateKeyEntry", "certificates": [pem("AAA"), pem("BBB")]},
        {"alias": "aes", "kind": "SecretKeyEntry", "certificates": []},
        {"alias": "ca", "kind": "trustedCertEntry", "certificates": [pem("CCC")]},
    ]


def test_a_thousand_entries() -> None:
    text = printed(*(trusted(f"a{n}", pem("AAAA")) for n in range(1000))).replace("contains 1000", "contains 1,000")
    assert len(stores.parse(text)) == 1000


def test_an_empty_store() -> None:
    assert stores.parse(printed()) == []


def test_the_word_of_ibms_older_keytool() -> None:
    (entry,) = stores.parse(printed(key("one", pem("AAA")).replace("PrivateKeyEntry", "keyEntry")))
    assert entry["kind"] == "PrivateKeyEntry"


def test_a_warning_at_the_end_is_no_entry() -> None:
    text = printed(trusted("ca", pem("CCC"))) + "\nWarning:\n<ca> uses the SHA1withRSA signature algorithm.\n"
    assert [entry["alias"] for entry in stores.parse(text)] == ["ca"]


# An alias may even try to look like another entry.
@given(alias=st.one_of(st.text(), st.just(f"x\nCreation date: 1\nEntry type: trustedCertEntry\n\n{pem('DDD')}")))
def test_any_alias_is_read_or_the_listing_refused(alias: str) -> None:
    text = printed(key(alias, pem("AAA")), trusted("ca", pem("CCC")))
    try:
        first, second = stores.parse(text)
    except StoreError:
        assert STARS in alias
        return
    assert (first["alias"], first["certificates"]) == (alias, [pem("AAA")])
    assert second["alias"] == "ca"


@pytest.mark.parametrize(
    "alias",
    [f"x\n\n\n{STARS}\n{STARS}\n\n\nAlias name: y", f"x\n{STARS}\n{STARS}\nAlias name: server\nCreation date: 1"],
)
def test_an_alias_that_forges_an_entry_is_not_believed(alias: str) -> None:
    with pytest.raises(StoreError) as caught:
        stores.parse(printed(key(alias, pem("AAA"))))
    assert str(caught.value) == "What keytool prints about the key store is not understood; nothing was changed."


@pytest.mark.parametrize("text", ["", "Ihr Keystore enthält 1 Eintrag", printed(secret("a"), count=2)])
def test_a_listing_that_is_not_understood(text: str) -> None:
    with pytest.raises(StoreError) as caught:
        stores.parse(text)
    assert str(caught.value) == "What keytool prints about the key store is not understood; nothing was changed."


def test_an_entry_that_is_not_understood() -> None:
    with pytest.raises(StoreError) as caught:
        stores.parse(printed("Alias name: a\nnonsense"))
    assert str(caught.value) == (
        "What keytool prints about one of the store's entries is not understood; nothing was changed."
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_within_certificates_are_those_of_any_java(end: str) -> None:
    """Java 25 ends also the first line of a certificate with CR LF, older ones only those within it."""
    one, two = (pem(text).replace("\r\n", "\n") for text in ("AAA", "BBB"))
    java = [each.replace("\n", end) for each in (one, two)]
    first, second = stores.parse(printed(key("one", *java), trusted("ca", java[1])))
    assert (first["certificates"], second["certificates"]) == ([one, two], [two])


@pytest.mark.parametrize("text", [key("a", "-----BEGIN CERTIFICATE-----\t\nAA"), trusted("a", pem("A!"))])
def test_a_certificate_in_another_form_is_not_passed_over(text: str) -> None:
    with pytest.raises(StoreError) as caught:
        stores.parse(printed(text))
    assert str(caught.value) == "What keytool prints about the entry a is not understood; nothing was changed."


def test_a_chain_of_another_length() -> None:
    with pytest.raises(StoreError) as caught:
        stores.parse(printed(key("a", pem("AAA"), length=2)))
    assert str(caught.value) == "What keytool prints about the entry a is not understood; nothing was changed."


# What the bytes say -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x30\x82\x0e\x57\x02\x01\x03", "PKCS12"),
        (b"\x30\x80\x02\x01\x03", "PKCS12"),
        (b"\x30\x65\x02\x01\x03", "PKCS12"),
        (b"\xfe\xed\xfe\xed\x00", "JKS"),
        (b"\xce\xce\xce\xce\x00", "JCEKS"),
        (b"\x30\x82\x0e\x57\x02\x01\x02", None),
        (b"", None),
        (b"-----BEGIN CERTIFICATE-----", None),
    ],
)
def test_the_format_by_its_first_bytes(data: bytes, kind: str | None) -> None:
    assert stores.format_of(data) == kind


@pytest.mark.parametrize(
    ("data", "kinds", "unseen"),
    [
        (b"", [], False),
        (ENCRYPTED, [], True),
        (KEY_BAG, [], True),
        (KEY_BAG, ["PrivateKeyEntry"], False),
        (KEY_BAG, ["SecretKeyEntry"], False),
        (KEY_BAG * 2, ["PrivateKeyEntry", "trustedCertEntry"], True),
        (ENCRYPTED, ["trustedCertEntry"], False),
    ],
)
def test_what_java_does_not_see(data: bytes, kinds: list[str], unseen: object) -> None:
    assert stores.unseen(data, [{"kind": kind} for kind in kinds]) is unseen


# Where keytool is -------------------------------------------------------------------------------------------------


def test_java_home_is_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given_one = program(tmp_path / "given/bin/keytool", "")
    program(tmp_path / "environment/bin/keytool", "")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "environment"))
    assert stores.find_keytool(str(tmp_path / "given"), "/s/key.p12") == given_one


def test_java_home_may_be_a_jdk_with_its_jre_inside(tmp_path: Path) -> None:
    found = program(tmp_path / "jre/bin/keytool", "")
    assert stores.find_keytool(str(tmp_path), "/s/key.p12") == found


def test_a_java_home_without_keytool(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        stores.find_keytool(str(tmp_path), "/s/key.p12")
    assert str(caught.value) == (
        f"java_home: {tmp_path} holds no program bin/keytool that can be run; name another directory."
    )


def test_the_environment_comes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = program(tmp_path / "environment/bin/keytool", "")
    second = program(tmp_path / "path/keytool", "")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert stores.find_keytool(None, "/s/key.p12") == second
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "environment"))
    assert stores.find_keytool(None, "/s/key.p12") == first


@pytest.mark.parametrize("encoding", ["utf-8", "cp037"])
@pytest.mark.parametrize("place", ["servers/one/server.env", "etc/server.env"])
def test_the_java_that_liberty_uses(tmp_path: Path, encoding: str, place: str) -> None:
    found = program(tmp_path / "java17/bin/keytool", "")
    env = tmp_path / "wlp" / place
    env.parent.mkdir(parents=True)
    lines = f"# comment{{0}}OTHER=1{{0}}JAVA_HOME={tmp_path}/java17{{0}}"
    env.write_bytes(lines.format("\n" if encoding == "utf-8" else "\x85").encode(encoding))
    store = tmp_path / "wlp/servers/one/resources/security/key.p12"
    assert stores.find_keytool(None, str(store)) == found


def test_the_java_that_liberty_brings(tmp_path: Path) -> None:
    found = program(tmp_path / "wlp/java/java/bin/keytool", "")
    assert stores.find_keytool(None, str(tmp_path / "wlp/usr/servers/one/key.p12")) == found


def place_in(folder: Path, java_home: str | None = None) -> Place:
    (folder / "password").write_text("changeit", encoding="ascii")
    return Place("/s/key.p12", str(folder / "password"), java_home, str(folder))


def test_no_java(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        stores.prepare(place_in(tmp_path), b"\x30\x80\x02\x01\x03")
    assert str(caught.value) == (
        "/s/key.p12: no Java was found on the host to open the key store with (looked at JAVA_HOME, the PATH and the "
        "Liberty around the store); nothing was changed. Set java_home to the Java of the server."
    )


def test_what_needs_no_java(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    nothing = {"entries": [], "unseen": False, "keytool": None, "encryption": None, "requests": {}}
    assert stores.read(stores.prepare(place, None)) == {**nothing, "format": None}
    assert stores.read(stores.prepare(place, b"no store")) == {**nothing, "format": None}
    assert merging.merge(place, Merge(None, b"packed", [], [])).data == b"packed"


# How it is run ----------------------------------------------------------------------------------------------------


def test_the_password_is_not_an_argument(tmp_path: Path) -> None:
    home = tmp_path / "java"
    program(home / "bin/keytool", f'echo "$@" $LC_ALL > {tmp_path}/said; /bin/cat <<"E"\n{printed(secret("aes"))}\nE')
    answer = stores.read(stores.prepare(place_in(tmp_path, str(home)), b"\x30\x80\x02\x01\x03"))
    assert [entry["alias"] for entry in answer["entries"]] == ["aes"]
    said = (tmp_path / "said").read_text(encoding="utf-8")
    assert f"-storepass:file {tmp_path}/password" in said
    assert "-J-Duser.language=en" in said
    assert "changeit" not in said
    assert said.endswith(" C.UTF-8\n")
    assert sorted(os.listdir(tmp_path)) == ["java", "password", "said"]


def test_ebcdic_is_understood(tmp_path: Path, tool: Tool) -> None:
    (tmp_path / "out").write_bytes(printed(key("one", pem("AAA"))).replace("\n", "\x85").encode("cp037"))
    program(Path(tool.keytool), f"/bin/cat {tmp_path}/out")
    (entry,) = stores.listing(tool, b"data", "/s/key.p12")
    assert entry["alias"] == "one"


def test_a_store_that_cannot_be_opened(tool: Tool) -> None:
    program(Path(tool.keytool), 'echo "keytool error: java.io.IOException: keystore password was incorrect"; exit 1')
    with pytest.raises(StoreError) as caught:
        stores.listing(tool, b"data", "/s/key.p12")
    assert str(caught.value) == (
        "/s/key.p12: the key store cannot be opened: its password is another one, or the file is damaged; keytool does "
        "not tell which, it says: java.io.IOException: keystore password was incorrect"
    )


@pytest.mark.parametrize(
    ("script", "what"), [('echo "Error: no VM" >&2; exit 6', "6: Error: no VM"), ("exit 7", "7")], ids=["words", "none"]
)
def test_a_java_that_does_not_work(tool: Tool, script: str, what: str) -> None:
    program(Path(tool.keytool), script)
    with pytest.raises(StoreError) as caught:
        stores.listing(tool, b"data", "/s/key.p12")
    assert str(caught.value) == f"{tool.keytool}: ended with return code {what}; set java_home to a Java that works."


def test_a_keytool_that_cannot_be_run(tool: Tool) -> None:
    Path(tool.keytool).write_bytes(b"\x7fELF")
    Path(tool.keytool).chmod(0o755)
    with pytest.raises(StoreError) as caught:
        tool.run("-list")
    assert str(caught.value) == (
        f"{tool.keytool}: cannot be run: Exec format error; set java_home to a Java that works."
    )


def test_a_keytool_that_hangs(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    program(Path(tool.keytool), "exec /bin/sleep 60")
    monkeypatch.setattr(stores, "TIMEOUT_SECONDS", 0.2)
    with pytest.raises(StoreError) as caught:
        tool.run("-list")
    assert str(caught.value) == f"{tool.keytool}: did not end within 0.2 s; nothing was changed."


def test_a_merge_that_keytool_refuses(tmp_path: Path) -> None:
    home = tmp_path / "java"
    program(home / "bin/keytool", 'echo "keytool error: java.lang.Exception: Alias <a> does not exist"; exit 1')
    with pytest.raises(StoreError) as caught:
        merging.merge(place_in(tmp_path, str(home)), Merge(b"base", None, ["a"], []))
    assert str(caught.value) == (
        "/s/key.p12: keytool could not make the new store: java.lang.Exception: Alias <a> does not exist; nothing was "
        "changed."
    )


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (
            {"certify": [{"alias": "a", "chain": ["pem"]}]},
            (
                "/s/key.p12: keytool does not take the new certificate for the key a: java.lang.Exception: no; nothing "
                "was changed. If it does not know the issuer, give chain_content or chain_path."
            ),
        ),
        (
            {"kind": "JKS", "convert": True},
            (
                "/s/key.p12: its entries cannot be brought into a JKS store: java.lang.Exception: no; nothing was "
                "changed. A key may have another password than the store: give it as key_password."
            ),
        ),
    ],
)
def test_what_keytool_does_not_take(tmp_path: Path, order: dict[str, Any], sentence: str) -> None:
    home = tmp_path / "java"
    program(home / "bin/keytool", 'echo "keytool error: java.lang.Exception: no"; exit 1')
    with pytest.raises(StoreError) as caught:
        merging.merge(place_in(tmp_path, str(home)), Merge(b"base", None, [], [], **order))
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo hello", "What keytool prints for a certificate signing request is not understood."),
        (
            'echo "keytool error: java.lang.Exception: no"; exit 1',
            "keytool could not make a certificate signing request: java.lang.Exception: no; nothing was changed.",
        ),
    ],
)
def test_a_request_that_keytool_does_not_make(tool: Tool, script: str, sentence: str) -> None:
    program(Path(tool.keytool), script)
    with pytest.raises(StoreError) as caught:
        stores.requests(tool, b"store", [{"alias": "a", "subject": "CN=a", "extensions": []}])
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "order",
    [
        {"remove": ["-J-version"]},
        {"remove": [], "generate": [{"alias": "-J-version", "algorithm": "EC", "size": 256, "subject": "CN=a", "days": 1, "extensions": []}]},
        {"remove": [], "certify": [{"alias": "-J-version", "chain": ["pem"]}]},
    ],
    ids=["remove", "generate", "certify"],
)  # fmt: skip
def test_an_alias_never_becomes_an_option(tmp_path: Path, order: dict[str, Any]) -> None:
    """Java's launcher takes -J… for its own wherever it stands, so an alias of a strange store could run a program."""
    home, said = tmp_path / "java", tmp_path / "said"
    program(home / "bin/keytool", f'echo "$*" >> {said}')
    with pytest.raises(StoreError) as caught:
        merging.merge(place_in(tmp_path, str(home)), Merge(**{"base": b"base", "pack": None, "intended": [], **order}))
    assert str(caught.value) == (
        "The alias '-J-version' begins with -, which keytool takes for an option; nothing was changed. "
        "Give the entry another alias."
    )
    assert not said.exists()


def test_an_alias_of_the_store_never_becomes_an_option(tmp_path: Path) -> None:
    home, said = tmp_path / "java", tmp_path / "said"
    (tmp_path / "listed").write_text(printed(trusted("-J-version", pem("AAA"))), encoding="utf-8")
    program(home / "bin/keytool", f'echo "$*" >> {said}; /bin/cat {tmp_path}/listed')
    place = replace(place_in(tmp_path, str(home)), key_password_file=place_in(tmp_path, str(home)).password_file)
    with pytest.raises(StoreError, match=r"^The alias '-J-version' begins with -"):
        merging.merge(place, Merge(b"base", None, [], [], kind="JKS", convert=True))
    assert "-srcalias" not in said.read_text(encoding="utf-8")


def test_an_alias_of_a_request_never_becomes_an_option(tool: Tool) -> None:
    with pytest.raises(StoreError, match=r"^The alias '-J-version' begins with -"):
        stores.requests(tool, b"store", [{"alias": "-J-version", "subject": "CN=a", "extensions": []}])


def test_how_keytool_is_told_to_encrypt(tmp_path: Path) -> None:
    """What is added to a store that an old Java reads must not be encrypted in the new way."""
    home, said = tmp_path / "java", tmp_path / "said"
    program(home / "bin/keytool", f'echo "$*" >> {said}; echo "keytool error: no"; exit 1')
    for way in ("java8", "modern"):
        with pytest.raises(StoreError):
            merging.merge(place_in(tmp_path, str(home)), Merge(b"base", b"pack", [], [], encryption=way))
    old, new = said.read_text(encoding="utf-8").splitlines()
    assert re.findall(r"pkcs12\.(\w+)=(\w+)", old) == [
        ("keyProtectionAlgorithm", "PBEWithSHA1AndDESede"),
        ("certProtectionAlgorithm", "PBEWithSHA1AndDESede"),
        ("macAlgorithm", "HmacPBESHA1"),
    ]
    assert re.findall(r"=(\w+AES_256)", new) == ["PBEWithHmacSHA256AndAES_256"] * 2


def test_a_new_store_in_which_java_sees_something_else(tmp_path: Path) -> None:
    home = tmp_path / "java"
    program(home / "bin/keytool", f'/bin/cat <<"E"\n{printed()}\nE')
    with pytest.raises(StoreError) as caught:
        merging.merge(
            place_in(tmp_path, str(home)), Merge(None, b"pack", [], [{"alias": "a", "kind": "x", "chain": []}])
        )
    assert str(caught.value) == (
        "/s/key.p12: Java would not see what is intended: the entries a would be missing or left over; nothing was "
        "changed. Set java_home to the Java of the server if keytool belongs to another one."
    )


@pytest.mark.parametrize("mode", [0o604, 0o644])
def test_a_password_that_everybody_can_read(tmp_path: Path, mode: int) -> None:
    place = place_in(tmp_path, str(tmp_path))
    program(tmp_path / "bin/keytool", "")
    os.chmod(place.password_file, mode)
    tmp_path.chmod(0o755)
    with pytest.raises(StoreError) as caught:
        stores.tool_for(place)
    assert str(caught.value) == (
        "The password of the key store would lie in a file that every user of the host can read; nothing was changed. "
        "Install setfacl (package acl) on the host, or become root instead of an unprivileged user."
    )
    tmp_path.chmod(0o700)
    assert stores.tool_for(place).password_file == place.password_file


def test_a_store_that_changed_meanwhile(tmp_path: Path) -> None:
    store = tmp_path / "key.p12"
    store.write_bytes(b"new")
    assert merging.unchanged(str(store), sha256(b"new")) == b"new"
    with pytest.raises(StoreError) as caught:
        merging.unchanged(str(store), sha256(b"old"))
    assert str(caught.value) == (
        f"{store}: changed between reading and writing, so somebody else is at work on it; nothing was changed. "
        "Run again to plan from its present content."
    )


# What Java must see -----------------------------------------------------------------------------------------------


def listed(alias: str, kind: str, *chain: str) -> dict[str, Any]:
    return {"alias": alias, "kind": kind, "certificates": [f"-\n{each}\n-" for each in chain]}


def wanted(alias: str, kind: str, *chain: str) -> dict[str, Any]:
    return {"alias": alias, "kind": kind, "chain": [merging.fingerprint(f"-\n{each}\n-") for each in chain]}


@pytest.mark.parametrize(
    ("found", "intended", "what"),
    [
        ([listed("a", "K", "AAAA")], [wanted("a", "K", "AAAA")], None),
        ([], [wanted("a", "K", "AAAA")], "the entries a would be missing or left over"),
        ([listed("b", "K", "AAAA")], [wanted("a", "K", "AAAA")], "the entries a, b would be missing or left over"),
        (
            [listed("a", "K", "AAAA"), listed("b", "K", "AAAA")],
            [wanted("a", "K", "AAAA")],
            "the entries b would be missing or left over",
        ),
        ([listed("a", "T", "AAAA")], [wanted("a", "K", "AAAA")], "the entry a would be a T"),
        ([listed("a", "K", "BBBB")], [wanted("a", "K", "AAAA")], "the entry a would have other certificates"),
        ([listed("a", "K")], [wanted("a", "K", "AAAA")], "the entry a would have other certificates"),
        ([listed("a", "K", "AAAA", "BBBB")], [wanted("a", "K", "AAAA")], "the entry a would have other certificates"),
        (
            [listed("a", "K", "AAAA", "BBBB"), listed("b", "T", "BBBB")],
            [wanted("a", "K", "AAAA"), wanted("b", "T", "BBBB")],
            None,
        ),
    ],
)
def test_what_is_listed_against_what_is_intended(
    found: list[dict[str, Any]], intended: list[dict[str, Any]], what: str | None
) -> None:
    assert getattr(merging.mismatch(found, intended), "what", None) == what


@pytest.mark.parametrize("place", ["bin", "jre/bin"])
def test_a_java_is_told_from_another_and_from_itself_after_an_upgrade(tmp_path: Path, place: str) -> None:
    home, other, linked = tmp_path / "jdk", tmp_path / "other", tmp_path / "linked"
    keytool = program(home / place / "keytool", "exit 0")
    program(other / place / "keytool", "exit 0")
    linked.symlink_to(home)
    known = stores.java_of(keytool)
    seen = [known, *(stores.java_of(str(one / place / "keytool")) for one in (other, linked))]
    (home / "release").write_text("17")
    seen.append(stores.java_of(keytool))
    (home / "release").write_text("21")
    os.utime(home / "release", ns=(0, 1))
    seen.append(stores.java_of(keytool))
    program(home / place / "keytool", "exit 1  # another")
    seen.append(stores.java_of(keytool))
    linked.unlink()
    linked.symlink_to(other)
    seen.append(stores.java_of(str(linked / place / "keytool")))
    assert len(set(seen)) == len(seen)
    assert stores.java_of(keytool) == seen[-2]
