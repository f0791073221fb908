"""Which language a text is in, and which files are versions of each other."""

import re
from pathlib import PurePosixPath

# Language tags that may stand in a file name (index.zh.md) or be a folder (i18n/zh/…); only those in use as such.
_TAGS = {
    "zh": "zh-CN", "zh-cn": "zh-CN", "zh-hans": "zh-CN", "cn": "zh-CN", "zh-tw": "zh-TW", "zh-hant": "zh-TW",
    "en": "en", "en-us": "en", "en-gb": "en-GB", "de": "de", "fr": "fr", "es": "es", "pt": "pt", "pt-br": "pt-BR",
    "it": "it", "nl": "nl", "pl": "pl", "ru": "ru", "ja": "ja", "ko": "ko", "vi": "vi", "th": "th",
}  # fmt: skip
TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
"""What a language tag may look like (BCP 47, the part of it that content uses)."""
# Runs, not single letters: a run is found three times as fast.
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
# Product names keep Chinese texts well below 100 % Han; real Chinese pages went down to 15 %, English ones up to 2 %.
_CHINESE_FROM = 0.08
_ENOUGH_LETTERS = 20


def normal_tag(text: str) -> str:
    """Return the usual form of a language tag: ``zh_CN`` → ``zh-CN``, ``zh`` → ``zh-CN``, ``EN-us`` → ``en``."""
    key = text.strip().lower().replace("_", "-")
    return _TAGS.get(key, key)


def language_by_letters(body: str) -> str | None:
    """Tell Chinese from Latin-letter text by its letters, code blocks left out; None where there are too few."""
    prose = _without_code(body) if "```" in body or "~~~" in body else body
    han, latin = (sum(map(len, letters.findall(prose))) for letters in (_HAN, _LATIN))
    if han + latin < _ENOUGH_LETTERS:
        return None
    return "zh-CN" if han / (han + latin) >= _CHINESE_FROM else "en"


def _without_code(body: str) -> str:
    kept, fence = [], ""
    for line in body.split("\n"):
        mark = line[:3]
        if fence:
            fence = "" if mark == fence else fence
        elif mark in ("```", "~~~"):
            fence = mark
        else:
            kept.append(line)
    return "\n".join(kept)


def language_by_path(path: str) -> str | None:
    """Return the language that a path states: by ``name.zh.md`` or ``name_zh.md`` first, then by a folder."""
    parts = PurePosixPath(path).parts
    suffix = re.search(r"[._]([A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?)\.\w+$", parts[-1])
    if suffix and suffix[1].lower().replace("_", "-") in _TAGS:
        return normal_tag(suffix[1])
    return next((normal_tag(part) for part in parts[:-1] if part.lower() in _TAGS), None)


def without_language(path: str) -> str:
    """Return the path without ending and language marks: equal for versions of one piece in different languages."""
    pure = PurePosixPath(path)
    stem = pure.stem
    mark = re.search(r"[._]([A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?)$", stem)
    if mark and mark[1].lower().replace("_", "-") in _TAGS:
        stem = stem[: mark.start()]
    folders = [part for part in pure.parts[:-1] if part.lower() not in _TAGS]
    return "/".join([*folders, stem])
