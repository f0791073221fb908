"""The way from idea to retirement, and the duties on it. Pure rules."""

from collections.abc import Iterable, Mapping

from contentops.assets.standards import Standards
from contentops.errors import Problem, TransitionRefused
from contentops.models import WorkflowState
from contentops.texts import gettext as _

S = WorkflowState
NEXT: Mapping[WorkflowState, tuple[WorkflowState, ...]] = {
    S.IDEA: (S.PLANNED, S.IN_PROGRESS, S.RETIRED),
    S.PLANNED: (S.IN_PROGRESS, S.IDEA, S.RETIRED),
    S.IN_PROGRESS: (S.IN_REVIEW, S.PLANNED, S.RETIRED),
    S.IN_REVIEW: (S.APPROVED, S.IN_PROGRESS, S.RETIRED),  # back to in_progress: rejected
    S.APPROVED: (S.PUBLISHED, S.IN_PROGRESS, S.RETIRED),
    S.PUBLISHED: (S.RETIRED, S.IN_PROGRESS),  # back to in_progress: reworked
    S.RETIRED: (S.IN_PROGRESS,),  # resumed
}
"""Which state may follow which."""


def check_transition(slug: str, state: WorkflowState, wanted: WorkflowState) -> None:
    """Refuse a step that the workflow does not have.

    Raises:
        TransitionRefused: with the states that are possible.
    """
    if wanted not in NEXT[state]:
        raise TransitionRefused(slug, state, wanted, [str(s) for s in NEXT[state]])


def duty_problems(standards: Standards, holders: Mapping[str, str], used_kinds: Iterable[str]) -> list[Problem]:
    """Report kinds without an owner, and roles that owe work but have nobody.

    Args:
        standards: by kind. holders: role → name. used_kinds: kinds of the assets there are.
    """
    problems = []
    needed: dict[str, list[str]] = {}
    for kind, standard in sorted(standards.by_kind.items()):
        if standard.duties.owner is None:
            problems.append(
                Problem(kind, _("no role owns this kind: add duties.owner to calendar/{kind}.toml").format(kind=kind))
            )
        idle = [role for role in standard.duties.roles() if role not in {step.role for step in standard.owed()}]
        if idle:
            message = _("these have a duty but no step: {roles}; add steps to calendar/{kind}.toml")
            problems.append(Problem(kind, message.format(roles=_(", ").join(idle), kind=kind)))
        for role in standard.roles():
            needed.setdefault(role, []).append(kind)
    problems += [
        Problem(
            role,
            _(
                "nobody fills this role, which owes work for: {kinds}; name one by 'contentops role assign {role} NAME'"
            ).format(role=role, kinds=_(", ").join(sorted(needed[role]))),
        )
        for role in sorted(set(needed) - set(holders))
    ]
    problems += [
        Problem(
            kind, _("assets of this kind exist, but it has no standard: add calendar/{kind}.toml").format(kind=kind)
        )
        for kind in sorted(set(used_kinds) - standards.kinds)
    ]
    return problems
