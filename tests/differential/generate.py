# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Server directories out of a seed: drop-ins, includes, variables, odd spellings, good and bad values.

A case is a tree of elements for each file, so that it can be made smaller element by element, and rendered to bytes.
Ids begin with the number of the case: a rejected element keeps its old values on reload, and may not meet a new one.
"""

from __future__ import annotations

import posixpath
import random
from collections.abc import Callable

from case_tree import ENCODINGS, Case, Element, File
from real_sites import SHARED, Sites

# What a server is started with, see ``outside``.
SERVER_ENV = ("env_two=E2", "ENV_ONE=E1", "v1=envv1", "envdef=fromenv", "both=BETA", "sys=env", "v2=${boot}")
MORE_SERVER_ENV = (
    "fwd=${late}", "late=L", "ref=$v1", "ref2=x${v1}y", 'quoted="a b"', "apart='$v1'", "esc=a\\$b", "dflt=${late:-d}",
    "again=${again}x", "cmd=hello world", "joined='a'\"b\"c", "semi=a;b", "blank= x", "two=1 three=3", "# a comment",
)  # fmt: skip
BOOTSTRAP = ("boot=one", "v1=bootv1", "num=6", "sys=boot")
MORE_BOOTSTRAP = (
    "b1=${base}", "b2=<${b1}>", "b3=${v1}-${num}", "b4=${onlyxml}", "b5=${server.config.dir}x", "b6=${${bname}}",
    "bname=v1", "b8=${v1}${num}${v1}${boot}${sys}", "base=30000",
)  # fmt: skip
INCLUDED = "bootinc=from the include\nboot=never\nlst=l1, l2,l3\n"
JVM_OPTIONS = ("-Dsys=true", "-Dv2=sysv2")
MORE_JVM_OPTIONS = ("-Dboot=sysboot", "-Db1=sysb1", "# -Dv1=no", "-Dlate=syslate", "-Dempty")
# The same in other places: what stands nearer to the server wins.
ELSEWHERE = {
    "../../shared/server.env": ("v1=sharedv1", "base=10000", "late=shared late", "env_two=no"),
    "../../shared/jvm.options": ("-Dsys=false", "-Db2=shared b2", "-Dlate=sharedlate"),
    "configDropins/defaults/jvm.options": ("-Dv2=defaultv2", "-Dlate=defaultlate"),
    "configDropins/overrides/jvm.options": ("-Dboot=overboot", "-Dlate=overlate"),
}
VARIABLES_DIRECTORY = {
    "variables/dir": "from a file\nnot this",
    "variables/num": "8",
    "variables/p.properties": "pro.one=p1\npro.two=p2\n",
}
# The drop-in that says how changes are noticed: only when they are named.
NOTICING = """<server>
  <featureManager>
    <feature>zosconnect:zosConnect-2.0</feature>
    <feature>zosconnect:apiRequester-1.0</feature>
    <feature>zosconnect:sites-1.0</feature>
  </featureManager>
  <config updateTrigger="mbean"/>
</server>"""
CASES_OF_ONE_START = 100
# The share of what Liberty answers by the order in which it evaluates: the model must say that it cannot say.
ODD = 0.02
# Names that only the files above define.
OUTSIDE = (
    "base", "fwd", "late", "ref", "ref2", "quoted", "apart", "esc", "dflt", "again", "cmd", "joined", "semi", "blank", "two",
    "three", "b1", "b2", "b3", "b4", "b5", "b6", "b8", "empty", "onlyxml", "own",
)  # fmt: skip
# A case may define these names again.
VARIABLES = (
    "v1",
    "v2",
    "v3",
    "num",
    "lst",
    "env.one",
    "env_two",
    "envdef",
    "boot",
    "bootinc",
    "sys",
    "both",
    "dir",
    "pro.one",
)
TEXTS = (
    "alpha",
    "Beta",
    "x y",
    " pad ",
    "",
    "a,b",
    "a, b ,,c",
    "q\\,r,s",
    "$",
    "${x",
    "${}",
    "a${}b",
    "${${v1}",
    "x${${num}y",
    "{x}",
    "a&b<c>\"d'",
    "line\nbreak",
    "a\tb",
    "äé",
)
GOOD = {
    "boolean": ("true", "false", "TRUE", "False"),
    "integer": ("5", "+5", "010", "-1", "100"),
    "duration": ("5s", "500ms", "1h30m", "1m 30s", " 5s ", "5S", "7", "-1", "0", "2d", "1500ms"),
    "option": ("ALPHA", "alpha", "beta", "Beta"),
    "option2": ("one", "TWO", "two"),
}
BAD = {
    "boolean": ("yes", "", " true ", "1", "${undef}"),
    "integer": ("abc", "", " 5 ", "0x1F", "5.0", "99999999999999999999", "${undef}", "1_000"),
    "duration": ("1w", "abc", "5sec", "1.5s", "", "${undef}"),
    "option": ("gamma", " ALPHA", ""),
}
KINDS = {
    **dict.fromkeys(("s", "sd", "loc", "zz", "other"), "text"),
    **dict.fromkeys(("b", "bt"), "boolean"),
    **dict.fromkeys(("in", "ind", "lo"), "integer"),
    **dict.fromkeys(("dud", "dus"), "duration"),
    "op": "option",
    "opd": "option2",
    **dict.fromkeys(("ms", "msd"), "list"),
}
# No feature knows these. A fresh name for each case: Liberty does not turn a singleton into instances on reload.
UNKNOWN = ("thing", "Thing", "zosconnect_Probe")
WITH_DEFAULT = {"sd", "bt", "ind", "dud", "dus", "opd", "msd"}


class Generator:
    """Makes one case."""

    def __init__(self, seed: int, number: int) -> None:
        self.random = random.Random(f"{seed}/{number}")
        self.number = number
        self.case = Case(number)
        self.sites = Sites(self.random, number)
        self.includes = 0
        # A reference that leads nowhere undoes an IGNORE two includes further down, see docs/DIFFERENTIAL.md.
        self.modes = self.chance(0.6)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, *choices: object) -> str:
        return str(self.random.choice(choices))

    def make(self) -> Case:
        server = self.document()
        server.children.insert(0, Element("zosconnect_marker", {"n": str(self.number)}))
        if self.modes:
            targets = [Element("zosconnect_probeTarget", {"id": f"c{self.number}t{n}", "s": "t"}) for n in (1, 2)]
            server.children[1:1] = targets
        self.case.files["server.xml"] = self.file(server)
        for folder, names in (("defaults", ("m.xml", "N.XML", "z.xml")), ("overrides", ("a.xml", "B.xml", ".h.xml"))):
            for name in names:
                if self.chance(0.2):
                    path = f"configDropins/{folder}/{name}"
                    self.case.files[path] = self.file(self.document(folder=f"configDropins/{folder}"))
                    self.case.files[path].broken = self.chance(0.05)
        if self.chance(0.2):
            self.case.plain["variables/v3"] = self.pick("dirv3", "7", "a,b\nsecond", "\n")
        return self.case

    def file(self, root: Element) -> File:
        encoding = self.random.randrange(len(ENCODINGS)) if self.chance(0.2) else 0
        return File(root, encoding, self.random.randrange(3) if self.chance(0.2) else 0)

    def document(self, *, folder: str = "", depth: int = 0) -> Element:
        root = Element("server", {"description": "generated"} if self.chance(0.1) else {})
        makers: list[Callable[[], Element]] = [self.top] * 4 + [self.sites.any] * 2 + [self.variable]
        for _ in range(self.random.randint(1, 5)):
            root.children.append(self.random.choice(makers)())
            if depth < 3 and self.chance(0.16) and self.includes < 5:
                root.children.append(self.include(folder, depth))
            if self.chance(0.05):
                root.children.append(Element("!", {"text": "<zosconnect_probe s='no'/>"}))
            if self.chance(0.008):
                root.children.append(self.sites.features())
        if self.chance(0.02):
            root.children = [Element("server", {}, root.children)]
        return root

    def include(self, folder: str, depth: int) -> Element:
        self.includes += 1
        attributes = {"location": self.location(folder, depth)}
        if self.modes:
            attributes["onConflict"] = self.pick("MERGE", "REPLACE", "IGNORE", "ignore", "Replace", "Bogus", " IGNORE ")
        if self.chance(0.2):
            attributes["optional"] = self.pick("true", "TRUE", "false", "yes")
        return Element("include", attributes)

    def location(self, folder: str, depth: int) -> str:
        """Where an include leads: mostly to a new file, else to an old one, itself, a directory, or nowhere."""
        up = "${server.config.dir}/" if folder.startswith("..") else "../" * (folder.count("/") + 1 if folder else 0)
        old = [path for path in self.case.files if path.startswith("inc/")]
        roll = self.random.random()
        if roll < 0.12 and old:
            return self.shown(up, self.random.choice(old))
        if roll < 0.16:
            return self.shown(up, "server.xml")
        if roll < 0.20:
            return self.shown(up, "inc/missing.xml")
        if roll < 0.28:
            path = f"inc/d{self.includes}/"
            for name in self.random.sample(["b.xml", "A.xml", "c.XML", "no.txt", ".x.xml"], 2):
                self.case.files[path + name] = self.file(self.document(folder=path.rstrip("/"), depth=depth + 1))
            return self.pick(*[up + path] * 6, f"{up}{path} ", f" {up}{path}")
        if roll < 0.40:
            return self.shared(up, depth)
        path = f"inc/{self.pick('i', 'with blank', 'sub/j')}{self.includes}.xml"
        parent = path.rpartition("/")[0]
        self.case.files[path] = self.file(self.document(folder=parent, depth=depth + 1))
        return self.shown(up, path)

    def shared(self, up: str, depth: int) -> str:
        """Where an include leads that a site's servers share: to a file beside them, or to a directory of such."""
        variable, folder = self.random.choice(list(SHARED.items()))
        if self.chance(0.2):
            names = [f"d{self.includes}/{name}" for name in self.random.sample(["b.xml", "A.xml", "saf.xml"], 2)]
            location = f"d{self.includes}/"
        else:
            names = [location] = [f"{self.pick('saf', 'keyring', 'ipic')}{self.includes}.xml"]
        for name in names:
            parent = posixpath.dirname(f"{folder}/{name}")
            self.case.files[f"{folder}/{name}"] = self.file(self.document(folder=parent, depth=depth + 1))
        way = self.pick(f"{variable}/", f"{variable}/", variable, f"${{wlp.user.dir}}{folder.removeprefix('../..')}/")
        return self.pick(way, way, up + folder + "/") + location

    def shown(self, up: str, path: str) -> str:
        """One of the spellings of a path below the server directory, seen from ``up`` of it."""
        return self.pick(
            *[up + path] * 4,
            f"${{server.config.dir}}/{path}",
            f" {up}{path} ",
            f"{up}./{path}",
            f"{up}{path}".replace("/", "\\"),
        )

    def variable(self) -> Element:
        if self.chance(0.05):
            return Element("variable", {"name": "own", "defaultValue": self.pick("${own}", "o1,o2", "${lst},z")})
        name = self.pick(*VARIABLES, "V1", "onlyxml")
        value = self.pick("1", "one", "x, y", "${v2}", "", "5", "true", "${num}", "ü", "a,b")
        if name in value or (name == "v2" and "${" in value) or (name == "num" and "${" in value):
            value = "plain"
        attributes = {"name": name}
        kind = self.random.randrange(10)
        if kind < 6 or kind == 9:
            attributes["value"] = value
        if kind >= 6:
            attributes["defaultValue"] = self.pick("dv", "9", "d1,d2")
        return Element("variable", attributes)

    def top(self) -> Element:
        return self.random.choice(
            [self.probe] * 3
            + [self.probes] * 5
            + [self.cors]
            + [self.target, self.unknown, self.unknown, self.manager, self.requesters, self.requesters, self.connection]
        )()

    def identity(self, *, none: float = 0.25) -> dict[str, str]:
        if self.chance(none):
            return {}
        return {"id": self.pick(*[f"c{self.number}{name}" for name in ("a", "a", "b", "A", "c ")])}

    def probe(self) -> Element:
        return self.filled("zosconnect_probe", {"id": self.pick("m1", "m2")} if self.chance(0.05) else {})

    def probes(self) -> Element:
        return self.filled("zosconnect_probes", self.identity())

    def filled(self, name: str, attributes: dict[str, str]) -> Element:
        made = Element(name, attributes)
        for key in self.random.sample(list(KINDS), self.random.randint(0, 5)):
            self.give(made, key)
        if self.chance(0.15):
            made.attributes["hostRef"] = self.reference()
        if self.chance(0.2):
            made.attributes["peerRef"] = self.pick(", ", ",", " ,").join(
                self.reference() for _ in range(self.random.randint(1, 3))
            )
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 3))):
            made.children.append(self.nested())
        self.random.shuffle(made.children)
        return made

    def reference(self) -> str:
        if self.modes and not self.chance(ODD):
            return f"c{self.number}t{self.pick(1, 2)}"
        return self.pick(*[f"c{self.number}t{n}" for n in (1, 1, 2, 2, 9)], f" c{self.number}t1", "default-0", "${v1}")

    def give(self, element: Element, key: str) -> None:
        """Give an attribute, as an attribute or as text children, in an odd spelling now and then."""
        spelling = self.pick(*[key] * 8, key.upper(), key.capitalize())
        if self.chance(0.15):
            children = [Element(spelling, {}, [self.value(key)]) for _ in range(self.random.randint(1, 3))]
            if KINDS[key] in ("text", "list") or len(children) == 1:
                element.children.extend(child for child in children if child.children != [""])
        else:
            element.attributes[spelling] = self.value(key)

    def value(self, key: str) -> str:
        kind = KINDS[key]
        if self.chance(0.25):
            return self.expression(kind)
        if kind in ("text", "list"):
            return self.pick(*TEXTS)
        if self.chance(0.12 if key in WITH_DEFAULT else 0.015):
            return self.pick(*BAD["option" if kind == "option2" else kind])
        return self.pick(*GOOD[kind])

    def expression(self, kind: str) -> str:
        """A text with variables; where a bad value would reject the element, mostly one that is good."""
        if kind in ("text", "list"):
            name, other = self.pick(*VARIABLES, *OUTSIDE), self.pick(*VARIABLES, *OUTSIDE)
            return self.pick(
                *[f"${{{name}}}"] * 4, f"{other}-${{{name}}}-${{{other}}}", f"${{list({name})}}", f"${{count({name})}}",
                f"${{{name}+1}}", "${num*3+4}", "${num-1/2}", "${undef}", "${${v1}}", f"$${{{name}}}", "${s}", "${ v1 }",
                "${env.env_two}", "${env.two}", "${ENV-TWO}", "${sd}", "${server.config.dir}/x", "${wlp.server.name}",
                "${defaultHostName}", "q,${list(lst)}", "${num+undef}", "${V1}", "${bt}", "${num/0}",
                "${base+1}", "${base}${base+1}", "${base+1}${base}", "${count(base)}${base}", "${list(own)}", "${id}", "${dud}", "${dus+1}", "${count(multi)}", f"${{{name}}}${{}}",
            )  # fmt: skip
        return {
            "boolean": "${sys}",
            "integer": self.pick("${num}", "${num}", "${base}", "${base+1}"),
            "duration": "${num}s",
            "option": "${both}",
            "option2": "${boot}",
        }[kind]

    def nested(self) -> Element:
        kind = self.random.randrange(8)
        if kind < 2:
            child = self.spelled("single", "SINGLE")
            if self.chance(0.5):
                child.children.append(Element("deep", {"id": self.pick("d1", "d2"), "s": self.pick("1", "${v1}")}))
        elif kind < 5:
            child = self.spelled("multi", "Multi")
            if self.chance(0.9):
                child.attributes["need"] = self.pick("n1", "n2", "${v1}")
        elif kind == 5:
            child = Element("host", self.small_id()) if self.chance(0.6) else Element("peer", {"ref": self.reference()})
        elif kind == 6:
            child = Element("peer", {"id": self.pick("k1", "k2")} if self.chance(0.5) else {})
        else:
            return self.child(self.pick("unk", "UNK", "zosconnect_single"))
        for key in self.random.sample(("s", "sd", "ms"), self.random.randint(0, 2)):
            if child.name.lower() in ("single", "host") and not self.chance(ODD):
                # Liberty multiplies the lists of a single child that is given twice, see docs/DIFFERENTIAL.md.
                child.attributes[key] = self.value(key)
            else:
                self.give(child, key)
        if not child.attributes and not any(isinstance(c, Element) for c in child.children):
            child.attributes["s"] = "x"
        return child

    def child(self, name: str) -> Element:
        made = Element(name, self.small_id())
        made.attributes["s"] = self.pick("1", "2", "${v1}")
        return made

    def spelled(self, name: str, odd: str) -> Element:
        """A nested element, now and then in an odd spelling: then without id, see docs/DIFFERENTIAL.md."""
        if self.chance(0.2):
            return Element(odd, self.small_id() if self.chance(ODD) else {})
        return Element(name, self.small_id())

    def small_id(self) -> dict[str, str]:
        if self.chance(ODD):
            return {"id": "default-7"}
        return {"id": self.pick("k1", "k1", "k2", "K1")} if self.chance(0.5) else {}

    def target(self) -> Element:
        made = Element(
            "zosconnect_probeTarget", {"id": f"c{self.number}t{self.pick(1, 2)}"} if self.chance(0.8) else {}
        )
        self.give(made, "s")
        return made

    def unknown(self) -> Element:
        made = Element(self.pick(*(f"{name}{self.number}" for name in UNKNOWN)), self.identity(none=0.6))
        for key in self.random.sample(list(KINDS), self.random.randint(0, 3)):
            self.give(made, key)
        for _ in range(self.random.choice((0, 0, 1, 2))):
            made.children.append(self.child(self.pick("part", "Part", "bit")))
        return made

    def manager(self) -> Element:
        made = Element("zosconnect_zosConnectManager")
        self.flags(made, 0.2)
        return made

    def cors(self) -> Element:
        """An element of Liberty's own of which each without id is one of its own."""
        domain = f"/c{self.number}/{self.random.randrange(10**6)}"
        return Element("cors", {**self.identity(none=0.8), "domain": domain, "allowedOrigins": "*"})

    def flags(self, made: Element, bad: float) -> None:
        for name in ("requireSecure", "requireAuth"):
            if self.chance(0.6):
                good = not self.chance(bad)
                made.attributes[self.pick(name, name, name.lower(), name.upper())] = self.pick(
                    *(GOOD if good else BAD)["boolean"]
                )

    def requesters(self) -> Element:
        made = Element("zosconnect_apiRequesters")
        self.flags(made, 0.01)
        if self.chance(0.3):
            made.attributes["idAssertion"] = self.pick("OFF", "assert_only", "ASSERT_SURROGATE", "no")
        if self.chance(0.2):
            made.attributes["pollingRate"] = self.pick(*GOOD["duration"], "bad")
        for _ in range(self.random.randint(0, 3)):
            made.children.append(self.requester())
        return made

    def requester(self) -> Element:
        made = self.spelled("apiRequester", "APIREQUESTER")
        if self.chance(0.9) or not made.attributes:
            made.attributes["name"] = self.pick("one", "two", "${v1}")
        self.flags(made, 0.01)
        made.attributes |= self.sites.groups()
        return made

    def connection(self) -> Element:
        made = Element("zosconnect_endpointConnection", self.identity(none=0.1))
        if self.chance(0.8):
            made.attributes["host"] = self.pick("http://h", "${v2}")
        if self.chance(0.6):
            made.attributes["port"] = self.pick("80", "443", "${num}")
        if self.chance(0.3):
            made.attributes["sslCertsRef"] = self.pick(
                "defaultSSLConfig", "testBedAdmin", *["nowhere"] * (not self.modes)
            )
        return made


def outside(seed: int, start: int) -> dict[str, str]:
    """Return what a server is started with: variables of every kind beside those of the cases."""
    chance = random.Random(f"{seed}/outside/{start}")

    def lines(always: tuple[str, ...], more: tuple[str, ...]) -> list[str]:
        found = [*always, *chance.sample(more, chance.randint(0, len(more)))]
        chance.shuffle(found)
        return found

    env = [*lines(SERVER_ENV, MORE_SERVER_ENV), "base=20000"]
    if chance.random() < 0.6:
        word = chance.choice(
            ("# enable_variable_expansion", "#Enable_Variable_Expansion", " # enable_variable_expansion")
        )
        env.insert(chance.randint(0, len(env)) if chance.random() < 0.5 else 0, word)
    bootstrap = lines(BOOTSTRAP, MORE_BOOTSTRAP)
    elsewhere = {path: "\n".join(text) + "\n" for path, text in ELSEWHERE.items() if chance.random() < 0.4}
    named = chance.choice(("more.properties", "sub/one.properties , more.properties", "sub/one.properties"))
    return {
        "server.env": "\n".join(env) + "\n",
        "bootstrap.properties": "\n".join([*bootstrap, f"bootstrap.include={named}"]) + "\n",
        "more.properties": INCLUDED,
        "sub/one.properties": "bootstrap.include=../more.properties\nb1=${v1}\nboot=first\n",
        "jvm.options": "\n".join(lines(JVM_OPTIONS, MORE_JVM_OPTIONS)) + "\n",
        **elsewhere,
        **VARIABLES_DIRECTORY,
        "configDropins/defaults/aa.xml": NOTICING,
    }


def generate(seed: int, number: int) -> Case:
    """Return the case of this seed and number: always the same one."""
    case = Generator(seed, number).make()
    case.outside = outside(seed, number // CASES_OF_ONE_START)
    return case
