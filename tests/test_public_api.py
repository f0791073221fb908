"""The public names: adding one is a decision."""

import importlib
import inspect
import pkgutil

import pytest

import contentops

PUBLIC = {
    "Asset", "Conflict", "Contact", "ContentOpsError", "InvalidInput", "Lead", "LinkRefused", "Milestone", "NotFound",
    "Problem", "Settings", "StoreError", "SubmissionInvalid", "WorkflowState", "Workspace", "WorkspaceError", "create_app",
}  # fmt: skip


def test_names_are_the_agreed_ones() -> None:
    assert set(contentops.__all__) == PUBLIC
    assert set(dir(contentops)) >= PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_name_loads_and_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(contentops, name))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Assett"):
        contentops.Assett  # noqa: B018


def everything_public() -> list[tuple[str, object]]:
    found = []
    for info in pkgutil.walk_packages(contentops.__path__, "contentops."):
        if "migrations" in info.name or info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != info.name:
                continue
            if inspect.isfunction(value) or inspect.isclass(value):
                found.append((f"{info.name}.{name}", value))
    return found


@pytest.mark.parametrize(("name", "value"), everything_public(), ids=lambda v: v if isinstance(v, str) else "")
def test_everything_public_is_documented_and_annotated(name: str, value: object) -> None:
    assert inspect.getdoc(value), f"{name} has no docstring"
    if inspect.isfunction(value):
        assert set(inspect.signature(value).parameters) <= set(value.__annotations__), f"{name} lacks annotations"
        assert "return" in value.__annotations__
    members = vars(value).items() if inspect.isclass(value) else []
    for member, method in members:
        if inspect.isfunction(method) and not member.startswith("_") and method.__module__ == value.__module__:
            assert inspect.getdoc(method), f"{name}.{member} has no docstring"
