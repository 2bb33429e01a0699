"""The archive folder: volume, journals, segments, and the thread that makes them safe."""

from wachtel.storage.files.flush_jobs import Closing
from wachtel.storage.files.flusher import Flusher, FlusherStats
from wachtel.storage.files.journal_writer import JournalWriter
from wachtel.storage.files.places import write_camera, write_site
from wachtel.storage.files.segment_file import SegmentFile
from wachtel.storage.files.snapshot import write_snapshot
from wachtel.storage.files.volume import Volume, VolumeDoor

__all__ = [
    "Closing",
    "Flusher",
    "FlusherStats",
    "JournalWriter",
    "SegmentFile",
    "Volume",
    "VolumeDoor",
    "write_camera",
    "write_site",
    "write_snapshot",
]
