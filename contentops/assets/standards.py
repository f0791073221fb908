"""Standards: how a kind is made. Files that the team edits (calendar/*.toml), checked whole when they are loaded."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from contentops.bundled import bundled
from contentops.errors import Problem, StandardInvalid, did_you_mean
from contentops.models import Gate
from contentops.settings.wrong_values import in_words
from contentops.texts import LANGUAGES, pick
from contentops.texts import gettext as _


def _known_languages(wordings: dict[str, str]) -> dict[str, str]:
    if not set(wordings) <= set(LANGUAGES):
        raise ValueError(_("write wordings for {languages}").format(languages=", ".join(LANGUAGES)))
    return wordings


Wordings = Annotated[dict[str, str], Field(min_length=1), AfterValidator(_known_languages)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
OTHER_FILES = {"cadence.toml", "columns.toml"}
"""Files of calendar/ that are no standards: recurring series, and the columns of plans that were imported."""

PUBLISH = "publish"
"""Key of the one step that every standard has: the publication itself."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Table):
    """One step from idea to publication and after it, done by a role or by whoever has a duty."""

    key: Key = Field(description="Never renamed: UIDs of calendar events hang on it.")
    name: Wordings
    role: Key | None = Field(None, description="The role that does it.")
    duty: Literal["owner", "suppliers", "compiler"] | None = Field(
        None, description="In place of a role: whoever has this duty. For suppliers, each of them gets the step."
    )
    offset_days: int = Field(ge=-260, le=260, description="Working days before (negative) or after publication.")
    effort_hours: float = Field(0, ge=0, le=400)
    checklist: tuple[Wordings, ...] = Field((), description="What must be true before the step is done.")

    @model_validator(mode="after")
    def _somebody_does_it(self) -> "Step":
        if (self.role is None) == (self.duty is None):
            raise ValueError(_("say who does it: either role or duty"))
        return self


class PlacementRule(_Table):
    """One channel in which assets of a kind appear, and how they are promoted there."""

    channel: Key = Field(max_length=20, description="Such as wechat, zhihu, newsletter, site.")
    format: Key = Field("article", description="Such as article, short_video, post.")
    role: Key | None = Field(None, description="The role that does it; by default the compiler.")
    after_days: int = Field(0, ge=0, le=365, description="Calendar days after publication, then the next working day.")
    effort_hours: float = Field(1, ge=0, le=400)
    promote_after_days: tuple[Annotated[int, Field(ge=1, le=365)], ...] = Field(
        (), description="Calendar days after publication on which it is shown there again, such as [1, 7, 30]."
    )
    promote_hours: float = Field(0.5, ge=0, le=400, description="Effort of one promotion.")

    def milestones(self) -> list[str]:
        """Return the keys of its milestones: the placement, and each promotion."""
        return [f"place_{self.channel}", *(f"promote_{self.channel}_{days}" for days in self.promote_after_days)]


class Duties(_Table):
    """Which roles own, supply and compile a kind."""

    owner: Key | None = None
    suppliers: tuple[Key, ...] = ()
    compiler: Key | None = None

    def roles(self) -> tuple[str, ...]:
        """Return every role once, the owner first."""
        roles = (self.owner, self.compiler, *self.suppliers)
        return tuple(dict.fromkeys(role for role in roles if role))

    def holders(self, duty: str) -> tuple[str, ...]:
        """Return the roles that have a duty: ``owner``, ``suppliers`` or ``compiler``."""
        if duty == "suppliers":
            return self.suppliers
        role: str | None = getattr(self, duty)
        return (role,) if role else ()


@dataclass(frozen=True, slots=True)
class OwedStep:
    """One step with the role that owes it.

    Attributes:
        key: within the asset; for suppliers that share a step, their role stands before the step's own key.
        name: wordings by language. role: who owes it. offset_days, effort_hours: working days from publication, hours.
        checklist: what must be true before it is done.
    """

    key: str
    name: Mapping[str, str]
    role: str
    offset_days: int
    effort_hours: float
    checklist: tuple[Mapping[str, str], ...]


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
    placements: tuple[PlacementRule, ...] = ()
    _owed: dict[str | None, tuple[OwedStep, ...]] = PrivateAttr(default_factory=dict)

    @property
    def is_public(self) -> bool:
        """Whether assets of this kind may appear on the site."""
        return self.block != "internal_process"

    def label(self, language: str | None = None) -> str:
        """Return the kind's name in a language (default: the current one)."""
        return pick(self.name, language)

    def owed(self, owner: str | None = None) -> tuple[OwedStep, ...]:
        """Return the steps with the roles that owe them, in the order of the file.

        Args:
            owner: the role that owns one asset, where it is not the standard's.
        """
        if owner in self._owed:
            return self._owed[owner]
        duties = self.duties.model_copy(update={"owner": owner}) if owner else self.duties
        found = []
        for step in self.steps:
            roles = (step.role,) if step.role else duties.holders(str(step.duty))
            shared = step.duty == "suppliers"
            for role in roles:
                key = f"{role}_{step.key}" if shared else step.key
                name = {tag: f"{text} ({role})" for tag, text in step.name.items()} if len(roles) > 1 else step.name
                found.append(OwedStep(key, name, role, step.offset_days, step.effort_hours, step.checklist))
        self._owed[owner] = tuple(found)
        return self._owed[owner]

    def roles(self) -> tuple[str, ...]:
        """Return every role that duties, steps or placements name, once."""
        named = [*self.duties.roles(), *(step.role for step in self.steps), *(rule.role for rule in self.placements)]
        return tuple(dict.fromkeys(role for role in named if role))

    @model_validator(mode="after")
    def _steps_make_sense(self) -> "Standard":
        keys = [step.key for step in self.steps]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(_("steps: the key {keys} stands here twice").format(keys=", ".join(twice)))
        publish = [step for step in self.steps if step.key == PUBLISH]
        if len(publish) != 1 or publish[0].offset_days != 0:
            raise ValueError(_('steps: exactly one step with key = "publish" and offset_days = 0 is needed'))
        if publish[0].duty == "suppliers":
            raise ValueError(_("steps: one role publishes, so the step cannot be the suppliers'"))
        nobody = [step.key for step in self.steps if step.duty and not self.duties.holders(step.duty)]
        if nobody:
            raise ValueError(
                _("steps: nobody has the duty that these steps name: {keys}; fill it in [duties]").format(
                    keys=", ".join(nobody)
                )
            )
        owed = [step.key for step in self.owed()] + [key for rule in self.placements for key in rule.milestones()]
        clash = sorted({key for key in owed if owed.count(key) > 1 or len(key) > 40})
        if clash:
            raise ValueError(_("these keys are too long or stand twice: {keys}").format(keys=", ".join(clash)))
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
        return sorted({role for standard in self.by_kind.values() for role in standard.roles()})

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
            if path.name in OTHER_FILES:
                continue
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


@lru_cache(maxsize=256)
def _standard(text: str) -> Standard:
    """Return the standard that a file says; the same ten files are read by everything that asks for a kind."""
    return Standard.model_validate(tomllib.loads(text))


def _load(path: Path, problems: list[Problem]) -> Standard | None:
    try:
        return _standard(path.read_text(encoding="utf-8-sig"))
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
    message = in_words(detail)
    return Problem(str(path), f"{key}: {message}" if key else message)
