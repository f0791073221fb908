"""Named moments at which a process may be killed: the crash tests hang a hook here; otherwise nothing happens."""

from collections.abc import Callable

hook: Callable[[str], None] | None = None


def reached(name: str) -> None:
    """Say that a moment has come, such as ``before-commit``."""
    if hook is not None:
        hook(name)
