# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about features (CWWKF). Observed on Open Liberty 26.0.0.3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.zosconnect.security.plugins.plugin_utils.liberty.variables import Origin
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture import feature_list, features
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict import prediction as kinds
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.prediction import Prediction
from ansible_collections.zosconnect.security.plugins.plugin_utils.posture.predict.situation import Situation

# How many of the enabled features Liberty loads.
ALL, SOME, NOTHING = "all", "some", "nothing"


def told(situation: Situation) -> Iterator[Prediction]:
    """Yield what Liberty says of features; it looks at them when the list of those enabled is not as before."""
    written = features.written(situation.effective)
    if situation.before is not None and features.written(situation.before).keys() == written.keys():
        return
    for name, origin in dict(features.spelled(situation.effective)).items():
        if not feature_list.is_known(name.lower()) or _is_misspelt_prefix(name):
            certainty = kinds.CERTAIN if ":" not in name or _is_misspelt_prefix(name) else kinds.LIKELY
            yield Prediction(
                "CWWKF0001E",
                kinds.FEATURE_UNKNOWN,
                origin,
                "featureManager",
                attribute="feature",
                other=name,
                certainty=certainty,
            )
    yield from _clashes(situation, written)


def _clashes(situation: Situation, written: Mapping[str, Origin]) -> Iterator[Prediction]:
    """Yield the messages about features that clash: of two kinds Liberty tells the first, versions of one feature."""
    found = list(feature_list.clashes([name for name in written if feature_list.is_known(name)]))
    versions = [one for one in found if _is_of_one(one)]
    for one, other, why in versions or found:
        yield _clash(_code(one, other), written[other], f"Liberty does not load {one} and {other} together: {why}.")
    if loads(situation) == NOTHING and found:
        one, other, _why = found[0]
        yield _clash("CWWKF0046W", written[other], f"Liberty loads no feature at all because of {one} and {other}.")


def loads(situation: Situation) -> str:
    """Say whether Liberty loads all features that it finds, only some because two of them clash, or none at all."""
    written = features.written(situation.effective)
    found = list(feature_list.clashes([name for name in written if feature_list.is_known(name)]))
    if any(feature_list.are_of_different_editions(one, other) for one, other, _why in found):
        return NOTHING
    return SOME if found else ALL


def _code(one: str, other: str) -> str:
    if _is_of_one((one, other, "")):
        return "CWWKF0033E"
    return "CWWKF0044E" if feature_list.are_of_different_editions(one, other) else "CWWKF0047E"


def _is_of_one(clash: tuple[str, str, str]) -> bool:
    return clash[0].rpartition("-")[0] == clash[1].rpartition("-")[0]


def _clash(identity: str, origin: Origin, text: str) -> Prediction:
    return Prediction(identity, kinds.FEATURE_CLASH, origin, "featureManager", attribute="feature", other=text)


def _is_misspelt_prefix(name: str) -> bool:
    """Whether the prefix of z/OS Connect is written in another case, which counts other than in the name behind it."""
    prefix, colon, _own = name.rpartition(":")
    return bool(colon) and prefix.lower() == feature_list.PREFIX and prefix != feature_list.PREFIX
