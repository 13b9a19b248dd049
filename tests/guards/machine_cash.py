"""What a machine believes about cash, and what is on its disk before its motor moves."""

from guards.edits import Guards, answer, at, instead, never, skip

_LINE = "spirekeeper.spire.service_line"
_BELIEVES = "test_nothing_else_is_believed"
_KILLED = "test_while_it_sells"

GUARDS: Guards = {
    "spire cash: nobody else answers": (
        at(_LINE, "_of_service", instead('fields.get("pubkey") != line.service', "False")),
        _BELIEVES,
    ),
    "spire cash: an answer is signed": (
        at(_LINE, "_of_service", instead("event.verify()", "True")),
        _BELIEVES,
    ),
    "spire cash: an answer is for this machine": (
        at(_LINE, "_of_service", instead('["p", line.machine] in _tags(event)', "True")),
        _BELIEVES,
    ),
    "spire cash: an answer is for this question": (
        at(_LINE, "_answers", instead('["e", request.id().to_hex()] in tags', "True")),
        _BELIEVES,
    ),
    "spire cash: an answer is of the question's kind": (
        at(_LINE, "_answers", never("request")),
        _BELIEVES,
    ),
    "spire cash: an answer is in CLINK's version": (
        at(_LINE, "_answers", never("CLINK_VERSION")),
        _BELIEVES,
    ),
    "spire cash: a yes is for this attempt": (
        at("spirekeeper.spire.cash_wire", "read_leave", never("names")),
        "test_a_yes_for_another_order_or_attempt_is_none",
    ),
    "spire cash: the order's id is on the disk first": (
        at("spirekeeper.spire.cash_out", "CashOut._served", skip("write")),
        _KILLED,
    ),
    "spire cash: the attempt's id is on the disk first": (
        at(
            "spirekeeper.spire.cash_steps",
            "Steps.following",
            instead(
                "self.write(order.at(Step.ATTEMPT, attempt=random_id(), **told))",
                "order.at(Step.ATTEMPT, attempt=random_id(), **told)",
            ),
        ),
        _KILLED,
    ),
    "spire cash: that the motor may move is on the disk first": (
        at(
            "spirekeeper.spire.cash_out",
            "CashOut._dispensed",
            instead("self._steps.write(order.at(Step.MOTOR))", "order.at(Step.MOTOR)"),
        ),
        _KILLED,
    ),
    "spire cash: nobody is asked to pay for the same again": (
        at(
            "spirekeeper.spire.cash_out",
            "CashOut._broken_off",
            instead("each.step in PAID_HERE", "False"),
        ),
        _KILLED,
    ),
    "spire cash: a yes grows old": (
        at("spirekeeper.spire.cash_out", "CashOut._dispensed", never("START_WITHIN_S")),
        "test_a_yes_that_has_grown_old_is_asked_for_again",
    ),
    "spire cash: a motor that still runs is waited for": (
        at("spirekeeper.spire.device", "_is_free", answer("True")),
        "test_a_motor_that_outlives_the_machine_is_waited_for",
    ),
}
