"""Why one value of a file makes no record."""


class Unusable(Exception):
    """Carries the reason that is shown beside the line."""
