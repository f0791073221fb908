"""Read contentops.toml and the environment over it, and name everything that is wrong at once."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_settings import SettingsError

from contentops.errors import Problem, SettingsInvalid, WorkspaceError, did_you_mean
from contentops.settings.tables import PREFIX, Settings
from contentops.settings.wrong_values import in_words
from contentops.texts import gettext as _

FILE_NAME = "contentops.toml"
# Variables that are no settings: where to look for the workspace, the language of the command line, the key that
# addresses are hashed with (contentops.leads.suppression).
NOT_SETTINGS = {"CONTENTOPS_WORKSPACE", "CONTENTOPS_LANG", "CONTENTOPS_ERASURE_KEY"}


def load_settings(folder: Path) -> Settings:
    """Read `folder`/contentops.toml and the environment.

    Raises:
        SettingsInvalid: with every wrong or unknown key of file and environment at once.
        WorkspaceError: the file cannot be read.
    """
    path = folder / FILE_NAME
    values = read_settings_file(path)
    written = {"secret_key": values.get("secret_key"), "mail.password": _password(values.get("mail"))}
    problems = [
        Problem(
            FILE_NAME,
            _("secrets do not belong in this file: set {variable} instead of {key}").format(
                variable=PREFIX + key.upper().replace(".", "__"), key=key
            ),
        )
        for key, value in written.items()
        if value is not None
    ]
    problems += _unknown_variables(os.environ)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_input=False)]
    except SettingsError as error:  # a table given as JSON in one variable
        problems.append(_not_json(error))
    if problems:
        raise SettingsInvalid(problems)
    return settings


def read_settings_file(path: Path) -> dict[str, Any]:
    """Return the raw tables of a contentops.toml."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid([Problem(path.name, _("not valid TOML: {reason}").format(reason=error))]) from error
    except UnicodeDecodeError as error:
        raise SettingsInvalid([Problem(path.name, _("not UTF-8: save the file as UTF-8"))]) from error
    except OSError as error:
        raise WorkspaceError(_("cannot read {path}: {reason}").format(path=path, reason=error.strerror)) from error


def _password(mail: Any) -> Any:
    return mail.get("password") if isinstance(mail, dict) else None


def _problem(detail: Any) -> Problem:
    """Turn one of pydantic's errors into a sentence, with a suggestion for an unknown key."""
    loc = tuple(detail["loc"])
    key = ".".join(str(part) for part in loc)
    variable = PREFIX + "__".join(str(part) for part in loc).upper()
    where = variable if variable in os.environ else FILE_NAME
    if detail["type"] == "extra_forbidden":
        return Problem(where, _("unknown key '{key}'").format(key=key) + did_you_mean(str(loc[-1]), _siblings(loc)))
    return Problem(where, _("{field}: {problem}").format(field=key, problem=in_words(detail)))


def _not_json(error: SettingsError) -> Problem:
    """Turn what pydantic-settings says of a variable that should hold a whole table into a sentence."""
    named = re.search(r'field "(\w+)"', str(error))
    variable = PREFIX + (named[1].upper() if named else "…")
    message = _("must be JSON, such as {example}; or set one key of it by {variable}")
    return Problem(variable, message.format(example='{"key": 1}', variable=f"{variable}__KEY"))


def _siblings(loc: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in loc[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = _section_of(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _section_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is Literal:
        return None
    return next(filter(None, map(_section_of, get_args(annotation))), None)


def _unknown_variables(environ: Mapping[str, str]) -> list[Problem]:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | NOT_SETTINGS
    return [
        Problem(name, _("unknown variable") + did_you_mean(name, known))
        for name in environ
        if name.startswith(PREFIX) and name.split("__")[0] not in known
    ]
