"""From facts about files to insights worth acting on; pure.

material.py is what goes in, rules.py and its neighbours look for places, fold.py makes ranked insights of them.
Facts come from core/scan and core/manifests; stages/research.py gathers them and writes insights.json.
docs/research.md explains to users what is found and how it is ranked.
"""

from __future__ import annotations

from tdev.core.insight.fold import fold
from tdev.core.insight.material import Material, Thresholds
from tdev.core.insight.rules import RULES, find_places

__all__ = ["RULES", "Material", "Thresholds", "find_places", "fold"]
