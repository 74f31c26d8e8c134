"""A seeded sample of the soak: a few kills, and a hundred bad inputs, at every door."""

from pathlib import Path

from benchmarks.soak import inputs, kills


def test_killed_trainings_go_on_and_rubbish_is_refused(tmp_path: Path) -> None:
    bad, fell = kills(3, 1, tmp_path)
    assert not bad
    assert sum(fell.values()) == 3
    worse, taken, _ = inputs(100, 1, tmp_path, tmp_path / "whole")
    assert not worse
    assert len(taken) > 20
