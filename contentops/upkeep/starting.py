"""What is looked at before the server starts. Everything at once: nobody likes to mend one thing per start."""

import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from contentops.errors import ContentOpsError, Problem, SettingsInvalid, StoreError
from contentops.leads.keyring import signing_keys
from contentops.leads.suppression import KEY_FILE, hashing_key
from contentops.leads.wishes import all_lists
from contentops.settings import FILE_NAME, CaptureSettings, Settings
from contentops.store import Store
from contentops.store.probing import check_durable, check_whole, check_writable
from contentops.texts import gettext as _
from contentops.upkeep.disks import mounts, network_type, synced_folder
from contentops.upkeep.presence import RESTORING

LARGE_LOG_MB = 200
"""SQLite's log of a busy site stays below ten; Litestream empties it long before this."""

# Words of keys that stand in somebody's documentation. In 48 random characters they do not turn up by chance.
_SAMPLE = re.compile(r"change.?me|secret.?key|your.{0,3}key|password|example|0123456789|abcdefgh|qwerty", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StartReport:
    """What was found.

    Attributes:
        errors: why it does not start. warnings: sentences worth reading; it starts all the same.
    """

    errors: tuple[ContentOpsError, ...]
    warnings: tuple[str, ...]


def start_report(store: Store, settings: Settings, folder: Path, host: str) -> StartReport:
    """Look at keys, lists of wishes, settings, disk and database.

    Args:
        host: the address that the server listens on.
    """
    errors: list[ContentOpsError] = []
    for check in _checks(store, settings, folder):
        try:
            check()
        except ContentOpsError as error:
            if str(error) not in map(str, errors):  # all lists need the same key
                errors.append(error)
    problems = proxy_problems(settings.capture)
    if problems:
        errors.append(SettingsInvalid(problems))
    warnings = [*address_warnings(settings, host), *limit_warnings(settings.capture)]
    warnings += open_files([folder / settings.secret_key_file, folder / KEY_FILE])
    if store.file is not None:
        warnings += log_warnings(store.file, leave_checkpoints=settings.server.leave_checkpoints)
        kind, synced = network_type(store.file.resolve(), mounts()), synced_folder(store.file)
        if kind and settings.server.allow_network_disk:
            warnings.append(str(_network(store.file, kind)))
        elif kind:
            errors.append(_network(store.file, kind))
        if synced:
            message = _("the database lies in {folder}, which another program keeps in step: it can be damaged there")
            warnings.append(message.format(folder=synced))
    return StartReport(tuple(errors), tuple(warnings))


def _checks(store: Store, settings: Settings, folder: Path) -> Iterable[Callable[[], object]]:
    """Return the checks that raise what is wrong; those of the database stop at the first, which explains the rest."""

    def database() -> None:
        if (folder / RESTORING).exists():
            raise StoreError(_("a restore was interrupted; run 'contentops restore BACKUP' again"))
        store.check()
        if settings.server.quick_check:
            check_whole(store)
        check_writable(store)
        check_durable(store)

    lists = all_lists(folder, lambda: hashing_key(folder))
    keys = (lambda: known_keys(signing_keys(settings, folder)), lambda: hashing_key(folder))
    return (database, *keys, *(each.check for each in lists))


def known_keys(keys: Iterable[str]) -> None:
    """Refuse keys that come from a manual.

    Raises:
        SettingsInvalid: anybody could sign links with one of them.
    """
    if any(_SAMPLE.search(key) for key in keys):
        message = _("the signing key is a sample that others know; make one: {command}")
        command = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        raise SettingsInvalid([Problem("secret_key", message.format(command=command))])


def proxy_problems(capture: CaptureSettings) -> list[Problem]:
    """Return what is wrong with the trusted proxies: a network of everybody lets everybody choose an address."""
    message = _("capture.trusted_proxies: {network} is everybody; name the proxy's own network, such as 127.0.0.1/32")
    return [
        Problem(FILE_NAME, message.format(network=network))
        for network in capture.trusted_proxies
        if ip_network(network).prefixlen == 0
    ]


def address_warnings(settings: Settings, host: str) -> list[str]:
    """Return what looks wrong about the addresses that the site and this server have."""
    parts, found = urlsplit(settings.public_url), []
    public = not is_loopback(parts.hostname or "")
    if public and parts.scheme != "https":
        found.append(_("public_url is {url}: forms would travel unprotected; use https").format(url=parts.geturl()))
    if public and is_loopback(host) and not settings.capture.trusted_proxies:
        found.append(
            _(
                "capture.trusted_proxies is empty: behind a proxy on this machine all visitors count as one sender; "
                'write trusted_proxies = ["127.0.0.1/32"]'
            )
        )
    return found


def limit_warnings(capture: CaptureSettings) -> list[str]:
    """Return what makes no sense about the limits."""
    if capture.per_hour >= capture.per_minute:
        return []
    message = _("capture.per_hour ({hour}) is less than capture.per_minute ({minute}), which then never counts")
    return [message.format(hour=capture.per_hour, minute=capture.per_minute)]


def open_files(files: Iterable[Path]) -> list[str]:
    """Return which files of keys others on this machine may read or change."""
    found = []
    for file in files:
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
        except OSError:
            continue  # its own check says so, or the key comes by a variable
        if mode & 0o077:
            message = _("others on this machine can read {file} (mode {mode}): run 'chmod 600 {file}'")
            found.append(message.format(file=file, mode=f"{mode:o}"))
    return found


def log_warnings(file: Path, *, leave_checkpoints: bool) -> list[str]:
    """Return what is wrong with the size of SQLite's log: nobody writes it into the database.

    Args:
        file: the database. leave_checkpoints: whether another program is meant to do so.
    """
    try:
        size_mb = Path(f"{file}-wal").stat().st_size // 1_000_000
    except OSError:
        return []
    if size_mb < LARGE_LOG_MB:
        return []
    if leave_checkpoints:
        message = _(
            "the log {file}-wal has {size} MB: server.leave_checkpoints leaves it to Litestream, which does not seem "
            "to run; start it, or set leave_checkpoints = false"
        )
    else:
        message = _("the log {file}-wal has {size} MB: some program reads the database for very long; end it")
    return [message.format(file=file, size=size_mb)]


def is_loopback(host: str) -> bool:
    """Return whether an address is of this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _network(file: Path, kind: str) -> StoreError:
    message = _(
        "the database {path} lies on a network file system ({kind}), where SQLite can lose or damage it: move it to a "
        "local disk, use PostgreSQL, or set server.allow_network_disk = true"
    )
    return StoreError(message.format(path=file, kind=kind))
