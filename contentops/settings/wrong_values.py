"""What pydantic finds wrong with a value, in our words: in both languages, and so that people can act on it."""

from collections.abc import Mapping
from typing import Any

from contentops.texts import gettext as _
from contentops.texts import ngettext


def in_words(detail: Mapping[str, Any]) -> str:
    """Return what is wrong with a value; what no sentence was written for is said as pydantic says it.

    Args:
        detail: one of ``ValidationError.errors()``. What our own validators say comes back as it is.
    """
    kind, facts = str(detail["type"]), detail.get("ctx") or {}
    if kind in ("value_error", "assertion_error"):
        return str(detail["msg"]).split(", ", 1)[-1]
    if kind in ("literal_error", "enum"):
        return _("must be one of {known}").format(known=_known(str(facts.get("expected", ""))))
    return _about_size(kind, facts) or _about_type(kind) or str(detail["msg"])


def _known(expected: str) -> str:
    """Return pydantic's "'a', 'b' or 'c'" as a list without quotation marks."""
    return _(", ").join(word.strip(" '") for word in expected.replace(" or ", ", ").split(","))


def _about_size(kind: str, facts: Mapping[str, Any]) -> str:
    if kind == "string_too_short" or (kind == "too_short" and facts.get("min_length") == 1):
        return _("must not be empty")
    if kind == "string_too_long":
        return _("longer than {limit} characters").format(limit=facts["max_length"])
    if kind in ("too_short", "too_long"):
        n = facts["min_length" if kind == "too_short" else "max_length"]
        if kind == "too_short":
            return ngettext("needs at least {n} entry", "needs at least {n} entries", n).format(n=n)
        return ngettext("may have at most {n} entry", "may have at most {n} entries", n).format(n=n)
    bounds = {
        "greater_than_equal": ("ge", _("must be at least {limit}")),
        "less_than_equal": ("le", _("must be at most {limit}")),
        "greater_than": ("gt", _("must be more than {limit}")),
        "less_than": ("lt", _("must be less than {limit}")),
        "string_pattern_mismatch": ("pattern", _("does not have the form that is asked for: {limit}")),
    }
    if kind not in bounds:
        return ""
    name, sentence = bounds[kind]
    limit = facts[name]
    return sentence.format(limit=f"{limit:g}" if isinstance(limit, float) else limit)


def _about_type(kind: str) -> str:
    whole, number, yes_or_no = _("must be a whole number"), _("must be a number"), _("must be true or false")
    table, many = _("must be a table"), _("must be a list")
    words = {
        "missing": _("is missing"),
        "string_type": _("must be a text"),
        "int_type": whole,
        "int_parsing": whole,
        "int_from_float": whole,
        "int_parsing_size": whole,
        "float_type": number,
        "float_parsing": number,
        "finite_number": number,
        "bool_type": yes_or_no,
        "bool_parsing": yes_or_no,
        "dict_type": table,
        "model_type": table,
        "model_attributes_type": table,
        "list_type": many,
        "tuple_type": many,
    }
    if kind.startswith(("date_", "datetime_")):
        return _("must be a date, such as 2026-03-31")
    return words.get(kind, "")
