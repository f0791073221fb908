"""Where content comes from: ``[[sources]]``."""

from typing import Literal

from pydantic import Field

from contentops.settings.shapes import KeyNames, Pattern, Section


class SourceRule(Section):
    """Which kind (and owner) a file of a source has. The first rule that matches wins."""

    path: Pattern | None = Field(None, description="Regular expression searched in the path below the source's folder.")
    where: dict[str, Pattern] = Field({}, description="Front matter key → regular expression searched in its value.")
    kind: str = Field(description="The kind of asset.")
    owner: str | None = Field(None, description="The owning role, where it is not the standard's.")


class SourceKeys(Section):
    """Which front matter keys are read for what; the first one that has a value wins."""

    title: KeyNames = Field(("title",), description='Keys of the title, such as ["title", "title_zh"].')
    description: KeyNames = Field(("description", "summary"), description="Keys of the description.")
    date: KeyNames = Field(("date",), description="Keys of the date of the text.")
    slug: KeyNames = Field(("slug",), description="Keys of the address.")


class Source(Section):
    """A folder of Markdown files that `contentops sync` reads."""

    path: str = Field("content", description="The folder, relative to the workspace or absolute.")
    kind: str | None = Field(None, description="The kind of every file that no rule and no front matter gives one.")
    rules: tuple[SourceRule, ...] = Field((), description="Rules that give a kind; the first that matches wins.")
    state: Literal["idea", "planned", "in_progress", "in_review", "approved", "published"] = Field(
        "published", description="State of new files that say nothing: neither contentops.state nor draft."
    )
    keys: SourceKeys = Field(SourceKeys(), description="Which front matter keys are read for what.")
    language: str = Field(
        "auto",
        description="auto (key, file name, folder, letters in this order), letters, or one language tag.",
    )
    include: tuple[str, ...] = Field((".md", ".mdx", ".markdown"), description="Endings of the files that are read.")
    exclude: tuple[Pattern, ...] = Field(
        (), description="Regular expressions; paths in which one is found are left out."
    )
