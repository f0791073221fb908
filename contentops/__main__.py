"""`python -m contentops`."""

import os
import sys

# Python looks for modules in the working folder first: a secrets.py or yaml.py that somebody put beside the content
# would run instead of the real one. The folder of this very program stays.
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib.py may be theirs
if not getattr(sys.flags, "safe_path", False) and sys.path[0] == os.getcwd() != _HERE:  # noqa: PTH109
    del sys.path[0]

from contentops.cli import main  # noqa: E402

main()
