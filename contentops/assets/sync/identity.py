"""Which asset a file is, and which address it has."""

from contentops.assets.slugs import free_slug
from contentops.assets.sync.state import FileState, Known, ReadFile
from contentops.errors import Problem
from contentops.models import WorkflowState
from contentops.texts import gettext as _


class Identities:
    """Gives files their assets: by the id in the file, then by its path, then by what was in a vanished file.

    Args:
        known: what the database holds. paths: every path there is now. read: the files that were read, good and bad.
    """

    def __init__(self, known: Known, paths: set[str], read: list[ReadFile]) -> None:
        self.known, self.paths, self.read = known, paths, read
        self.renamed: list[tuple[str, str]] = []
        self._path_of_asset = {row.asset_id: row.path for row in known.files.values() if row.asset_id}

    def assign(self) -> None:
        """Set the asset of every file that was read; those whose id belongs to another file are blamed."""
        claimed = self._claim_by_id()
        for item in self.read:
            if item.row.asset_id in claimed and claimed[item.row.asset_id] is not item:
                item.row.asset_id = None
        self._follow_content(claimed)
        self._adopt_ideas()

    def _adopt_ideas(self) -> None:
        """Give a new file the asset that waits for a text under its language and address."""
        with_file = {row.asset_id for row in self.known.files.values()} | {item.row.asset_id for item in self.read}
        waiting = {
            (asset.language, asset.slug): asset.id for asset in self.known.assets.values() if asset.id not in with_file
        }
        for item in self.read:
            if item.fields is not None and item.row.asset_id is None and not item.fields["wanted_id"]:
                place = (item.fields["language"], item.fields["wanted_slug"])
                item.row.asset_id = waiting.pop(place, None)

    def _claim_by_id(self) -> dict[str | None, ReadFile]:
        """The id in a file wins over its path, so that files may change names among each other."""
        claimed: dict[str | None, ReadFile] = {}
        items = {item.found.path: item for item in self.read}
        for item in self.read:
            own_id = item.fields["wanted_id"] if item.fields else ""
            if own_id not in self.known.assets:
                continue
            holder = self._path_of_asset.get(own_id)
            other = items.get(holder or "")
            moved_on = other is not None and other.fields is not None and other.fields["wanted_id"] not in ("", own_id)
            held = holder is not None and holder != item.found.path and holder in self.paths and not moved_on
            if held or own_id in claimed:
                item.blame(_("the id '{id}' belongs to another file already").format(id=own_id))
                continue
            claimed[own_id] = item
            item.row.asset_id = own_id
            if holder is not None and holder != item.found.path:
                self.renamed.append((holder, item.found.path))
        return claimed

    def _follow_content(self, claimed: dict[str | None, ReadFile]) -> None:
        """Give a new path the asset of a vanished one where the whole file or its text says so."""
        missing: dict[str | None, FileState] = {
            row.asset_id: row
            for path, row in self.known.files.items()
            if path not in self.paths and row.asset_id and row.asset_id not in claimed
        }
        by_file = {row.sha256: asset_id for asset_id, row in missing.items()}
        by_text = {self.known.text_hashes.get(asset_id or "", ""): asset_id for asset_id in missing}
        for item in self.read:
            if item.fields is None or item.row.asset_id is not None or item.fields["wanted_id"]:
                continue
            same_text = by_text.get(item.body_sha256) if item.body.strip() else None
            asset_id = by_file.get(item.row.sha256, same_text)
            if asset_id in missing:
                item.row.asset_id = asset_id
                self.renamed.append((missing.pop(asset_id).path, item.found.path))

    def path_of(self, asset_id: str) -> str:
        """Return the path of an asset's file, for messages."""
        in_this_run = (item.found.path for item in self.read if item.row.asset_id == asset_id)
        return next(in_this_run, None) or self._path_of_asset.get(asset_id, asset_id)

    def removed(self) -> list[str]:
        """Return the paths whose file is gone while their asset is still in use."""
        followed = {old for old, _new in self.renamed}
        gone = sorted(self.known.files.keys() - self.paths - followed)
        assets = {path: self.known.assets.get(self.known.files[path].asset_id or "") for path in gone}
        return [path for path, asset in assets.items() if asset and asset.state is not WorkflowState.RETIRED]


class Addresses:
    """Keeps addresses unique within a language, former ones included: what was given once leads to its asset."""

    def __init__(self, known: Known, identities: Identities) -> None:
        self._identities = identities
        self._taken: dict[str, dict[str, str]] = {}
        self.notices: list[Problem] = []
        for asset in known.assets.values():
            taken = self._taken.setdefault(asset.language, {})
            taken.update(dict.fromkeys(asset.aliases, asset.id))
        for asset in known.assets.values():
            self._taken[asset.language][asset.slug] = asset.id

    def choose(self, item: ReadFile, asset_id: str | None, current: str | None) -> str | None:
        """Return the address of a file's asset, or None where it cannot have the one it asks for (it is blamed).

        Args:
            asset_id: the asset, if it is known already. current: its present address.
        """
        fields = item.fields or {}
        taken = self._taken.setdefault(fields["language"], {})
        explicit = fields["explicit_slug"]
        wanted: str = fields["wanted_slug"] if explicit or current is None else current
        holder = taken.get(wanted)
        if holder is None or holder == asset_id:
            return wanted
        if explicit or current is not None:
            item.blame(
                _("the address '{slug}' is taken by {other}; give one of them another slug").format(
                    slug=wanted, other=self._identities.path_of(holder)
                )
            )
            return None
        slug = free_slug(wanted, item.found.below, taken)
        message = _("the address '{slug}' is taken by {other}, so this one is '{mine}'").format(
            slug=wanted, other=self._identities.path_of(holder), mine=slug
        )
        self.notices.append(Problem(item.found.path, message))
        return slug

    def give(self, language: str, slug: str, asset_id: str) -> None:
        """Note that an address is given."""
        self._taken.setdefault(language, {})[slug] = asset_id
