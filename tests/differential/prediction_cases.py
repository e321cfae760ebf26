# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers out of a seed, each with one to three mistakes: what messages.log will say of them is predicted.

Ids begin with the number of the case, so that what a running server remembers of an earlier case is about others.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

PASSWORD, OTHER_PASSWORD = "store-password-1", "store-password-2"
# Stores that prediction_server makes, by name; of a second key the alphabetically first alias is served.
GOOD, TWO, EXPIRED, CLIENTS, NO_KEY, GARBAGE, DEFAULT = (
    f"{name}.p12" for name in ("good", "two", "expired", "clients", "nokey", "garbage", "default")
)
FREE_FEATURES = ("json-1.0", "jsonp-1.0", "el-3.0", "jndi-1.0", "servlet-3.1", "servlet-4.0", "distributedMap-1.0")
CLASHES = (
    ("servlet-3.1", "servlet-4.0"),
    ("servlet-4.0", "servlet-5.0"),
    ("jsonp-1.0", "jsonp-1.1"),
    ("el-3.0", "expressionLanguage-4.0"),
    ("jsonb-1.0", "servlet-6.0"),
    ("jdbc-4.2", "jdbc-4.3"),
)
IN_SERVER, IN_DEFAULTS, IN_OVERRIDES, IN_INCLUDE = "server.xml", "defaults", "overrides", "include"
PATHS = {
    IN_SERVER: "server.xml",
    IN_DEFAULTS: "configDropins/defaults/{n}.xml",
    IN_OVERRIDES: "configDropins/overrides/{n}.xml",
    IN_INCLUDE: "inc/{n}.xml",
}


_BOTH_PORTS = {"httpPort", "httpsPort"}


@dataclass
class Node:
    """One element; ``where`` is the file in which it stands."""

    name: str
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    where: str = IN_SERVER
    text: str | None = None

    def render(self, indent: str = "  ") -> str:
        """Return the element as text."""
        written = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        if self.text is not None:
            return f"{indent}<{self.name}{written}>{self.text}</{self.name}>\n"
        if not self.children:
            return f"{indent}<{self.name}{written}/>\n"
        inner = "".join(child.render(f"{indent}  ") for child in self.children)
        return f"{indent}<{self.name}{written}>\n{inner}{indent}</{self.name}>\n"


@dataclass
class Case:
    """One server directory; ``foreign`` are ports on which another program listens, ``done`` the mistakes in it."""

    number: int
    nodes: list[Node] = field(default_factory=list)
    features: list[tuple[str, str]] = field(default_factory=list)
    foreign: list[int] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    include: dict[str, str] | None = None
    texts: dict[str, Callable[[str], str]] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)

    def first(self, name: str) -> Node | None:
        """Return the first element of a name that is the case's own."""
        return next((node for node in self.nodes if node.name == name), None)

    def node(self, element: str, /, **attributes: str) -> Node:
        """Add an element."""
        made = Node(element, attributes)
        self.nodes.append(made)
        return made

    def files(self) -> dict[str, bytes]:
        """Return the files by their paths below the server's directory."""
        bodies: dict[str, str] = {}
        for where in PATHS:
            listed = [name for name, place in self.features if place == where]
            body = "".join(f"    <feature>{name}</feature>\n" for name in listed)
            body = f"  <featureManager>\n{body}  </featureManager>\n" if listed else ""
            body += "".join(node.render() for node in self.nodes if node.where == where)
            if body or where == IN_SERVER:
                bodies[PATHS[where].format(n=self.number)] = body
        included = PATHS[IN_INCLUDE].format(n=self.number)
        if included in bodies or self.include is not None:
            attributes = {"location": included, **(self.include or {})}
            bodies["server.xml"] += Node("include", attributes).render()
        found = {path: f"<server>\n{body}</server>\n" for path, body in bodies.items()} | self.more
        return {path: self.texts.get(path, str)(text).encode() for path, text in found.items()}


class Generator:
    """Cases of one seed. ``ports`` are free ones: each case takes the next ones, so that none meets an earlier case."""

    def __init__(self, seed: int, ports: list[int], stores: str) -> None:
        self.seed, self.ports, self.stores = seed, ports, stores

    def case(self, number: int) -> Case:
        """Return the case of a number."""
        rng = random.Random(f"{self.seed}/{number}")
        case = self._sound(number, rng)
        for mutate in rng.sample(MUTATIONS, rng.choice((0, 1, 1, 1, 2, 2, 3))):
            if mutate.__name__ == "features_clash" and rng.random() < 0.85:
                continue  # it takes two starts of a server
            mutate(case, rng, self)
        return case

    def port(self, case: Case, which: int) -> str:
        """Return a port that no neighbouring case uses."""
        return str(self.ports[(case.number * 6 + which) % len(self.ports)])

    def _sound(self, number: int, rng: random.Random) -> Case:
        case = Case(number)
        case.features = [
            (name, IN_SERVER) for name in rng.sample(FREE_FEATURES[:4], rng.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, 1)))
        ]
        for which in range(rng.choice((1, 1, 1, 2))):
            self._endpoint(case, rng, which)
        if rng.random() < 0.5:
            case.node("keyStore", id="defaultKeyStore", location=f"{self.stores}/{DEFAULT}", password=PASSWORD)
        if rng.random() < 0.3:
            for node in case.nodes:
                node.where = rng.choice((IN_SERVER, IN_SERVER, IN_DEFAULTS, IN_OVERRIDES, IN_INCLUDE))
        return case

    def _endpoint(self, case: Case, rng: random.Random, which: int) -> None:
        name = f"c{case.number}{'ab'[which]}"
        plain = self.port(case, 2 * which) if rng.random() < 0.5 else "-1"
        endpoint = case.node(
            "httpEndpoint", id=name, host="localhost", httpPort=plain, httpsPort=self.port(case, 2 * which + 1)
        )
        reference = {"sslRef": f"{name}Ssl"}
        if rng.random() < 0.3:
            endpoint.attributes["sslOptionsRef"] = f"{name}Options"
            case.node("sslOptions", id=f"{name}Options", **reference)
        else:
            endpoint.children.append(Node("sslOptions", reference))
        store, alias = rng.choice(((GOOD, ""), (GOOD, ""), (GOOD, "server"), (TWO, ""), (TWO, "beta"), (EXPIRED, "")))
        ssl = case.node("ssl", id=f"{name}Ssl", keyStoreRef=f"{name}Keys")
        if alias:
            ssl.attributes["serverKeyAlias"] = alias
        if rng.random() < 0.4:
            ssl.attributes["trustStoreRef"] = f"{name}Trust"
            case.node("keyStore", id=f"{name}Trust", location=f"{self.stores}/{CLIENTS}", password=PASSWORD)
        if rng.random() < 0.3:
            ssl.attributes["clientAuthentication"] = rng.choice(("true", "false"))
        if rng.random() < 0.3:
            ssl.attributes["sslProtocol"] = rng.choice(("TLSv1.2", "TLSv1.3", "TLSv1.2,TLSv1.3", "TLS"))
        case.node("keyStore", id=f"{name}Keys", location=f"{self.stores}/{store}", password=PASSWORD)


Mutation = Callable[[Case, random.Random, Generator], None]
MUTATIONS: list[Mutation] = []


def mutation(function: Mutation) -> Mutation:
    """Register a mistake; its name is what the case is said to have."""

    def noted(case: Case, rng: random.Random, generator: Generator) -> None:
        case.done.append(function.__name__)
        function(case, rng, generator)

    noted.__name__ = function.__name__
    MUTATIONS.append(noted)
    return noted


def _of(case: Case, rng: random.Random, *names: str) -> Node | None:
    """Return one of the case's own elements of these names."""
    found = [node for node in case.nodes if node.name in names and node.attributes.get("id", "").startswith("c")]
    return rng.choice(found) if found else None


def _set(case: Case, rng: random.Random, name: str, attribute: str, *values: str) -> None:
    node = _of(case, rng, name)
    if node:
        node.attributes[attribute] = rng.choice(values)


@mutation
def feature_unknown(case: Case, rng: random.Random, _generator: Generator) -> None:
    name = rng.choice((f"noSuch{case.number}-1.0", f"servelt{case.number}-3.1", f"jsonp-1.{case.number + 10}"))
    case.features.append((name, rng.choice((IN_SERVER, IN_DEFAULTS, IN_OVERRIDES))))


@mutation
def feature_misspelt(case: Case, rng: random.Random, _generator: Generator) -> None:
    name = rng.choice(
        (
            "transportSecurty-1.0",
            "json1.0",
            "jsonp-1.9",
            "zosconnect:zosConect-2.0",
            "appSecurity-9.0",
            "ZosConnect:x-1.0",
        )
    )
    case.features.append((name, IN_SERVER))


@mutation
def features_clash(case: Case, rng: random.Random, _generator: Generator) -> None:
    one, other = rng.choice(CLASHES)
    case.features += [(one, IN_SERVER), (other, rng.choice((IN_SERVER, IN_OVERRIDES)))]


@mutation
def feature_twice(case: Case, rng: random.Random, _generator: Generator) -> None:
    case.features += [("json-1.0", IN_DEFAULTS), (rng.choice(("json-1.0", "JSON-1.0", " json-1.0 ")), IN_SERVER)]


@mutation
def feature_of_element_missing(case: Case, rng: random.Random, _generator: Generator) -> None:
    case.node(rng.choice(("zosconnect_zosConnectManager", "dataSource", "webApplication", "mpMetrics")), badone="x")


@mutation
def element_unknown(case: Case, rng: random.Random, _generator: Generator) -> None:
    case.node(rng.choice(("httpEndPoint", "keystore", "sslOption")), id=f"c{case.number}u", httpPort="abc")


@mutation
def dangling(case: Case, rng: random.Random, _generator: Generator) -> None:
    name, attribute = rng.choice(
        (("ssl", "keyStoreRef"), ("ssl", "trustStoreRef"), ("httpEndpoint", "sslOptionsRef"), ("ssl", "keyStoreRef"))
    )
    node = _of(case, rng, name)
    if node:
        node.attributes[attribute] = f"c{case.number}Gone"
        if attribute == "sslOptionsRef" and rng.random() < 0.7:
            node.children = []


@mutation
def ssl_reference_dangling(case: Case, rng: random.Random, _generator: Generator) -> None:
    for node in case.nodes:
        for one in (node, *node.children):
            if "sslRef" in one.attributes and one.attributes["sslRef"].startswith("c"):
                one.attributes["sslRef"] = f"c{case.number}Gone"
                return


@mutation
def reference_missing(case: Case, rng: random.Random, _generator: Generator) -> None:
    node = _of(case, rng, "ssl")
    if node:
        node.attributes.pop("keyStoreRef", None)


@mutation
def boolean_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(
        case, rng, "ssl", rng.choice(("clientAuthentication", "enforceCipherOrder")), "yes", "1", " true ", "${nobody}"
    )


@mutation
def enabled_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(case, rng, "httpEndpoint", "enabled", "yes", "on", "${nobody}", "false", "FALSE")


@mutation
def option_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(case, rng, "ssl", "securityLevel", "XX", "high", "highest", "")


@mutation
def on_error_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(case, rng, "httpEndpoint", "onError", "STOP", "warn", "ignore ")


@mutation
def duration_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(case, rng, "keyStore", "pollingRate", "5sec", "abc", "1.5s", "5s")


@mutation
def port_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    attribute = rng.choice(("httpPort", "httpsPort"))
    _set(case, rng, "httpEndpoint", attribute, "65536", "0", "abc", "-2", "${nobody}", "", " 9443 ", "70000")


@mutation
def port_by_variable(case: Case, rng: random.Random, generator: Generator) -> None:
    node = _of(case, rng, "httpEndpoint")
    if node:
        case.node("variable", name=f"c{case.number}Port", value=generator.port(case, 5))
        node.attributes["httpsPort"] = f"${{c{case.number}Port}}"


@mutation
def variable_undefined(case: Case, rng: random.Random, _generator: Generator) -> None:
    name, attribute = rng.choice(
        (("keyStore", "password"), ("keyStore", "location"), ("ssl", "keyStoreRef"), ("httpEndpoint", "host"))
    )
    _set(case, rng, name, attribute, f"${{nobody{case.number}}}")


@mutation
def variable_incomplete(case: Case, rng: random.Random, _generator: Generator) -> None:
    if rng.random() < 0.5:
        case.node("variable", name=f"c{case.number}None")
    else:
        case.node("variable", value="x")


@mutation
def include_missing(case: Case, rng: random.Random, _generator: Generator) -> None:
    where = rng.choice((IN_SERVER, IN_SERVER, IN_DEFAULTS, IN_OVERRIDES))
    optional = {"optional": rng.choice(("true", "false"))} if rng.random() < 0.3 else {}
    case.node("include", location=f"inc/{case.number}gone.xml", **optional).where = where


@mutation
def include_without_location(case: Case, rng: random.Random, _generator: Generator) -> None:
    case.node("include", optional="true")


@mutation
def include_mode(case: Case, rng: random.Random, generator: Generator) -> None:
    mode = rng.choice(("MERGE", "REPLACE", "IGNORE", "ignore", "Bogus", ""))
    case.include = {"onConflict": mode}
    node = _of(case, rng, "ssl", "httpEndpoint")
    if node:
        again = {"id": node.attributes["id"], "onError" if node.name == "httpEndpoint" else "securityLevel": ""}
        again = {"id": node.attributes["id"]}
        if node.name == "ssl":
            again["sslProtocol"] = rng.choice(("TLSv1.2", "TLSv1.3"))
        else:
            again["httpPort"] = generator.port(case, 4)
        case.nodes.append(Node(node.name, again, where=IN_INCLUDE))


@mutation
def include_cycle(case: Case, rng: random.Random, _generator: Generator) -> None:
    case.nodes.append(Node("include", {"location": f"{case.number}.xml"}, where=IN_INCLUDE))


@mutation
def xml_broken(case: Case, rng: random.Random, _generator: Generator) -> None:
    where = rng.choice((IN_SERVER, IN_DEFAULTS, IN_OVERRIDES, IN_INCLUDE))
    path = PATHS[where].format(n=case.number)
    if where != IN_SERVER:
        case.nodes.append(Node("variable", {"name": f"c{case.number}v", "value": "x"}, where=where))
    broken: tuple[Callable[[str], str], ...] = (
        lambda text: text.replace("</server>", "<oops></server>"),
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("</server>", "<a b=c/></server>"),
        lambda text: text.replace("</server>", "&nothing;</server>"),
        lambda _text: "",
    )
    case.texts[path] = rng.choice(broken)


@mutation
def root_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    where = rng.choice((IN_SERVER, IN_DEFAULTS, IN_OVERRIDES))
    root = rng.choice(("Server", "client", "config"))
    if where != IN_SERVER:
        case.nodes.append(Node("variable", {"name": f"c{case.number}v", "value": "x"}, where=where))
    path = PATHS[where].format(n=case.number)
    case.texts[path] = lambda text: text.replace("<server", f"<{root}").replace("</server", f"</{root}")


@mutation
def server_in_server(case: Case, rng: random.Random, _generator: Generator) -> None:
    case.texts["server.xml"] = lambda text: text.replace("<server>\n", "<server>\n  <server>\n", 1).replace(
        "</server>", "  </server>\n</server>"
    )


@mutation
def port_twice(case: Case, rng: random.Random, generator: Generator) -> None:
    node = _of(case, rng, "httpEndpoint")
    if node is None or not node.attributes.keys() >= _BOTH_PORTS:
        return
    attribute = rng.choice(("httpPort", "httpsPort"))
    if rng.random() < 0.4:
        node.attributes["httpPort"] = node.attributes["httpsPort"]
        return
    port = node.attributes[attribute]
    if port == "-1":
        return
    if rng.random() < 0.5:
        case.node("httpEndpoint", id=f"c{case.number}z", httpPort=port, httpsPort="-1")
    else:
        case.node("httpEndpoint", id=f"c{case.number}z", httpsPort=port, httpPort="-1")


@mutation
def port_taken(case: Case, rng: random.Random, _generator: Generator) -> None:
    node = _of(case, rng, "httpEndpoint")
    for attribute in rng.sample(("httpPort", "httpsPort"), 2):
        port = node.attributes.get(attribute, "") if node else ""
        if port.isdigit() and 0 < int(port) < 65536:
            case.foreign.append(int(port))
            return


@mutation
def host_unknown(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(case, rng, "httpEndpoint", "host", "no-such-host.invalid", "*", "127.0.0.1", "")


@mutation
def endpoint_without_ports(case: Case, rng: random.Random, _generator: Generator) -> None:
    case.node("httpEndpoint", id=f"c{case.number}e", **rng.choice(({}, {"httpPort": "-1"}, {"httpsPort": "-1"})))


@mutation
def store_missing(case: Case, rng: random.Random, generator: Generator) -> None:
    _set(case, rng, "keyStore", "location", f"{generator.stores}/gone{case.number}.p12", f"gone{case.number}.p12")


@mutation
def store_password_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(case, rng, "keyStore", "password", OTHER_PASSWORD, "", "{xor}garbage", "{aes}garbage")


@mutation
def store_password_missing(case: Case, rng: random.Random, _generator: Generator) -> None:
    node = _of(case, rng, "keyStore")
    if node:
        node.attributes.pop("password", None)


@mutation
def store_type_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(case, rng, "keyStore", "type", "BOGUS", "JKS", "pkcs12", "JCEKS", "")


@mutation
def store_garbage(case: Case, rng: random.Random, generator: Generator) -> None:
    _set(case, rng, "keyStore", "location", f"{generator.stores}/{GARBAGE}")


@mutation
def store_without_key(case: Case, rng: random.Random, generator: Generator) -> None:
    _set(case, rng, "keyStore", "location", f"{generator.stores}/{NO_KEY}")


@mutation
def default_store_wrong(case: Case, rng: random.Random, generator: Generator) -> None:
    node = next((node for node in case.nodes if node.attributes.get("id") == "defaultKeyStore"), None)
    node = node or case.node(
        "keyStore", id="defaultKeyStore", location=f"{generator.stores}/{DEFAULT}", password=PASSWORD
    )
    node.attributes |= rng.choice(
        (
            {"password": OTHER_PASSWORD},
            {"location": f"{generator.stores}/{GARBAGE}"},
            {"location": f"{generator.stores}/gone{case.number}.p12", "password": "short"},
        )
    )


@mutation
def ssl_default(case: Case, rng: random.Random, _generator: Generator) -> None:
    case.node("sslDefault", sslRef=rng.choice((f"c{case.number}aSsl", f"c{case.number}Gone")))


@mutation
def alias_unknown(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(case, rng, "ssl", "serverKeyAlias", "nobody", " server ", "SERVER")


@mutation
def protocol_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(
        case, rng, "ssl", "sslProtocol",
        "TLSv9", "TLSv1.2, TLSv1.3", " TLSv1.2 ", "tlsv1.2", "SSLv3", "TLSv1.2,", "TLSv1", "SSL_TLSv2", "TLS,TLSv1.2",
    )  # fmt: skip


@mutation
def ciphers_wrong(case: Case, rng: random.Random, _generator: Generator) -> None:
    _set(
        case, rng, "ssl", "enabledCiphers",
        "TLS_NO_SUCH_CIPHER", "TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384",
        "TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_RSA_WITH_NULL_SHA256", "",
    )  # fmt: skip


@mutation
def conflicting_dropins(case: Case, rng: random.Random, generator: Generator) -> None:
    node = _of(case, rng, "httpEndpoint", "ssl")
    if node is None:
        return
    identity = node.attributes["id"]
    name, values = (
        ("httpPort", (generator.port(case, 4), "-1"))
        if node.name == "httpEndpoint"
        else (
            "clientAuthenticationSupported",
            ("true", "false"),
        )
    )
    for where, value in zip((IN_DEFAULTS, IN_OVERRIDES), values, strict=True):
        case.nodes.append(Node(node.name, {"id": identity, name: value}, where=where))


def cases(generator: Generator, numbers: Iterator[int]) -> Iterator[Case]:
    """Yield the cases of these numbers."""
    return map(generator.case, numbers)
