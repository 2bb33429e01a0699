"""What is not footage: people, places, cameras, tokens and messages still to be sent, in
``DATA/state.sqlite``.
"""

from wachtel.storage.state.opening import State, open_state

__all__ = ["State", "open_state"]
