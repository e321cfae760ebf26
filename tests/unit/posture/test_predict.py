# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server will say and open, by configurations each of which has one thing about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import texts
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import STORE, Held, Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.predict import (
    SCOPE,
    Predicted,
    predict,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.prediction import (
    CERTAIN,
    HANDSHAKE,
    LIKELY,
    UPDATE,
)
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.situation import Situation

FEATURES = "<featureManager><feature>transportSecurity-1.0</feature><feature>servlet-3.1</feature></featureManager>"
# Only this port, so that what is built in says nothing.
CLOSED = '<httpEndpoint id="defaultHttpEndpoint" httpPort="-1" httpsPort="-1" enabled="false"/>'
KEYS = Held("server", "key", has_key=True, trusted=False, subject="CN=good")
TLS = """
<httpEndpoint id="e" httpPort="-1" httpsPort="5002"><sslOptions sslRef="s"/></httpEndpoint>
<ssl id="s" keyStoreRef="k"/>
<keyStore id="k" location="/k.p12" password="secret-1"/>
"""
DEFAULT = '<keyStore id="defaultKeyStore" location="/d.p12" password="secret-1"/>'
GOOD = {"k": Place("/k.p12", STORE, (KEYS,), "PKCS12")}
SILENT = {"CWPKI0819I"}  # of a server without a default key store


def server(xml: str) -> str:
    return f"<server>{FEATURES}{CLOSED}\n{xml}</server>"


def predicted(
    xml: str | Mapping[str, str], before: str | None = None, held: Mapping[str, Place] = GOOD, **more: Any
) -> Predicted:
    effective, _files = texts.effective(server(xml) if isinstance(xml, str) else xml)
    old = None if before is None else texts.effective(server(before))[0]
    return predict(Situation(effective, old, held, **more))


def ids(found: Predicted) -> set[str]:
    assert {one.id for one in found.messages} <= SCOPE
    return {one.id for one in found.messages} - SILENT


def sentence(found: Predicted, identity: str) -> str:
    return next(one.message for one in found.messages if one.id == identity)


STARTS = (
    ("nothing", "", set()),
    ("a port", '<httpEndpoint id="e" httpPort="5001"/>', {"CWWKO0219I"}),
    ("a TLS port", TLS, {"CWWKO0219I"}),
    ("no such feature", "<featureManager><feature>noSuch-1.0</feature></featureManager>", {"CWWKF0001E"}),
    ("versions", "<featureManager><feature>jdbc-4.2</feature><feature>jdbc-4.3</feature></featureManager>", {"CWWKF0033E"}),
    ("editions", "<featureManager><feature>servlet-5.0</feature></featureManager>", {"CWWKF0033E", "CWWKF0046W"}),
    ("Java and Jakarta EE", "<featureManager><feature>mdb-4.0</feature></featureManager>", {"CWWKF0044E", "CWWKF0046W"}),
    ("levels of Java EE", "<featureManager><feature>jsonp-1.1</feature></featureManager>", {"CWWKF0047E"}),
    ("a wrong boolean", '<ssl id="s" keyStoreRef="k" clientAuthentication="yes"/>', {"CWWKG0011W", "CWWKG0083W", "CWWKG0033W"}),
    ("a wrong option", f'{TLS}<ssl id="s" securityLevel="XX"/>', {"CWWKG0032W", "CWWKO0219I"}),
    ("a wrong duration", f'{TLS}<keyStore id="k" pollingRate="soon"/>', {"CWWKG0075E", "CWWKO0219I"}),
    ("a wrong port", '<httpEndpoint id="e" httpPort="65536"/>', {"CWWKG0075E"}),
    ("no key store", '<ssl id="s"/>', {"CWWKG0058E"}),
    ("a dangling reference", f'{TLS}<ssl id="s" trustStoreRef="gone"/>', {"CWWKG0033W", "CWWKO0219I"}),
    ("conflicting places", f'{TLS}<ssl id="s" sslProtocol="TLSv1.2"/><ssl id="s" sslProtocol="TLSv1.3"/>', {"CWWKG0102I", "CWWKO0219I"}),
    ("two mistakes in one", '<httpEndpoint id="e" httpPort="abc" onError="STOP"/>', {"CWWKG0075E", "CWWKG0032W"}),
    ("no key store, and a dangling one", '<ssl id="s" trustStoreRef="gone"/>', {"CWWKG0058E", "CWWKG0033W"}),
    ("no include", '<include location="gone.xml"/>', {"CWWKG0090E"}),
    ("an include of nothing", "<include/>", {"CWWKG0089E"}),
    ("a variable of nothing", '<variable name="v"/>', {"CWWKG0092E"}),
    ("a server inside", '<server><httpEndpoint id="e" httpPort="5001"/></server>', {"CWWKG0085W", "CWWKO0219I"}),
    ("no ports", '<httpEndpoint id="e"/>', {"CWWKT0015W"}),
    ("one port twice", '<httpEndpoint id="e" httpPort="5001"/><httpEndpoint id="f" httpPort="5001"/>', {"CWWKO0219I", "CWWKO0221E"}),
    ("a port of all addresses", '<httpEndpoint id="e" host="*" httpPort="5001"/><httpEndpoint id="f" httpPort="5001"/>',
     {"CWWKO0219I", "CWWKO0221E"}),
    ("an unknown host", '<httpEndpoint id="e" host="h.invalid" httpPort="5001"/>', {"CWWKO0224E"}),
    ("an unknown host, and no TLS to wait for", TLS.replace(' password="secret-1"', "").replace("<httpEndpoint", '<httpEndpoint host="h.invalid"'),
     {"CWPKI0033E", "CWPKI0809W"}),
    ("no host", '<httpEndpoint id="e" host="" httpPort="5001"/>', {"CWWKT0019E"}),
    ("a wrong protocol", f'{TLS}<ssl id="s" sslProtocol="TLSv9"/>', {"CWPKI0831E", "CWPKI0833E", "CWWKO0219I"}),
    ("wrong protocols", f'{TLS}<ssl id="s" sslProtocol="TLSv1.2, TLSv1.3"/>', {"CWPKI0832E", "CWPKI0833E", "CWWKO0219I"}),
    ("a wrong protocol without a key store", TLS.replace("\"k\"/>", "\"gone\" sslProtocol=\"TLSv9\"/>", 1), {"CWWKG0033W"}),
    ("an empty type", f'{TLS}<keyStore id="k" type=""/>', {"CWPKI0033E", "CWPKI0809W"}),
    ("an unknown type", f'{TLS}<keyStore id="k" type="BOGUS"/>', {"CWPKI0033E", "CWPKI0809W"}),
    ("another type", f'{TLS}<keyStore id="k" type="JCEKS"/>', {"CWPKI0033E", "CWPKI0809W"}),
    ("no password", TLS.replace(' password="secret-1"', ""), {"CWPKI0033E", "CWPKI0809W"}),
    ("an unknown alias", f'{TLS}<ssl id="s" serverKeyAlias="nobody"/>', {"CWPKI0024E", "CWWKO0219I"}),
)  # fmt: skip


@pytest.mark.parametrize(("xml", "expected"), [case[1:] for case in STARTS], ids=[case[0] for case in STARTS])
def test_what_a_start_says(xml: str, expected: set[str]) -> None:
    assert ids(predicted(xml)) == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place("/k.p12", STORE, is_missing=True, problem="gone"), {"CWPKI0807W", "CWPKI0033E", "CWPKI0809W"}),
        (Place("/k.p12", STORE, problem="wrong"), {"CWPKI0033E", "CWPKI0809W"}),
        (Place("/k.p12", STORE, (), "PKCS12"), {"CWWKO0801E", "CWWKO0219I"}),
    ],
)
def test_what_a_store_makes_of_it(place: Place, expected: set[str]) -> None:
    found = predicted(TLS, held={"k": place})
    assert {one.id for one in found.messages} - SILENT == expected
    assert {one.when for one in found.messages if one.id == "CWWKO0801E"} <= {HANDSHAKE}


def test_a_broken_store_leaves_the_port_to_the_default_one() -> None:
    broken = Place("/k.p12", STORE, problem="/k.p12: cannot be opened.")
    own = Held("default", "key", has_key=True, trusted=False, subject="CN=default")
    closed = predicted(TLS, held={"k": broken}).ports[0]
    assert (closed.opens, closed.held) == (False, None)
    default = {"k": broken, "defaultKeyStore": Place("/d.p12", STORE, (own,), "PKCS12")}
    opened = predicted(TLS + DEFAULT, held=default).ports[0]
    assert (opened.opens, opened.ssl, opened.held) == (True, "defaultSSLConfig", own)
    assert opened.why == "the store of <keyStore> k cannot be used: /k.p12: cannot be opened."


def test_the_first_alias_or_the_named_one_is_shown() -> None:
    other = Held("Alpha", "key", has_key=True, trusted=False, subject="CN=alpha")
    both = {"k": Place("/k.p12", STORE, (KEYS, other), "PKCS12")}
    assert predicted(TLS, held=both).ports[0].held == other
    named = f'{TLS}<ssl id="s" serverKeyAlias="SERVER"/>'
    assert predicted(named, held=both).ports[0].held == KEYS
    assert predicted(TLS, held={}).ports[0].held is None


def test_the_default_store_is_made_or_not() -> None:
    gone = {**GOOD, "defaultKeyStore": Place("/d.p12", STORE, is_missing=True)}
    assert "CWPKI0803A" in ids(predicted(DEFAULT, held=gone))
    assert "CWPKI0808E" in ids(predicted(DEFAULT.replace("secret-1", "short"), held=gone))
    assert SILENT & {one.id for one in predicted("").messages}


def test_a_foreign_listener_keeps_the_port() -> None:
    found = predicted('<httpEndpoint id="e" httpPort="5001"/>', taken=[5001])
    assert ids(found) == {"CWWKO0221E"}
    assert found.ports[0].opens is False


def test_a_refresh_says_only_what_is_new() -> None:
    bad = f'{TLS}<ssl id="s" trustStoreRef="gone" securityLevel="XX"/>'
    assert ids(predicted(bad, before=bad)) == {"CWWKG0018I"}
    assert ids(predicted(bad, before=TLS)) == {"CWWKG0017I", "CWWKG0033W", "CWWKG0032W", "CWWKO0219I"}
    unknown = "<featureManager><feature>noSuch-1.0</feature></featureManager>"
    more = f'{unknown}<httpEndpoint id="e" httpPort="5001"/>'
    assert ids(predicted(more, before=unknown)) == {"CWWKG0017I", "CWWKO0219I"}
    file = '<include location="gone.xml"/>'
    assert ids(predicted(file, before=file)) == {"CWWKG0018I", "CWWKG0090E"}


def test_a_running_server_keeps_what_it_has_of_a_bad_element() -> None:
    good = '<httpEndpoint id="e" httpPort="5001"/>'
    bad = '<httpEndpoint id="e" httpPort="abc"/>'
    found = predicted(bad, before=good)
    assert ids(found) == {"CWWKG0017I", "CWWKG0075E", "CWWKG0076W"}
    assert sentence(found, "CWWKG0076W") == "server.xml:2: the running server keeps the <httpEndpoint> e that it has."


def test_changed_keys_open_other_ports_again_perhaps() -> None:
    other = '<httpEndpoint id="f" httpsPort="5003"><sslOptions sslRef="s"/></httpEndpoint>'
    changed = f'{TLS}{other}<ssl id="t" keyStoreRef="k"/>'
    opened = [one for one in predicted(changed, before=TLS + other).messages if one.id == "CWWKO0219I"]
    assert {(one.identity, one.certainty) for one in opened} == {("e", LIKELY), ("f", LIKELY)}


def test_what_is_refused() -> None:
    broken = predicted({"server.xml": "<server><oops></server>"})
    assert [one.id for one in broken.messages] == ["CWWKG0014E"]
    assert sentence(broken, "CWWKG0014E").startswith("The server refuses the configuration: server.xml:1")
    assert broken.ports == ()
    # An exception of Liberty is only in its FFDC.
    both = predicted({"server.xml": '<server><ssl id="s" sslProtocol="a"><sslProtocol>b</sslProtocol></ssl></server>'})
    assert list(both.messages) == []
    dropin = predicted({"server.xml": "<server/>", "configDropins/overrides/a.xml": "<server>"})
    assert "CWWKG0014E" in ids(dropin)


def test_a_wrong_root_empties_the_configuration() -> None:
    found = predicted({"server.xml": '<Server><httpEndpoint id="e" httpPort="5001"/></Server>'})
    assert "CWWKG0105E" in ids(found)
    assert 5001 not in [one.port.port for one in found.ports]


def test_elements_without_their_feature_say_nothing() -> None:
    xml = '<server><featureManager><feature>servlet-3.1</feature></featureManager><ssl id="s" clientAuthentication="x"/></server>'
    assert ids(predicted({"server.xml": xml})) == {"CWWKO0219I"}
    assert [one.opens for one in predicted({"server.xml": xml}).ports] == [True, False]


def test_what_nobody_can_know_is_only_likely() -> None:
    found = predicted(
        "<featureManager><feature>zosconnect:zosConect-2.0</feature><feature>ZosConnect:x-1.0</feature></featureManager>"
    )
    assert [(one.other, one.certainty) for one in found.messages if one.id == "CWWKF0001E"] == [
        ("zosconnect:zosConect-2.0", LIKELY),
        ("ZosConnect:x-1.0", CERTAIN),
    ]
    clash = predicted(f"<featureManager><feature>jdbc-4.2</feature><feature>jdbc-4.3</feature></featureManager>{TLS}")
    assert {one.certainty for one in clash.messages if one.id == "CWWKO0219I"} == {LIKELY}


SENTENCES = (
    ("", "", "CWWKG0018I", "The server finds nothing that is changed."),
    ("<variable name='v' value='1'/>", TLS, "CWWKG0017I", "The server takes the configuration."),
    ("<featureManager><feature>noSuch-1.0</feature></featureManager>", None, "CWWKF0001E",
     "server.xml:2: Liberty finds no feature 'noSuch-1.0'."),
    ("<featureManager><feature>servlet-5.0</feature></featureManager>", None, "CWWKF0033E",
     ("server.xml:2: Liberty does not load servlet-3.1 and servlet-5.0 together: they are versions of one feature, of "
      "which it loads one.")),
    ("<featureManager><feature>servlet-5.0</feature></featureManager>", None, "CWWKF0046W",
     "server.xml:2: Liberty loads no feature at all because of servlet-3.1 and servlet-5.0."),
    (f'{TLS}<ssl id="s" sslProtocol="TLSv1.2"/><ssl id="s" sslProtocol="TLSv1.3"/>', None, "CWWKG0102I",
     "server.xml:6: sslProtocol of <ssl> s has several values; the last one counts."),
    (TLS, None, "CWWKO0219I", "server.xml:3: port 5002 of e opens."),
    ('<httpEndpoint id="e" httpPort="5001"/><httpEndpoint id="f" httpPort="5001"/>', None, "CWWKO0221E",
     "server.xml:2: port 5001 of f is also that of e; one of them opens it."),
    ('<httpEndpoint id="e" host="h.invalid" httpPort="5001"/>', None, "CWWKO0224E",
     "server.xml:2: port 5001 of e does not open, h.invalid is no host that can be found."),
    ('<httpEndpoint id="e" host="" httpPort="5001"/>', None, "CWWKT0019E",
     "server.xml:2: port 5001 of e does not open, its host is empty."),
    ('<httpEndpoint id="e"/>', None, "CWWKT0015W", "server.xml:2: <httpEndpoint> e has no port, so it does nothing."),
    ("", None, "CWPKI0819I", "default: <keyStore> defaultKeyStore has no password, so Liberty makes no default key store."),
    (f'{TLS}<keyStore id="k" type="BOGUS"/>', None, "CWPKI0033E",
     "server.xml:5: Liberty cannot open the store of <keyStore> k: Java knows no type BOGUS."),
    (f'{TLS}<ssl id="s" sslProtocol="TLSv9"/>', None, "CWPKI0831E",
     "server.xml:6: Liberty rejects 'TLSv9' in sslProtocol 'TLSv9'."),
    (f'{TLS}<ssl id="s" serverKeyAlias="nobody"/>', None, "CWPKI0024E",
     "server.xml:3: no caller of port 5002 gets through: the store of <keyStore> k has no key 'nobody'."),
    ('<server><httpEndpoint id="e" httpPort="5001"/></server>', None, "CWWKG0085W",
     "server.xml:2: <server> stands inside <server>; Liberty says that it ignores it, but what is in it counts."),
)  # fmt: skip


@pytest.mark.parametrize(("xml", "before", "identity", "expected"), SENTENCES)
def test_sentences(xml: str, before: str | None, identity: str, expected: str) -> None:
    assert sentence(predicted(xml, before), identity) == expected


@pytest.mark.parametrize(
    ("place", "identity", "expected"),
    [
        (Place("/k.p12", STORE, is_missing=True), "CWPKI0807W", "server.xml:5: the file of <keyStore> k is not there: /k.p12."),
        (Place("/k.p12", STORE, (), "PKCS12"), "CWWKO0801E",
         "server.xml:3: no caller of port 5002 gets through: the store of <keyStore> k has no private key."),
    ],
)  # fmt: skip
def test_sentences_about_stores(place: Place, identity: str, expected: str) -> None:
    assert sentence(predicted(TLS, held={"k": place}), identity) == expected


def test_sentences_about_the_default_store_and_listeners() -> None:
    gone = {"defaultKeyStore": Place("/d.p12", STORE, is_missing=True)}
    assert sentence(predicted(DEFAULT, held=gone), "CWPKI0803A") == (
        "server.xml:2: the file of <keyStore> defaultKeyStore is not there, so Liberty makes one with a certificate of its own."
    )
    assert sentence(predicted(DEFAULT.replace("secret-1", "short"), held=gone), "CWPKI0808E") == (
        "server.xml:2: Liberty makes no store for <keyStore> defaultKeyStore: its password has fewer than 6 characters."
    )
    taken = predicted('<httpEndpoint id="e" httpPort="5001"/>', taken=[5001])
    assert sentence(taken, "CWWKO0221E") == (
        "server.xml:2: port 5001 of e does not open, another program listens there."
    )


def test_no_secret_is_shown() -> None:
    shown = str(predicted(f'{TLS}<keyStore id="k" password="{{aes}}secret-2"/><keyStore id="k" type="BOGUS"/>').shown())
    assert "secret-1" not in shown
    assert "secret-2" not in shown


def test_what_is_shown_of_a_message_and_of_a_port() -> None:
    shown = predicted(TLS).shown()
    assert shown["messages"][-1] == {  # type: ignore[index]
        "id": "CWWKO0219I",
        "kind": "opens",
        "message": "server.xml:3: port 5002 of e opens.",
        "origin": "server.xml:3",
        "element": "httpEndpoint",
        "element_id": "e",
        "attribute": "httpsPort",
        "port": 5002,
        "certainty": CERTAIN,
        "when": UPDATE,
    }
    assert shown["ports"] == [
        {
            "endpoint": "e",
            "port": 5002,
            "protocol": "https",
            "opens": True,
            "ssl": "s",
            "alias": "server",
            "subject": "CN=good",
            "not_after": None,
            "why": None,
            "origin": "server.xml:3",
        }
    ]


def test_two_elements_that_name_one_file_are_opened_each_by_its_own_password() -> None:
    xml = '<server><keyStore id="a" location="/k.p12" password="one-password"/><keyStore id="b" location="/k.p12" password="two-password"/><keyStore id="c" location="/c.p12"/></server>'
    asked = stores.asked(texts.effective(xml)[0], "/s")
    question, secrets = stores.question(asked, java_home=None)
    assert sorted(secrets.values()) == ["one-password", "two-password"]
    assert {one["password"] for one in question["stores"]} == set(secrets)
    opened = {"path": "/k.p12", "state": "file", "format": "PKCS12", "unseen": False, "entries": []}
    refused = {"path": "/k.p12", "state": "store", "message": "/k.p12: wrong."}
    found = stores.places(asked, {"stores": [opened, refused], "files": [{"path": "/c.p12", "state": "absent"}]})
    assert {name: (place.problem, place.is_missing) for name, place in found.items()} == {
        "a": (None, False),
        "b": ("/k.p12: wrong.", False),
        "c": ("keyStore c at server.xml:1 has no password here; give it in stores.", True),
    }


def test_the_page_names_the_scope() -> None:
    page = (Path(__file__).parents[3] / "docs" / "PREDICT.md").read_text(encoding="utf-8")
    scope = page.partition("## Scope")[2].partition("It is about")[0]
    assert set(re.findall(r"\bCW[A-Z]{3}\d{4}[AEIW]\b", scope)) == SCOPE
