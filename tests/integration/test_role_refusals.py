# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The questions of people who got something wrong: each host of a job has a mistake, a sentence, untouched files."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from jobs import MARKER, Job, run_job
from layout import BARE_SERVER_XML
from pki import Cast
from role_world import KEY_PASSWORD, Json, Place, secrets_of

pytestmark = [pytest.mark.chosen, pytest.mark.ansible, pytest.mark.java, pytest.mark.both_cores]

ROLE = "mutual_tls_requester_"
ENCRYPTED = "the secret is the text that AWX leaves where a password was lost on import; enter the password again."


@dataclass(frozen=True)
class Mistake:
    """Variables that hold a mistake, what is said about it, and what is prepared in the server's folder."""

    variables: Callable[[Place], Json]
    said: str
    prepare: Callable[[Place], object] = lambda _: None


def bare(*, content: str) -> str:
    """The bare server with more in it."""
    return BARE_SERVER_XML.read_text(encoding="utf-8").replace("</server>", f"{content}\n</server>")


def expired(place: Place) -> Json:
    old = place.pki.root.issue("localhost", not_before=datetime.now(UTC) - timedelta(days=9), days=2, key_type="ec")
    return place.variables(private_key=old.key_pem(), certificate=old.certificate_pem, certificate_chain="")


def own_store(place: Place) -> None:
    """A key store with the server's key under the alias server."""
    place.store("keys").write_bytes(place.pki.server.pkcs12(alias="server", password=KEY_PASSWORD))


def listening_port() -> str:
    """A port on which somebody listens and says nothing."""
    _LISTENERS.append(socket.create_server(("127.0.0.1", 0)))
    return str(_LISTENERS[-1].getsockname()[1])


_LISTENERS: list[socket.socket] = []
NO_KEY = ("private_key", "certificate", "certificate_chain")

MISTAKES = {
    # What is asked for.
    "half_a_key": Mistake(
        lambda place: place.without(["certificate"]),
        "zosConnectTls.key_store.certificate: is missing; a new key needs its certificate, and both an alias.",
    ),
    "no_alias": Mistake(
        lambda place: place.without(["key_alias"]),
        "zosConnectTls.key_store.alias: is missing; the new key needs a name in the store.",
    ),
    "no_job_name": Mistake(
        lambda place: place.variables(job_name="ZCEESRV01"),
        "job_name: 'ZCEESRV01' must be a z/OS name: 1 to 8 of A-Z, 0-9, @, # and $, not beginning with a digit; an "
        "asterisk may end it.",
    ),
    "no_password": Mistake(
        lambda place: place.variables(key_store_password=""),
        "zosConnectTls.key_store.password: is missing; {dir}/resources/security/keys.p12 cannot be opened without it.",
    ),
    "no_trust_store": Mistake(
        lambda place: place.without(["trust_store", "trust_store_password"]),
        "zosConnectTls.trust_store.location: is missing; it has no default.",
    ),
    "nothing_about_trust": Mistake(
        lambda place: place.without(["trust_store", "trust_store_password", "trusted_certificates"]),
        "zosConnectTls: trust_store is missing; with client_certificate required the server must know which client "
        "certificates to trust.",
    ),
    "no_server_dir": Mistake(
        lambda place: place.without(["server_dir"]),
        f"{ROLE}server_dir: is missing; it has no default.",
    ),
    "impossible_identity": Mistake(
        lambda place: place.variables(client_certificate="none"),
        "zosConnectTls: identity certificate needs a client certificate, but client_certificate is none",
    ),
    "certificate_in_a_ring": Mistake(
        lambda place: place.variables(key_store="safkeyring:///Keys", key_store_password=""),
        "zosConnectTls.key_store: safkeyring:///Keys is a SAF key ring, which has no password and takes no keys",
    ),
    # Types, as argument_specs.yml has them.
    "port_in_words": Mistake(
        lambda place: place.variables(port="five thousand"),
        f"{ROLE}port: must be a whole number, not text.",
    ),
    "unknown_word": Mistake(
        lambda place: place.variables(client_certificate="mandatory"),
        f"{ROLE}client_certificate: is not one of required, supported, none.",
    ),
    "secret_in_a_list": Mistake(
        lambda place: place.variables(key_store_password=[KEY_PASSWORD], trust_store_password={"is": KEY_PASSWORD}),
        f"{ROLE}key_store_password: must be text, not a list. {ROLE}trust_store_password: must be text, not a mapping.",
    ),
    # Secrets that were lost on their way.
    "lost_store_password": Mistake(
        lambda place: place.variables(key_store_password="$encrypted$"),
        f"{ROLE}key_store_password: {ENCRYPTED}",
    ),
    "lost_key": Mistake(
        lambda place: place.variables(private_key="$encrypted$"),
        f"{ROLE}private_key: {ENCRYPTED}",
    ),
    "lost_refresh_password": Mistake(
        lambda place: place.variables(refresh_password="$encrypted$"),
        f"connections_refresh_password: {ENCRYPTED}",
    ),
    "lost_caller_key": Mistake(
        lambda place: place.variables(caller_key="$encrypted$"),
        f"connections_caller_key: {ENCRYPTED}",
    ),
    "hidden_request_password": Mistake(
        lambda place: place.variables(request_password="********"),
        "connections_request_password: the secret is a redaction mark (********), so it comes from an output; give the real one.",
    ),
    "no_way_to_the_mbean": Mistake(
        lambda place: place.variables(refresh="mbean", refresh_url="https://localhost:9443", refresh_username="admin"),
        "connections_refresh_password is empty; with connections_refresh mbean it is needed to tell the server.",
    ),
    # What is there.
    "wrong_server_dir": Mistake(
        lambda place: place.variables(server_dir=f"{place.server_dir}/elsewhere"),
        "{dir}/elsewhere/server.xml: does not exist; correct server_dir.",
    ),
    "broken_server_xml": Mistake(
        lambda place: place.variables(),
        "{dir}/server.xml:3: is not well-formed XML",
        lambda place: place.server_xml.write_text("<server>\n<ssl>\n</server>\n"),
    ),
    "wrong_store_password": Mistake(
        lambda place: place.variables(key_store_password=f"{MARKER}wrong"),
        "{dir}/resources/security/keys.p12: the key store cannot be opened",
        own_store,
    ),
    "damaged_store": Mistake(
        lambda place: place.variables(),
        "{dir}/resources/security/keys.p12: is not a key store; nothing was changed.",
        lambda place: place.store("keys").write_bytes(b"no key store"),
    ),
    "no_key_anywhere": Mistake(
        lambda place: place.without(NO_KEY),
        "{dir}/resources/security/keys.p12 holds no private key with the alias server. Give the key,",
    ),
    "another_alias": Mistake(
        lambda place: place.without(NO_KEY, key_alias="Other"),
        "{dir}/resources/security/keys.p12 holds no private key with the alias other. Give the key,",
        own_store,
    ),
    "nobody_is_trusted": Mistake(
        lambda place: place.without([*NO_KEY, "trusted_certificates"]),
        "{dir}/resources/security/trust.p12 holds no certificate that Java trusts. Give the certificates to trust.",
        own_store,
    ),
    "expired": Mistake(expired, "and a server would use it without a word; renew it, or set allow_expired."),
    "not_its_key": Mistake(
        lambda place: place.variables(private_key=place.pki.unmapped.key_pem()),
        "entries[0] (alias server): the private key does not belong to the certificate CN=localhost",
    ),
    "taken_port": Mistake(
        lambda place: place.variables(port=listening_port()),
        "is taken already: something listens at 127.0.0.1. Free it, or choose another one.",
    ),
    "outbound_needs_the_default": Mistake(
        lambda place: place.variables(harden_default="true"),
        "zosConnectTls: harden_default would cut off <zosconnect_endpointConnection host='https://api'> at "
        "{dir}/server.xml:2",
        lambda place: place.server_xml.write_text(
            '<server>\n<zosconnect_endpointConnection id="a" host="https://api"/>\n</server>\n'
        ),
    ),
}  # fmt: skip


# Under the oldest core: what it hands over, and what becomes of it. What is found on the target no core sees.
if os.environ.get("ZCS_MISTAKES") == "few":
    MISTAKES = dict(list(MISTAKES.items())[: list(MISTAKES).index("wrong_server_dir")])


@dataclass(frozen=True)
class Played:
    job: Job
    places: dict[str, Place]
    before: dict[str, dict[str, bytes]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, pki: Cast) -> Played:
    """One job for all hosts."""
    folder = tmp_path_factory.mktemp("refusals")
    places = {name: Place.make(folder / name, pki) for name in MISTAKES}
    for name, mistake in MISTAKES.items():
        mistake.prepare(places[name])
    before = {name: place.state() for name, place in places.items()}
    hosts = {name: mistake.variables(places[name]) for name, mistake in MISTAKES.items()}
    secrets = secrets_of(pki.server, pki.unmapped)
    return Played(run_job(folder / "job", "mutual_tls_requester", hosts, secrets=secrets), places, before)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_met_with_a_sentence_and_untouched_files(played: Played, name: str) -> None:
    place = played.places[name]
    failure = played.job.failure(name)
    assert MISTAKES[name].said.format(dir=place.server_dir) in failure
    assert "filter" not in failure, "ansible-core's words about our insides are not for users"
    assert place.state() == played.before[name]
    assert played.job.changed(name) == 0


def test_each_mistake_fails_its_own_host_only(played: Played) -> None:
    assert played.job.rc == 2
    told = played.job.statistics.pop("zosconnect_summary")
    assert {name: one["verdict"] for name, one in told.items()} == dict.fromkeys(told, "failed")
    assert list(played.job.statistics) == ["zosconnect_summary"], "nothing to restore, and nothing was done"
