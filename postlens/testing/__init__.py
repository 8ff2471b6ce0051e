"""The conformance kit: what the host expects of a plugin, checked over data that hurt.

from postlens.testing import assert_panel

def test_my_panel():
    assert_panel(PANEL)
"""

from postlens.testing.hurtful import HURTFUL, hurtful_posts
from postlens.testing.offers import check_column, check_measure, check_reader
from postlens.testing.panels import assert_panel, check_panel
from postlens.testing.promises import Promise

__all__ = [
    "HURTFUL",
    "Promise",
    "assert_panel",
    "check_column",
    "check_measure",
    "check_panel",
    "check_reader",
    "hurtful_posts",
]
