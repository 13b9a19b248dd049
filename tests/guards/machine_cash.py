"""What a machine believes about cash, and what is on its disk before its motor moves."""

from guards.edits import Guards, answer, at, instead, never, skip

_LINE = "spirekeeper.spire.service_line"
_BELIEVES = "test_nothing_else_is_believed"
_KILLED = "test_while_it_sells"
_KILLED_IN = "test_while_it_takes_notes"

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
    "spire cash-in: no note without a hold": (
        at("spirekeeper.spire.cash_in_wire", "read_hold", never("HELD")),
        "test_a_hold_that_is_none_lets_no_note_in",
    ),
    "spire cash-in: all that may be inserted is held": (
        at("spirekeeper.spire.cash_in_wire", "read_hold", instead("sats < order.sats", "False")),
        "test_a_hold_that_is_none_lets_no_note_in",
    ),
    "spire cash-in: without a hold no more notes": (
        at("spirekeeper.spire.cash_in", "CashIn._keep_hold", skip("set")),
        "test_no_more_notes_go_in_once_the_hold_is_not_renewed",
    ),
    "spire cash-in: that notes may be in is on the disk first": (
        at(
            "spirekeeper.spire.cash_in",
            "CashIn._taken",
            instead(
                "self._steps.write(order.at(CashInStep.TAKING, fee_sats=hold.fee_sats, "
                "short_code=hold.short_code))",
                "order.at(CashInStep.TAKING, fee_sats=hold.fee_sats, short_code=hold.short_code)",
            ),
        ),
        _KILLED_IN,
    ),
    "spire cash-in: silence is no no": (
        at("spirekeeper.spire.cash_in_steps", "CashInSteps._paid", never("_may_be_said")),
        "test_silence_is_no_no",
    ),
    "spire cash-in: who left keeps the link": (
        at("spirekeeper.spire.cash_in", "CashIn._broken_off", never("LEFT")),
        "test_who_leaves_with_the_link_fetches_the_sats_later",
    ),
    "spire cash-in: the link is for what was inserted": (
        at("spirekeeper.spire.cash_in_wire", "read_link", never("amount")),
        "test_a_link_for_another_amount_is_not_shown",
    ),
}
