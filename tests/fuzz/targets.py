# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is fuzzed: every place that reads bytes or values of somebody else, each as a function of bytes.

A target takes any bytes. It may raise what it ``allows``: those are sentences, or mean that the input is none. Anything
else is a finding. Seeds are the files in ``corpus/NAME/``.
"""

from __future__ import annotations

import base64
import copy
import http.client
import io
import json
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "connections"))

import yaml
from connection_world import BASES

from ansible_collections.zosconnect.security.plugins.module_utils import (
    der,
    probing_hello,
    probing_http,
    probing_tls,
    stores,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import desired as attls_desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import form, installed, match, plan, stack
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls import text as attls_text
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.policy import Policy
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.problems import Examined
from ansible_collections.zosconnect.security.plugins.plugin_utils.attls.statements import Level
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.adopt import gather
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan as connection_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.present import Present
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose import given as diagnose_given
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose import judge as diagnose_judge
from ansible_collections.zosconnect.security.plugins.plugin_utils.diagnose.facts import Facts
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired as liberty_desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import document, running
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import plan as liberty_plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.effective import evaluate
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import findings, ports, refresh, texts
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.attls import RULES
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules.rule import Subject
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server
from ansible_collections.zosconnect.security.plugins.plugin_utils.saf import denials, racdcert

CORPUS = Path(__file__).with_name("corpus")
SERVER = "/srv/usr/servers/zos"


@dataclass(frozen=True)
class Target:
    """``run`` takes one input; ``allows`` are the exceptions that are no finding."""

    name: str
    run: Callable[[bytes], None]
    allows: tuple[type[Exception], ...] = (SecurityError,)

    def __call__(self, data: bytes) -> None:
        """Take one input; raise what is a finding."""
        try:
            self.run(data)
        except self.allows as raised:
            text = str(raised)
            if isinstance(raised, (SecurityError, stores.StoreError)) and any(words in text for words in _NO_SENTENCES):
                raise AssertionError(f"no sentence for users: {text[:200]!r}") from raised

    @property
    def seeds(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted((CORPUS / self.name).iterdir())]


# What no user understands: the words of Python's own errors.
_NO_SENTENCES = ("invalid literal", "object has no attribute", "Exceeds the limit", "maximum recursion", "list index")


# Liberty's files ----------------------------------------------------------------------------------------------------

_ELEMENTS = liberty_desired.check(
    [
        {"element": "httpEndpoint", "id": "defaultHttpEndpoint", "attributes": {"httpsPort": 5002, "httpPort": -1}},
        {"element": "ssl", "id": "mine", "attributes": {"keyStoreRef": None}},
        {"element": "featureManager", "children": [{"element": "feature", "text": "transportSecurity-1.0"}]},
    ],
    liberty_desired.Options(),
)


def read_document(data: bytes) -> None:
    source = document.read_source(data, name="server.xml")
    if document.Document(source).source.data != data:
        raise AssertionError("not the same bytes")
    liberty_plan.plan(source, _ELEMENTS, allow_unknown=True)


def parts(data: bytes) -> dict[str, bytes]:
    """The bytes are files: each begins with a line ``=== NAME``, the first is server.xml."""
    first, *others = data.split(b"\n=== ")
    content = {f"{SERVER}/server.xml": first}
    for other in others:
        name, _end, text = other.partition(b"\n")
        content[f"{SERVER}/{name.decode('latin-1')[:80]}"] = text
    return content


def read_assembly(data: bytes) -> None:
    content = parts(data)
    places = Places(SERVER, user="/srv/usr")
    assembly = assemble(
        Files(content, folders=frozenset({SERVER, f"{SERVER}/configDropins/overrides"})), places, Outer()
    )
    if assembly.refused is None:
        ports.report(evaluate(assembly))


def read_server(data: bytes) -> None:
    """Adopt a server of these files; one named csd is a listing of DFHCSDUP, one named inbound a policy."""
    content = parts(data)
    csd, policy = (content.pop(f"{SERVER}/{name}", b"").decode("latin-1") for name in ("csd", "inbound"))
    server = Server(Places(SERVER, user="/srv/usr"), Outer(), f"{SERVER}/server.xml", content)
    there = Present(server, policies={"inbound": stack.parse(policy, "inbound")} if policy else {}, csd=csd)
    made = gather.gather(there, {"job_name": "ZCEE1"}, check=lambda _declared: None)
    if yaml.safe_load(made["yaml"]) != {"zosconnect_connections": made["connections"]}:
        raise AssertionError("the file of variables says something else")


# AT-TLS -------------------------------------------------------------------------------------------------------------

_POLICY = b"""TTLSRule r1
{
  LocalPortRange 5000
  Direction Inbound
  Priority 5
  TTLSGroupActionRef g
}
TTLSGroupAction g
{
  TTLSEnabled Off
}
"""
_MANNER = attls_desired.Options(zos_release="3.1", allow_unknown=True, on_overlap="warn", shared_actions="copy")
_SEEN = Present(Server(Places("/srv"), Outer(), "/srv/server.xml", {"/srv/server.xml": b"<server/>"}))
_STATEMENTS = attls_desired.check(
    {
        "TTLSRule": [
            {
                "name": "r1",
                "Direction": "Outbound",
                "RemotePortRange": 5003,
                "Priority": 77,
                "TTLSGroupActionRef": "g",
            }
        ],
        "TTLSGroupAction": [{"name": "g", "TTLSEnabled": "Off", "FIPS140": None}],
    },
    _MANNER,
)
_INSTALLED = stack.read({"stack": _POLICY.decode(), "common": ""})
_CONNECTION = match.read(
    {
        "direction": "Inbound",
        "local_address": "192.0.2.1",
        "local_port": 5000,
        "remote_address": "192.0.2.2",
        "remote_port": 40000,
        "job_name": "JOB",
        "user_id": "USER",
        "time": "2026-11-26T17:00+00:00",
    }
)


def read_policy(data: bytes) -> None:
    source = attls_text.read_source(data, name="policy")
    policy = Policy(source)
    form.structure(policy)
    subject = Examined(stack.Stack((policy,)), Level("3.1"))
    match.match(subject.stack, _CONNECTION)
    findings.judge(subject, rules=RULES)  # type: ignore[arg-type]
    planned = plan.plan(source, _STATEMENTS, _MANNER)
    if plan.plan(planned.result, _STATEMENTS, _MANNER).changed:
        raise AssertionError("the second run changes something")


def read_pasearch(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    installed.held(text, _INSTALLED, "r1", release="3.1")
    installed.winner(text, _CONNECTION)


def read_netstat(data: bytes) -> None:
    installed.protected(data.decode("utf-8", "replace"), rule="r1")


# What programs print ------------------------------------------------------------------------------------------------


def read_messages(data: bytes) -> None:
    """The end of a log, diagnosed on a server that has something of each kind."""
    effective, files = texts.effective(
        """<server><featureManager><feature>transportSecurity-1.0</feature></featureManager>
        <ssl id="one" keyStoreRef="k" enabledCiphers="x"/><keyStore id="k" location="/s/key.p12" password="p"/>
        <httpEndpoint id="defaultHttpEndpoint" httpPort="9080" httpsPort="9443"><sslOptions sslRef="one"/></httpEndpoint>
        <zosconnect_endpointConnection id="e" host="https://api" sslCertsRef="one"/></server>"""
    )
    known = Facts(Subject(effective, files), datetime(2026, 6, 1, tzinfo=UTC), attls=True)
    item = {
        "content": base64.b64encode(data).decode(),
        "path": "/l",
        "tag": None,
        "state": "file",
        "message": "",
        "size": 1,
    }
    found, _logs = diagnose_given.of_answer([{**item, "is_cut": bool(data[:1] == b"x")}])
    kept, _left = diagnose_given.chosen(found, ())
    told = [diagnose_judge.report(one) for one in diagnose_judge.diagnose(kept, known)]
    json.dumps(diagnose_judge.lines("host", told))


def read_racf(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    # First what cannot be refused.
    json.dumps(denials.shown(denials.read(text), None, racdcert.RacfListing()))
    json.dumps(racdcert.shown(racdcert.parse(text)))


def read_keytool(data: bytes) -> None:
    stores.parse(stores.decoded(data))
    stores.pem_parts(data)
    stores.format_of(data)
    stores.unseen(data, [])


# What peers answer --------------------------------------------------------------------------------------------------


def read_der(data: bytes) -> None:
    der.read_certificate(data)


class _Peer:
    """A stream that hands out the bytes piece by piece; the first byte says how large the pieces are."""

    def __init__(self, data: bytes) -> None:
        self._rest = io.BytesIO(data[1:])
        self._size = 1 + (data[0] if data else 0)

    def send(self, data: bytes) -> None:
        raise AssertionError("reading must not send")

    def recv(self, size: int) -> bytes:
        return self._rest.read(min(size, self._size))


def read_probe(data: bytes) -> None:
    """An answer in HTTP, and the same bytes as messages of a handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    witness = probing_tls.Witness()
    witness.watch(context)
    for version in (0x0303, 0x0304):
        for content in (21, 22):
            context._msg_callback(None, "read", version, content, data[:1], data)  # type: ignore[attr-defined]
        for complete in (True, False):
            witness.client_certificate_requested(complete=complete)
        if witness.chain is None and data[:1] == b"\x0b":
            raise AssertionError("a message with certificates has a chain")
    probing_http.read_reply(_Peer(data), method="GET")


def read_hello(data: bytes) -> None:
    """What a server says to a greeting, whole and in pieces; the first byte says how large they are."""
    whole, pieces = probing_hello.Answer(), probing_hello.Answer()
    whole.feed(data[1:])
    size = 1 + (data[0] if data else 0)
    for at in range(1, len(data), size):
        pieces.feed(data[at : at + size])
    seen = [(one.protocol, one.group, one.alert, one.fault, one.certificate) for one in (whole, pieces)]
    if seen[0] != seen[1]:
        raise AssertionError("the pieces matter")


_EFFECTIVE = texts.effective(
    '<server><httpEndpoint id="defaultHttpEndpoint" httpsPort="5002"><sslOptions sslRef="s"/></httpEndpoint>'
    '<ssl id="s" keyStoreRef="k"/><keyStore id="k" password="x"/><apiRequester name="a"/></server>'
)[0]


_REPORT = (CORPUS / "connector" / "report.json").read_bytes()


def read_connector(data: bytes) -> None:
    """An answer as it is where it begins as one does, else a right one with other values in it."""
    text = data.decode("utf-8", "replace")
    if data[:1] != b"[":
        try:
            text = json.dumps(change(json.loads(_REPORT), data), default=str)
        except ValueError:  # a number that Python does not write
            return
    refresh.compare(_EFFECTIVE, running.parse(text))


# What users declare -------------------------------------------------------------------------------------------------

_VALUES: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 443, 65536, 16**5000, 1.5, float("nan"), float("inf"), b"bytes"),
    *("", " ", "x", "a\nb", "é", "\0", "-J-version", "${a}", "{{ a }}", "9" * 5000, "[" * 5000, "https://[::1", "::1"),
    *("jsse", "attls", "none", "required", "cics", "batch", "TLSv1.2", "*", "safkeyring:///A", "1" * 300, "a" * 300),
    *([], {}, [None], [[]], [{}], {"a": 1}, {"name": None}, {1: 2}, ["x", "x"], [16**5000], {"x": {"x": {"x": []}}}),
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give every place of a declaration: what holds it, and its key or number."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


def change(value: Any, data: bytes) -> Any:
    """Put other values to places in a value: each three bytes say where, and what."""
    for at in range(0, min(len(data), 60) - 2, 3):
        known = list(places(value))
        holder, key = known[(data[at] << 8 | data[at + 1]) % len(known)]
        choice = data[at + 2]
        if choice < 160:
            holder[key] = copy.deepcopy(_VALUES[choice % len(_VALUES)])
        elif choice < 200:
            other, name = known[choice * 7 % len(known)]
            holder[key] = copy.deepcopy(other[name])
        elif isinstance(holder, dict) and choice < 230:
            del holder[key]
        elif isinstance(holder, dict):
            holder["abcdefghij"[: choice % 10]] = 1
        if not list(places(value)):
            break
    return value


def read_declaration(data: bytes) -> None:
    """The first byte chooses connections that are right, the others change them."""
    bases = list(BASES.values())
    chosen = data[0] if data else 0
    declared = [bases[chosen % len(bases)], *(bases[chosen // 16 :][:1] if chosen & 8 else ())]
    connection_plan(change(copy.deepcopy(declared), data[1:]), present=_SEEN, identity_rule="certificate")


TARGETS = {
    target.name: target
    for target in (
        Target("document", read_document),
        Target("assembly", read_assembly),
        Target("server", read_server),
        Target("policy", read_policy),
        Target("pasearch", read_pasearch),
        Target("netstat", read_netstat),
        Target("racf", read_racf),
        Target("keytool", read_keytool, (stores.StoreError,)),
        Target("der", read_der, (der.DerError,)),
        Target("probe", read_probe, (http.client.HTTPException,)),
        Target("hello", read_hello, ()),
        Target("connector", read_connector),
        Target("declaration", read_declaration),
        Target("messages", read_messages),
    )
}
