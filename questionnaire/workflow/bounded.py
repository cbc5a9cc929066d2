"""What is counted in people between a least and a most."""


class Bounded:
    """How many are selected, held against a minimum and, where there is one, a maximum."""

    selected: int
    minimum: int
    maximum: int | None

    @property
    def missing(self) -> int:
        """Return how many people are too few."""
        return max(0, self.minimum - self.selected)

    @property
    def excess(self) -> int:
        """Return how many people are too many."""
        return 0 if self.maximum is None else max(0, self.selected - self.maximum)
