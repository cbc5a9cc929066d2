"""The benchmark of the selection: it measures what it says, at a size for a test."""

from questionnaire.benchmarks import selection


def test_a_size_is_measured_with_its_targets() -> None:
    lines: list[str] = []
    selection.measure(400, 40, lines.append)
    report = "\n".join(lines)
    assert "4 of 4 proven" in report
    assert "explanation of one person" in report
    assert f"at most {selection.MOST_MEMORY}" in report
