"""Public pages against a bare view of the same size, in turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from questionnaire.benchmarks import _web as web

ROUNDS = 5
SECONDS = 2.0
REQUESTS = 100  # of which the CPU time is taken, in each round
EVENT = "/en/events/paris-prison-exit-2021/"
AGENDA = f"{EVENT}agenda/"
PAST_THE_CACHE = "?cold"


@dataclass(frozen=True)
class Case:
    """A page as it is asked for, and the part of the bare view's rate that it has to reach."""

    name: str
    path: str
    target: float
    page: str
    known: bool = False
    p99_target: float | None = None


CASES = (
    Case("event page from cache", EVENT, 0.8, EVENT, p99_target=2.0),
    Case("agenda page from cache", AGENDA, 0.8, AGENDA, p99_target=2.0),
    Case("event page, unchanged (304)", EVENT, 0.9, EVENT, known=True),
    Case("agenda page, unchanged (304)", AGENDA, 0.9, AGENDA, known=True),
    Case("event page, cache cold", EVENT + PAST_THE_CACHE, 0.1, EVENT),
    Case("agenda page, cache cold", AGENDA + PAST_THE_CACHE, 0.1, AGENDA),
)


def run(write: Callable[[str], None]) -> None:
    """Measure the pages of the Paris visit and write each ratio with its target."""
    with web.throwaway_database() as database_url:
        web.manage("migrate", database_url=database_url)
        web.manage("load_study_visit", "--opens-now", database_url=database_url)
        ours = {"DATABASE_URL": database_url, "DEBUG": "off"}
        with (
            web.gunicorn(web.SITE, ours) as site,
            web.gunicorn("questionnaire.benchmarks._bare:application") as bare,
        ):
            write(f"Database: {database_url.partition(':')[0]}; {ROUNDS} rounds of {SECONDS:g} s, medians")
            _measure(site, bare, write)
            ours_mib, bare_mib = site.memory, bare.memory
            verdict = _verdict(ours_mib <= 1.6 * bare_mib)
            write(f"memory of a web worker: {ours_mib / bare_mib:.2f} × that of the bare one (target ≤ 1.6, {verdict})")
            write(f"  {ours_mib:.0f} and {bare_mib:.0f} MiB, what workers share divided among them")


def _measure(site: web.Site, bare: web.Site, write: Callable[[str], None]) -> None:
    pages = {path: web.get(site + path) for path in (EVENT, AGENDA)}
    loads: dict[Case, list[tuple[web.Load, web.Load]]] = {case: [] for case in CASES}
    costs: dict[Case, list[float]] = {case: [] for case in CASES}
    for _round in range(ROUNDS):
        for case in CASES:
            page = pages[case.page]
            headers: Mapping[str, str] = {"If-None-Match": page.headers["ETag"]} if case.known else {}
            bare_url = f"{bare}/{len(page.body)}/"
            limit = web.load(bare_url, SECONDS)
            loads[case].append((web.load(site + case.path, SECONDS, headers), limit))
            ours = web.cpu_milliseconds(site, site + case.path, headers, requests=REQUESTS)
            costs[case].append(web.cpu_milliseconds(bare, bare_url, requests=REQUESTS) / ours)
    for case, pairs in loads.items():
        _report(case, [ours for ours, _limit in pairs], [limit for _ours, limit in pairs], write)
        write(f"  by CPU time alone: {median(costs[case]):.2f} of the bare view")


def _report(case: Case, ours: list[web.Load], limit: list[web.Load], write: Callable[[str], None]) -> None:
    rate, bare_rate = median(load.rate for load in ours), median(load.rate for load in limit)
    verdict = _verdict(rate / bare_rate >= case.target)
    write(f"{case.name}: {rate / bare_rate:.2f} of the bare view (target ≥ {case.target}, {verdict})")
    write(f"  {rate:.0f} and {bare_rate:.0f} a second")
    if case.p99_target is not None:
        slower = median(load.p99 for load in ours) / median(load.p99 for load in limit)
        verdict = _verdict(slower <= case.p99_target)
        write(f"  p99: {slower:.2f} × that of the bare view (target ≤ {case.p99_target}, {verdict})")


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "MISSED"
