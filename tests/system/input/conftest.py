"""Made-up input, and requests that a user causes."""

from system.input.checking import certificate, check, doorbell
from system.input.guarded_net import net

__all__ = ["certificate", "check", "doorbell", "net"]
