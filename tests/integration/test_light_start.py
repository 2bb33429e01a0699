"""What is imported when: help is light, and main never touches the decoder."""

import subprocess
import sys

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
