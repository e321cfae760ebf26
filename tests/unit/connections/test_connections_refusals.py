# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a declaration names and the server does not have."""

from __future__ import annotations

import pytest
from connection_world import BASES, BATCH, C1, C6, DIRECTORY, Json, changed

from ansible_collections.zosconnect.security.plugins.plugin_utils.connections import refusals
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.declaration import connection
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.endpoint import endpoint
from ansible_collections.zosconnect.security.plugins.plugin_utils.connections.plan import plan
from ansible_collections.zosconnect.security.plugins.plugin_utils.errors import SecurityError
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty import desired
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.outside import Places
from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Outer
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.server import Server

ARCHIVES = f"{DIRECTORY}/resources/zosconnect/apiRequesters"
MEMBERS = '<zosconnect_apiRequesters><apiRequester name="orders_1.0.0"/></zosconnect_apiRequesters>'


class TestRequesters:
    @staticmethod
    def server(
        body: str = MEMBERS, *, archives: list[str] | None = None, files: Json | None = None, folder: str = ARCHIVES
    ) -> Server:
        """Return a server all of which was read; ``archives`` None: it has no directory for them."""
        found = Server(Places(DIRECTORY), Outer(), f"{DIRECTORY}/server.xml")
        for name, text in {"server.xml": f"<server>{body}</server>", **(files or {})}.items():
            found.content[f"{DIRECTORY}/{name}"] = text.encode()
        found.asked.update({ARCHIVES, folder})
        if archives is not None:
            found.listings[folder] = archives
        return found

    @staticmethod
    def refused(server: Server, *names: str) -> list[str]:
        return refusals.requesters([connection({**C1, "requesters": list(names)})], server)

    def test_by_an_element(self) -> None:
        assert self.refused(self.server(), "orders_1.0.0") == []

    def test_by_an_archive(self) -> None:
        assert self.refused(self.server("", archives=["stock_1.0.0.ara", "notes.txt"]), "stock_1.0.0") == []

    def test_by_an_archive_elsewhere(self) -> None:
        body = '<zosconnect_apiRequesters location="/shared/archives"/>'
        server = self.server(body, archives=["stock_1.0.0.ara"], folder="/shared/archives")
        assert self.refused(server, "stock_1.0.0") == []

    def test_by_an_element_in_an_include(self) -> None:
        files = {"requesters.xml": f"<server>{MEMBERS}</server>"}
        assert self.refused(self.server('<include location="requesters.xml"/>', files=files), "orders_1.0.0") == []

    @pytest.mark.parametrize(
        ("server", "name", "hint"),
        [
            ({}, "orders_1.0.O", "; did you mean orders_1.0.0?"),
            ({"archives": []}, "orders_1.0.O", "; did you mean orders_1.0.0?"),
            ({"archives": ["stock_1.0.0.ara"]}, "stok_1.0.0", "; did you mean stock_1.0.0, orders_1.0.0?"),
            ({"body": ""}, "orders_1.0.0", "."),
        ],
    )
    def test_refused(self, server: Json, name: str, hint: str) -> None:
        with pytest.raises(SecurityError) as caught:
            self.refused(self.server(**server), name)
        assert str(caught.value) == (
            f"batch.requesters: the server has no API requester '{name}'{hint} Neither an <apiRequester> nor an archive "
            f"in {ARCHIVES} has this name. Correct it, or deploy the archive first; this collection does not."
        )

    def test_of_an_endpoint(self) -> None:
        with pytest.raises(SecurityError, match=r"^orders\.requesters: the server has no API requester 'none'"):
            refusals.requesters([endpoint({**C6, "requesters": ["none"]})], self.server())

    def test_only_warned_where_archives_cannot_be_read(self) -> None:
        server = self.server()
        server.unseen[ARCHIVES] = f"{ARCHIVES}: cannot be read."
        told = [f"Nobody can tell whether the server has stock_1.0.0: {ARCHIVES}: cannot be read."]
        assert self.refused(server, "orders_1.0.0", "stock_1.0.0") == told
        assert self.refused(server, "orders_1.0.0") == []

    def test_only_warned_where_nobody_looked(self) -> None:
        server = self.server()
        server.asked.clear()
        told = [f"Nobody can tell whether the server has stock_1.0.0: {ARCHIVES} was not looked at."]
        assert self.refused(server, "stock_1.0.0") == told

    def test_only_warned_where_liberty_refuses_the_files(self) -> None:
        server = self.server()
        server.content[f"{DIRECTORY}/server.xml"] = b"<server>"
        (told,) = self.refused(server, "stock_1.0.0")
        assert told.startswith(f"Nobody can tell whether the server has stock_1.0.0: {DIRECTORY}/server.xml")


class TestKeyRings:
    @pytest.mark.parametrize(
        "location",
        [
            "safkeyring:///Ring",
            "safkeyring://LIBSERV/Keyring.LIBERTY",
            "SAFKEYRINGHW://U/B",
            "safkeyringjcecca:///A_b-c",
            "safkeyring://${owner}/Ring",
        ],
    )
    def test_taken(self, location: str) -> None:
        store = connection({**C1, "key_store": {"location": location}}).key_store
        assert store is not None
        assert store.ring
        assert desired.check([key_store("k", location)], desired.Options())[0].implied

    @pytest.mark.parametrize(
        "location",
        [
            "safkeyring:/Ring",
            "safkeyring:Ring",
            "safkeyring://Ring",
            "safkeyring:////Ring",
            "safkeyring:///",
            "safkeyring:///A/B",
            "safkeyring:///My Ring",
            "safkeyring://LONGERTHAN8/Ring",
            "safkeyringfoo:///Ring",
        ],
    )
    def test_refused(self, location: str) -> None:
        sentence = (
            f"'{location}' is not the URL of a key ring; write safkeyring:///RING for a ring of the server's own user, or "
            "safkeyring://OWNER/RING."
        )
        with pytest.raises(SecurityError) as caught:
            connection({**C1, "key_store": {"location": location}})
        assert str(caught.value) == f"connection.key_store.location: {sentence}"
        with pytest.raises(SecurityError) as caught:
            desired.check([key_store("k", location)], desired.Options())
        assert str(caught.value) == f"elements[0].attributes.location: {sentence}"


def key_store(identity: str, location: str) -> Json:
    return {"element": "keyStore", "id": identity, "attributes": {"location": location}}


SKIPPED = {"hosts": ["a"], "reason": "r", "owner": "o", "ticket": "t", "expires": "2999-01-01"}
LOGIN = {"user": "u", "password": "p"}
OAUTH = {"server": {"url": "https://a/", "login": LOGIN}}
TOKEN = {
    "server": {"url": "https://a/"},
    "request": {"credential_location": "header", "header": "A"},
    "response": {"token_location": "header", "header": "B"},
}


class TestUnknownKeys:
    """At whatever depth; a value is in no sentence."""

    @pytest.mark.parametrize(
        ("base", "path"),
        [
            ("C2", ""),
            ("C2", "key_store"),
            ("C2", "trust_store"),
            ("C2", "require_secure"),
            ("C2", "tls_profile"),
            ("C2", "elements"),
            ("C3", "inbound"),
            ("C6", "endpoint"),
            ("C6", "skip_host_names"),
            ("C6", "authentication"),
            ("C6", "authentication.basic"),
            ("C6", "authentication.oauth"),
            ("C6", "authentication.oauth.server"),
            ("C6", "authentication.oauth.server.login"),
            ("C6", "authentication.token.request"),
            ("C6", "authentication.token.response"),
            ("C8", "outbound"),
        ],
    )
    def test_of_a_mapping(self, base: str, path: str) -> None:
        given = dict(BASES[base])
        if base == "C6":
            given |= {
                "skip_host_names": SKIPPED,
                "authentication": {"basic": dict(LOGIN), "oauth": OAUTH, "token": TOKEN},
            }
        where = f"{given['name']}.{path}".rstrip(".")
        with pytest.raises(SecurityError) as caught:
            plan([changed(given, {f"{path}.zz".lstrip("."): "ZcsSecret"})])
        assert str(caught.value).startswith(f"{where}: 'zz' is not known; known are ")
        assert "ZcsSecret" not in str(caught.value)

    def test_of_an_item(self) -> None:
        with pytest.raises(SecurityError) as caught:
            plan([{**BASES["C3"], "clients": [{**BATCH, "tls_profile": {"zz": "ZcsSecret"}}]}])
        assert str(caught.value) == (
            "fronted.clients[0].tls_profile: 'zz' is not known; known are ciphers, fips, min_rsa_size, protocols."
        )

    def test_of_a_text(self) -> None:
        with pytest.raises(SecurityError) as caught:
            plan([{**C1, "key_store": '{"location": "/k.p12", "password": "a", "pasword": "ZcsSecret"}'}])
        assert str(caught.value) == "batch.key_store: 'pasword' is not known; did you mean password?"

    @pytest.mark.parametrize(
        ("declared", "sentence"),
        [
            ([{"port": 5002}], "connections[0].name: is missing; it has no default."),
            ([C1, {"port": 5002}], "connections[1].name: is missing; it has no default."),
            ([{**C1, "name": ""}], "connections[0].name: is missing; it has no default."),
            ([5], "connections[0]: must be a mapping, not a number."),
            ([C1, "cics"], "connections[1]: must be a mapping, not text."),
        ],
    )
    def test_without_a_name(self, declared: list[object], sentence: str) -> None:
        with pytest.raises(SecurityError) as caught:
            plan(declared)
        assert str(caught.value) == sentence
