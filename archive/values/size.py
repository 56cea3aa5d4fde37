"""Format sizes for people."""

from __future__ import annotations

_UNITS = ("KiB", "MiB", "GiB", "TiB")


def spoken_size(size: float) -> str:
    """Return bytes in the largest unit that fits: ``512 B``, ``1.4 MiB``; one decimal above bytes."""
    if size < 1024:
        return f"{size:.0f} B"
    for unit in _UNITS:
        size /= 1024
        if size < 1023.95 or unit == _UNITS[-1]:
            break
    return f"{size:.1f} {unit}"
