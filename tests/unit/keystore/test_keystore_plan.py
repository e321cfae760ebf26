# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: what each state does, and the laws that hold for any store and all desired entries.

Java's way with a PKCS12 file stands here as a model (``Java``); tests/integration/test_keystore.py has the real one.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import given
from hypothesis import strategies as st
from keystore_world import make_world, rules_with

from ansible_collections.zosconnect.security.plugins.module_utils.merging import mismatch
from ansible_collections.zosconnect.security.plugins.module_utils.reading import sha256
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import entries, material
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.entries import KEY, SECRET, TRUSTED, Entry
from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore.plan import (
    StorePlan,
    difference,
    foretell,
    plan,
)

WORLD = make_world()
ROOT, SERVER, CLIENT = (
    want.entry()
    for want in material.desired(
        [
            WORLD.trusted_entry(),
            WORLD.server_entry(),
            WORLD.server_entry(
                alias="client",
                privatekey_content=WORLD.client.key_pem(),
                certificate_content=WORLD.client.certificate_pem,
                chain_content=None,
            ),
        ],
        rules_with({}),
    )
)
LEAF, LOWER, UPPER = SERVER.chain
(CLIENT_LEAF,) = CLIENT.chain
(ROOT_DER,) = ROOT.chain
NAMESAKE = entries.der_of(WORLD.namesake.root_pem)


class Java:
    """A store as Java keeps it: every chain is written whole, and strung together anew when the file is read."""

    def __init__(self, present: Sequence[Entry] = ()) -> None:
        self.entries = foretell({entry.alias: entry for entry in present})

    def carry_out(self, planned: StorePlan, wanted: Sequence[Entry]) -> None:
        if not planned.changes:
            return
        packed = foretell(
            {entry.alias: entry for entry in (*wanted, *planned.repack) if self.is_packed(entry, planned)}
        )
        kept = self.entries if planned.on_top else {}
        kept = {alias: entry for alias, entry in kept.items() if alias not in planned.remove}
        for alias, entry in packed.items():
            if entry.kind == TRUSTED and alias in kept:
                assert kept[alias].kind == TRUSTED, "Java puts no certificate over a key"
        self.entries = foretell({**kept, **packed})

    def is_packed(self, entry: Entry, planned: StorePlan) -> bool:
        return entry.alias in planned.pack or entry in planned.repack

    def listing(self) -> tuple[Entry, ...]:
        return tuple(self.entries.values())


def shown(found: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return entries as target_read would bring them, with hashes in the place of certificates."""
    return [{"alias": e.alias, "kind": e.kind, "chain": [sha256(der) for der in e.chain]} for e in found]


def listed(found: Sequence[Entry]) -> list[dict[str, Any]]:
    pems = {e.alias: [f"-\n{base64.b64encode(der).decode()}\n-" for der in e.chain] for e in found}
    return [{"alias": e.alias, "kind": e.kind, "certificates": pems[e.alias]} for e in found]


def actions(planned: StorePlan) -> list[tuple[str, str]]:
    return [(change.action, change.alias) for change in planned.changes]


def names(found: Sequence[Entry]) -> list[str]:
    return sorted(entry.alias for entry in found)


def test_merged_adds_and_keeps() -> None:
    planned = plan("merged", ["root"], [ROOT], [SERVER, Entry("aes", SECRET)])
    assert actions(planned) == [("add", "root")]
    assert (planned.on_top, planned.remove, planned.pack, planned.repack) == (True, (), ("root",), ())
    assert names(planned.entries) == names(planned.intended) == ["aes", "root", "server"]


def test_nothing_to_do() -> None:
    planned = plan("merged", ["root"], [ROOT], [ROOT, SERVER])
    assert (planned.changes, planned.pack, planned.entries) == ((), (), (ROOT, SERVER))


def test_a_store_without_unknown_keys_is_packed_afresh() -> None:
    other = Entry("other", TRUSTED, (NAMESAKE,))
    planned = plan("merged", ["root", "server"], [ROOT, SERVER], [other, SERVER])
    assert actions(planned) == [("add", "root")]
    assert (planned.on_top, planned.pack, planned.repack) == (False, ("root", "server"), (other,))
    assert names(planned.intended) == ["other", "root", "server"]


@pytest.mark.parametrize("odd", [Entry("", TRUSTED, (NAMESAKE,)), Entry("odd", TRUSTED, (b"odd",))])
def test_what_cannot_be_packed_stays_in_its_store(odd: Entry) -> None:
    planned = plan("merged", ["root"], [ROOT], [odd])
    assert (planned.on_top, planned.pack, planned.repack) == (True, ("root",), ())


def test_a_renewed_certificate_is_a_change() -> None:
    planned = plan("merged", ["root"], [ROOT], [Entry("root", TRUSTED, (NAMESAKE,))])
    assert actions(planned) == [("replace", "root")]
    (change,) = planned.changes
    assert change.before is not None
    assert change.before.chain == (NAMESAKE,)


def test_another_chain_is_a_change() -> None:
    short = Entry("server", KEY, (LEAF, LOWER))
    assert actions(plan("merged", ["server"], [SERVER], [short])) == [("replace", "server")]
    assert actions(plan("merged", ["server"], [short], [SERVER])) == [("replace", "server")]


def test_another_kind_alone_is_a_change() -> None:
    planned = plan("overridden", ["a"], [Entry("a", KEY, (LEAF,))], [Entry("a", TRUSTED, (LEAF,))])
    assert actions(planned) == [("replace", "a")]


def test_another_kind_is_a_change_and_the_old_entry_goes_first() -> None:
    planned = plan("merged", ["server"], [Entry("server", TRUSTED, (LEAF,))], [SERVER, CLIENT])
    assert (actions(planned), planned.on_top, planned.remove) == ([("replace", "server")], True, ("server",))


def test_overridden_removes_the_rest() -> None:
    planned = plan("overridden", ["root"], [ROOT], [ROOT, SERVER, CLIENT])
    assert actions(planned) == [("remove", "client"), ("remove", "server")]
    assert (planned.on_top, planned.remove, planned.pack) == (False, (), ("root",))


def test_absent_removes_what_is_named_and_there() -> None:
    planned = plan("absent", ["root", "nobody"], [], [ROOT, SERVER])
    assert (actions(planned), planned.remove, planned.on_top) == ([("remove", "root")], ("root",), True)


def test_absent_may_empty_a_store() -> None:
    planned = plan("absent", ["root"], [], [ROOT])
    assert (planned.on_top, planned.remove, planned.entries) == (True, ("root",), ())


def test_java_lengthens_a_chain_by_what_the_store_trusts() -> None:
    planned = plan("merged", ["server", "root"], [SERVER, ROOT], [])
    assert [e.chain for e in planned.entries if e.alias == "server"] == [(LEAF, LOWER, UPPER, ROOT_DER)]
    present = Java([SERVER, ROOT]).listing()
    assert plan("merged", ["server"], [SERVER], present).changes == ()


def test_a_root_that_was_renewed_with_its_key_does_not_follow_the_old_one() -> None:
    key = WORLD.namesake._issued.key
    old = x509.load_der_x509_certificate(NAMESAKE)
    builder = x509.CertificateBuilder(old.subject, old.subject, key.public_key(), 1)
    builder = builder.not_valid_before(old.not_valid_before_utc).not_valid_after(old.not_valid_after_utc)
    new = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    both = {"new": Entry("new", TRUSTED, (new,)), "key": Entry("key", KEY, (NAMESAKE,))}
    assert foretell(both) == both


def test_a_lengthened_chain_is_a_change_when_its_reason_goes() -> None:
    present = Java([SERVER, ROOT]).listing()
    planned = plan("overridden", ["server"], [SERVER], present)
    assert actions(planned) == [("replace", "server"), ("remove", "root")]


def test_a_renewed_issuer_does_not_slip_into_the_chain_of_a_key_that_stays() -> None:
    present = Java([ROOT, CLIENT]).listing()
    planned = plan("merged", ["root"], [Entry("root", TRUSTED, (NAMESAKE,))], present)
    assert (actions(planned), planned.remove) == ([("replace", "root")], ("root",))
    assert {entry.alias: entry.chain for entry in planned.entries}["client"] == (CLIENT_LEAF, ROOT_DER)


def test_a_store_that_hides_something_is_not_changed() -> None:
    store = {"format": "PKCS12", "unseen": True, "entries": []}
    with pytest.raises(SecurityError) as caught:
        entries.present_entries("/s/key.p12", store, keep=True)
    assert str(caught.value) == (
        "/s/key.p12: holds keys or certificates that Java does not see (such as plain certificates, or keys without "
        "encryption), and they would be lost; nothing was changed. Make the store anew with state=overridden, naming "
        "every entry that is wanted."
    )
    assert entries.present_entries("/s/key.p12", store, keep=False) == ()


def test_a_file_that_is_no_store() -> None:
    with pytest.raises(SecurityError) as caught:
        entries.present_entries("/s/key.p12", {"format": None, "unseen": False, "entries": []}, keep=True)
    assert str(caught.value) == (
        "/s/key.p12: is not a key store; nothing was changed. Name a PKCS12, JKS or JCEKS file, or remove this one."
    )


def test_an_entry_is_described_by_what_is_public() -> None:
    assert entries.describe(Entry("aes", SECRET)) == {"alias": "aes", "kind": SECRET}
    shown_entry = entries.describe(CLIENT)
    assert shown_entry is not None
    assert (shown_entry["subject"], shown_entry["issuer"]) == ("CN=client", "CN=Root")
    assert shown_entry["chain_sha256"] == [shown_entry["sha256"]]
    assert shown_entry["not_after"] == entries.iso(WORLD.client.certificate.not_valid_after_utc)


def test_a_certificate_that_only_java_reads_is_described_by_its_fingerprint() -> None:
    odd = Entry("odd", TRUSTED, (b"odd",))
    assert entries.described([odd]) == [
        {
            "alias": "odd",
            "kind": TRUSTED,
            "sha256": entries.fingerprint(b"odd"),
            "chain_sha256": [entries.fingerprint(b"odd")],
        }
    ]
    assert difference("/s", plan("absent", ["odd"], [], [odd]).changes) == (
        f"key store /s\n- odd: trustedCertEntry\n-     sha256 {entries.fingerprint(b'odd')}\n"
    )


def test_the_difference_for_people() -> None:
    planned = plan("overridden", ["a"], [Entry("a", TRUSTED, (ROOT_DER,))], [CLIENT])
    dates = [f"valid {each['not_before']} to {each['not_after']}" for each in entries.described([ROOT, CLIENT])]
    assert difference("/s/key.p12", planned.changes) == (
        "key store /s/key.p12\n"
        f"+ a: trustedCertEntry\n+     CN=Root, {dates[1]}, sha256 {entries.fingerprint(ROOT_DER)}\n"
        f"- client: PrivateKeyEntry\n-     CN=client, {dates[0]}, sha256 {entries.fingerprint(CLIENT_LEAF)}\n"
    )


ALIASES = ["a", "b", "c", "d", "ü x"]
KEYS = [(LEAF,), (LEAF, LOWER), (LEAF, LOWER, UPPER), (LEAF, LOWER, UPPER, ROOT_DER), (CLIENT_LEAF,)]
CONTENT = st.sampled_from(
    [(KEY, chain) for chain in KEYS] + [(TRUSTED, (der,)) for der in (ROOT_DER, UPPER, LOWER, CLIENT_LEAF)]
)
DESIRED = st.dictionaries(st.sampled_from(ALIASES), CONTENT).map(lambda d: [Entry(a, *c) for a, c in d.items()])
PRESENT = st.dictionaries(st.sampled_from(ALIASES), st.one_of(CONTENT, st.just((SECRET, ())))).map(
    lambda d: Java([Entry(a, *c) for a, c in d.items()])
)


@given(present=PRESENT, wanted=DESIRED, state=st.sampled_from(["merged", "overridden"]))
def test_said_is_done_and_twice_is_once(present: Java, wanted: list[Entry], state: str) -> None:
    named = [entry.alias for entry in wanted]
    before = {entry.alias: entry for entry in present.listing()}
    planned = plan(state, named, wanted, present.listing())
    present.carry_out(planned, wanted)
    after = present.listing()
    assert not planned.changes or mismatch(listed(after), shown(planned.intended)) is None
    assert {e.alias: e for e in after} == {e.alias: e for e in planned.entries}
    assert plan(state, named, wanted, after).changes == ()
    assert set(names(after)) == set(named) | (set(before) if state == "merged" else set())
    for entry in after:
        if entry.alias not in named:
            assert entry.kind == before[entry.alias].kind
            assert entry.chain[: len(before[entry.alias].chain)] == before[entry.alias].chain


@given(present=PRESENT, named=st.lists(st.sampled_from(ALIASES), unique=True))
def test_absent_is_absent(present: Java, named: list[str]) -> None:
    before = set(names(present.listing()))
    planned = plan("absent", named, [], present.listing())
    present.carry_out(planned, [])
    assert set(names(present.listing())) == before - set(named)
    assert not planned.changes or mismatch(listed(present.listing()), shown(planned.intended)) is None
    assert plan("absent", named, [], present.listing()).changes == ()
