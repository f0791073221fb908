"""Named moments at which a test may end the process: what was acknowledged must survive each of them."""

from collections.abc import Callable

hook: Callable[[str], None] | None = None
"""Called with the name of each moment that is reached; tests set it."""


def reached(name: str) -> None:
    """Say that a moment is reached; does nothing unless a test listens."""
    if hook is not None:
        hook(name)
