# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be declared, how values of surveys are read, and every sentence about what may not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from connection_world import C2, C3, C4, C5, KEY, PEM, PEM_2, Json, cases, changed, declared
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import Scopes, connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.declared import PROTOCOLS, names
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError


@pytest.mark.parametrize("case", cases("declaration"))
def test_the_sentence(case: Json) -> None:
    with pytest.raises(SecurityError) as caught:
        connection(case["whole"] if "whole" in case else declared(case))
    assert str(caught.value) == case["error"]


def test_what_is_not_said_has_the_defaults_of_ibm_s_figure() -> None:
    bare = connection(C2)
    assert (bare.host, bare.client_certificate, bare.identity) == ("*", "required", "certificate")
    assert bare.profile.protocols == PROTOCOLS
    assert bare.require_secure == Scopes(requesters=True)
    assert (bare.plain_http, bare.ssl_configuration, bare.harden_default) == (None, "own", False)
    assert (bare.requesters, bare.features, bare.plain_http_ports) == ((), (), ())
    assert (bare.caller_tls, bare.server_tls) == ("cics", "jsse")


@pytest.mark.parametrize(
    ("base", "keys", "certificate", "identity"),
    [
        (C2, {}, "required", "certificate"),
        (C2, {"client_certificate": "supported"}, "supported", "certificate"),
        (C2, {"client_certificate": "none"}, "none", "basic"),
        (C3, {}, "none", "basic"),
        (C3, {"client_certificate": "required"}, "required", "basic"),
        (C4, {"client_certificate": None, "identity": None}, "none", "basic"),
        (C5, {}, "none", "basic"),
    ],
)
def test_who_is_known_by_a_certificate_if_nothing_is_said(
    base: Json, keys: Json, certificate: str, identity: str
) -> None:
    found = connection(changed(base, keys))
    assert (found.client_certificate, found.identity) == (certificate, identity)


@pytest.mark.parametrize(
    ("key", "given", "read"),
    [
        ("port", "5002", 5002),
        ("port", 5002, 5002),
        ("harden_default", "true", True),
        ("harden_default", "False", False),
        ("harden_default", " yes ", True),
        ("harden_default", "off", False),
        ("protocols", "TLSv1.2, TLSv1.3", ("TLSv1.2", "TLSv1.3")),
        ("protocols", "TLSv1.3\nTLSv1.2\n", ("TLSv1.2", "TLSv1.3")),
        ("protocols", ["TLSv1.3"], ("TLSv1.3",)),
        ("protocols", "", PROTOCOLS),
        ("requesters", "orders_1.0.0,\r\nstock_1.0.0\r\n", ("orders_1.0.0", "stock_1.0.0")),
        ("requesters", [], ()),
        ("features", "appSecurity-2.0", ("appSecurity-2.0",)),
        ("plain_http_ports", "9080", (9080,)),
        ("plain_http_ports", 9080, (9080,)),
        ("plain_http_ports", ["9080", 80], (9080, 80)),
        ("server_dir", "/srv/zceesrv1/", "/srv/zceesrv1"),
        ("server_dir", "/", "/"),
        ("host", "", "*"),
        ("require_secure", {"requesters": "", "server": "False"}, Scopes(server=False)),
        ("require_secure", {}, Scopes(requesters=True)),
    ],
)
def test_text_of_a_survey_does_as_well(key: str, given: object, read: object) -> None:
    found = connection(changed(C2, {key: given}))
    assert getattr(found.profile if key == "protocols" else found, key) == read


@pytest.mark.parametrize(
    "empty",
    [None, {}, {"location": "", "password": "", "password_variable": "", "trusted": {}}, {"trusted": ""}],
)
def test_a_trust_store_of_which_nothing_is_filled_in_is_none(empty: Json | None) -> None:
    assert connection({**C2, "trust_store": empty}).trust_store is None


def test_an_empty_secret_is_as_good_as_none() -> None:
    key = connection(changed(C2, {"key_store.private_key": "", "key_store.certificate": ""})).key_store
    assert (key.private_key, key.certificate) == (None, None)


def test_a_new_key_with_all_that_it_needs() -> None:
    wanted = {"private_key": KEY, "certificate": PEM, "chain": f"\n{PEM}{PEM_2}\n\n", "alias": "Server"}
    key = connection(changed(C2, {f"key_store.{name}": value for name, value in wanted.items()})).key_store
    assert (key.private_key, key.certificate, key.alias) == (KEY, PEM, "Server")
    assert key.chain == PEM + PEM_2, "PEM text ends with one line end, however it was pasted"


def test_trusted_certificates_in_a_text_are_named_after_their_fingerprints() -> None:
    both = connection(changed(C2, {"trust_store.trusted": f"of two partners\r\n{PEM}\n{PEM_2.strip()}"})).trust_store
    assert both is not None
    aliases = [alias for alias, _ in both.trusted]
    assert len(set(aliases)) == 2
    assert all(re.fullmatch(r"ca-[0-9a-f]{16}", alias) for alias in aliases)
    assert [pem for _, pem in both.trusted] == [PEM, PEM_2]
    again = connection(changed(C2, {"trust_store.trusted": PEM_2})).trust_store
    assert again is not None
    assert again.trusted == both.trusted[1:], "the same certificate always gets the same alias"


def test_trusted_certificates_with_names() -> None:
    store = connection(changed(C2, {"trust_store.trusted": {"cics-ca": PEM.strip(), 7: PEM_2}})).trust_store
    assert store is not None
    assert store.trusted == (("cics-ca", PEM), ("7", PEM_2))


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(key=st.sampled_from(sorted({*C2, "host", "protocols", "require_secure", "plain_http_ports"})), value=_JSON)
def test_whatever_is_given_is_taken_or_met_with_a_sentence(key: str, value: Any) -> None:
    said = f"connection.{key}"
    try:
        connection({**C2, key: value})
    except SecurityError as e:
        said = str(e)
    assert said.startswith(f"connection.{key}")


@given(
    st.lists(st.from_regex(r"[A-Za-z_][\w.-]{0,9}", fullmatch=True), max_size=5),
    st.sampled_from([",", "\n", ", ", "\r\n"]),
)
def test_a_list_and_its_text_are_the_same(items: list[str], separator: str) -> None:
    assert names(separator.join(items), "x") == names(items, "x") == tuple(items)
