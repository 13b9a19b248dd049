"""Made-up input, and requests that a user causes."""

from system.input.guarded_net import net

__all__ = ["net"]
