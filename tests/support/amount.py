"""How much is tested: what every change must pass in a few minutes, or, with `start.py test --thorough`, all there is.

The thorough run adds the tests marked `thorough`, draws new random examples each time, and draws more of them. The everyday run
draws the same examples every time, so that it says something about the change and not about luck.
"""

from __future__ import annotations

import os

THOROUGH = os.environ.get("ANCHORLAB_TESTS") == "thorough"


def often(examples: int) -> int:
    """How many random examples a property is tried with, of the number that the thorough run takes."""
    return examples if THOROUGH else max(10, examples // 4)
