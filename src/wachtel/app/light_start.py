"""What a command that runs for long does before it loads the rest of the program."""

from wachtel.base.heap import keep_heap_small


def start_light() -> None:
    """Keeps the heap small, and has the fork server load its share beside what this process loads next.

    What is imported before would leave holes in the heap, and workers that had to wait for it would come later.
    """
    keep_heap_small()
    from wachtel.pipeline.worker_process import start_forkserver

    start_forkserver()
