"""What the plugin offers keeps its promises."""

import postlens_agency

from postlens.testing import check_column, check_measure, check_reader


def test_everything_keeps_its_promises() -> None:
    (measure,) = postlens_agency.postlens_measures()
    (column,) = postlens_agency.postlens_columns()
    (reader,) = postlens_agency.postlens_readers()
    broken = [p for p in (*check_measure(measure), *check_column(column), *check_reader(reader)) if not p.kept]
    assert not broken, "\n".join(map(str, broken))
