"""How fast contentops is, as ratios to peers and to hard limits taken in the same run. Not tests: nothing fails here.

Run ``python -m benchmarks``, or ``python -m benchmarks import page --rounds 7 --json out.json``. The peers are ordinary
packages: ``pip install pelican mkdocs numpy``; ``wrk`` is used for the forms where it is installed. All jobs take
some ten minutes; ``--quick`` shows in two whether they still run.

===========  ==================================================================================
job          what is compared
===========  ==================================================================================
import       `sync()` of everything with an import row by row through the ORM, and with the raw limits
page         `page build` with Pelican and MkDocs on the same files, and with copying the output
calendar     the .ics of 2,000 and 10,000 events with bare icalendar; an export that repeats; what a 304 costs
plan         back-planning 10,000 assets, their workload and its balance with loops over numpy's busday functions
capture      forms taken durably with a bare Starlette handler that has no database
deliver      the outbox with a commit per message, and on its way to a mail server
startup      import, ``--help`` and small commands with an empty Python
===========  ==================================================================================

How to read it: variants take turns round by round and each ratio is taken within its round, so that a noisy neighbour
hits both sides. CPU seconds are the primary figure, wall time is given beside it, and neither is a capacity.
"""
