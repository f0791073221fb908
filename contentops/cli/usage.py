"""Wrong calls in our words and in the reader's language: what Typer finds is told apart by its kind, not printed."""

import re
from typing import Any, Protocol, cast

import typer

from contentops.errors import did_you_mean
from contentops.texts import gettext as _

# Typer brings click along under a name of its own; only this class of it is public.
WrongCall: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""What Typer raises where a call is wrong."""


class _Raised(Protocol):
    """What its exceptions have in common."""

    ctx: Any
    param: Any
    message: str

    def format_message(self) -> str: ...


def explain(error: Exception) -> str:
    """Return what people read about a wrong call: how the command is called, then what was wrong."""
    raised = cast("_Raised", error)
    if "NoArgsIsHelpError" in _kinds(error):  # nothing is wrong: somebody wants to know what there is
        return raised.format_message()
    lines = [_("Error: {message}").format(message=_sentence(error))]
    if (context := getattr(raised, "ctx", None)) is not None:
        pieces = (re.sub(r"^\{(.*)\}$|^\[(\[.*\])\]$", r"\1\2", piece)
                  for piece in context.command.collect_usage_pieces(context))  # fmt: skip
        usage = " ".join([context.command_path, *pieces])
        more = _("'{command} --help' says more.").format(command=context.command_path)
        lines = [_("Usage: {usage}").format(usage=usage), more, "", *lines]
    return "\n".join(lines)


def _kinds(error: Exception) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _sentence(error: Exception) -> str:
    raised, kinds = cast("_Raised", error), _kinds(error)
    if "MissingParameter" in kinds and raised.param is not None:
        is_option = raised.param.param_type_name == "option"
        sentence = _("the option {name} is missing") if is_option else _("the argument {name} is missing")
        return sentence.format(name=_name(raised.param))
    if "BadParameter" in kinds:
        reason = _reason(error)
        param = raised.param
        return _("{field}: {problem}").format(field=_name(param), problem=reason) if param is not None else reason
    if "NoSuchOption" in kinds:
        name, close = _shown(error.option_name), error.possibilities or ()  # type: ignore[attr-defined]
        return _("there is no option {name}").format(name=name) + did_you_mean(name, close)
    if "BadOptionUsage" in kinds:
        name = _shown(error.option_name)  # type: ignore[attr-defined]
        if "does not take a value" in raised.message:
            return _("the option {name} takes no value").format(name=name)
        return _("the option {name} needs a value").format(name=name)
    return _about_words(raised)


def _about_words(raised: _Raised) -> str:
    """Words that are no command, or too many: Typer has no kind of its own for them."""
    if found := re.match(r"No such command '(.*?)'\.", raised.message):
        commands = getattr(getattr(raised.ctx, "command", None), "commands", {})
        return _("there is no command '{name}'").format(name=found[1]) + did_you_mean(found[1], commands)
    if found := re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)$", raised.message, re.DOTALL):
        return _("more words than it takes: {words}").format(words=found[1])
    return raised.format_message()


def _reason(error: Exception) -> str:
    from contentops.settings.wrong_values import in_words

    details = getattr(error.__cause__, "errors", None)
    reason = in_words(details()[0]) if callable(details) else cast("_Raised", error).message
    if found := re.match(r"'(.*)' is not one of (.*)\.$", reason):
        known = _(", ").join(word.strip(" '") for word in found[2].split(","))
        return _("'{text}' is none of {known}").format(text=found[1], known=known)
    return reason


def _name(param: Any) -> str:
    if param.param_type_name == "option":
        return max(param.opts, key=len)  # type: ignore[no-any-return]
    return str(param.metavar or param.name.upper())


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
