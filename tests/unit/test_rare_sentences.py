# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sentences whose causes are rare, each from its first word to its last: what a test must break on purpose to see."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.zosconnect.security.plugins.action import keystore_info
from ansible_collections.zosconnect.security.plugins.filter.attls_installed import attls_installed
from ansible_collections.zosconnect.security.plugins.module_utils import (
    connector,
    der,
    identity,
    locks,
    placing,
    probing,
    probing_tls,
    stores,
    ways,
)
from ansible_collections.zosconnect.security.plugins.modules import target_ask, target_place, target_tso
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import criteria, text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import DEEPEST, Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.reports import pasearch
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import attributes, elements
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import evaluate
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.problems import Problem
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin, Outer, Refused
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import refresh
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import names
from tests.liberty.pki import Authority, Issued

SERVER = "/srv/usr/servers/zos"


# Certificates ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(key_type="ec")


@pytest.fixture(scope="module")
def issued(authority: Authority) -> Issued:
    return authority.issue("localhost", key_type="ec")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"0" * 1_000_001, "longer than 1000000 bytes"),
        (b"\x30\x00", "an element is empty"),
        (b"\x1f\x00", "a tag longer than one byte"),
        (b"\x30\x81\x01\x00", "a length that is not DER"),
        (b"\x30\x05\x00", "an element is longer than what holds it"),
        (b"\x30", "not a certificate in DER: index out of range"),
    ],
)
def test_bytes_that_are_no_certificate(data: bytes, sentence: str) -> None:
    with pytest.raises(der.DerError) as caught:
        der.read_certificate(data)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (rb"\x17\x0d\d{12}Z", b"\x17\x0d26010203040+Z", "a time that RFC 5280 does not allow"),
        (rb"\x06\x03\x55\x04\x03", b"\x06\x03\x55\x04\x83", "an object identifier that ends early"),
    ],
)
def test_a_certificate_with_a_wrong_piece(issued: Issued, old: bytes, new: bytes, sentence: str) -> None:
    good = ssl.PEM_cert_to_DER_cert(issued.certificate_pem)
    with pytest.raises(der.DerError) as caught:
        der.read_certificate(re.sub(old, lambda _match: new, good))
    assert str(caught.value) == sentence


def test_an_object_identifier_without_end() -> None:
    with pytest.raises(der.DerError) as caught:
        der._oid(b"\x01" * (der._LONGEST_OID + 1))
    assert str(caught.value) == f"an object identifier of more than {der._LONGEST_OID} bytes"


# TLS ------------------------------------------------------------------------------------------------------------


def damaged(pem: str) -> str:
    """Return a certificate in whose middle something is missing."""
    lines = pem.splitlines()
    return "\n".join([*lines[:2], *lines[3:]])


def reason(caught: pytest.ExceptionInfo[BaseException]) -> str:
    """Return OpenSSL's words for what went wrong, which differ from release to release."""
    assert isinstance(caught.value.__cause__, Exception)
    return probing_tls.reason_of(caught.value.__cause__)


def test_certificates_that_cannot_be_used(issued: Issued) -> None:
    want = probing_tls.TlsMaterial("localhost", ca=probing_tls.Material("ca_content", damaged(issued.certificate_pem)))
    with pytest.raises(probing_tls.ProbeError) as caught:
        probing_tls.make_context(want)
    assert str(caught.value) == f"ca_content holds a damaged certificate: {reason(caught)}."


def test_a_pair_that_openssl_refuses(issued: Issued) -> None:
    certificate = probing_tls.Material("client_certificate_content", issued.certificate_pem)
    key = probing_tls.Material("client_key_content", damaged(issued.key_pem()))
    with pytest.raises(probing_tls.ProbeError) as caught:
        probing_tls.make_context(probing_tls.TlsMaterial("localhost", certificate=certificate, key=key))
    assert str(caught.value) == (f"client_certificate_content and client_key_content cannot be used: {reason(caught)}.")


def test_a_host_that_nobody_knows() -> None:
    host = "a" * 64 + ".example"
    report = probing.probe(probing.Probe(host=host, port=1, tls=None))
    assert report.msg == f"The host that probes finds no address of {host}: not a name."


@contextlib.contextmanager
def answering(data: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that sends ``data`` to the first who asks, over TLS where there is a context; gives its port."""

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            peer, _address = listener.accept()
            with context.wrap_socket(peer, server_side=True) if context else peer as stream:
                stream.recv(65536)
                stream.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
    thread.join()


def test_a_handshake_that_fails_on_this_side() -> None:
    hello = b"\x02\x00\x00\x26\x03\x03" + bytes(32) + b"\x00" + b"\xff\xff" + b"\x00"  # a cipher that nobody offered
    with answering(b"\x16\x03\x03" + len(hello).to_bytes(2, "big") + hello) as port:
        want = probing.Probe("127.0.0.1", port, probing_tls.TlsMaterial("localhost"))
        report = probing.probe(want)
    assert report.outcome == "handshake_failed"
    assert re.fullmatch(r"The handshake failed: .+\.", report.msg)


def test_a_connector_that_speaks_no_http(authority: Authority, issued: Issued, tmp_path: Path) -> None:
    pem = tmp_path / "server.pem"
    pem.write_text(issued.certificate_pem + issued.key_pem(), encoding="utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with answering(b"220 mail.example.com ESMTP\r\n", context) as port:
        options = {"url": f"https://localhost:{port}", "username": "u", "password": "p", "timeout": 20}
        asked = connector.Connector({**options, "ca_content": authority.root_pem})
        with pytest.raises(OSError, match="what came") as caught:
            asked.call("/")
    assert str(caught.value) == f"what came is no HTTP ({caught.value.__cause__})"


def test_a_store_that_not_every_java_reads() -> None:
    _pattern, what = stores._RARE[0]
    assert stores.unreadable(stores._RARE[0][0]) == f" It has {what}, which not every Java reads."


# Modules on the target ------------------------------------------------------------------------------------------


class Ended(Exception):
    """A module has ended; the sentence is what it said."""


class Module:
    """What a target module is called with, in this process."""

    def __init__(self, **params: Any) -> None:
        self.params = params
        self.tmpdir = "/tmp"
        self.check_mode = False

    def fail_json(self, msg: str, **_more: Any) -> None:
        raise Ended(msg)


def ended(module: ModuleType, monkeypatch: pytest.MonkeyPatch, **params: Any) -> str:
    """Run a module that fails; return its sentence."""
    monkeypatch.setattr(module, "AnsibleModule", lambda **_spec: Module(**params))
    with pytest.raises(Ended) as caught:
        module.main()
    return str(caught.value)


def test_a_running_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    options = {"url": "https://127.0.0.1:1", "username": "u", "password": "p", "timeout": 5}
    (tmp_path / "connector").write_text(json.dumps(options), encoding="utf-8")
    said = ended(target_ask, monkeypatch, connector_file=str(tmp_path / "connector"), where="", path="/")
    assert re.fullmatch(r"https://127\.0\.0\.1:1: the running server could not be asked: .+\.", said)


def test_a_command_of_racf_that_does_not_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "tsocmd"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    program.chmod(0o755)
    command = "RACDCERT ID(U) LISTRING(*)"
    params = {"commands": [command], "tsocmd": str(program), "timeout": 1, "changes": False, "harmless": []}
    said = ended(target_tso, monkeypatch, **params)
    assert said == f"{program}: {command} did not end within 1 seconds; look at what RACF has."


def test_a_store_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(target_place, "made_store", full)
    with pytest.raises(stores.StoreError) as caught:
        target_place.content(Module(src=None, restore=None, store={"on_top": False}, path="/s/key.p12"))
    assert str(caught.value) == (
        "/s/key.p12: the new store cannot be made: No space left on device; nothing was changed."
    )


# Files on the target --------------------------------------------------------------------------------------------


def folder(path: Path) -> ways.Folder:
    return ways.Folder(os.open(path, os.O_RDONLY), str(path))


def test_a_lock_that_somebody_keeps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(locks, "LOCK_SECONDS", 0.0)
    held = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    here = folder(tmp_path)
    try:
        with pytest.raises(locks.PlaceError) as caught, locks.lock(here):
            pass
    finally:
        os.close(held)
        os.close(here.fd)
    assert re.fullmatch(
        rf"{tmp_path}: .* the lock of this directory.* for 0 seconds; nothing was changed\. If that is another run of "
        r"this collection, run again when it has ended; else end that process\.",
        str(caught.value),
    )


def test_a_directory_that_cannot_be_locked(tmp_path: Path) -> None:
    here = folder(tmp_path)
    os.close(here.fd)
    with pytest.raises(locks.PlaceError) as caught, locks.lock(here):
        pass
    assert str(caught.value) == f"{tmp_path}: cannot be opened: Bad file descriptor; nothing was changed."


def test_a_call_that_fails_after_the_file_has_changed() -> None:
    order = placing.Order("/s/server.xml", b"", None, become=["the new file is in place"])
    with pytest.raises(placing.TouchedError) as caught, placing.all_said(order):
        raise OSError(errno.EIO, "Input/output error")
    assert str(caught.value) == (
        "/s/server.xml: the new file is in place, and then the system refused a call (Input/output error). CHECK THE "
        "FILE, and run again."
    )


def test_a_link_of_somebody_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(identity, "is_root", lambda: False)
    here = folder(tmp_path)
    spot = ways.Spot(here, "server.xml", links=((f"{tmp_path}/link", 4_000_000),))
    try:
        with pytest.raises(ways.WayError) as caught:
            spot.readers()
    finally:
        os.close(here.fd)
    assert str(caught.value) == (
        f"{tmp_path}/server.xml: is reached by the symbolic link {tmp_path}/link of user 4000000, who could lead it "
        "anywhere. Name the file itself."
    )


# The configuration of a server ------------------------------------------------------------------------------------


def refusal(files: dict[str, str], folders: tuple[str, ...] = ()) -> str:
    """Return the sentence with which Liberty would refuse these files of a server."""
    content = {f"{SERVER}/{name}": text.encode() for name, text in files.items()}
    places = frozenset({SERVER, *(f"{SERVER}/{name}" for name in folders)})
    assembly = assemble(Files(content, folders=places), Places(SERVER, user="/srv/usr"), Outer())
    if assembly.refused is not None:
        return assembly.refused
    with pytest.raises(Refused) as caught:
        evaluate(assembly)
    return str(caught.value)


@pytest.mark.parametrize(
    ("files", "folders", "sentence"),
    [
        (
            {"server.xml": '<server><include location="more"/></server>'},
            ("more",),
            (
                f"{SERVER}/server.xml:1: includes the directory {SERVER}/more without a slash at its end; "
                "Liberty refuses the whole configuration over that."
            ),
        ),
        (
            {"server.xml": '<server><ssl id="a" keyStoreRef="${v}"/></server>', "variables/v": ""},
            (),
            (
                "${v} stands in the variables directory as an empty file; Liberty fails over that (NullPointerException) and "
                "refuses the whole configuration."
            ),
        ),
        (
            {"server.xml": '<server><ssl id="a" keyStoreRef="${}}"/></server>'},
            (),
            "${} names no variable; Liberty refuses the whole configuration over it.",
        ),
        (
            {"server.xml": '<server><mystery id="a" one="1"><one>2</one></mystery></server>'},
            (),
            (
                f"{SERVER}/server.xml:1: one is given as a child element, and at {SERVER}/server.xml:1 as an attribute; "
                "Liberty refuses the whole configuration over that. Keep one of them."
            ),
        ),
    ],
)
def test_a_configuration_that_liberty_refuses(files: dict[str, str], folders: tuple[str, ...], sentence: str) -> None:
    assert refusal(files, folders) == sentence


def test_an_attribute_that_leads_to_itself() -> None:
    files = Files({f"{SERVER}/server.xml": b'<server><ssl id="a" sslProtocol="${sslProtocol}"/></server>'})
    (problem,) = evaluate(assemble(files, Places(SERVER, user="/srv/usr"), Outer())).problems
    what, _, then = problem.message.partition(" Liberty drops ")
    assert what == f"{SERVER}/server.xml:1: ${{sslProtocol}} in <ssl> leads to itself."
    assert then == "<ssl> as a whole (a running server keeps what it had)."


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (
            Problem("wrong-root", Origin("a.xml", 1), "client"),
            "a.xml:1: the root element is <client>, not <server>, so Liberty ignores the file, without a word.",
        ),
        (
            Problem(
                "bad-value", Origin("a.xml", 1), cause=Problem("lacking", Origin("a.xml", 1), "ssl", attribute="id")
            ),
            "a.xml:1: <ssl> has no id. Liberty leaves it unset instead.",
        ),
        (
            Problem("required", Origin("a.xml", 1), "ssl", attribute="id"),
            "a.xml:1: <ssl> has no id, so Liberty ignores it.",
        ),
    ],
)
def test_a_problem_in_words(problem: Problem, sentence: str) -> None:
    assert problem.message == sentence


def test_a_value_that_nobody_can_type() -> None:
    port = elements.CATALOGUE["httpEndpoint"].attributes["httpsport"]
    with pytest.raises(SecurityError) as caught:
        attributes.typed(port, "${nope}")
    assert str(caught.value) == "httpsPort: holds an unresolved variable"


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ("there", "<ssl a>: the files have it, the server has not."),
        (None, "<ssl a>: the server has it, the files have not."),
    ],
)
def test_an_element_on_one_side_only(files: str | None, sentence: str) -> None:
    server = None if files else "there"
    assert str(refresh.Difference("ssl a", None, files, server, Origin("x"))) == sentence


def test_a_server_without_server_xml() -> None:
    action = object.__new__(keystore_info.ActionModule)
    absent = {"state": "absent", "message": "", "names": [], "files": []}

    def nothing(_name: str, question: dict[str, Any]) -> dict[str, Any]:
        return {kind: [{**absent, "path": one["path"]} for one in question[kind]] for kind in ("files", "folders")}

    action.run_on_target = nothing
    with pytest.raises(SecurityError) as caught:
        action._references({"server_dir": SERVER, "prefix": ""})
    assert str(caught.value) == f"{SERVER}/server.xml: does not exist or cannot be read; correct server_dir."


# Policies and reports of z/OS -------------------------------------------------------------------------------------


def test_statements_without_end() -> None:
    source = text.read_source(("TTLSRule r\n{\n" * (DEEPEST + 1)).encode(), name="policy", encoding="UTF-8")
    with pytest.raises(SecurityError) as caught:
        Policy(source)
    assert re.fullmatch(
        r"policy:\d+: statements are nested deeper than 20 levels; add the \} that is missing above, or remove what "
        r"nobody reads\.",
        str(caught.value),
    )


def test_a_priority_that_is_none() -> None:
    with pytest.raises(criteria.Unreadable) as caught:
        assert pasearch.Rule("r", 1, {"priority": "high"}).criteria
    assert str(caught.value) == "Priority 'high' is not a number"


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (criteria.address, "here", "'here' is not an IP address"),
        (
            criteria.addresses,
            "::ffff:192.0.2.1",
            "'::ffff:192.0.2.1' is an IPv4 address within an IPv6 one, which AT-TLS rules cannot have",
        ),
        (criteria.ports, "9-1", "'9-1' is not a port or a range of ports from low to high"),
    ],
)
def test_a_value_of_a_rule_that_is_none(read: Callable[[str], object], value: str, sentence: str) -> None:
    with pytest.raises(criteria.Unreadable) as caught:
        read(value)
    assert str(caught.value) == sentence


def test_no_rule_to_look_for() -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        attls_installed({"pasearch": "x"}, policies={}, rule=[], zos_release="3.1")
    assert str(caught.value) == "rule: the list is empty; name at least one rule."


def test_a_name_that_no_command_can_hold() -> None:
    given = f"CN=a{' ' * 40}b.O=Bank"
    with pytest.raises(SecurityError) as caught:
        names.name_filter(given, "filter")
    assert str(caught.value) == (
        f"filter: {given!r} holds 33 blanks in a row, where no line of a command can be cut; take some out."
    )
