"""The desk for work under way: ``ws.calendar.steps``."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlmodel import Session

from contentops.assets.quality import missing, unfinished
from contentops.assets.standards import PUBLISH
from contentops.assets.transitions import change_state, next_review, refuse_unless
from contentops.errors import Conflict, InvalidArgument, NotFound, Problem, StepBlocked
from contentops.models import Asset, AssetText, Lane, Milestone, MilestoneState, WorkflowState, new_id
from contentops.planning.context import PlanningContext, asset_in, living, milestone_in, note
from contentops.planning.moving import Author, check_day, drop_milestone, milestones_of
from contentops.texts import gettext as _
from contentops.texts import pick


class Steps:
    """Ticks points and steps off, skips steps, adds placements, keeps reviews."""

    def __init__(self, context: PlanningContext) -> None:
        self._context = context

    def tick(
        self, address: str, step: str, points: Iterable[int] | None = None, *, by: str, on: bool = True
    ) -> Milestone:
        """Tick points of a step's checklist off, and keep who did it when.

        Args:
            points: their numbers, from 1; None for all of them. on: False takes the ticks back.

        Raises:
            NotFound: no such asset, step or point.
        """
        asset_id, now = self._context.assets.get(address).id, self._context.now()
        with self._context.store.write() as session:
            milestone = milestone_in(session, asset_id, step)
            known = range(1, len(milestone.checklist) + 1)
            wanted = list(known) if points is None else list(points)
            for number in wanted:
                if number not in known:
                    raise NotFound(_("point"), str(number), map(str, known))
            mark = {"by": by, "at": now.isoformat()} if on else {"by": None, "at": None}
            milestone.checklist = [
                {**point, **mark} if number in wanted and bool(point["at"]) != on else point
                for number, point in enumerate(milestone.checklist, 1)
            ]
            milestone.changed_at = now
            session.add(milestone)
        return milestone

    def complete(self, address: str, step: str, *, by: str) -> Milestone:
        """Call a step of an asset done. The first one takes a planned asset into work; ``publish`` publishes it.

        Raises:
            NotFound: no such asset, or no such step in its plan.
            StepBlocked: with what must be done first: open points of its checklist, earlier steps.
            TransitionRefused: it is to be published and not approved yet.
        """
        asset_id = self._context.assets.get(address).id
        with self._context.store.write() as session:
            return self.complete_in(session, asset_in(session, asset_id), step, by=by)

    def complete_in(self, session: Session, asset: Asset, step: str, *, by: str) -> Milestone:
        """Do what :meth:`complete` does within the caller's transaction."""
        living(asset)
        milestone, now, reason = milestone_in(session, asset.id, step), self._context.now(), f"calendar done {step}"
        if milestone.state is MilestoneState.DONE:
            return milestone
        self._check(session, asset, step)
        if step == PUBLISH and asset.state is not WorkflowState.PUBLISHED:
            self._context.assets.change(session, asset, WorkflowState.PUBLISHED, by=by, reason=reason)
        elif asset.state is WorkflowState.PLANNED:
            change_state(session, asset, WorkflowState.IN_PROGRESS, by=by, reason=reason, now=now)
        milestone.state, milestone.changed_at = MilestoneState.DONE, now
        note(session, asset.id, step, milestone.due_on, milestone.due_on, at=now, by=by, why="done")
        session.add(milestone)
        return milestone

    def _check(self, session: Session, asset: Asset, step: str) -> None:
        standard = self._context.standards.by_kind.get(asset.kind)
        if standard is None:
            return
        problems = list(unfinished(asset, milestones_of(session, asset.id), standard, step))
        text = session.get(AssetText, asset.id) if step == PUBLISH else None
        if text is not None:
            problems += missing(asset, text.markdown, standard)
        if problems:
            raise StepBlocked(problems)

    def skip(self, address: str, step: str, *, by: str, reason: str) -> Milestone:
        """Leave a step out for this asset; planning does not bring it back.

        Raises:
            NotFound: no such asset or step. Conflict: it is done. InvalidArgument: no reason, or it is the publication.
        """
        if not reason.strip():
            raise InvalidArgument([Problem("reason", _("say why, in a sentence"))])
        if step == PUBLISH:
            message = _("publication cannot be left out; 'contentops calendar unplan' takes the asset off the calendar")
            raise InvalidArgument([Problem("step", message)])
        asset_id = self._context.assets.get(address).id
        with self._context.store.write() as session:
            milestone = milestone_in(session, asset_id, step)
            drop_milestone(session, milestone, Author(by, self._context.now(), reason))
        return milestone

    def place(
        self,
        address: str,
        channel: str,
        day: date,
        *,
        by: str,
        role: str | None = None,
        format: str = "article",  # noqa: A002 - the field's name
        hours: float = 1,
    ) -> Milestone:
        """Add a placement of an asset in a channel, with its own day and format, or change the one there is.

        Raises:
            NotFound: no such asset, or no such role. InvalidArgument: the channel's name cannot be a key.
        """
        context, now = self._context, self._context.now()
        asset = context.assets.get(address)
        if not channel.isidentifier() or not channel.isascii() or len(channel) > 20:
            message = _("'{channel}' is no key: use up to 20 small letters, digits and underscores")
            raise InvalidArgument([Problem("channel", message.format(channel=channel))])
        duties = context.standard(asset).duties
        role = role or duties.compiler or duties.owner or ""
        if role not in context.standards.roles():
            raise NotFound(_("role"), role, context.standards.roles())
        check_day(day)
        if not 0 < len(format) <= 40:
            raise InvalidArgument([Problem("format", _("1 to 40 characters are needed"))])
        key = f"place_{channel.lower()}"
        with context.store.write() as session:
            before = next((m for m in milestones_of(session, living(asset).id) if m.step == key), None)
            if before is not None and before.state is MilestoneState.DONE:
                raise Conflict(_("'{step}' is done and stays where it was").format(step=pick(before.name)))
            values = _placement(channel, format) | {
                "role": role, "due_on": day, "effort_hours": hours, "changed_at": now,
            }  # fmt: skip
            note(session, asset.id, key, before.due_on if before else None, day, at=now, by=by, why="calendar place")
            if before is None:
                version = context.standard(asset).version
                new = {
                    "id": new_id(),
                    "asset_id": asset.id,
                    "step": key,
                    "standard_version": version,
                    "created_at": now,
                }
                before = Milestone.model_validate({**values, **new})
            else:
                for name, value in values.items():
                    setattr(before, name, value)
            session.add(before)
        return before

    def placed(self, address: str, channel: str, url: str, *, by: str) -> Milestone:
        """Call a placement done and keep where it stands.

        Raises:
            NotFound: no such asset, or no placement in this channel.
        """
        asset_id, now = self._context.assets.get(address).id, self._context.now()
        if not url.startswith(("https://", "http://")) or len(url) > 500:
            message = _("write the address with https://, at most 500 characters")
            raise InvalidArgument([Problem("url", message)])
        with self._context.store.write() as session:
            milestone = milestone_in(session, asset_id, f"place_{channel.lower()}")
            milestone.address, milestone.state, milestone.changed_at = url, MilestoneState.DONE, now
            note(session, asset_id, milestone.step, milestone.due_on, milestone.due_on, at=now, by=by, why=url)
            session.add(milestone)
        return milestone

    def review(self, address: str, *, by: str, next_on: date | None = None) -> Asset:
        """Keep that a published asset was reviewed today, and set the day of its next review.

        Args:
            next_on: that day; by default after the months that the standard says, on a working day.

        Raises:
            NotFound: no such asset. Conflict: it is not published.
        """
        context, today = self._context, self._context.today()
        asset_id = context.assets.get(address).id
        with context.store.write() as session:
            asset = asset_in(session, asset_id)
            refuse_unless(asset, {WorkflowState.PUBLISHED}, _("review"))
            before = asset.review_on
            if next_on is not None:
                check_day(next_on)
            day = next_on or context.days.team.on_or_after(next_review(today, context.standard(asset)))
            asset.reviewed_on, asset.review_on, asset.changed_at = today, day, context.now()
            note(session, asset.id, "review", before, day, at=context.now(), by=by, why="reviewed")
            session.add(asset)
        return asset


def _placement(channel: str, form: str) -> dict[str, Any]:
    """Return what every placement in a channel says of itself."""
    return {
        "name": {"en": f"Publish on {channel} ({form})", "zh-CN": f"发布到 {channel}（{form}）"},
        "lane": Lane.PLACEMENT,
        "pinned": True,
        "state": MilestoneState.DUE,
        "channel": channel.lower(),
        "format": form,
    }
