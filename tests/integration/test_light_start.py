"""What is imported when: help is light, main never touches the decoder, and what is loaded stays in memory for good."""

import subprocess
import sys
from pathlib import Path

HEAVY = ("av", "numpy", "fastapi", "sqlalchemy", "httpx", "msgspec", "cryptography", "asyncio", "uvicorn")


def imported_by(code: str) -> set[str]:
    """Top-level modules that a piece of code imports in a fresh process."""
    listing = "import sys; print('\\n'.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{listing}"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_help_imports_nothing_heavy() -> None:
    code = "import contextlib, io\nfrom wachtel.app.cli import main\n"
    code += (
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main(['--help'])"
    )
    assert imported_by(code) & set(HEAVY) == set()


def test_main_never_imports_the_decoder() -> None:
    assert imported_by("import wachtel.app.demonstration, wachtel.app.recording") & {"av", "numpy"} == set()


def test_main_never_imports_what_speaks_to_wemo_devices() -> None:
    assert imported_by("import wachtel.app.edge") & {"pywemo", "requests", "lxml", "urllib3"} == set()


def test_a_new_installation_needs_no_migrations(tmp_path: Path) -> None:
    code = "import pathlib, wachtel.app.edge\nfrom wachtel.storage.state import open_state\n"
    code += f"open_state(pathlib.Path({str(tmp_path)!r}))"
    assert imported_by(code) & {"alembic", "mako", "pygments"} == set()


def test_workers_that_do_not_decode_import_no_decoder() -> None:
    code = (
        "import wachtel.pipeline.preloaded, wachtel.pipeline.media_worker, wachtel.pipeline.gateway.worker\n"
    )
    code += "from wachtel.sources.drivers import driver_for; driver_for('rtsp')"
    assert imported_by(code) & {"av", "numpy"} == set()
