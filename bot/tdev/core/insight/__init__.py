"""From facts about files to insights worth acting on; pure."""

from __future__ import annotations

from tdev.core.insight.fold import fold
from tdev.core.insight.material import Material, Thresholds
from tdev.core.insight.rules import RULES, find_places

__all__ = ["RULES", "Material", "Thresholds", "find_places", "fold"]
