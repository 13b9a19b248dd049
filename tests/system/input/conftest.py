"""Made-up input, and requests that a user causes."""

from support.guarded_net import net

__all__ = ["net"]
