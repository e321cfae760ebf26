# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before a start or a refresh: which messages the server will write, and which ports open with which certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.zosconnect.security.plugins.plugin_utils.keystore import entries
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.keys.places import Place
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import configuration, enabled, serving
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.prediction import LIKELY, Prediction
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.serving import Opening
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.situation import Situation

# The messages that are predicted: what a run says of these without a prediction, or does not say of those predicted,
# is a mistake of this room (docs/PREDICT.md has the campaign).
_SCOPE = """
    CWWKF0001E CWWKF0033E CWWKF0044E CWWKF0046W CWWKF0047E
    CWWKG0011W CWWKG0014E CWWKG0017I CWWKG0018I CWWKG0032W CWWKG0033W CWWKG0042W CWWKG0058E CWWKG0074E CWWKG0075E
    CWWKG0076W CWWKG0083W CWWKG0085W CWWKG0089E CWWKG0090E CWWKG0091E CWWKG0092E CWWKG0094W CWWKG0102I CWWKG0105E
    CWPKI0024E CWPKI0033E CWPKI0803A CWPKI0807W CWPKI0808E CWPKI0809W CWPKI0819I CWPKI0831E CWPKI0832E CWPKI0833E
    CWWKO0219I CWWKO0221E CWWKO0224E CWWKT0015W CWWKT0019E
"""
SCOPE = frozenset(_SCOPE.split())
# Said of files, elements and features, also where features clash.
_SURE = ("CWWKF", "CWWKG")


@dataclass(frozen=True)
class Predicted:
    """The messages in the order in which they are found, and the ports by number."""

    messages: Sequence[Prediction]
    ports: Sequence[Opening]

    def shown(self) -> Mapping[str, object]:
        """Return both as plain data."""
        return {
            "messages": [one.shown() for one in self.messages],
            "ports": [_shown(one) for one in self.ports],
        }


def predict(situation: Situation) -> Predicted:
    """Say what a server will write and open."""
    messages = list(configuration.told(situation))
    if situation.effective.assembly.refused is not None:
        return Predicted(messages, ())
    messages += enabled.told(situation)
    loaded = enabled.loads(situation)
    if loaded == enabled.NOTHING:
        return Predicted(messages, ())
    opened = serving.openings(situation)
    messages += serving.told(situation, opened)
    if loaded == enabled.SOME:  # what is left of the server then, nobody can know
        messages = [one if one.id.startswith(_SURE) else replace(one, certainty=LIKELY) for one in messages]
    return Predicted(list(dict.fromkeys(messages)), opened)


def by_element(places: Sequence[Place]) -> dict[str, Place]:
    """Return what stores hold by the ids of the ``keyStore`` elements that name them."""
    return {identity: place for place in places for identity, _origin in place.elements}


def _shown(one: Opening) -> Mapping[str, object]:
    held = one.held
    until = held.not_after if held else None
    return {
        "endpoint": one.port.endpoint,
        "port": one.port.port,
        "protocol": "https" if one.port.tls else "http",
        "opens": one.opens,
        "ssl": one.ssl,
        "alias": held.alias if held else None,
        "subject": held.subject if held else None,
        "not_after": until and entries.iso(until),
        "why": one.why,
        "origin": str(one.port.origin),
    }
