"""Standards: how a kind is made. Files that the team edits (calendar/*.toml), checked whole when they are loaded."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from contentops.bundled import bundled
from contentops.errors import Problem, StandardInvalid, did_you_mean
from contentops.models import Gate
from contentops.texts import LANGUAGES, pick
from contentops.texts import gettext as _


def _known_languages(wordings: dict[str, str]) -> dict[str, str]:
    if not set(wordings) <= set(LANGUAGES):
        raise ValueError(_("write wordings for {languages}").format(languages=", ".join(LANGUAGES)))
    return wordings


Wordings = Annotated[dict[str, str], Field(min_length=1), AfterValidator(_known_languages)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
PUBLISH = "publish"
"""Key of the one step that every standard has: the publication itself."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Table):
    """One step from idea to publication and after it."""

    key: Key = Field(description="Never renamed: UIDs of calendar events hang on it.")
    name: Wordings
    role: Key = Field(description="The role that does it.")
    offset_days: int = Field(ge=-260, le=260, description="Working days before (negative) or after publication.")
    effort_hours: float = Field(0, ge=0, le=400)
    checklist: tuple[Wordings, ...] = Field((), description="What must be true before the step is done.")


class Duties(_Table):
    """Which roles own, supply and compile a kind."""

    owner: Key | None = None
    suppliers: tuple[Key, ...] = ()
    compiler: Key | None = None

    def roles(self) -> tuple[str, ...]:
        """Return every role once, the owner first."""
        roles = (self.owner, self.compiler, *self.suppliers)
        return tuple(dict.fromkeys(role for role in roles if role))


class Standard(_Table):
    """How assets of one kind are made, checked and reviewed."""

    kind: Key
    version: int = Field(ge=1, description="Raised with each change; kept with what was planned by it.")
    block: Literal["help_centre", "best_practice", "icebreaker", "internal_process"]
    gate: Gate = Field(Gate.OPEN, description="The usual gate, for whoever begins one; a file says its own.")
    review_every_months: int = Field(6, ge=1, le=60)
    required_front_matter: tuple[str, ...] = ()
    required_sections: tuple[Wordings, ...] = ()
    name: Wordings
    duties: Duties = Duties()
    steps: tuple[Step, ...] = Field(min_length=1)

    @property
    def is_public(self) -> bool:
        """Whether assets of this kind may appear on the site."""
        return self.block != "internal_process"

    def label(self, language: str | None = None) -> str:
        """Return the kind's name in a language (default: the current one)."""
        return pick(self.name, language)

    @model_validator(mode="after")
    def _steps_make_sense(self) -> "Standard":
        keys = [step.key for step in self.steps]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(_("steps: the key {keys} stands here twice").format(keys=", ".join(twice)))
        publish = [step for step in self.steps if step.key == PUBLISH]
        if len(publish) != 1 or publish[0].offset_days != 0:
            raise ValueError(_('steps: exactly one step with key = "publish" and offset_days = 0 is needed'))
        return self


@dataclass(frozen=True, slots=True)
class Standards:
    """All standards of a workspace by kind, the team's over the shipped ones."""

    by_kind: Mapping[str, Standard]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds there are."""
        return frozenset(self.by_kind)

    def roles(self) -> list[str]:
        """Return every role that some standard names, in alphabetical order."""
        named = {role for standard in self.by_kind.values() for role in standard.duties.roles()}
        return sorted(named | {step.role for standard in self.by_kind.values() for step in standard.steps})

    def __getitem__(self, kind: str) -> Standard:
        return self.by_kind[kind]

    def label(self, kind: str) -> str:
        """Return the name of a kind in the current language; the key itself for an unknown kind."""
        return self.by_kind[kind].label() if kind in self.by_kind else kind


def load_standards(folder: Path) -> Standards:
    """Load the shipped standards and, over them, those in `folder` (the workspace's calendar/).

    Raises:
        StandardInvalid: with every problem of every file: file, key, reason.
    """
    standards: dict[str, Standard] = {}
    problems: list[Problem] = []
    for place in (bundled("calendar"), folder):
        read_here: dict[str, Path] = {}
        for path in sorted(place.glob("*.toml")):
            standard = _load(path, problems)
            if standard is None:
                continue
            if standard.kind in read_here:
                problems.append(
                    Problem(
                        str(path),
                        _("the kind '{kind}' is already in {other}").format(
                            kind=standard.kind, other=read_here[standard.kind].name
                        ),
                    )
                )
            read_here[standard.kind] = path
            standards[standard.kind] = standard
    if problems:
        raise StandardInvalid(problems)
    return Standards(standards)


def _load(path: Path, problems: list[Problem]) -> Standard | None:
    try:
        return Standard.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(str(path), _("not valid TOML: {reason}").format(reason=error)))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(str(path), _("cannot be read: {reason}").format(reason=error)))
    except ValidationError as error:
        problems.extend(_problem(path, detail) for detail in error.errors(include_input=False))
    return None


def _problem(path: Path, detail: Any) -> Problem:
    loc = [part for part in detail["loc"] if part != "[key]"]
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in loc)
    if detail["type"] == "extra_forbidden":
        tables: dict[str, type[BaseModel]] = {"steps": Step, "duties": Duties}
        table = tables.get(str(loc[0]), Standard) if len(loc) > 1 else Standard
        return Problem(
            str(path), _("unknown key '{key}'").format(key=key) + did_you_mean(str(loc[-1]), table.model_fields)
        )
    message = str(detail["msg"]).removeprefix("Value error, ")
    return Problem(str(path), f"{key}: {message}" if key else message)
