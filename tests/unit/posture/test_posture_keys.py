# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys and certificates: the table key_findings.yml, what is described, and which stores a configuration names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.insert(0, str(Path(__file__).parents[2] / "liberty"))

from pki import Authority

from ansible_collections.zosconnect.security.plugins.module_utils import stores
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.files import Files
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import Entry, der_of, pem_of
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.assembly import assemble
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import Keys as AesKeys
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.passwords import encode
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import findings, texts
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import answers as key_answers
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import asking
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import places as key_places
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys import references as key_references
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Held, Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import asked
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.rules import keys as rules_keys
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import evaluated

Case = dict[str, Any]
TABLE, ASKED = (
    dict[str, dict[str, list[Case]]](yaml.safe_load(Path(__file__).with_name(name).read_text()))
    for name in ("key_findings.yml", "asked_key_findings.yml")
)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
GOOD: Case = {
    "alias": "server",
    "kind": "PrivateKeyEntry",
    "has_key": True,
    "trusted": False,
    "subject": "CN=server",
    "issuer": "CN=Lower",
    "subject_alt_names": ("DNS:host.example.com", "DNS:*.wild.example.com", "IP:192.0.2.1"),
    "not_before": date(2026, 1, 1),
    "not_after": date(2027, 1, 1),
}


def cases(kind: str) -> Iterator[Any]:
    for rule, table in (*TABLE.items(), *ASKED.items()):
        for number, case in enumerate(table[kind]):
            yield pytest.param(rule, case, id=f"{rule}-{number}")


def judged(case: Case) -> list[findings.Finding]:
    fields = {**GOOD, **case.get("held", {})}
    fields = {
        name: datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else value
        for name, value in fields.items()
    }
    place = Place("key.p12", "store", (Held(**fields),), **case.get("place", {}))
    return findings.judge(rules_keys.Keys([place], NOW, 30), rules=(*rules_keys.RULES, *asked.OF_KEYS))


@pytest.mark.parametrize(("rule", "case"), [*cases("fires")])
def test_a_rule_fires(rule: str, case: Case) -> None:
    found = [finding.shown() for finding in judged(case) if finding.rule.id == rule]
    assert [(each["message"], each["origin"]) for each in found] == [(case["message"], case["at"])]
    assert all(each["why"] and each["source"] and each["severity"] and each["remedy"] for each in found)


@pytest.mark.parametrize(("rule", "case"), [*cases("silent")])
def test_a_rule_is_silent(rule: str, case: Case) -> None:
    assert [f.fault.message for f in judged(case) if f.rule.id == rule] == []


def test_a_waiver_names_a_rule_about_keys() -> None:
    waiver = {"id": "key-weak", "place": "x", "reason": "r", "owner": "o", "ticket": "t", "expires": "2027-01-01"}
    with pytest.raises(SecurityError) as caught:
        findings.judge(rules_keys.Keys([], NOW, 30), rules=rules_keys.RULES, waivers=[{**waiver, "id": "key-weka"}])
    assert str(caught.value) == "waivers[0].id: no rule is called 'key-weka'; did you mean key-weak?"
    assert findings.judge(rules_keys.Keys([], NOW, 30), rules=rules_keys.RULES, waivers=[waiver]) == []


class TestWhatIsDescribed:
    root = Authority("Root", key_type="ec")
    lower = root.intermediate("Lower", key_type="ec")
    server = lower.issue("server", sans=["localhost", "192.0.2.1"])

    def chain(self, *, whole: bool) -> tuple[bytes, ...]:
        pems = stores._PEM.findall(self.server.certificate_pem + (self.server.chain_pem if whole else ""))
        return tuple(der_of(pem) for pem in pems)

    def test_a_key_with_its_chain_to_a_root_that_the_store_trusts(self) -> None:
        key = Entry("server", "PrivateKeyEntry", self.chain(whole=True))
        root = Entry("root", "trustedCertEntry", (der_of(self.root.root_pem),))
        trusted, held = key_places.of_store([key, root])
        shown = held.shown(held.not_before or NOW)
        assert (shown["key_type"], shown["key_size"], shown["signature"]) == ("RSA", 2048, "sha256")
        assert shown["subject_alt_names"] == ["DNS:localhost", "IP:192.0.2.1"]
        assert (shown["subject"], shown["issuer"], shown["days_left"]) == ("CN=server", "CN=Lower", 30)
        assert shown["sha256"].replace(":", "") == self.server.fingerprint_sha256
        assert (shown["serial"], len(shown["sha1"])) == (f"{self.server.certificate.serial_number:x}", 59)
        assert (held.has_key, held.trusted, held.chain_complete, len(held.chain)) == (True, False, True, 2)
        assert (trusted.has_key, trusted.trusted, trusted.chain_complete) == (False, True, None)
        assert (trusted.signature, trusted.key_type) == ("signed by itself", "EC")

    def test_a_chain_of_issuers_that_the_store_trusts_in_any_order(self) -> None:
        lower = stores._PEM.findall(self.server.chain_pem)[0]
        trusted = [
            Entry(f"t{n}", "trustedCertEntry", (der_of(pem),)) for n, pem in enumerate((self.root.root_pem, lower))
        ]
        held = key_places.of_store([Entry("server", "PrivateKeyEntry", self.chain(whole=False)), *trusted])[0]
        assert (held.alias, held.chain_complete) == ("server", True)

    @pytest.mark.parametrize(("whole", "missing"), [("whole", "CN=Root"), ("leaf", "CN=Lower")])
    def test_the_issuer_that_is_missing(self, whole: str, missing: str) -> None:
        (held,) = key_places.of_store([Entry("server", "PrivateKeyEntry", self.chain(whole=whole == "whole"))])
        assert (held.chain_complete, held.missing) == (False, missing)

    @pytest.mark.parametrize(
        ("whole", "elsewhere", "found"),
        [
            (True, "root", []),
            (True, "", []),
            (False, "root and lower", ["chain-incomplete"]),
            (False, "lower", ["chain-incomplete"]),
            (False, "root", ["chain-end-unknown"]),
            (False, "", ["chain-end-unknown"]),
        ],
    )
    def test_what_another_store_shows_of_the_missing_issuer(
        self,
        whole: bool,  # noqa: FBT001
        elsewhere: str,
        found: list[str],
    ) -> None:
        """RFC 8446, 4.4.2: the root may be left out. Any other issuer may not."""
        issuers = {"root": self.root.root_pem, "lower": stores._PEM.findall(self.server.chain_pem)[0]}
        assert self.of_chain(self.chain(whole=whole), [issuers[name] for name in issuers if name in elsewhere]) == found

    def of_chain(self, chain: tuple[bytes, ...], others: list[str]) -> list[str]:
        items = {
            "/k": [{"alias": "server", "kind": "PrivateKeyEntry", "certificates": [pem_of(der) for der in chain]}],
            "/t": [
                {"alias": str(number), "kind": "trustedCertEntry", "certificates": [pem]}
                for number, pem in enumerate(others)
            ],
        }
        given = [{"path": path, "password": "x", "hosts": [], "role": None} for path in items]
        same = {"state": "file", "format": "PKCS12", "unseen": False}
        answers = {path: {"path": path, **same, "entries": entries} for path, entries in items.items()}
        places = asking.places(asking.asked(given, []), answers)
        judged = findings.judge(rules_keys.Keys(places, NOW, 0), rules=rules_keys.RULES)
        return [one.rule.id for one in judged if "chain" in one.rule.id]

    def test_an_issuer_that_is_a_root_signed_the_leaf(self) -> None:
        issued = self.root.issue("server")
        leaf = (der_of(issued.certificate_pem),)
        assert self.of_chain(leaf, [self.root.root_pem]) == []
        # A namesake is not the issuer.
        assert self.of_chain(leaf, [Authority("Root", key_type="ec").root_pem]) == ["chain-end-unknown"]

    @pytest.mark.parametrize(("named", "found"), [("Root", []), ("Above", ["chain-incomplete"])])
    def test_a_certificate_that_names_who_issued_its_issuer(self, named: str, found: list[str]) -> None:
        """As openssl writes it with authorityKeyIdentifier = keyid,issuer:always."""
        key = ec.generate_private_key(ec.SECP256R1())
        name, issuer, above = (x509.Name.from_rfc4514_string(f"CN={each}") for each in ("server", "Root", named))
        made = (
            x509.CertificateBuilder(issuer, name, key.public_key(), 1, NOW, NOW + timedelta(days=300))
            .add_extension(x509.AuthorityKeyIdentifier(b"1", [x509.DirectoryName(above)], 7), critical=False)
            .sign(key, hashes.SHA256())
        )
        assert self.of_chain((made.public_bytes(serialization.Encoding.DER),), []) == found

    def test_a_root_on_a_ring(self) -> None:
        """Of a ring only names are known, which RACF writes with dots."""
        held = Held(**{**GOOD, "issuer": "CN=Root,O=Bank", "chain_complete": False, "missing": "CN=Root,O=Bank"})
        root = Held("CA", "CERTAUTH", False, True, subject="CN=Root.O=Bank", issuer="CN=Root.O=Bank")
        for others, found in (((root,), []), ((), ["chain-end-unknown"])):
            places = [Place("key.p12", "store", (held,)), Place("ZCEE/Ring", "ring", others)]
            keys = rules_keys.Keys(places, NOW, 0)
            judged = findings.judge(keys, rules=(rules_keys.unknown_end,))
            assert [one.rule.id for one in judged] == found

    def test_what_has_no_certificate_or_one_that_is_not_understood(self) -> None:
        odd, secret = key_places.of_store([Entry("b", "SecretKeyEntry"), Entry("a", "PrivateKeyEntry", (b"\x30\x00",))])
        assert (secret.has_key, secret.sha256) == (True, None)
        assert (odd.subject, len(odd.sha256 or "")) == (None, 95)

    def test_a_pem_file(self) -> None:
        text = self.server.key_pem() + self.server.certificate_pem + self.root.root_pem
        for data in (text.encode(), text.replace("\n", "\x85").encode("cp037"), text.replace("\n", "\r\n").encode()):
            parts = stores.pem_parts(data)
            held = key_places.of_pem(parts["certificates"], has_key=parts["has_key"])
            assert [(one.alias, one.subject, one.has_key) for one in held] == [
                ("1", "CN=server", True),
                ("2", "CN=Root", False),
            ]
        assert [one.kind for one in key_places.of_pem([], has_key=True)] == ["private key"]

    def test_rings(self) -> None:
        (place,) = asking.rings([RING, CERTIFICATE])
        assert (place.name, place.kind) == ("ZCEE/ZceeServer", "ring")
        assert [(held.alias, held.kind, held.has_key, held.trusted) for held in place.held] == [
            ("zceesrv1", "ID(ZCEE) PERSONAL", True, False),
            ("CA", "CERTAUTH CERTAUTH", False, True),
        ]
        shown, unlisted = place.shown(NOW)["entries"]
        assert (shown["not_after"], shown["days_left"], unlisted["days_left"]) == ("2026-12-31T23:59:59Z", 213, None)
        found = findings.judge(rules_keys.Keys([place], NOW, 30), rules=rules_keys.RULES)
        assert [finding.rule.id for finding in found] == ["key-weak"]

    def test_a_listing_without_rings(self) -> None:
        with pytest.raises(SecurityError) as caught:
            asking.rings([CERTIFICATE])
        assert str(caught.value) == (
            "listings: no certificate is on a ring there; give what RACDCERT LISTRING printed, and for dates and keys "
            "what RACDCERT LIST printed."
        )


RING = """Digital ring information for user ZCEE:
  Ring:
       >ZceeServer<
  Certificate Label Name             Cert Owner     USAGE      DEFAULT
  --------------------------------   ------------   --------   -------
  zceesrv1                           ID(ZCEE)       PERSONAL     YES
  CA                                 CERTAUTH       CERTAUTH     NO
"""
CERTIFICATE = """Digital certificate information for user ZCEE:

  Label: zceesrv1
  Certificate ID: 2QPH49TH49RAw4WZo4mGiYOBo4VA
  Status: TRUST
  Start Date: 2026/01/01 00:00:00
  End Date:   2026/12/31 23:59:59
  Serial Number:
       >0A<
  Issuer's Name:
       >CN=CA<
  Subject's Name:
       >CN=zceesrv1<
  Signing Algorithm: sha256RSA
  Key Type: RSA
  Key Size: 1024
  Private Key: YES
  Ring Associations:
    Ring Owner: ZCEE
    Ring:
       >ZceeServer<
"""
SERVER = """<server>
<variable name="wlp.password.encryption.key" value="k"/>
<keyStore id="keys" location="key.p12" password="${kp}"/>
<variable name="kp" value="{xor}LDo8LTor"/>
<keyStore id="trust" location="/t/trust.jks" type="JKS" password="AES"/>
<keyStore id="both" location="${server.config.dir}/b.p12" password="{hash}AAAA"/>
<keyStore id="unset" location="/u.p12"/>
<keyStore id="open" location="/o.p12" password="${nowhere}"/>
<keyStore id="ring" location="safkeyring:///Ring" type="JCERACFKS" fileBased="false" password="password"/>
<ssl id="s" keyStoreRef="keys" trustStoreRef="trust"/>
<ssl id="t" keyStoreRef="both"/>
<ssl id="u"><keyStore id="inner" location="/n.p12" password="secret"/><trustStore location="/m.p12" password="secret"/></ssl>
</server>"""


def test_the_stores_that_a_configuration_names() -> None:
    effective, _ = texts.effective(SERVER.replace("AES", encode("secret", "aes-128", AesKeys("k"))))
    found = {one.id: one for one in key_references.references(effective, "/srv", AesKeys())}
    assert list(found)[:6] == ["keys", "trust", "both", "unset", "open", "inner"]
    assert [(one.role, one.type, one.password) for one in found.values()] == [
        ("key", "PKCS12", "secret"),
        ("trust", "JKS", "secret"),
        (None, "PKCS12", None),
        (None, "PKCS12", None),
        (None, "PKCS12", None),
        ("key", "PKCS12", "secret"),
        ("trust", "PKCS12", "secret"),
    ]
    assert found["keys"].paths[0] == "/srv/resources/security/key.p12"
    assert found["trust"].paths == ("/t/trust.jks",)
    assert [found[name].problem for name in ("both", "unset", "open")] == [
        ("keyStore both at server.xml:6: a password in the encoding {hash} goes one way only: nobody can decode it."),
        "keyStore unset at server.xml:7 has no password here; give it in stores.",
        "keyStore open at server.xml:8 has a password that refers to a variable which nothing seen here defines.",
    ]
    assert [one.paths[0] for one in found.values()][-2:] == ["/n.p12", "/m.p12"]
    assert "secret" not in repr(found)


def test_the_default_store_has_its_password_from_the_environment() -> None:
    xml = '<server><keyStore id="defaultKeyStore"/></server>'
    files = Files({"/srv/server.xml": xml.encode(), "/srv/server.env": b"keystore_password=secret"})
    effective = evaluated(assemble(files, Places("/srv"), Outer(), server_xml="/srv/server.xml"))
    (found,) = key_references.references(effective, "/srv", AesKeys())
    assert (found.password, found.role, found.problem) == ("secret", None, None)
    assert found.paths == ("/srv/resources/security/key.p12",)
    assert key_references.references(texts.effective("<server/>")[0], "/srv", AesKeys()) == []


def test_an_output_directory_that_is_the_server_s_own_is_no_second_place() -> None:
    """Liberty writes ${server.output.dir} with a slash at its end."""
    xml = '<server><keyStore id="keys" location="k.p12"/></server>'
    files = Files({"/srv/server.xml": xml.encode()})
    effective = evaluated(assemble(files, Places("/srv"), Outer(), server_xml="/srv/server.xml"))
    assert effective.assembly.variables.lookup("server.output.dir")[0] == "/srv/"
    assert key_references.references(effective, "/srv", AesKeys())[0].paths == ("/srv/resources/security/k.p12",)


def test_of_several_paths_liberty_takes_the_first_that_is_there() -> None:
    paths = ("/a", "/b")
    here = [(Place(path, "store", is_missing=path == "/a"), paths) for path in paths]
    nowhere = [(Place(path, "store", is_missing=True), paths) for path in paths]
    assert [place.name for place in key_answers.read_by_liberty(here)] == ["/b"]
    assert [place.name for place in key_answers.read_by_liberty(nowhere)] == ["/a"]
    assert [place.name for place in key_answers.read_by_liberty([(Place("/c", "store", is_missing=True), ())])] == [
        "/c"
    ]


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"state": "absent"}, "/k: does not exist."),
        ({"state": "store", "message": "/k: is locked."}, "/k: is locked."),
        ({"state": "file"}, None),
        ({"state": "file", "format": None, "unseen": False, "entries": []}, "/k: is not a key store."),
        (
            {"state": "file", "format": "PKCS12", "unseen": True, "entries": []},
            "/k: holds keys or certificates that Java does not see, so nobody uses them; make it anew by keystore.",
        ),
    ],
)
def test_why_a_store_cannot_be_read(item: Case, problem: str | None) -> None:
    place, _ = key_answers.of_store({"path": "/k", **item}, {"hosts": []})
    assert place.problem == problem
    assert place.shown(NOW)["problem"] == problem


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"state": "absent"}, "/c.pem: does not exist; correct the path."),
        ({"state": "unreadable", "message": "/c.pem: cannot be read."}, "/c.pem: cannot be read."),
        (
            {"state": "file", "certificates": [], "has_key": False},
            "/c.pem: holds neither a certificate nor a private key in PEM form.",
        ),
    ],
)
def test_a_file_that_is_no_pem_file(item: Case, sentence: str) -> None:
    with pytest.raises(SecurityError) as caught:
        key_answers.of_pem({"path": "/c.pem", **item}, [])
    assert str(caught.value) == sentence
