"""Which modules keep the promises, and which tests hold them: the cheap ones that find most come first."""

from __future__ import annotations

# These start processes by the dozen or wait for servers that are down: `--quick` leaves them out.
DEAR = {
    "tests/archive/test_bytes_before_rows.py",
    "tests/faults/test_full_disk.py",
    "tests/faults/test_injected.py",
    "tests/faults/test_much_damage.py",
    "tests/faults/test_recovery_calls.py",
    "tests/faults/test_ship_killed.py",
    "tests/faults/test_store_answers.py",
    "tests/faults/test_store_lies.py",
    "tests/faults/test_store_outage.py",
    "tests/faults/test_store_race.py",
    "tests/faults/test_unreadable.py",
    "tests/pressmark/test_healing.py",
    "tests/pressmark/test_states.py",
    "tests/pressmark/test_works.py",
    "tests/scheduler/test_several_services.py",
}
# Single tests of those, which a mutant is worth.
SEALED_ANEW = "tests/faults/test_injected.py::test_a_segment_that_failed_an_fsync_is_sealed_anew_by_the_recorder_itself"
BALLAST = "tests/faults/test_full_disk.py::test_recovery_gets_the_ballast_on_a_full_disk"

SPOOLED = (
    "tests/archive/test_spool.py",
    "tests/archive/test_recorder.py",
    "tests/archive/test_recovery.py",
    "tests/faults/test_damaged_segment.py",
    "tests/archive/test_resealing.py",
    "tests/archive/test_bytes_before_rows.py",
    "tests/faults/test_full_disk.py",
    "tests/faults/test_recovery_calls.py",
    "tests/faults/test_injected.py",
)
SALVAGED = (
    "tests/archive/test_recovery.py",
    "tests/faults/test_damaged_segment.py",
    "tests/archive/test_resealing.py",
    "tests/faults/test_recovery_calls.py",
    "tests/faults/test_full_disk.py",
    "tests/faults/test_injected.py",
    "tests/pressmark/test_states.py",
)
SHIPPED = (
    "tests/archive/test_ship.py",
    "tests/archive/test_shipper.py",
    "tests/archive/test_sidecars.py",
    "tests/archive/test_bytes_before_rows.py",
    "tests/faults/test_store_lies.py",
    "tests/faults/test_store_race.py",
    "tests/faults/test_store_answers.py",
    "tests/faults/test_store_outage.py",
    "tests/faults/test_ship_killed.py",
    "tests/faults/test_recovery_calls.py",
)
INDEXED = (
    "tests/archive/test_index.py",
    "tests/archive/test_index_segments.py",
    "tests/archive/test_index_listing.py",
    "tests/archive/test_segments.py",
    "tests/archive/test_changes.py",
    "tests/archive/test_news_and_tallies.py",
    "tests/archive/test_rebuild.py",
)
MARKED = (
    "tests/archive/test_damaged.py",
    "tests/archive/test_damage.py",
    "tests/faults/test_unreadable.py",
    "tests/faults/test_much_damage.py",
    "tests/pressmark/test_healing.py",
    "tests/pressmark/test_works.py",
)
LEDGER = (
    "tests/scheduler/test_runs.py",
    "tests/scheduler/test_slots.py",
    "tests/scheduler/test_timekeeper.py",
    "tests/scheduler/test_epochs.py",
    "tests/scheduler/test_measured.py",
    "tests/scheduler/test_several_services.py",
)
ROBOTS = ("tests/crawler/test_robots.py", "tests/crawler/test_agenda.py", "tests/crawler/test_robots_obeyed.py")

TESTS: dict[str, tuple[str, ...]] = {
    "archive/spool.py": SPOOLED,
    "archive/open_segment.py": SPOOLED,
    "archive/group_commit.py": ("tests/archive/test_recorder.py", SEALED_ANEW, *SPOOLED),
    "archive/recorder.py": ("tests/archive/test_recorder.py", *SPOOLED),
    "archive/sealed.py": (*SPOOLED, "tests/archive/test_ship.py"),
    "archive/recovery.py": ("tests/archive/test_recovery.py", BALLAST, *SALVAGED),
    "archive/salvage.py": SALVAGED,
    "archive/intact.py": (*SALVAGED, "tests/archive/test_intact.py"),
    "archive/ship.py": ("tests/archive/test_shipper.py", *SHIPPED),
    "archive/deliver.py": SHIPPED,
    "archive/publish.py": SHIPPED,
    "archive/release.py": SHIPPED,
    "archive/manifest.py": ("tests/archive/test_manifest.py", "tests/archive/test_signing.py", *SHIPPED),
    "archive/journal.py": ("tests/archive/test_journal.py", *SALVAGED, "tests/archive/test_recorder.py"),
    "archive/index.py": INDEXED,
    "archive/segments.py": ("tests/archive/test_segments.py", *INDEXED, *MARKED),
    "archive/damage.py": ("tests/archive/test_damage.py", *MARKED),
    "archive/damaged.py": MARKED,
    "archive/retrieval.py": (
        "tests/archive/test_snapshot.py",
        "tests/archive/test_resealing.py",
        "tests/archive/test_bytes_before_rows.py",
        *MARKED,
        "tests/pressmark/retrieval/test_streaming.py",
        "tests/pressmark/retrieval/test_warcs.py",
    ),
    "crawler/guard.py": (
        "tests/crawler/test_guard.py",
        "tests/crawler/test_connections.py",
        "tests/crawler/test_proxies.py",
    ),
    "crawler/robots.py": ROBOTS,
    "crawler/robotsfetch.py": (*ROBOTS[2:], *ROBOTS[:2]),
    "crawler/politeness.py": (
        "tests/crawler/test_politeness.py",
        "tests/crawler/test_agenda.py",
        "tests/crawler/test_hosts_spared.py",
    ),
    "scheduler/timetable.py": (
        "tests/scheduler/test_timetable.py",
        "tests/scheduler/test_coming.py",
        "tests/scheduler/test_timekeeper.py",
        "tests/scheduler/test_timetable_marks.py",
    ),
    "scheduler/timekeeper.py": (
        "tests/scheduler/test_timekeeper.py",
        "tests/scheduler/test_moved_clocks.py",
        "tests/scheduler/test_timetable_marks.py",
        "tests/scheduler/test_clock.py",
    ),
    "scheduler/timetable_marks.py": (
        "tests/scheduler/test_timetable_marks.py",
        "tests/scheduler/test_timekeeper.py",
        "tests/scheduler/test_moved_clocks.py",
    ),
    "scheduler/runs.py": LEDGER,
    "scheduler/slots.py": ("tests/scheduler/test_slots.py", *LEDGER),
    "scheduler/epochs.py": ("tests/scheduler/test_epochs.py", *LEDGER),
    "pressmark/api/gate.py": ("tests/pressmark/test_gate.py", "tests/pressmark/retrieval/test_warcs.py"),
    "pressmark/api/sessions.py": ("tests/pressmark/test_gate.py",),
}
