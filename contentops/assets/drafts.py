"""The first lines of a new asset's file, as its standard asks for them."""

import json

from contentops.assets.standards import Standard
from contentops.models import Gate, WorkflowState, new_id
from contentops.texts import gettext as _
from contentops.texts import pick, use_language


def new_file(title: str, standard: Standard, language: str, asset_id: str | None = None) -> str:
    """Return the text of a new Markdown file: front matter, and a heading for each required section.

    Args:
        asset_id: of the idea that it is the text of; a new one otherwise.
    """
    with use_language(language):
        lines = [
            "---",
            f"title: {_quoted(title)}",
            'description: ""  # ' + _("one or two sentences for search results"),
            f"lang: {language}",
            "draft: true  # " + _("remove when it may go out"),
            "contentops:",
            f"  id: {asset_id or new_id()}  # " + _("keep it: it follows the file when it is renamed"),
            f"  kind: {standard.kind}",
            f"  state: {WorkflowState.IDEA}",
        ]
        if standard.gate is Gate.GATED:
            lines += [
                "  gate: open  # " + _("set to gated once there is an attachment"),
                '  attachment: ""',
                "  offer:",
                '    promise: ""',
                '    subtitle: ""',
                '    button: ""',
            ]
    sections = [f"## {pick(section, language)}\n" for section in standard.required_sections]
    return "\n".join([*lines, "---", "", *sections]) + ("" if sections else "\n")


def _quoted(text: str) -> str:
    # A JSON string is a YAML string: a colon or quotation mark in a title must not break the file.
    return json.dumps(text, ensure_ascii=False)
