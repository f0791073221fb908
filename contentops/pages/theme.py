"""A theme: templates of the workspace over those that ship, rendered in the page's language."""

import hashlib
import traceback
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)

from contentops.bundled import bundled
from contentops.errors import NotFound, Problem, WorkspaceError
from contentops.pages.colors import color_of, hex_of, ink_on, legible, mixed
from contentops.texts import gettext as _
from contentops.texts import spoken, translations

DEFAULT = "calm"
"""The theme that lends others what they do not bring along."""
NO_THEMES = {"mail", "calendar", "preview", "privacy"}
"""Folders of templates/ that are no themes of a site."""
_PAPER, _NIGHT = "#fbfaf7", "#14181a"


@dataclass(frozen=True, slots=True)
class Brand:
    """What makes a theme a team's own.

    Attributes:
        color: #rrggbb. radius: roundness of corners in pixels. font: font stack; empty for the theme's.
        logo: a picture, relative to the workspace; empty for none.
    """

    color: str
    radius: int = 10
    font: str = ""
    logo: str = ""


class Theme:
    """Renders the templates of one theme.

    A file ``templates/<theme>/page.html`` of the workspace takes the place of the shipped one and can extend it by
    ``{% extends "!shipped/page.html" %}``. A theme need not have every file: the others come from the default theme,
    which is reached as ``!calm/page.html``.

    Args:
        name: folder below templates/. folder: the workspace. brand: colours and so on for the style sheet.
        compiled: where templates are kept as Python runs them, by their source; None: they are compiled each time.

    Raises:
        NotFound: neither the workspace nor the package has such a theme.
    """

    def __init__(self, name: str, folder: Path, brand: Brand, compiled: Path | None = None) -> None:
        root = bundled("templates")
        own, shipped = folder / "templates" / name, root / name
        if not own.is_dir() and not shipped.is_dir():
            raise NotFound(_("theme"), name, known_themes(folder))
        shared = [root / DEFAULT] if name not in NO_THEMES and name != DEFAULT else []
        below = [path for path in (shipped, *shared) if path.is_dir()]
        base: BaseLoader = ChoiceLoader([FileSystemLoader(path) for path in below])
        prefixes = {"!shipped": base, f"!{DEFAULT}": FileSystemLoader(root / DEFAULT)}
        self._loader = ChoiceLoader([FileSystemLoader(own), base, PrefixLoader(prefixes)])
        self._folders = [path for path in (own, *below) if path.is_dir()]
        self._name, self._folder, self._brand, self._compiled = name, folder, brand, compiled
        self._environments: dict[str, Environment] = {}

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
        except RecursionError as error:
            message = _("a template extends itself: write !shipped/ before the name of the shipped one")
            raise WorkspaceError(str(Problem(f"templates/{self._name}/{template}", message))) from error
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            where, line = _place(error) or (f"templates/{self._name}/{template}", None)
            raise WorkspaceError(str(Problem(where, str(error), line))) from error

    @cached_property
    def style(self) -> tuple[str, bytes]:
        """The style sheet: its file name, which changes with its content, and its bytes."""
        color = self._brand.color
        text = self.render(
            "style.css",
            "en",
            brand_color=color,
            brand_deep=mixed(color, "#000000", 0.16),
            brand_light=legible(mixed(color, "#ffffff", 0.45), "#1c2124"),
            brand_ink=legible(color, _PAPER),
            brand_wash=mixed(color, _PAPER, 0.92),
            brand_night=mixed(color, "#0b0e10", 0.78),
            on_brand=self._on_brand,
            radius=self._brand.radius,
            font=self._brand.font,
        ).encode()
        return f"style.{hashlib.sha256(text).hexdigest()[:12]}.css", text

    @property
    def _on_brand(self) -> str:
        return hex_of(ink_on(color_of(self._brand.color)))

    @cached_property
    def icon(self) -> bytes:
        """The site's icon."""
        return self.render("icon.svg", "en", brand_color=self._brand.color, on_brand=self._on_brand).encode()

    @cached_property
    def logo(self) -> tuple[str, bytes] | None:
        """The brand's picture: its file name, which changes with its content, and its bytes.

        Raises:
            WorkspaceError: the file that settings name cannot be read, or is neither SVG nor PNG.
        """
        if not self._brand.logo:
            return None
        file = (self._folder / self._brand.logo).resolve()
        if file.suffix.lower() not in (".svg", ".png") or not file.is_relative_to(self._folder.resolve()):
            raise WorkspaceError(
                _("site.logo: '{name}' must be an SVG or PNG file inside the workspace").format(name=self._brand.logo)
            )
        try:
            data = file.read_bytes()
        except OSError as error:
            message = _("site.logo: '{name}' cannot be read: {reason}")
            raise WorkspaceError(message.format(name=self._brand.logo, reason=error.strerror)) from error
        return f"logo.{hashlib.sha256(data).hexdigest()[:12]}{file.suffix.lower()}", data

    @cached_property
    def fingerprint(self) -> str:
        """Hash of every template and of the brand: another one means other pages."""
        digest = hashlib.sha256(repr(self._brand).encode())
        for folder in self._folders:
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                digest.update(f"\0{file.relative_to(folder)}\0".encode() + file.read_bytes())
        if self.logo is not None:
            digest.update(self.logo[0].encode())
        return digest.hexdigest()

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where the templates are, the workspace's first."""
        return tuple(self._folders)

    @cached_property
    def _bytecode(self) -> FileSystemBytecodeCache | None:
        """Compiling the templates takes longer than rendering dozens of pages."""
        if self._compiled is None:
            return None
        self._compiled.mkdir(parents=True, exist_ok=True)
        return FileSystemBytecodeCache(str(self._compiled), f"%s.jinja-{version('jinja2')}")

    def _environment(self, language: str) -> Environment:
        key = spoken(language)
        if key not in self._environments:
            environment = Environment(
                loader=self._loader,
                autoescape=True,
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
                auto_reload=False,
                bytecode_cache=self._bytecode,
                extensions=["jinja2.ext.i18n"],
            )
            environment.install_gettext_translations(translations(key), newstyle=True)  # type: ignore[attr-defined]
            self._environments[key] = environment
        return self._environments[key]


def known_themes(folder: Path) -> list[str]:
    """Return the names of all themes of a workspace, shipped ones included."""
    roots = [root for root in (folder / "templates", bundled("templates")) if root.is_dir()]
    return sorted({path.name for root in roots for path in root.iterdir() if path.is_dir()} - NO_THEMES)


def _place(error: Exception) -> tuple[str, int] | None:
    """Return the template and the line in which an error arose: Jinja puts its templates into the traceback."""
    frames = ((Path(frame.filename).parts, frame.lineno) for frame in traceback.extract_tb(error.__traceback__))
    found = [
        (parts, line)
        for parts, line in frames
        if "templates" in parts and parts[-1].endswith((".html", ".css", ".svg"))
    ]
    if not found:
        return None
    parts, line = found[-1]
    start = len(parts) - 1 - parts[::-1].index("templates")
    return "/".join(parts[start:]), line or 1
