"""Zones as people type them on the command line: corners in pixels of the video."""

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.zone import Point, Zone

_HINT = 'A zone is written like "0,0 320,0 320,240": x,y of its corners in pixels of the video.'


def zones_from_text(texts: list[str], width: int, height: int) -> tuple[Zone, ...]:
    """``"x,y x,y x,y"`` for each zone becomes polygons in shares of the picture.

    Raises `WachtelError` (invalid) that shows what is not a corner.
    """
    names = ["zone"] if len(texts) == 1 else [f"zone {number}" for number in range(1, len(texts) + 1)]
    return tuple(Zone(name, _corners(text, width, height)) for name, text in zip(names, texts, strict=True))


def _corners(text: str, width: int, height: int) -> tuple[Point, ...]:
    corners = []
    for pair in text.split():
        try:
            x, y = (float(number) for number in pair.split(","))
        except ValueError as error:
            raise WachtelError(
                ErrorKind.INVALID,
                f"{pair[:40]!r} in the zone is not a point.",
                hint=_HINT,
            ) from error
        corners.append((x / width, y / height))
    if len(corners) < 3:
        raise WachtelError(
            ErrorKind.INVALID, f"The zone has {len(corners)} points and needs at least three.", hint=_HINT
        )
    return tuple(corners)
