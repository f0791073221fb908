"""A theme: templates of the workspace over those that ship, rendered in the page's language."""

import hashlib
import traceback
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)

from contentops.bundled import bundled
from contentops.errors import NotFound, Problem, WorkspaceError
from contentops.texts import gettext as _
from contentops.texts import spoken, translations


class Theme:
    """Renders the templates of one theme.

    A file ``templates/<theme>/page.html`` of the workspace takes the place of the shipped one and can extend it by
    ``{% extends "!shipped/page.html" %}``.

    Args:
        name: folder below templates/. folder: the workspace. brand_color: #rrggbb for the style sheet.

    Raises:
        NotFound: neither the workspace nor the package has such a theme.
    """

    def __init__(self, name: str, folder: Path, brand_color: str) -> None:
        shipped_root = bundled("templates")
        own, shipped = folder / "templates" / name, shipped_root / name
        if not own.is_dir() and not shipped.is_dir():
            known = [
                path.name for root in (folder / "templates", shipped_root) if root.is_dir() for path in root.iterdir()
            ]
            raise NotFound(_("theme"), name, known)
        base = FileSystemLoader(shipped if shipped.is_dir() else shipped_root / "calm")
        self._loader = ChoiceLoader([FileSystemLoader(own), base, PrefixLoader({"!shipped": base})])
        self._name = name
        self._environments: dict[str, Environment] = {}
        self._brand_color = brand_color

    def render(self, template: str, language: str, **context: Any) -> str:
        """Return a template's text.

        Raises:
            WorkspaceError: the template is missing, wrong, or asks for something that is not there; with its line.
        """
        try:
            return self._environment(language).get_template(template).render(**context)
        except TemplateNotFound as error:
            raise WorkspaceError(_("the theme has no template {name}").format(name=error)) from error
        except TemplateSyntaxError as error:
            problem = Problem(f"templates/{self._name}/{error.name}", str(error.message), error.lineno)
            raise WorkspaceError(str(problem)) from error
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise WorkspaceError(
                str(Problem(f"templates/{self._name}/{template}", str(error), _line(error)))
            ) from error

    @cached_property
    def style(self) -> tuple[str, bytes]:
        """The style sheet: its file name, which changes with its content, and its bytes."""
        brand = self._brand_color
        text = self.render(
            "style.css",
            "en",
            brand_color=brand,
            brand_deep=mixed(brand, "#000000", 0.16),
            brand_light=mixed(brand, "#ffffff", 0.6),
            brand_wash=mixed(brand, "#fbfaf7", 0.92),
        ).encode()
        return f"style.{hashlib.sha256(text).hexdigest()[:12]}.css", text

    def _environment(self, language: str) -> Environment:
        key = spoken(language)
        if key not in self._environments:
            environment = Environment(
                loader=self._loader,
                autoescape=True,
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
                extensions=["jinja2.ext.i18n"],
            )
            environment.install_gettext_translations(translations(key), newstyle=True)  # type: ignore[attr-defined]
            self._environments[key] = environment
        return self._environments[key]


def _line(error: Exception) -> int | None:
    """Return the line of the template in which an error arose: Jinja puts its templates into the traceback."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if "/templates/" in frame.filename]
    return lines[-1] if lines else None


def mixed(color: str, other: str, share: float) -> str:
    """Return `color` with a share of `other` in it, both as #rrggbb; older browsers cannot mix by themselves."""
    pairs = [(int(color[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a * (1 - share) + b * share):02x}" for a, b in pairs)
