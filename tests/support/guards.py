"""The guards that stand between a mistake and a loss, and for each the test that fails without it.

`python tests/support/guards.py` takes them out one after the other, in a copy of this repository,
and runs the test named; `… roster seal` only those whose name begins so. It ends with 1 when a test
passes all the same. Half a minute each, so it is run by hand; `tests/guards` sees that each guard
stands where it is looked for.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy2
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 900.0


@dataclass(frozen=True)
class Guard:
    what: str
    file: str
    code: str
    """Stands there once."""
    without: str
    """What stands there in its place when it is taken out."""
    test: str


GUARDS = [
    Guard(
        "roster: no machine that is cut",
        "store/pairing_rows.py",
        "m.is_active = true AND m.cut_at IS NULL ",
        "m.is_active = true ",
        "api/test_roster.py::test_a_cut_is_silent_from_its_first_statement_on",
    ),
    Guard(
        "roster: no machine that is set inactive",
        "store/pairing_rows.py",
        "m.is_active = true AND m.cut_at IS NULL ",
        "m.cut_at IS NULL ",
        "api/test_roster.py::test_an_inactive_machine_is_silent_and_comes_back",
    ),
    Guard(
        "roster: nobody who has not been confirmed",
        "store/pairing_rows.py",
        "{connected('p')} \"",
        "p.state IN ('confirmed', 'redeemed') \"",
        "api/test_pairing.py::test_a_confirmation_that_is_asked_for_is_waited_for",
    ),
    Guard(
        "roster: no session that is over",
        "store/pairing_rows.py",
        "(p.session_expires_at IS NULL OR ",
        "(1 = 1 OR ",
        "api/test_roster.py::test_a_session_that_is_over_is_silent",
    ),
    Guard(
        "roster: no wallet that is gone",
        "roster.py",
        "if not await standing_wallets([entry.wallet_id], entry.operator_user_id):",
        "if False:",
        "api/test_roster.py::test_a_deleted_wallet_is_silent",
    ),
    Guard(
        "roster: no wallet of somebody else",
        "store/lnbits_tables.py",
        ' if row["owner"] == operator_user_id',
        "",
        "api/test_roster.py::test_a_wallet_that_is_no_longer_the_operators_is_silent",
    ),
    Guard(
        "roster: nobody whose account is not active",
        "store/lnbits_tables.py",
        " AND a.activated = true)",
        ")",
        "api/test_abandoned.py::test_the_registered_resolver_is_silent_for_a_deactivated_operator",
    ),
    Guard(
        "cut: what has to follow is noted with it",
        "crud.py",
        "THEN 'remove' ELSE :after END\"",
        "THEN 'remove' WHEN :after = '' THEN '' END\"",
        "api/test_cut_goes_on.py::test_a_cut_with_nothing_open_is_found_again_too",
    ),
    Guard(
        "cut: nothing unforeseen turns its answer into an error",
        "failures.py",
        "    except Exception as error:",
        "    except ZeroDivisionError as error:",
        "api/test_cut_goes_on.py::test_a_revoke_goes_on_whatever_fails[journal-about]",
    ),
    Guard(
        "cut: a machine that was paired again is not removed",
        "steps/recovery.py",
        "if machine is None or machine.cut_at != found.cut_at:",
        "if machine is None:",
        "api/test_cut_goes_on.py::test_a_machine_that_was_paired_again_is_not_removed_any_more",
    ),
    Guard(
        "owed: what another bunker owes is not counted as tried",
        "steps/owed_revocations.py",
        "if bunker.config.bunker_pubkey == owed.bunker_pubkey:",
        "if True:",
        "api/test_cut_goes_on.py::test_another_bunkers_debt_is_not_counted_as_tried",
    ),
    Guard(
        "abandoned: the superuser cuts nobody's machine who is there",
        "fleet/abandoned.py",
        "if machine is None or machine.operator_user_id not in gone:",
        "if machine is None:",
        "api/test_abandoned.py::test_the_superuser_cuts_and_removes_one_at_once",
    ),
    Guard(
        "abandoned: an account has its day",
        "fleet/abandoned.py",
        " if at + _patience() <= now]",
        "]",
        "api/test_abandoned.py::test_a_machine_without_an_operator_is_cut_after_a_day",
    ),
    Guard(
        "journal: the superuser's account is not named",
        "fleet/journal_export.py",
        "return actor if actor in (reader, journal.BACKGROUND) else SUPERUSER",
        "return actor",
        "api/test_journal.py::test_the_superusers_account_stands_in_no_operators_journal",
    ),
    Guard(
        "lease: one pairs a machine at a time",
        "crud.py",
        "(busy_by IS NULL OR busy_until < {moment('now')})",
        "(1 = 1 OR busy_until < {moment('now')})",
        "api/test_pairing_fails.py::test_somebody_else_is_pairing_it",
    ),
    Guard(
        "lease: who has lost it to a cut has lost the pairing",
        "crud.py",
        "AND busy_by = :holder AND busy_until >= {moment('now')} \"",
        "AND :holder <> '' AND COALESCE(busy_until, 9e9) >= {moment('now')} \"",
        "api/test_revoke.py::test_a_cut_right_before_a_pairs_last_step_is_not_undone",
    ),
    Guard(
        "lease: a cut right before it is not undone",
        "steps/pair_guards.py",
        "if now is None or now.cut_at != machine.cut_at:",
        "if now is None:",
        "api/test_revoke.py::test_a_cut_right_before_a_pair_begins_is_not_undone",
    ),
    Guard(
        "lease: a machine is read again once it is held",
        "steps/pair_guards.py",
        "yield lease, now",
        "yield lease, machine",
        "api/test_pairing_fails.py::test_a_pair_right_before_the_lease_is_taken_for_an_older_one",
    ),
    Guard(
        "one move of a pairing wins",
        "store/pairing_rows.py",
        '"WHERE id = :id AND state = :was",',
        '"WHERE id = :id AND :was = :was",',
        "system/races/test_in_the_middle.py::test_each_moment[NEWER_NDK-confirm, and a reject]",
    ),
    Guard(
        "a pair that failed owes its token's burn",
        "steps/intent.py",
        "    await owed.owe_token(pairing, machine.operator_user_id, now)\n",
        "",
        "api/test_pairing_fails.py"
        "::test_a_failing_bunker_changes_nothing_here_and_its_token_is_burned",
    ),
    Guard(
        "a rotation does not burn a seed that was just scanned",
        "steps/older_seeds.py",
        "if token is not None and (token.redeemed_at or _expired(token, now)):",
        "if token is not None and _expired(token, now):",
        "api/test_life.py::test_a_rotation_does_not_burn_a_seed_that_was_just_scanned",
    ),
    Guard(
        "a cut that broke off is finished before a new seed",
        "steps/recovery.py",
        "if machine.cut_at is None or not unfinished:",
        "if True:",
        "api/test_revoke.py::test_a_pair_after_a_cut_that_broke_off_lets_nobody_in_again",
    ),
    Guard(
        "a scan after the window does not count",
        "steps/redemption.py",
        "if redeemed_at > pairing.scan_before:",
        "if False:",
        "api/test_life.py::test_a_redemption_after_the_window_does_not_count",
    ),
    Guard(
        "the window is told by the bunker's own clock",
        "steps/redemption.py",
        "return pairing.created_at + (redeemed_at - token.created_at)",
        "return redeemed_at",
        "system/faults/test_clocks.py::test_a_scan_after_the_window_is_too_late_by_whatever_clock",
    ),
    Guard(
        "two clients of one token: neither is the machine",
        "steps/redemption.py",
        "if len(live) > 1:",
        "if False:",
        "system/races/test_two_clients.py::test_both_before_the_look",
    ),
    Guard(
        "nobody is confirmed while others can use the key",
        "steps/verdict.py",
        "if strangers or waiting.flagged_at is not None:",
        "if False:",
        "api/test_unconfirmed.py::test_a_revoked_user_blocks_the_yes_as_one_who_is_not",
    ),
    Guard(
        "nobody is confirmed while another seed of the key lives",
        "steps/verdict.py",
        "    if usable:\n",
        "    if False:\n",
        "api/test_unconfirmed.py::test_no_yes_while_an_older_seed_of_the_key_lives",
    ),
    Guard(
        "roster: no key that an unconfirmed seed is for",
        "store/pairing_rows.py",
        "        f\"AND NOT {in_doubt('p')} \"\n",
        "",
        "api/test_unconfirmed.py::test_a_kept_key_is_silent_until_the_yes",
    ),
    Guard(
        "roster: no confirmed key that somebody else was seen to use",
        "store/pairing_rows.py",
        "(p.confirm_required = false OR p.flagged_at IS NULL)",
        "(1 = 1)",
        "api/test_unconfirmed.py::test_a_second_user_of_a_confirmed_key_silences_it_for_good",
    ),
    Guard(
        "a seed that asks for confirmation shares no key with a connection",
        "steps/key_choice.py",
        "    if confirm and not keep and any(lifecycle.connected(p) for p in of_key):",
        "    if False:",
        "api/test_unconfirmed.py::test_the_photo_of_a_pair_again_is_worth_no_wallet",
    ),
    Guard(
        "a key that somebody unconfirmed used is not used again",
        "steps/key_choice.py",
        "    if any(key_use.ended_badly(p) or lifecycle.confirming(p) for p in of_key):",
        "    if False:",
        "api/test_unconfirmed.py"
        "::test_after_somebody_unconfirmed_the_next_seed_is_for_a_new_key[NEWER_NDK-unasked-rejected]",
    ),
    Guard(
        "who redeemed a seed that was then cancelled is found when it is burned",
        "steps/owed_revocations.py",
        "await crud_pairings.set_key_clean(name, clean=not came)",
        "await crud_pairings.set_key_clean(name, clean=True)",
        "api/test_unconfirmed.py"
        "::test_after_somebody_unconfirmed_the_next_seed_is_for_a_new_key"
        "[NEWER_NDK-unasked-cancelled]",
    ),
    Guard(
        "who is confirmed is named by the whole key",
        "steps/verdict.py",
        "if waiting.client_pubkey != client_pubkey:",
        "if waiting.client_pubkey[:10] != client_pubkey[:10]:",
        "api/test_confirmation.py"
        "::test_a_thief_who_ground_a_key_that_looks_like_the_machines_is_told_apart",
    ),
    Guard(
        "fingerprint: all 80 bits",
        "seed.py",
        "for at in range(0, 16, 4)",
        "for at in range(0, 8, 4)",
        "unit/seed/test_fingerprint.py::test_the_last_groups_tell_apart_what_the_first_do_not",
    ),
    Guard(
        "camera: the whole key",
        "static/parts/camera.js",
        "keys.has(this.pubkey)",
        "[...keys].some(key => key.startsWith(this.pubkey.slice(0, 10)))",
        "browser/test_camera.py::test_another_key_can_only_be_refused_however_alike_it_looks",
    ),
    Guard(
        "camera: no Yes after another key",
        "static/parts/pair.vue",
        """          :disable="seen === 'other'"\n""",
        "",
        "browser/test_camera.py::test_another_key_can_only_be_refused_however_alike_it_looks",
    ),
    Guard(
        "keys are read anew once somebody else has talked to the bunker",
        "unit/bunker/other_admins.py",
        "            self._count += 1",
        "            pass",
        "unit/traps/test_keys.py::test_a_new_key_takes_no_name_taken_since_we_connected[NEWER_NDK-rotate]",
    ),
    Guard(
        "a key that is an account's is not used",
        "store/lnbits_tables.py",
        "WHERE LOWER(pubkey) {among('pubkeys')}\"",
        "WHERE activated = true AND LOWER(pubkey) {among('pubkeys')}\"",
        "api/test_pairing_fails.py::test_a_key_that_is_somebodys_already_is_not_used",
    ),
    Guard(
        "a bunker that ends on NIP-44 is minded before the mint",
        "steps/pair_guards.py",
        "if Hazard.ENDS_ON_NIP44 in dialect.hazards and not request.legacy_nip04:",
        "if False:",
        "api/test_lineages.py::test_it_is_named_and_its_hazards_are_said",
    ),
    Guard(
        "the redeemer is not revoked by the re-pair that it serves",
        "steps/owed_revocations.py",
        "{p.client_pubkey for p in still_open if p.client_pubkey}",
        "set()",
        "unit/traps/test_keys.py"
        "::test_the_redeemer_is_not_revoked_by_the_re_pair_that_it_serves[NEWER_NDK]",
    ),
    Guard(
        "a refused passphrase is not tried again",
        "connection/passphrases.py",
        "        await crud_work.create_refusal(",
        "        str(",
        "api/test_unlocking.py::test_a_refused_passphrase_is_tried_once_until_it_is_changed",
    ),
    Guard(
        "a key is unlocked once",
        "upkeep/unlocking.py",
        "still = [each for each in held if wrong_with(each.key, keys) == lifecycle.KEY_LOCKED]",
        "still = held",
        "api/test_unlocking.py::test_who_gets_the_lease_looks_again",
    ),
    Guard(
        "ownership: another's machine is not there",
        "fleet/machines.py",
        "if machine is None or machine.operator_user_id != operator_user_id:",
        "if machine is None:",
        "api/ownership/test_alike.py::test_another_s_machine_is_as_one_that_is_not_there",
    ),
    Guard(
        "ownership: another's key is not there",
        "roster.py",
        "return found if found and operator_user_id in (None, found.operator_user_id) else None",
        "return found",
        "api/ownership/test_alike.py::test_another_s_key_is_as_one_that_is_not_there",
    ),
    Guard(
        "ownership: who is deactivated is out at once",
        "routing.py",
        "import check_account_exists,",
        "import check_account_id_exists as check_account_exists,",
        "api/ownership/test_table.py::test_each_caller_is_answered_as_the_table_says",
    ),
    Guard(
        "ownership: no wallet of somebody else is taken",
        "fleet/machines.py",
        "    if wallet_id is not None:\n        await guard_wallet(",
        "    if False:\n        await guard_wallet(",
        "api/ownership/test_wallets.py::test_no_other_wallet_is_taken",
    ),
    Guard(
        "seal: vouches for the bunker beside it",
        "connection/sealing.py",
        'row.dict(exclude={"id", "sealed", "updated_at"})',
        "{}",
        "system/secrets/test_seal.py::test_a_row_that_was_changed_is_not_used",
    ),
    Guard(
        "cookie: another page's request is refused",
        "csrf.py",
        "    if not _is_our_page(request):\n",
        "    if False:\n",
        "browser/test_csrf.py::test_another_port_cuts_nothing_and_our_page_does[127.0.0.1]",
    ),
    Guard(
        "cookie: where the browser does not say it, the origin is compared",
        "csrf.py",
        'return reads or _is_own(request.headers.get("origin", ""), request)',
        "return True",
        "api/test_csrf.py::test_no_route_changes_anything_for_another_page",
    ),
    Guard(
        "one judge of a relay's URL",
        "unit/bunker/address.py",
        "if not is_relay_url(relay) or len(relay) > MOST_LETTERS:",
        "if not relay.startswith('ws'):",
        "unit/nostr/test_relay_urls.py::test_what_is_stored_is_shown_again",
    ),
    Guard(
        "our files: no ranges",
        "views.py",
        "if each[0].lower() not in _OF_RANGES]",
        "if each]",
        "api/test_own_files.py::test_thousands_of_ranges_are_passed_over",
    ),
    Guard(
        "seal: an older one is not opened again",
        "connection/settings.py",
        "    if newest_seal.is_older(secrets.count):\n        raise _put_back()\n",
        "",
        "system/secrets/test_newest_seal.py::test_an_older_row_is_not_opened_again",
    ),
    Guard(
        "seal: nor after a restart",
        "connection/newest_seal.py",
        "return max(_seen, _read())",
        "return _seen",
        "system/secrets/test_newest_seal.py::test_nor_after_a_restart",
    ),
    Guard(
        "environment: a blank variable is not set",
        "connection/environment.py",
        "for name, value in given.items() if value}",
        "for name, value in given.items()}",
        "api/test_environment.py::test_a_blank_variable_leaves_a_cut_what_it_is",
    ),
    Guard(
        "environment: a wrong variable is named, its value is not",
        "connection/environment.py",
        "return SettingsWrong(_sentence(error))",
        "return SettingsWrong(f'{_sentence(error)} {given}')",
        "api/test_environment.py::test_a_wrong_one_is_told_the_superuser_and_nobody_else",
    ),
    Guard(
        "a daemon's words are shown by nothing that holds them",
        "unit/bunker/nip46.py",
        "    result: str = field(repr=False)\n",
        "    result: str\n",
        "unit/bunker/test_secrets.py::test_an_answer_is_never_quoted",
    ),
    Guard(
        "wire: an answer is signed",
        "nostr/events.py",
        ' and key.verify(bytes.fromhex(raw["sig"]), id_)',
        "",
        "unit/bunker/test_answers.py::test_what_is_no_valid_answer_is_dropped",
    ),
    Guard(
        "wire: an answer is the bunker's",
        "unit/bunker/rpc.py",
        'raw.get("pubkey") != self._peer_hex or str(raw.get("id")) in self._seen',
        'str(raw.get("id")) in self._seen',
        "unit/bunker/test_answers.py::test_what_is_no_valid_answer_is_dropped",
    ),
    Guard(
        "relay probe: every address of a name counts",
        "connection/relay_probe.py",
        "return all(is_on_the_internet(address) for address in addresses)",
        "return any(is_on_the_internet(address) for address in addresses)",
        "system/input/test_relay_probe.py::test_no_name_leads_into_the_servers_network",
    ),
    Guard(
        "relay probe: no link-local address",
        "nostr/ip_addresses.py",
        '        "169.254.0.0/16",  # link-local, and most clouds\' metadata\n',
        "",
        "unit/nostr/test_ip_addresses.py",
    ),
    Guard(
        "relay probe: resolved once, and only that is connected to",
        "nostr/relay_socket.py",
        "        host=way.address,\n",
        "",
        "system/input/test_relay_probe.py::test_a_name_is_resolved_once_and_nothing_else_is_connected_to",
    ),
    Guard(
        "relay probe: no redirect is followed",
        "nostr/relay_socket.py",
        "        return exc\n",
        "        return super().process_redirect(exc)\n",
        "system/input/test_relay_probe.py::test_redirects_are_not_followed",
    ),
    Guard(
        "relay probe: a name is looked at again when it is dialled",
        "connection/relay_probe.py",
        '        raise OSError("a private address")',
        "        pass",
        "system/input/test_relay_of_a_pairing.py::test_a_burn_goes_only_where_the_name_may_lead",
    ),
    Guard(
        "relays of users: what they say is counted as it arrives",
        "nostr/relay_socket.py",
        "            self._count(len(piece), 0)\n",
        "",
        "system/input/test_relay_floods.py::test_a_relay_that_floods_is_hung_up_on_and_left_alone",
    ),
    Guard(
        "relays of users: a message of empty pieces ends",
        "nostr/relay_socket.py",
        "            if self._pieces > MOST_PIECES:",
        "            if False:",
        "unit/nostr/test_relay_socket.py::test_a_message_in_pieces_ends_after_so_many",
    ),
    Guard(
        "relays of users: nothing is read that is not for us",
        "nostr/relay_link.py",
        "if isinstance(text, str) and self._is_for_us(text) else None",
        "if isinstance(text, str) else None",
        "system/input/test_relay_floods.py::test_a_relay_that_floods_is_hung_up_on_and_left_alone",
    ),
    Guard(
        "relays of users: each operator has a turn first",
        "upkeep/relay_plan.py",
        "            turns.append(wishes)\n",
        "            turns.appendleft(wishes)\n",
        "api/test_listening.py::test_nobodys_relays_push_anothers_out",
    ),
    Guard(
        "names: a thread is kept for each operator",
        "nostr/name_lookup.py",
        "most = MOST if busy < BUSY else 1 if busy < THREADS else 0",
        "most = THREADS",
        "system/input/test_relay_names.py::test_slow_names_of_one_operator_leave_the_others_theirs",
    ),
    Guard(
        "second client: more strangers than are kept are not forgotten",
        "upkeep/sightings.py",
        "SUSPECTS:\n            self.suspect_anybody(key)\n",
        "SUSPECTS:\n",
        "api/test_second_client.py::test_it_cannot_hide_among_strangers",
    ),
    Guard(
        "a key told twice is not taken for missing",
        "unit/bunker/answers.py",
        "        if name in self._unclear:",
        "        if False:",
        "unit/bunker/test_decode.py::test_of_a_name_told_twice_or_badly_nothing_is_known",
    ),
    Guard(
        "relay probe: so many a minute",
        "steps/relay_checks.py",
        "    await quotas.count_relay_checks(operator_user_id, len(data.relays), now)\n",
        "",
        "api/test_bunker.py::test_relay_checks_are_limited",
    ),
    Guard(
        "relay probe: those of a pair count too",
        "steps/pair_guards.py",
        "    await quotas.count_relay_checks(operator_user_id, len(relays_named(request)), now)\n",
        "",
        "api/test_quotas.py::test_every_way_of_trying_relays_counts_the_same",
    ),
    Guard(
        "quotas: machines are counted by one at a time",
        "crud.py",
        "        if await count_machines(operator, tx) + len(machines) > at_most:\n",
        "        if False:\n",
        "api/test_quotas.py::test_many_at_once_are_no_more_machines_than_allowed",
    ),
    Guard(
        "quotas: keys are counted by one at a time",
        "steps/quotas.py",
        '        await crud_quotas.hold(minted.bunker_pubkey, "keys", minted.minted_at, tx)\n',
        "",
        "system/kills/test_two_processes.py::test_two_processes_share_their_counts",
    ),
    Guard(
        "quotas: no more keys for one operator than allowed",
        "steps/quotas.py",
        "if self.of_operator[key.operator_user_id] >= self.limits.keys_an_operator:",
        "if False:",
        "api/test_quotas.py::test_a_loop_of_machines_ends_with_the_operators_keys",
    ),
    Guard(
        "quotas: no more keys in one bunker than allowed",
        "steps/quotas.py",
        "if self.of_operator.total() >= self.limits.max_keys:",
        "if False:",
        "api/test_quotas.py::test_the_superuser_allows_the_bunker_more_keys",
    ),
    Guard(
        "ages: what the bunker owes something about stays",
        "store/old_rows.py",
        '        "AND w.key_name = p.key_name) "\n',
        '        "AND w.key_name = p.key_name AND 1 = 0) "\n',
        "api/test_ages.py::test_what_the_bunker_owes_keeps_the_pairings_of_its_key",
    ),
    Guard(
        "ages: who redeemed a key that may be used stays known",
        "store/old_rows.py",
        "(NOT {redeemed('p')} AND ",
        "(1 = 1 AND ",
        "api/test_ages.py::test_a_pairing_goes_only_when_nothing_depends_on_it",
    ),
    Guard(
        "a key that shows no token may be locked",
        "steps/owed_revocations.py",
        "if tokens or not await self._is_locked():",
        "if True:",
        "api/test_list_of_keys.py"
        "::test_a_key_that_shows_no_token_is_looked_up_before_it_is_taken_for_clean",
    ),
    Guard(
        "a connection that is closed ends, whatever hurries it",
        "nostr/relay_link.py",
        "await within(seconds, self._hurry.wait())",
        "await asyncio.wait_for(self._hurry.wait(), seconds)",
        "unit/nostr/test_relay_link.py::test_it_ends_though_somebody_has_just_hurried_it",
    ),
    Guard(
        "a read takes one lock of SQLite's",
        "store/database.py",
        "SELECT one FROM listed WHERE one <> '')",
        "SELECT one FROM listed, json_each('[1]') WHERE one <> '')",
        "api/test_indexes.py::test_no_statement_holds_one_lock_and_waits_for_another",
    ),
    Guard(
        "leases are given back as LNbits ends",
        "store/database.py",
        "connection._thread.daemon = True",
        "pass",
        "api/test_database.py::test_a_process_ends_though_its_connection_is_open",
    ),
    Guard(
        "a cell of the journal's file runs nothing",
        "fleet/journal_export.py",
        'guard = "\'" if cell.startswith(_FORMULA) else ""',
        'guard = ""',
        "api/ownership/test_names.py::test_a_cell_of_the_journal_is_one_cell_and_runs_nothing",
    ),
    Guard(
        "spire: a connection that signs is kept beside a newer one",
        "unit/spire/machine.py",
        "return State(connected=(sign or may_sign)[0], waiting=newest)",
        "return State(connected=newest)",
        "unit/spire/test_two_connections.py::test_after_a_no_it_goes_on_with_the_older_one",
    ),
    Guard(
        "spire: of two connections the one that signs is kept beside a third",
        "unit/spire/machine.py",
        "(sign or may_sign)[0]",
        "older[0]",
        "unit/spire/test_two_connections.py::"
        "test_a_third_seed_does_not_cost_the_connection_that_was_confirmed_unnoticed",
    ),
    Guard(
        "spire: a bunker in trouble has refused nobody",
        "unit/spire/asking.py",
        "await signer.check_access(sure=True)",
        "await signer.check_access()",
        "unit/spire/test_two_connections.py::test_a_bunker_in_trouble_costs_no_connection",
    ),
    Guard(
        "spire: a kind that no rule allows is no cut",
        "unit/spire/asking.py",
        "except (CutOff, Failing, Unreachable) as problem:",
        "except (Refused, Unreachable) as problem:",
        "unit/spire/test_two_connections.py::test_a_kind_that_no_rule_allows_is_no_cut",
    ),
]


@contextmanager
def copied() -> Iterator[Path]:
    """The repository as it stands in the working tree, to be imported from there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    with TemporaryDirectory(prefix="spirekeeper-guards-") as folder:
        copy = Path(folder, "spirekeeper")
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                copy2(ROOT / name, copy / name)
        yield copy


def passes(copy: Path, tests: Iterable[str]) -> bool:
    """What does not end in time does not pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(  # noqa: S603
            [*command, *(f"tests/{test}" for test in tests)],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy.parent)},
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode not in (0, 1):
        raise SystemExit(f"the tests could not be run:\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def caught(copy: Path, guard: Guard) -> bool:
    """Whether the test fails without the guard."""
    file = copy / guard.file
    whole = file.read_text()
    file.write_text(whole.replace(guard.code, guard.without))
    try:
        return not passes(copy, [guard.test])
    finally:
        file.write_text(whole)


def main(names: tuple[str, ...]) -> int:
    """1 when a test passes without its guard, or fails with it."""
    guards = [guard for guard in GUARDS if not names or guard.what.startswith(names)]
    good = True
    with copied() as copy:
        for guard in guards:
            seen = caught(copy, guard)
            good = good and seen
            word = "caught" if seen else "NOT CAUGHT"
            sys.stdout.write(f"{word}: {guard.what} ({guard.test})\n")
            sys.stdout.flush()
        if not passes(copy, dict.fromkeys(guard.test for guard in guards)):
            sys.stdout.write("THE TESTS FAIL WITH THE GUARDS TOO\n")
            good = False
    return int(not good)


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:])))
