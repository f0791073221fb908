"""The words of mails: templates/mail/*.txt and *.html, the workspace's before the shipped ones."""

from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape

from contentops.bundled import bundled
from contentops.errors import Problem, WorkspaceError
from contentops.texts import spoken, translations, use_language


class MailTemplates:
    """Renders them.

    Args:
        folder: the workspace.
    """

    def __init__(self, folder: Path) -> None:
        self._folders = [folder / "templates" / "mail", bundled("templates") / "mail"]
        self._environments: dict[str, Environment] = {}

    def render(self, template: str, language: str, **values: object) -> str:
        """Return one template as text in a language.

        Args:
            template: file name, such as ``digest.txt``.

        Raises:
            WorkspaceError: the template is broken; with its name and the reason.
        """
        with use_language(language):
            try:
                return (
                    self._environment(spoken(language)).get_template(template).render(lang=spoken(language), **values)
                )
            except TemplateError as error:
                raise WorkspaceError(str(Problem(f"templates/mail/{template}", str(error)))) from error

    def _environment(self, language: str) -> Environment:
        if language not in self._environments:
            environment = Environment(
                loader=ChoiceLoader([FileSystemLoader(folder) for folder in self._folders]),
                autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                extensions=["jinja2.ext.i18n"],
            )  # fmt: skip
            environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
            self._environments[language] = environment
        return self._environments[language]
