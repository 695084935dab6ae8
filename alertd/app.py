"""The composition root: the only place where the parts are put together."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path

from alertd.channels.registry import KINDS, build_channels
from alertd.config.home import Home
from alertd.config.load import load_home
from alertd.core.errors import UsageError
from alertd.deliver import DeliveryReport, drain
from alertd.metrics import Metrics
from alertd.rendering import Renderer
from alertd.round import RoundReport, compose_due, run_round
from alertd.round.postings import posted
from alertd.round.sources import Sources
from alertd.store import Store, delivery_lock, open_store, recorded_at
from alertd.store.records import SlotRun
from alertd.warehouse import Warehouse, open_warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A home and everything that works on it."""

    home: Home
    warehouse: Warehouse
    store: Store | None
    renderer: Renderer
    metrics: Metrics
    environ: Mapping[str, str]

    @property
    def memory(self) -> Store:
        """The state database; raises `UsageError` where it was left out."""
        if self.store is None:
            raise UsageError("this command was started without a state database")
        return self.store

    @property
    def figures(self) -> Sources:
        """Where measures are read from; recorded entries also where the state database was left out."""
        if self.store is not None:
            store = self.store
            return Sources(warehouse=self.warehouse, entries=lambda measure: store.recorded([measure]))
        url, root = self.home.settings.state.url, self.home.root
        return Sources(warehouse=self.warehouse, entries=lambda measure: recorded_at(url, root, measure))

    def now(self) -> datetime:
        """The clock, in the home's zone."""
        return datetime.now(self.home.settings.zone)

    def end_of(self, day: datetime) -> datetime:
        """The last moment of a local day: what `--as-of` takes for now."""
        return datetime.combine(day.date(), time.max, tzinfo=self.home.settings.zone)

    def judge(
        self,
        now: datetime,
        *,
        as_of: bool = False,
        measures: Collection[str] | None = None,
        slots: Sequence[SlotRun] = (),
        due_from: datetime | None = None,
        progress: Callable[[str], None] | None = None,
        who: str = "",
    ) -> RoundReport:
        """Run one round and commit it; see `run_round`."""
        with self.warehouse.held():
            home, troubles = posted(self.home, self.warehouse, now)
            report = run_round(
                home,
                self.figures,
                self.memory,
                self.renderer,
                now=now,
                clock=self.now,
                as_of=as_of,
                measures=measures,
                slots=slots,
                due_from=due_from,
                progress=progress,
                who=who,
                owners=troubles,
            )
        self.metrics.record_round(report.round)
        self.metrics.warehouse_up(report.warehouse_reachable)
        for rule, seconds in report.seconds.items():
            self.metrics.record_evaluation(rule, seconds)
        for rule, counts in report.counts.items():
            self.metrics.record_states(rule, counts)
        self.metrics.vacant(report.vacancies)
        for transition in report.transitions:
            self.metrics.record_notices(transition.value)
        return report

    def compose(self, now: datetime, *, ignore_backoff: bool = False) -> int:
        """Make the letters of queued findings whose send slot has come, and put right the dates of those that waited.

        Gives how many were made; `ignore_backoff` as for the delivery that follows.
        """
        return compose_due(self.home, self.memory, self.renderer, now, ignore_backoff=ignore_backoff)

    def forget_old(self) -> dict[str, int]:
        """Delete what is older than `retention` by the clock; gives how many rows of each table went."""
        return self.memory.forget(self.home.settings.retention.before(self.now()))

    async def deliver(self, *, epoch: int, ignore_backoff: bool = False) -> DeliveryReport:
        """Drain the outbox once; the caller holds the delivery lock that gave `epoch`."""
        channels = build_channels(self.home.channels, self.home.root, self.environ)
        return await drain(
            self.memory,
            channels,
            clock=lambda: datetime.now(UTC),
            allow=self.home.settings.allow_recipients,
            epoch=epoch,
            ignore_backoff=ignore_backoff,
            ops_address=self.home.settings.ops.email,
            on_outcome=self.metrics.record_delivery,
        )


def open_application(
    root: Path, *, environ: Mapping[str, str], with_store: bool = True, upgrade: bool = True
) -> Application:
    """Read a home and open what it names; raises `ConfigError`, `WarehouseError`, `StateError`."""
    home = read_home(root, environ)
    return Application(
        home=home,
        warehouse=_open_warehouse(home),
        store=open_store(home.settings.state.url, root=root, upgrade=upgrade) if with_store else None,
        renderer=Renderer(root / "templates"),
        metrics=Metrics(),
        environ=environ,
    )


def read_home(root: Path, environ: Mapping[str, str]) -> Home:
    """Read a home's files with every kind of channel that there is; raises `ConfigError`."""
    return load_home(root, kinds={kind: channel.settings for kind, channel in KINDS.items()}, environ=environ)


def with_home(application: Application, home: Home) -> Application:
    """The application over a newly read home; the state database and the metrics go on.

    Raises `WarehouseError` where a new warehouse cannot be opened; the old one is then still open.
    """
    warehouse, old, new = application.warehouse, application.home.settings, home.settings
    if (new.warehouse, new.zone) != (old.warehouse, old.zone):
        warehouse = _open_warehouse(home)
        application.warehouse.close()
    return replace(application, home=home, warehouse=warehouse, renderer=Renderer(home.root / "templates"))


def close_application(application: Application) -> None:
    """Close the warehouse and the state database."""
    application.warehouse.close()
    if application.store is not None:
        application.store.close()


@contextmanager
def opened(
    root: Path, *, environ: Mapping[str, str], with_store: bool = True, upgrade: bool = True
) -> Iterator[Application]:
    """An application that is closed at the end."""
    application = open_application(root, environ=environ, with_store=with_store, upgrade=upgrade)
    try:
        yield application
    finally:
        close_application(application)


def _open_warehouse(home: Home) -> Warehouse:
    settings = home.settings.warehouse
    return open_warehouse(
        settings.url,
        root=home.root,
        timeout=settings.timeout.as_timedelta(),
        max_rows=settings.max_rows,
        zone=home.settings.zone,
    )


__all__ = ["Application", "close_application", "delivery_lock", "open_application", "opened", "read_home", "with_home"]
