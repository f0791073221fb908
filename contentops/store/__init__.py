"""Where everything is kept: engines, transactions, migrations."""

from contentops.store.schema import migrate
from contentops.store.transactions import Store

__all__ = ["Store", "migrate"]
