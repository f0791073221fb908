"""`contentops sync`: Markdown files into assets."""

from contentops.assets.sync.run import SyncRun
from contentops.assets.sync.state import Known, SyncReport
from contentops.assets.sync.storage import store

__all__ = ["Known", "SyncReport", "SyncRun", "store"]
