"""What main and the process that reads foreign files say to each other."""

from wachtel.base.wire import Message


class Examine(Message, frozen=True):
    """Read the head of this file; answered by `Examined`."""

    path: str


class Remux(Message, frozen=True):
    """Write the footage of a file into segments in ``folder``; answered by `Remuxed`.

    The first picture was taken at ``start``. ``pace`` is how much the wall clock moves on for each unit of media time:
    1, or a little less where the next recording is known to begin before this one would end. Sound from before
    ``sound_after`` is left out: there is some already.
    """

    path: str
    folder: str
    volume: str
    site: str
    camera: str
    run: str
    start: int
    pace: float
    sound: bool
    sound_after: int


class Examined(Message, frozen=True):
    """``length_us`` is that of the video. ``sound`` is "" for none; ``sound_stored`` whether it can be taken along.
    ``created`` is when the file says that it was made, None when it does not."""

    length_us: int
    video: str
    width: int
    height: int
    sound: str
    sound_stored: bool
    created: int | None


class MadeFile(Message, frozen=True):
    """One segment, by its name in the folder."""

    name: str
    start: int
    end: int
    size_bytes: int


class Remuxed(Message, frozen=True):
    """All of a file's footage, in order. ``sound_end`` is where its sound ends, 0 without sound."""

    files: tuple[MadeFile, ...]
    sound_end: int


class Refused(Message, frozen=True):
    """The file cannot be taken over: ``kind`` is an `ErrorKind`."""

    kind: str
    what: str
    hint: str


ToReader = Examine | Remux
FromReader = Examined | Remuxed | Refused
