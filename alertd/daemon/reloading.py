"""Putting changed files in force, or keeping the last good ones and saying so."""

from dataclasses import replace

import structlog

from alertd.app import Application, read_home, with_home
from alertd.config.home import Home
from alertd.core.errors import AlertdError
from alertd.core.rule_changes import differences, ids_by_change
from alertd.daemon.background import in_thread
from alertd.daemon.due import lines
from alertd.daemon.homefiles import HomeFiles, Look
from alertd.daemon.inforce import InForce
from alertd.daemon.judging import begin
from alertd.daemon.opsmail import tell_ops
from alertd.daemon.upkeep import Upkeep
from alertd.round.readings import readings_of

_log = structlog.get_logger("alertd.reload")


class Reloading:
    """Looks at the files of the home that is in force."""

    def __init__(self, in_force: InForce, upkeep: Upkeep) -> None:
        home, environ = in_force.app.home, in_force.app.environ
        self._in_force = in_force
        self._upkeep = upkeep
        self._files = HomeFiles(home, lambda: read_home(home.root, environ))

    async def look(self, *, confirmed: bool = False) -> None:
        """Take up changed files; `confirmed` (SIGHUP) also those that take something away without withdrawing it."""
        look = await in_thread(lambda: self._files.look(confirmed=confirmed), "reload")
        if look.home is not None:
            look = await self._put_in_force(look, look.home, confirmed=confirmed)
        self._upkeep.config_trouble = look.trouble and "changed files are not in force; see the log and `alertd check`"
        if look.home is None and look.new:
            app = self._in_force.app
            app.metrics.record_reload(ok=False, at=app.now())
            _log.error(
                "home not reloaded; the last good one stays in force", trouble=look.trouble, files=list(look.changed)
            )
            lines_ = ["The home's files changed, and the change is not in force:", *look.trouble.splitlines()]
            await in_thread(lambda: tell_ops(app, "changed files are not in force", lines_), "ops")

    async def _put_in_force(self, look: Look, home: Home, *, confirmed: bool) -> Look:
        async with self._in_force.pinned:
            before, now = self._in_force.app, self._in_force.app.now()
            # Its schedules begin first: should the state database fail, nothing is swapped, and the next look tries again.
            await in_thread(lambda: _begin_new_lines(before, home), "reload")
            try:
                self._in_force.app = await in_thread(lambda: with_home(before, home), "reload")
            except AlertdError as error:
                return self._files.refuse(look, f"the home cannot be put in force: {error}")
            self._files.accept(look)
        self._in_force.count_rules()
        self._in_force.app.metrics.record_reload(ok=True, at=now)
        found = differences(readings_of(before.home), readings_of(home))
        _log.info(
            "home reloaded",
            digest=home.digest,
            digest_before=before.home.digest,
            rules=len(home.rules),
            confirmed=confirmed,
            files=list(look.changed),
            **ids_by_change(found),
        )
        _say_what_needs_a_restart(before, self._in_force.app)
        return look


def _begin_new_lines(before: Application, home: Home) -> None:
    known = {line.name for line in lines(before.home)}
    after = replace(before, home=home)
    for line in lines(home):
        if line.name not in known:
            begin(after, line, after.now())


def _say_what_needs_a_restart(before: Application, after: Application) -> None:
    old, new = before.home.settings, after.home.settings
    for key, changed in (("state", old.state != new.state), ("web", old.web != new.web)):
        if changed:
            _log.warning("a setting takes effect at the next start", setting=key)
