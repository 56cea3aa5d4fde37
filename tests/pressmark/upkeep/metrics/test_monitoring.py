"""The dashboard and the alerts name existing metrics, and Prometheus' own tool finds no error in them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from archive.values.counters import Figure
from config.settings import Settings
from crawler.policy.order import Counts, Outcome
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.metrics.metrics import metrics

ROOT = Path(__file__).parents[4]
OPERATIONS = ROOT / "docs" / "operations"
RULES = OPERATIONS / "alerts.yaml"
DASHBOARD = OPERATIONS / "grafana.json"
PROMTOOL = shutil.which("promtool")

with_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not there: apt-get install prometheus")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the metrics of a home with a few counts."""
    with open_pressmark(Settings(home=tmp_path_factory.mktemp("home"))) as service:
        for figure, labels in ((Figure.FETCHES, ("gazette", "2xx")), (Figure.FORBIDDEN, ("private",))):
            service.figures.count(figure, *labels)
        for seconds in (0.02, 0.3, 900.0):
            service.figures.time(Figure.FETCH_SECONDS, seconds)
        lost = service.settings.spool_path / "quarantine" / "20260131T120000Z-7-0-ab12cd34.lost.jsonl"
        lost.parent.mkdir(parents=True)
        lost.write_text("{}\n{}\n")
        return metrics(service).decode()


def names_of(told: str) -> set[str]:
    """Return the names in a query."""
    parts = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}
    kinds = re.findall(r"^# TYPE (\w+) (\w+)$", told, re.MULTILINE)
    return {f"{name}{part}" for name, kind in kinds for part in parts[kind]}


def named_in(*queries: str) -> set[str]:
    return {name for query in queries for name in re.findall(r"pressmark_[a-z_]+", query)}


def queries_of_the_dashboard() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def test_counts_appear_in_the_metrics(told: str) -> None:
    assert 'pressmark_fetch_total{class="2xx",source="gazette"} 1.0' in told
    assert 'pressmark_fetch_duration_seconds_bucket{le="0.5"} 2.0' in told
    assert "pressmark_fetch_duration_seconds_count 3.0" in told
    assert "pressmark_fetch_duration_seconds_sum 900.32" in told
    assert 'pressmark_ssrf_blocked_total{reason="private"} 1.0' in told
    assert "pressmark_captures_lost_total 2.0" in told
    assert "pressmark_fixity_last_full_timestamp_seconds " not in re.sub("(?m)^#.*", "", told)


def test_urls_of_unfinished_runs_are_counted_by_state(tmp_path: Path) -> None:
    with open_pressmark(Settings(home=tmp_path)) as service:
        runs = [service.runs.request(name) for name in ("gazette", "harbour", "over")]
        epoch = service.epochs.begin("main")
        taken = [run for _ in runs if (run := service.runs.claim("main", epoch))]
        service.runs.seen(epoch, {taken[0].id: Counts(tasks={"pending": 5, "leased": 2, "done": 7, "alias": 1})})
        stopped = Outcome(outcome="interrupted", tasks={"pending": 4, "leased": 3, "redirected": 1})
        assert service.runs.finish(taken[1], stopped).status == "queued"
        service.runs.finish(taken[2], Outcome(outcome="done", captures=1, tasks={"done": 1000}))
        found = dict(re.findall(r'^pressmark_frontier_tasks{state="(\w+)"} (\S+)$', metrics(service).decode(), re.M))

    expected = {"pending": 12, "leased": 2, "done": 7, "redirected": 1, "failed": 0, "dropped": 0, "alias": 1}
    assert {state: float(count) for state, count in found.items()} == expected


def test_the_numeric_statistics_of_the_last_run_of_a_spider_appear_in_the_metrics(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "own.yaml").write_text("source: own\nspider: own.py:Own\n")
    stats = {"item_scraped_count": 3, "finish_reason": "finished", "page/https://example.org/": 1, "elapsed": 0.5}
    with open_pressmark(Settings(home=tmp_path)) as service:
        run = service.runs.begin("own", "w1", service.epochs.begin("w1"))
        service.runs.finish(run, Outcome(outcome="done", captures=1, spider={"items": 3, "stats": stats}))
        told = re.findall(r"^pressmark_spider_stat.*$", metrics(service).decode(), re.MULTILINE)

    assert sorted(told) == [
        'pressmark_spider_stat{source="own",stat="elapsed"} 0.5',
        'pressmark_spider_stat{source="own",stat="item_scraped_count"} 3.0',
    ]


def test_the_counter_of_an_alert_begins_at_0(told: str) -> None:
    """For Prometheus, a counter that first appears at 1 has not risen."""
    waited_for = re.findall(r'(\w+)\{(?:result|reason)="(\w+)"\}', RULES.read_text())

    assert ("pressmark_upload_total", "integrity") in waited_for
    for name, label in waited_for:
        assert re.search(rf'^{name}\{{\w+="{label}"\}} 0\.0$', told, re.MULTILINE), (name, label)


def test_every_metric_that_the_dashboard_and_the_alerts_name_exists(told: str) -> None:
    rules = [line for line in RULES.read_text().splitlines() if not line.lstrip().startswith("summary")]
    named = named_in(*queries_of_the_dashboard(), *rules)

    assert len(named) > 15
    assert named - names_of(told) == set()


def test_every_metric_is_shown_or_watched(told: str) -> None:
    families = set(re.findall(r"^# TYPE (\w+) ", told, re.MULTILINE))
    named = named_in(*queries_of_the_dashboard(), RULES.read_text())

    assert {name for name in families if not any(each.startswith(name) for each in named)} == set()


def test_the_page_explains_every_alert() -> None:
    page = (OPERATIONS / "monitoring.md").read_text()

    assert [name for name in re.findall(r"alert: (\w+)", RULES.read_text()) if name not in page] == []


@pytest.mark.system
@with_promtool
def test_promtool_accepts_every_alert_and_fires_each_when_it_should() -> None:
    for arguments in (["check", "rules", RULES], ["test", "rules", Path(__file__).parent / "alerts.test.yaml"]):
        done = subprocess.run([str(PROMTOOL), *map(str, arguments)], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.system
@with_promtool
def test_promtool_accepts_our_metrics(told: str) -> None:
    done = subprocess.run([str(PROMTOOL), "check", "metrics"], check=False, input=told, capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.system
@with_promtool
@pytest.mark.parametrize(("right", "wrong"), [("> 3600", "> 360000"), ("ignoring (result)", ""), ("== 0", "== 1")])
def test_an_alert_that_would_not_fire_is_detected(right: str, wrong: str, tmp_path: Path) -> None:
    """The control."""
    text = RULES.read_text()
    assert right in text
    (tmp_path / "alerts.yaml").write_text(text.replace(right, wrong))
    cases = (Path(__file__).parent / "alerts.test.yaml").read_text()
    (tmp_path / "test.yaml").write_text(cases.replace("../../../../docs/operations/", ""))

    done = subprocess.run([str(PROMTOOL), "test", "rules", tmp_path / "test.yaml"], check=False, capture_output=True)
    assert done.returncode != 0
