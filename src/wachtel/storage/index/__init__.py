"""The index: a cache for queries that holds only what journals and footage say."""

from wachtel.storage.index.filling import FillReport, catch_up, open_or_rebuild
from wachtel.storage.index.index import Index

__all__ = ["FillReport", "Index", "catch_up", "open_or_rebuild"]
