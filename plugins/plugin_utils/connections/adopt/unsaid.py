# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands there and a declaration cannot say, as data; the sentence is made last."""

from __future__ import annotations

from dataclasses import dataclass

CLEAR = "clear"
DOUBT = "doubt"
DISABLED = "disabled"
ANY_PORT = "any-port"
SAME_PORT = "same-port"
NO_ID = "no-id"
NOT_OPENED = "not-opened"
FALLBACK = "fallback"
NESTED = "nested"
ATTRIBUTES = "attributes"
OLD_PROTOCOL = "old-protocol"
CLIENT_AUTHENTICATION = "client-authentication"
LOGIN = "login"
CALLERS = "callers"
OTHER_HOST = "other-host"
CALL_IN_CLEAR = "call-in-clear"
CALL_UNKNOWN = "call-unknown"
OTHER_CALL = "other-call"
PLAIN_REQUESTERS = "plain-requesters"
NO_PORT_FOR = "no-port-for"
UNFIT = "unfit"
REFUSED = "refused"
CHANGES = "changes"
UNSEEN = "unseen"
BROKEN = "broken"
NO_LOOK = "no-look"
TRUSTS = "trusts"
NO_KEY = "no-key"
ANY_KEY = "any-key"
OTHER_KEYS = "other-keys"
KINDS = {
    CLEAR: "accepts plain http, without TLS",
    DOUBT: "may or may not be behind AT-TLS: {detail}",
    DISABLED: "is disabled",
    ANY_PORT: "has port 0, so Liberty chooses one at each start",
    SAME_PORT: "has port {detail}, as another endpoint has; one of the two wins",
    NO_ID: "has no id, so nothing can name it",
    NOT_OPENED: "names a port for https, but {detail}",
    FALLBACK: "is not served as it is meant: {detail}",
    NESTED: "has a nested <{detail}>, which stays as it is; to declare it, give it an id and a reference",
    ATTRIBUTES: "has {detail}",
    OLD_PROTOCOL: "says {detail}, which no declaration asks for",
    CLIENT_AUTHENTICATION: "says ClientAuthType {detail}, which no declaration asks for",
    LOGIN: "authenticates by {detail}, which is not read, for secrets are in it",
    CALLERS: "does TLS below the callers of port {detail}; who they are is not in a policy",
    OTHER_HOST: "calls the server by another name than {detail}, and those of a connection call one",
    CALL_IN_CLEAR: "is called by plain http, without TLS",
    CALL_UNKNOWN: "is called by http or https, nobody can say which: {detail}",
    OTHER_CALL: "is a {detail}, for which a declaration has no words",
    PLAIN_REQUESTERS: "accepts plain http, and no port behind AT-TLS is known",
    NO_PORT_FOR: "can be called at no port that is declared",
    UNFIT: "is left out: {detail} holds characters that a file of variables cannot take, or what may be a secret",
    REFUSED: "cannot be declared as it is: {detail}",
    CHANGES: "would be changed by its own declaration ({detail})",
    UNSEEN: "could not be seen: {detail}",
    BROKEN: "is not what it seems: {detail}",
    NO_LOOK: "could not be looked into: {detail}",
    TRUSTS: "trusts {detail}; that stays so",
    NO_KEY: "has no key {detail}",
    ANY_KEY: "leaves it to Java which key it shows, {detail}; say it by key_store.alias",
    OTHER_KEYS: "holds keys that nothing here shows: {detail}",
}


@dataclass(frozen=True)
class Unsaid:
    """One thing that a declaration cannot say: what it is, where it stands, and why (``kind``, ``detail``)."""

    kind: str
    what: str
    place: str
    detail: str = ""

    @property
    def reason(self) -> str:
        return KINDS[self.kind].format(detail=self.detail)

    @property
    def sentence(self) -> str:
        """All of it in one sentence, with the place at its end, unless the reason tells it."""
        place = f" ({self.place})" if self.place and self.kind not in (UNSEEN, BROKEN) else ""
        return f"{self.what} {self.reason}{place}"

    def shown(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"kind": self.kind, "what": self.what, "place": self.place, "reason": self.reason}
