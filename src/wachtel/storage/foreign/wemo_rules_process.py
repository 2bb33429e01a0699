"""Reads a file with Wemo rules in a process of its own, with little memory and time: ``python -m`` this module.

The file comes by standard input, the rows or one line of error go to standard output as JSON.
"""

import asyncio
import contextlib
import resource
import sys

import msgspec

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.foreign.wemo_rules import LARGEST_FILE_BYTES, WemoRulesFile, read_wemo_rules

PATIENCE_S = 20.0
_MEMORY_BYTES, _CPU_S, _FILE_BYTES = 512 << 20, 8, 16 << 20


class _Failed(msgspec.Struct, tag=True):
    what: str
    hint: str


class _Read(msgspec.Struct, tag=True):
    file: WemoRulesFile


async def read_apart(data: bytes) -> WemoRulesFile:
    """As `read_wemo_rules`, whatever the file does to its reader. Raises `WachtelError` (bad_data)."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S):
            said, _ = await process.communicate(data[: LARGEST_FILE_BYTES + 1])
        answer: _Failed | _Read = msgspec.json.decode(said, type=_Failed | _Read)
    except (TimeoutError, msgspec.MsgspecError) as error:
        raise _unread("This file cannot be read.", "It is damaged, or it was made to do harm.") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if isinstance(answer, _Failed):
        raise _unread(answer.what, answer.hint)
    return answer.file


def _unread(what: str, hint: str) -> WachtelError:
    return WachtelError(ErrorKind.BAD_DATA, what, hint=hint, code="wemo_rules_file")


def main() -> None:
    """Reads standard input, whatever it holds."""
    for kind, limit in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
    ):
        resource.setrlimit(kind, (limit, limit))
    answer: _Failed | _Read
    try:
        answer = _Read(read_wemo_rules(sys.stdin.buffer.read(LARGEST_FILE_BYTES + 1)))
    except WachtelError as error:
        answer = _Failed(error.what, error.hint)
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
