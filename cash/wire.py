"""The wires as one: what an event of whichever kind asks for, and what its answer says."""

from . import clink, rpc21000
from .answers import Answer, Limits, Refusal, Silence
from .requests import Request


def parse(kind: int, content: str, limits: Limits) -> Request | Refusal | Silence:
    """What a decrypted content of this kind asks for."""
    if kind == rpc21000.RPC_KIND:
        return rpc21000.parse(content, limits)
    return clink.parse(kind, content, limits)


def write(kind: int, answer: Answer) -> str:
    """An answer in the words of this kind, to be encrypted."""
    return rpc21000.write(answer) if kind == rpc21000.RPC_KIND else clink.write(kind, answer)
