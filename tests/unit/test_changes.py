"""Who hears of a change."""

from spirekeeper import changes


def test_each_listener_hears_of_it_once_until_it_stops() -> None:
    heard: list[str] = []
    changes.listen(heard.append)
    changes.listen(heard.append)  # as after a second start
    changes.announce_changed("an operator")
    changes.stop_listening(heard.append)
    changes.stop_listening(heard.append)
    changes.announce_changed("nobody listens")
    assert heard == ["an operator"]


def test_what_was_changed_here_is_told_elsewhere_once() -> None:
    changes.take_untold()
    changes.announce_changed("an operator")
    changes.announce_changed("an operator")
    changes.pass_on("another process' operator")
    assert changes.take_untold() == {"an operator"}
    assert changes.take_untold() == set()
