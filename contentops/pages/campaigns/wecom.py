"""WeCom: the state that says which asset and placement a contact came by, and the addresses that carry it. Pure rules.

Two kinds of WeCom address hand back a text of ours. Acquisition links (获客链接, ``/ca/``) take it as
``customer_channel``, up to 64 bytes, and give it back as ``state``. Links of customer service (微信客服, ``/kfid/``)
take it as ``scene_param``, up to 128 bytes, but only where they were made with a scene, which shows as ``enc_scene``.
A contact code (联系我) made in WeCom takes ``state`` itself, up to 30 characters: the shortest limit holds for all.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from contentops.texts import gettext as _

CODE_LENGTH = 7
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
"""Of codes: nothing that looks like something else on paper (0 o, 1 l i), no vowels, so that no words come out."""

MOST_STATE = 30
HOST = "work.weixin.qq.com"

_ASSET, _CHANNEL = 8, 13
_STATE = re.compile(
    rf"(?P<asset>[A-Za-z0-9-]{{1,{_ASSET}}})\.(?P<channel>[a-z][a-z0-9_]{{0,{_CHANNEL - 1}}})"
    rf"\.(?P<code>[{ALPHABET}]{{{CODE_LENGTH}}})"
)
_PATH = re.compile(r"/(ca|kfid)/[A-Za-z0-9_-]{1,100}")
_QUERY = re.compile(r"[A-Za-z0-9_.~%=&+-]*")
_CARRIERS = {"ca": "customer_channel", "kfid": "scene_param"}
_MOST_TARGET = 400


class StateParts(NamedTuple):
    """What a state says: the beginning of the asset's id, the beginning of the channel's key, the link's code."""

    asset: str
    channel: str
    code: str


def state_of(asset_id: str, channel: str, code: str) -> str:
    """Return the state of a link, such as ``4f0c81aa.wechat.k7m2xqp``: ASCII, at most 30 characters.

    The code alone makes it unique; asset and channel are there for people who read it in WeCom.
    """
    return f"{asset_id[:_ASSET]}.{channel[:_CHANNEL]}.{code}"


def read_state(state: str) -> StateParts | None:
    """Return what a state says, or None where it is none of ours."""
    found = _STATE.fullmatch(state)
    return StateParts(found["asset"], found["channel"], found["code"]) if found else None


def wecom_problem(address: str) -> str:
    """Return why a WeCom address cannot carry a state; "" where it can, or there is none."""
    address = address.strip()
    if not address:
        return ""
    parts = _parts(address)
    if parts is None:
        message = _(
            "only WeCom's own links can be used: https://{host}/ca/… (获客链接) or https://{host}/kfid/… (微信客服)"
        )
        return message.format(host=HOST)
    kind, _path, query = parts
    if kind == "kfid" and not any(part.startswith("enc_scene=") for part in query):
        return _("this customer service link was made without a scene and hands nothing back; make one with a scene")
    if len(wecom_target(address)) > _MOST_TARGET:
        return _("{n} characters; at most {most} are kept").format(n=len(address), most=_MOST_TARGET)
    return ""


def wecom_target(address: str) -> str:
    """Return a WeCom address as it is kept: without a fragment and without a state of somebody else's; "" for none."""
    parts = _parts(address.strip())
    if parts is None:
        return ""
    _kind, path, query = parts
    return f"https://{HOST}{path}" + (f"?{'&'.join(query)}" if query else "")


def wecom_address(target: str, state: str) -> str:
    """Return the WeCom address that hands a state back.

    Args:
        target: from :func:`wecom_target`. state: from :func:`state_of`; it needs no quoting.
    """
    carrier = _CARRIERS[target.removeprefix(f"https://{HOST}/").split("/")[0]]
    return f"{target}{'&' if '?' in target else '?'}{carrier}={state}"


def _parts(address: str) -> tuple[str, str, list[str]] | None:
    """Return kind, path and query of a WeCom address; the query as it stands, since WeCom checks what it signed."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    path = _PATH.fullmatch(parts.path.rstrip("/"))
    if parts.scheme != "https" or parts.netloc != HOST or path is None or not _QUERY.fullmatch(parts.query):
        return None
    carrier = _CARRIERS[path[1]]
    query = [part for part in parts.query.split("&") if part and part.partition("=")[0] != carrier]
    return path[1], path[0], query
