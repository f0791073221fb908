"""Find the data that ships with contentops: themes, standards, the example workspace."""

from pathlib import Path


def bundled(name: str) -> Path:
    """Return the folder of shipped data called `name` (``templates``, ``calendar`` or ``examples``).

    Looks in an installed wheel first, then beside the package, where a checkout or an editable install has it.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    packaged = package / "_bundled" / name
    if packaged.is_dir():
        return packaged
    checkout = package.parent
    # The guard keeps a stranger's site-packages/templates from being taken for ours.
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise FileNotFoundError(f"contentops was installed without its {name}/ files: install it again")
