window.i18n.global.mergeLocaleMessage('en', {
  spirekeeper: {
    common: {
      cancel: 'Cancel',
      close: 'Close',
      back: 'Back',
      copy: 'Copy',
      help: 'What the guide says',
      save: 'Save',
      just_now: 'just now',
      logged_out: 'You are logged out',
      logged_out_words: 'Your session has ended, so nothing here would be up to date and nothing would work. Log in, and you are shown your machines as they are.',
      log_in: 'Log in again',
      lost: 'The server does not answer. What you see is as of {since}; it is asked again every few seconds.',
      outdated: 'Spirekeeper was upgraded while this page was open. Reload the page before you go on.',
      reload: 'Reload',
      never: 'never',
      name: 'Name',
      location: 'Location',
      wallet: 'Wallet',
      balance: 'Balance',
      sats: '{n} sats',
      state: 'State',
      pair: 'Pair',
      more: 'More'
    },
    machines: {
      title: 'Machines',
      add: 'Add machine',
      add_first: 'Add your first machine',
      empty_title: 'Pair a bitcoin ATM with a wallet',
      empty:
        'Each machine gets a signing key of its own in your bunker. You show it a QR code once; from then on it signs with a key that it never holds, and you can cut it off at any time.',
      search: 'Part of a name, place, tag, npub or fingerprint',
      all: 'All',
      none_found: 'No machine is like that.',
      loading: 'Loading…',
      rows: 'Machines per page:',
      last_seen: 'Last seen',
      connected_since: 'Connected',
      actions: 'Actions',
      compare: 'Compare',
      edit: 'Change {name}',
      open: 'More about {name}',
      select: 'Select {name}',
      select_all: 'Select all on this page',
      selected: '{n} selected',
      unselect: 'Select none',
      import: 'Add machines from a CSV file',
      file: 'These machines as a CSV file',
      journal: 'Journal as a CSV file',
      waiting: 'No machine waits to be compared. | {n} machine waits to be compared. | {n} machines wait to be compared.',
      compare_waiting: 'Compare none | Compare it | Compare them',
      stop: 'Emergency stop: cut off all machines'
    },
    first_day: {
      title: 'The first day',
      done: 'Done',
      to_do: 'To do',
      lines: {
        bunker: 'A bunker answers',
        relay: 'Machines have a relay',
        machine: 'A machine is added',
        heard: 'A machine was heard for the first time'
      },
      words: {
        bunker: 'Ask the superuser of this LNbits: they enter the bunker and see that it runs.',
        own_bunker: 'Enter the address of your nsecbunkerd. It keeps the keys that machines sign with.',
        relay: 'Ask the superuser of this LNbits to name one for machines, or enter yours when you pair.',
        own_relay: 'Name one beside the bunker. Machine and bunker meet there.',
        machine: 'Give it a name, and say where it stands.',
        heard: 'Pair it, and scan the code with the machine. From its first request to the bunker on, this list is gone.'
      },
      acts: {
        bunker_bunker: 'Connect a bunker',
        bunker_relay: 'Name a relay',
        add_machine: 'Add it',
        pair_heard: 'Pair it',
        open_heard: 'See how it stands'
      }
    },
    ticked: {
      more: 'With these machines',
      acts: {
        tag: 'Put a tag on',
        untag: 'Take a tag off',
        switch_on: 'Switch on',
        switch_off: 'Switch off',
        revoke: 'Revoke',
        delete: 'Delete'
      },
      sure: '{what}: {n} machine | {what}: {n} machines',
      words: {
        tag: 'A word that they are found by.',
        untag: 'The word that they are not to be found by any more.',
        switch_off: 'Their requests reach no wallet until they are switched on again; they stay paired.',
        revoke: 'This stops them from signing now. Paired again, each gets a new key.',
        delete: 'This stops them from signing now. Then they are removed from here; wallets and journal stay.'
      },
      done: '{what}: done with {n} machine. | {what}: done with {n} machines.',
      left: 'Not with {n}, which is gone or has ten tags. | Not with {n}, which are gone or have ten tags.',
      pending:
        'The bunker has yet to do its part for {n} of them; it is asked again until it has.'
    },
    relays: {
      title: 'Relays that the machine can reach',
      hint: 'Machine and bunker meet on the first that is up. The server tries each as you type.',
      nth: 'Relay {n}',
      add: 'Add a relay',
      remove: 'Remove relay {n}',
      private: 'In my own network (ws:// or private addresses)',
      trying: 'Trying…',
      reachable: 'Reachable from the server.',
      problems: {
        malformed: 'It must look like wss://relay.example.com.',
        several: 'It names more than one relay; give each by itself.',
        not_encrypted: 'It is not encrypted; use a wss:// relay.',
        private: 'It is a private address; use one that the machine can reach.',
        unknown_name: 'Its name leads to no address that the server may use.',
        silent: 'It does not answer the server.'
      }
    },
    cautions: {
      relay_down: '{relay} cannot be reached and is not in the pairing code.',
      older_seed_lives: 'The older pairing code still works until the bunker has answered; it is asked again.',
      bunker_not_heard: 'The bunker was not heard on the pairing code’s relay. Pair again over one that it listens on.',
      session_ending: 'The connection ends within three days. Pair again.',
      login_demanded: '{relay} demands a log-in, which machines do not do, so no pairing code names it. Name another, or have the log-in switched off for kind 24133.',
      payment_demanded: '{relay} asks for payment, and may not serve a machine that has not paid.',
      members_only: '{relay} serves members only, and may turn a machine away. Name another, or have it take kind 24133 of everybody.',
      refuses_events: '{relay} did not take an event as machines send them (16 KiB, of kind 24133, made just now). Look at its limits and its clock, or name another.',
      small_events: '{relay} takes only small events. What machine and bunker say to each other can be longer; name one that takes 64 KiB.',
      few_subscriptions: '{relay} allows fewer than 20 subscriptions on one connection. A bunker that listens there needs one for each machine.',
      clock_differs: 'The clock of {relay} and that of this server are more than half a minute apart, so it may refuse what seems too old or too new. Have both set their clocks by NTP.'
    },
    errors: {
      no_answer: 'The server did not answer. Look at your connection, then try again.',
      not_found: 'There is no such machine among yours.',
      machine_busy: 'Somebody is pairing this machine right now, or it was cut off meanwhile. Try again in a minute.',
      same_names: 'Some of these machines have a name that is there already. Nothing was added.',
      edited_meanwhile:
        'Somebody has changed this since you opened it here, perhaps you, in another window. Nothing of yours is saved.',
      wallet_in_use: 'That wallet serves another machine. Choose another, or have one made.',
      another_client: 'Another device has scanned the pairing code. Look again, and compare once more.',
      unexpected_client: 'Somebody else has used the key of this machine. Say No, and pair it again; it gets a new key.',
      key_not_kept: 'Somebody used this key without being confirmed, so it must not be used again. Pair with a new key.',
      nothing_waits: 'Nothing waits any more; it may have been scanned or ended just now.',
      ends_on_nip44: 'This bunker ends when a machine speaks NIP-44 to it, as most do. Update the bunker, or say below that this machine speaks NIP-04 only.',
      revoke_owed: 'The bunker has not ended yet what was ended here. Try again in a minute.',
      pubkey_taken: 'The new key belonged to somebody already and is not used. Pair again.',
      no_relay: 'None of these relays can be reached. Look at the addresses, or try others.',
      login_demanded: 'Of these relays those that are up demand a log-in, which machines do not do. Name another, or have the log-in switched off for kind 24133.',
      seed_too_long: 'With these relays the pairing code is too long for a QR code. Name fewer relays, or shorter addresses.',
      no_bunker: 'No bunker is connected, or its settings cannot be read. The superuser enters it.',
      another_site: 'This page is not at the address that LNbits was asked under. Open it there.',
      settings_wrong:
        'A setting in the environment of LNbits is wrong. The superuser sees under Bunker which, and mends it.',
      bunker_silent: 'The bunker did not answer. Is it running, and on its relay?',
      too_many_checks: 'Too many relays were tried within a minute. Wait a minute.',
      too_many_keys: 'The bunker has made as many keys as it may, and can delete none. The superuser can allow more.',
      too_many_pairs: 'Too many pairings within a minute. Wait a minute, or pair several machines in one go.',
      already_running: 'This is being done already. Try again in a minute.',
      no_webhook: 'There is no webhook here, or it cannot be opened. Enter its address.',
      too_many_machines: 'You may have {n} machines. Delete some, or ask the superuser for more.',
      too_many_rotations: 'This machine got {n} new keys of late, as many as allowed. It can get the next one at {at}.',
      too_many: 'That was too much at once. Try again in a minute.',
      too_large: 'That is too long: at most {n} KiB.',
      machines_paired: 'Machines are paired through another bunker: {n}. Revoke them first.',
      not_that_many: 'Another number of machines than expected can still sign: {n}. Nothing was cut off; look again.',
      cash_unconfirmed: 'Cash is for a machine whose connection you have confirmed, and no pairing code may wait. Revoke it or cancel the code, switch cash on, and pair it again.',
      cash_needs_nip44: 'This bunker does not speak NIP-44, which a machine reads its answers with. Update the bunker, then switch cash on.',
      machines_told: 'So many machines have to be paired again for a new service key: {n}.',
      no_link: 'No link can be made for this order: it is paid or ended, cash-in stands still, the wallet or a cap has no room, or LNbits has no https address.',
      not_to_settle: 'This order goes on by itself, or it has ended. Look again.',
      service_key_lost: 'The key that answers your machines about cash cannot be opened: LNbits’ AUTH_SECRET_KEY has changed. Make a new one, and pair your machines again.',
      bunker_failed: 'Something went wrong at the bunker. {detail}',
      not_accepted: 'The bunker does not accept the admin key of this LNbits. The superuser adds its npub to the bunker’s ADMIN_NPUBS.',
      pairing_failed: 'The pairing failed. Try again.',
      conflict: 'Something has changed meanwhile. Look again, then try again.',
      invalid_input: 'Something entered is wrong: {detail}',
      database_away: 'LNbits cannot reach its database, or lost it in the middle. Look whether it was done, then try again.',
      database_full: 'The disk of LNbits’ database is full, so this was not done: a machine that was to be revoked is not cut off. Make room on it, then try again.',
      internal: 'It failed here. The log of LNbits says why.',
      http_401: 'You are not logged in any more. Log in, then try again.',
      http_403: 'You may not do this.',
      http_429: 'LNbits was asked too much within a minute. Wait a minute.',
      wrong: {
        missing: 'This is needed.',
        blank: 'This must not be blank.',
        too_short: 'At least {n} characters.',
        too_long: 'At most {n} characters.',
        too_small: 'At least {n}.',
        too_large: 'At most {n}.',
        too_few: 'At least {n}.',
        too_many: 'At most {n}.',
        control_characters: 'Letters, digits and signs on one line only.',
        piled_accents: 'Too many accents on one letter.',
        not_whole: 'A whole number.',
        not_understood: 'This cannot be understood.',
        no_such_wallet: 'You have no such wallet. Choose one of yours.',
        no_secret_key: 'This is no Nostr secret key. It begins with nsec1.',
        no_bunker_url: 'The address of a bunker begins with bunker://.',
        no_bunker_key: 'The bunker’s key is missing, or mistyped: an npub or 64 hex digits after bunker://.',
        no_bunker_relay: 'No relay is named. Add one: ?relay=wss://…',
        bad_bunker_relay: 'Relay {n} must look like wss://relay.example.com.',
        malformed_relay: 'Relay {n} must look like wss://relay.example.com.',
        several_relays: 'Relay {n} is more than one; give each by itself.',
        unencrypted_relay: 'Relay {n} is not encrypted: use a wss:// relay, or allow private relays.',
        private_relay: 'Relay {n} is a private address: use one that the machine can reach, or allow private relays.',
        private_not_allowed: 'The superuser has not allowed private relays on this LNbits.',
        no_web_address: 'This is no address to post to. It looks like https://example.com/path.',
        not_a_number: 'A number.',
        not_true_or_false: 'true or false.',
        none_of: 'One of: {choices}.',
        malformed_relays: 'Up to {n} relays, each like wss://relay.example.com.',
        bunker_incomplete: 'With it SPIREKEEPER_ADMIN_NSEC and SPIREKEEPER_KEY_PASSPHRASE have to be set too.',
        keys_not_listed: 'The bunker would not list its keys. Its log says why.',
        key_not_made: 'The bunker would not make the key. Its log says why.',
        key_not_unlocked: 'The bunker would not unlock the key. Its log says why.',
        policy_not_made: 'The bunker would not show or make the policy for machines. Its log says why.',
        token_not_made: 'The bunker would not make a token; the policy may be gone. Its log says why.',
        users_not_told: 'The bunker would not say who can use the key. Its log says why.',
        user_not_revoked: 'The bunker would not cut off somebody who can use the key; it may not know them. Its log says why.',
        call_unknown: 'This bunker does not have the call {method}. Update it.',
        call_refused: 'The bunker refused the call {method}. Its log says why.',
        wrong_passphrase: 'The bunker did not unlock the key: it was made with another passphrase. Enter that one; do not guess.',
        unreadable: 'What the bunker answers to {method} cannot be read. Is it an nsecbunkerd?',
        key_unreadable: 'What the bunker tells of the key {key} cannot be read. Look at it in the bunker.',
        keeps_ending: 'The bunker goes away again and again. Its log says why.',
        seed_not_held: 'The bunker made a token that no pairing code can hold. See which bunker it is.',
        key_stays_locked: 'The machine’s key is locked in the bunker, and its passphrase is not known here. Unlock it there, or have the superuser enter the right one.',
        relay_clock: 'The bunker’s relay says: “{said}”. Its clock and that of this server differ; check the time.',
        relays_said: 'None of the bunker’s relays can be reached, or takes what is asked. One says: “{said}”. Look at them, or enter the bunker anew.',
        silent_clock: 'The bunker did not answer, and a relay says: “{said}”. Its clock and that of this server differ; check the time.',
        silent_said: 'The bunker did not answer, and a relay says: “{said}”. Look at both, then try again.',
        silent_untaken: 'The bunker did not answer, and no relay confirmed that it took the question. Check that both run, then try again.',
        not_opened: 'The stored bunker connection cannot be opened: AUTH_SECRET_KEY of LNbits has changed, or what is stored. Restore the old one, or enter the connection again, with its admin key and passphrase.',
        put_back: 'The stored bunker connection is older than one that has been in force: somebody put it back into the database, or a backup was restored. Enter the connection again, with its admin key and passphrase.',
        stored_unusable: 'The address in the stored bunker connection cannot be used. Enter the connection again.'
      }
    },
    form: {
      add_title: 'Add a machine',
      edit_title: 'Change {name}',
      add: 'Add',
      added: '{name} is added. Next, pair it.',
      name_needed: 'Give the machine a name.',
      one_line: 'Letters, digits and signs on one line only.',
      make_wallet: 'Make one, named after the machine',
      tags: 'Tags',
      tags_hint: 'Words to find machines by; Enter ends each.',
      wallet_hint: 'Each wallet serves one machine.',
      wallet_gone: 'Its wallet is gone or no longer yours, so its requests reach none. Choose another.',
      currency: 'Currency',
      silent: 'Tell me when not seen for (minutes)',
      silent_hint: 'Empty: do not tell me.',
      open_anew: 'Show what is there now',
      silent_range: 'A whole number of minutes, at most {most}.',
      active: 'Active',
      active_hint:
        'Switched off, its requests stop reaching its wallet at once. The bunker is not asked for anything, and you can switch it on again at any time.'
    },
    pair: {
      intent: {
        first:
          'A key for this machine is made in your bunker. The pairing code that follows is shown once: have the machine scan it.',
        again_connected:
          'The machine works on with its present key until the new pairing code was scanned and you have compared. Then it changes to the key of the new code, and the old one is cut.',
        rotate:
          'The machine gets a new key. The old one is cut in the bunker once the new pairing code was scanned and you have compared.',
        rotate_connected:
          'The machine gets a new key. It works on with the old one until the new pairing code was scanned and you have compared; then the old one is cut for ever.',
        older_seed: 'The pairing code that still waits to be scanned stops working.',
        now: 'Whoever is connected now is cut off at once. The machine gets a new key, and is idle until it has scanned the new pairing code and you have compared.',
        after_cut: 'The machine was cut off. It gets a new key; the old one stays dead.',
        after_cut_same: 'The machine was cut off. It gets the same key again, and a new connection.'
      },
      scan_within: 'It may be scanned for',
      session_ends: 'The connection ends after',
      minutes: {10: '10 minutes', 60: '1 hour', 1440: '1 day', 10080: '1 week'},
      session: {never: 'Never', 24: '1 day', 168: '1 week', 720: '30 days', 8760: '1 year'},
      legacy: 'This machine speaks only the older encryption (NIP-04)',
      make_seed: 'Show the pairing code',
      scan: 'Have the machine scan this. Whoever scans it first is taken for the machine, so keep it out of sight of others.',
      qr: 'The pairing code as a QR code',
      full_screen: 'Full screen',
      waiting: 'Waiting for the machine to connect…',
      days: '{n} d',
      left: 'This pairing code can be scanned for {time}.',
      copy_seed: 'Copy',
      seed_copied: 'Pairing code copied. Paste it into the machine only.',
      print: 'Print',
      unreachable:
        'The bunker does not answer, so nobody can see here whether the machine has connected. The pairing code still counts; it is asked again every few seconds.',
      locked: 'The key of this machine is locked in the bunker. It is being unlocked; the machine cannot connect before.',
      connected: 'A machine connected. Does its screen show',
      compare: 'Nothing reaches your wallet before you say yes. If its screen shows something else, or nothing, say no.',
      yes: 'Yes, it is the machine',
      no: 'No',
      next: 'Compare the next one',
      next_first: 'Not now: compare the next one',
      paired_title: 'Paired',
      paired: 'From now on the machine signs with its key, and its requests belong to its wallet. What it may do with cash is set in its panel, under Cash. Older connections are ended.',
      ended_title: 'Not paired',
      ended: 'This pairing code is of no use any more. Pair again.',
      owing: 'The bunker did not answer. It is asked again until it has done its part.',
      again: 'Pair again',
      leave_title: 'The pairing code still waits to be scanned',
      leave:
        'Close, and let the machine scan it from the sheet or the copy that you have made? Or cancel it, so that nobody can use it? It is not shown again.',
      keep_seed: 'Let it wait',
      cancel_seed: 'Cancel the pairing code',
      unshown_title: 'This pairing code cannot be shown again',
      unshown:
        'It was on show when the page was left, and waits to be scanned. If the machine has it, from a sheet or a copy, let it wait. If not, pair again, which ends it, or cancel it.',
      cancelled_done: 'The pairing code is cancelled, here and in the bunker.',
      cancelled_pending: 'The pairing code is cancelled here. The bunker did not answer; it is asked again until it has done its part.'
    },
    camera: {
      compare: 'Compare by camera',
      again: 'Look once more',
      stop: 'Stop the camera',
      hold: 'Have the machine show its key as a QR code on its screen, and hold this camera in front of it.',
      same: 'The same key, all of it: the machine in front of you is the one that connected.',
      other:
        'Another key: the machine in front of you is not the one that connected. Say no. Only if you held the camera in front of the wrong machine, look once more.',
      none: 'That is another code, not the key of a machine. Look for the one on its screen.',
      several: 'There is more than one key in the picture. Go nearer, so that only the machine’s is.',
      problems: {
        refused: 'The browser does not let this page use the camera. Allow it in the browser’s settings, or compare by eye.',
        absent: 'No camera is found here. Compare by eye, or open this page on a phone.',
        insecure: 'Browsers give a camera only to pages that come by https. Compare by eye.',
        unusable: 'The camera cannot be used; perhaps another program has it. Try again, or compare by eye.',
        reader: 'What reads the code could not be loaded. Try again, or compare by eye.'
      }
    },
    panel: {
      overview: 'Overview',
      pairings: 'Pairings',
      journal: 'Journal',
      no_pairings: 'It was never paired.',
      no_journal: 'Nothing has happened yet.',
      by_you: 'you',
      by_itself: 'spirekeeper by itself',
      by_superuser: 'the superuser',
      newer: 'Newer',
      older: 'Older',
      range: '{from}–{to} of {total}',
      link: 'Copy the link to this machine',
      link_copied: 'Link copied. It opens this machine for you, once you are logged in, and for nobody else.',
      inactive: 'Its requests reach no wallet. It is switched on again under Change details.',
      bunker_asking: 'Asking the bunker…',
      bunker_ok: 'As the bunker says, {ago}.',
      bunker_unreachable: 'The bunker does not answer now; this is what was known before.',
      spire_fingerprint: 'Fingerprint of its key',
      fingerprint: 'Fingerprint of the connection',
      scan_before: 'Pairing code to be scanned before',
      session_ends: 'Connection ends',
      npub: 'npub',
      key_name: 'Name of its key in the bunker',
      flags: {
        second_client:
          'Somebody else seems to use the key of this machine. If that is not your doing, revoke it and pair it with a new key.',
        unknown_user:
          'The bunker lets somebody use the key of this machine whom no pairing explains. If that is not your doing, revoke it and pair it with a new key.'
      },
      flagged: 'Noticed {ago} ({at}).',
      owed:
        'The bunker still has to end {n} older pairing code or connection; it is asked again until it is done. | The bunker still has to end {n} older pairing codes or connections; it is asked again until they are ended.',
      owed_cut:
        'Cut off here. The bunker still has to do {n} thing; it is asked again until it is done. | Cut off here. The bunker still has to do {n} things; it is asked again until they are done.',
      seen: 'last seen {ago}',
      not_seen: 'not seen yet',
      actions: {
        compare: 'Compare fingerprints',
        pair: 'Pair',
        pair_again: 'Pair again',
        pair_new: 'Pair with a new key',
        pair_same: 'Pair with the same key',
        rotate: 'Change to a new key',
        pair_now: 'Cut off now and pair again',
        cancel: 'Cancel the pairing code',
        edit: 'Change details',
        revoke: 'Revoke',
        delete: 'Delete'
      },
      intent: {
        compare: 'A device has scanned the pairing code. Nothing reaches the wallet before you say that it is the machine.',
        pair: 'Makes a key for it in the bunker and shows a pairing code, once, for the machine to scan.',
        pair_again_connected:
          'It works on until it has scanned the new pairing code and you have compared; then it changes to a new key; {seen}.',
        pair_again_idle:
          'A new pairing code is shown, once; one that still waits stops working. It keeps its key, unless somebody used it whom you did not confirm.',
        pair_new: 'It was cut off {ago}. It gets a new key; the old one stays dead.',
        pair_same:
          'Only if nobody else can have held the machine: who did may have had requests signed ahead of time.',
        rotate_connected:
          'It works on with the old key until it has scanned the new pairing code and you have compared; then the old key is cut off for ever.',
        rotate_idle: 'A pairing code for a new key is shown, once; the old key is not used again.',
        pair_now:
          'This stops the machine from signing as soon as you ask for the new pairing code; {seen}. It gets a new key, and is idle until it has scanned.',
        cancel_connected: 'Nobody can scan it any more. The machine works on with its present connection.',
        cancel_idle: 'Nobody can scan it any more.',
        edit: 'Name, location, wallet, currency, when to tell you, and whether it is active.',
        revoke_connected: 'This stops the machine from signing now; {seen}. Paired again, it gets a new key.',
        revoke_comparing: 'Whoever has scanned the pairing code is cut off now. Paired again, it gets a new key.',
        revoke_idle:
          'It has no connection now; {seen}. Its key and any pairing code that waits are ended; paired again, it gets a new key.',
        delete_connected:
          'This stops the machine from signing now; {seen}. Then it is removed from here. Its wallet and its journal stay.',
        delete_comparing:
          'Whoever has scanned the pairing code is cut off now. Then it is removed from here. Its wallet and its journal stay.',
        delete_idle: 'Its key is ended, and it is removed from here. Its wallet and its journal stay.',
        delete_cut: 'It was cut off {ago}, and is removed from here. Its wallet and its journal stay.',
        delete_keyless: 'It is removed from here; it never had a key. Its wallet and its journal stay.',
        revoke_away:
          'It is cut off here at once: its requests reach no wallet. The bunker cannot be used now, so it can sign until the bunker is back, and is then cut off there too. Paired again, it gets a new key.',
        delete_away:
          'It is cut off here at once, so its requests reach no wallet, and is removed. The bunker cannot be used now, so it can sign until the bunker is back. Its wallet and its journal stay.',
        cancel_away:
          'Whoever scans it from now on reaches no wallet. The bunker cannot be used now, and is told as soon as it is back.',
        pair_now_away:
          'The bunker cannot be used now, so no pairing code can be made. To cut the machine off all the same, revoke it.'
      },
      sure: '{what}: {name}',
      revoked_done: '{name} is cut off, here and in the bunker.',
      revoked_pending:
        '{name} is cut off here. The bunker has not done its part yet; it is asked again until it has.',
      removed_done: '{name} is deleted.',
      deleted_done: '{name} is cut off, here and in the bunker, and deleted.',
      deleted_pending:
        '{name} is cut off here and deleted. The bunker has not done its part yet; it is asked again until it has.',
      pairing: {
        intent: 'Being made',
        issued: 'Waits to be scanned',
        confirming: 'Scanned, to be compared',
        redeemed: 'Connected',
        confirmed: 'Connected and confirmed',
        replaced: 'Replaced',
        lapsed: 'Over',
        cancelled: 'Cancelled',
        revoked: 'Revoked',
        failed: 'Failed'
      },
      history: {
        issued: 'Pairing code shown {at}',
        scan_before: 'To be scanned before {at}',
        redeemed: 'Scanned {at}',
        confirmed: 'Confirmed {at}',
        session_ends: 'Connection ends {at}',
        ended: 'Ended {at}',
        ended_because: 'Ended {at}: {why}'
      },
      outcomes: {
        seed_lapsed: 'nobody scanned the pairing code in time',
        redeemed_too_late: 'the pairing code was scanned too late',
        revoked_outside: 'revoked in the bunker itself',
        session_ended: 'the agreed time was over',
        cancelled: 'the pairing code was cancelled',
        rejected: 'the fingerprint was another one',
        newer_seed: 'a newer pairing code took its place',
        newer_connection: 'a newer connection took its place',
        needs_new_client_key: 'the machine came with a revoked client key',
        two_clients_redeemed: 'two devices used the same pairing code',
        pubkey_taken: 'the new key belonged to somebody already',
        unconfirmed_client: 'somebody whom you did not confirm used the key',
        upgraded: 'spirekeeper was upgraded while the pairing code waited',
        passphrase_refused: 'the bunker refused the passphrase',
        passphrase_unknown: 'its passphrase is not known here',
        refused: 'the bunker refused the passphrase',
        failed: 'it stayed locked',
        wrong_key: 'the bunker has another key under its name',
        key_missing: 'the bunker does not have the key',
        key_locked: 'the key was locked',
        revoked: 'the machine was cut off',
        interrupted: 'it broke off half-way',
        machine_busy: 'it was cut off meanwhile',
        invalid_input: 'something entered was wrong',
        bunker_failed: 'the bunker could not do it',
        bunker_silent: 'the bunker did not answer',
        no_bunker: 'no bunker was connected',
        no_relay: 'no relay could be reached',
        BunkerTimeout: 'it did not answer',
        BunkerUnreachable: 'it could not be reached',
        BunkerRefused: 'it refused',
        NotAnAdmin: 'it does not accept our admin key',
        UnknownMethod: 'it cannot do that',
        WrongPassphrase: 'it refused the passphrase',
        BunkerNonsense: 'its answer could not be read',
        user_left: 'an older client could still use the key',
        unknown_user: 'somebody unknown could use the key',
        token_left: 'an older pairing code could still be scanned',
        access_left: 'the key could still be used after its end',
        policy_drifted: 'the policy allowed other things'
      },
      events: {
        machine: {added: 'Added', changed: 'Changed', deleted: 'Deleted'},
        pair: {seed_issued: 'A pairing code was shown', other: 'No pairing code could be made'},
        redemption: {
          redeemed: 'A device scanned the pairing code',
          interrupted: 'What follows a scan broke off half-way, and is finished',
          other: 'A scan did not count'
        },
        pairing: {other: 'A pairing ended'},
        confirm: {confirmed: 'The fingerprint was the machine’s; connected'},
        revoke: {
          cut: 'Cut off here',
          interrupted: 'A cut that broke off half-way is passed on to the bunker',
          unfinished: 'Something failed after the cut; it is tried again'
        },
        revoke_key: {
          done: 'The bunker has cut off its key',
          other: 'The bunker has yet to cut off its key'
        },
        burn_token: {done: 'The bunker has ended a pairing code', other: 'The bunker has yet to end a pairing code'},
        revoke_others: {
          done: 'The bunker has ended older connections',
          other: 'The bunker has yet to end older connections'
        },
        unlock: {unlocked: 'Its key was unlocked', other: 'Its key could not be unlocked'},
        flag: {
          second_client: 'Somebody else seems to use its key',
          unknown_user: 'Somebody whom no pairing explains can use its key',
          cleared: 'Nobody else can use its key any more'
        },
        listening: {silent: 'The bunker was not heard on the relay of the pairing code'},
        acl: {
          lost: 'The bunker does not know its connection any more',
          client: 'It asked the bunker for something that it may not do',
          stranger: 'Somebody unknown asked the bunker for the use of its key'
        },
        reconcile: {other: 'Mended after comparing with the bunker'},
        cash: {changed: 'Cash was changed', linked: 'A link was made for a customer', settled: 'A cash order was settled by hand'},
        migrated: {other: 'An upgrade took from it a key or wallet that an older machine has'}
      },
      details: {
        key: 'Key {key}',
        key_is: 'Key {key}: {npub}',
        key_is_now: 'Key {key}: {npub}; before, the machine was {before}',
        key_clients: 'Key {key}, client {clients}',
        client: 'Client {client}',
        client_asked: 'Key {key}: client {client} asked for {method}',
        stranger_asked: 'Key {key}: stranger {client} asked for {method}',
        settled: 'Key {key}: clients cut off: {revoked}, pairing codes ended: {burned}',
        not_heard: 'Relay {relay}',
        found_unlocked: 'It was found unlocked.',
        policy_corrected: 'The policy allowed other things than a machine does; it was corrected.',
        emergency_stop: 'By an emergency stop',
        no_operator: 'The operator’s account is deleted or deactivated.',
        machine_of: '{machine}, of {operator}',
        fields: '{fields}',
        name: '{name}',
        bunker: 'Bunker {bunker}',
        limits: '{limits}',
        webhook: '{server}',
        service_key: '{key}; before {before}',
        cash_both: 'Cash-out: {out}, {smallest} to {largest} sats, fee {fee_ppm} and {fee_fixed} sats. Cash-in: {into}, fee {in_fee_ppm} and {in_fee_fixed} sats, caps {caps} sats',
        cash: 'Cash-out: {out}, {smallest} to {largest} sats, fee {fee_ppm} and {fee_fixed} sats',
        linked_order: 'Order {order}',
        settled_order: 'Order {order}: {how} {reference}',
        failure: 'In LNbits: {failure}'
      },
      fields: {
        name: 'name',
        location: 'location',
        tags: 'tags',
        wallet_id: 'wallet',
        fiat_code: 'currency',
        silent_minutes: 'when to tell you',
        is_active: 'active or switched off'
      }
    },
    bunker: {
      title: 'Bunker',
      chip: 'Bunker: {state}',
      chips: {
        asking: 'Asking the bunker…',
        lost: 'The server does not answer',
        none: 'No bunker yet',
        failing: 'Bunker not working',
        locked: '{n} key locked | {n} key locked | {n} keys locked',
        online: 'Bunker online · {ms} ms'
      },
      words: {
        asking: 'The bunker is being asked; this takes some seconds when it is slow.',
        lost: 'How the bunker is cannot be asked now.',
        none: 'Machines get their keys from a bunker. The superuser of this LNbits has to enter one first.',
        enter: 'Machines get their keys from a bunker (nsecbunkerd). Enter yours below.',
        failing: 'The bunker does not work, so machines may not be able to sign.',
        locked:
          'Machines with a locked key cannot sign. The keys are unlocked in the background; if that does not help within a few minutes, the superuser compares with the bunker.',
        online: 'The bunker answers, and machines can sign.'
      },
      problems: {
        settings_wrong:
          'A setting in the environment of LNbits is wrong. The superuser sees here which it is, and mends it.',
        no_bunker: 'The superuser has to enter a bunker.',
        no_relay: 'None of the bunker’s relays can be reached. Look at them, or enter the bunker anew.',
        bunker_silent: 'The bunker did not answer. Check that it runs and is on its relays.',
        not_accepted:
          'The bunker does not accept our admin key. Add the admin npub to its ADMIN_NPUBS, and restart it.',
        bunker_failed: 'Something went wrong at the bunker. {detail}',
        key_needed:
          'A bunker answers there. Next, save: the admin npub that is shown then belongs in its ADMIN_NPUBS.',
        silent_to_strangers:
          'Its relay is there, and no bunker answered. It may not run, or answer only to a key that it knows: enter the admin key, or save and add the admin npub to its ADMIN_NPUBS.'
      },
      settling:
        'The bunker came up just now. It is asked to make or unlock a key in some seconds at the earliest, so pairing takes that much longer.',
      check_again: 'Check again',
      report: 'Save a report',
      copy: 'Copy: {what}',
      lineage: 'Software',
      round_trip: 'Round trip',
      keys: 'Keys',
      locked_keys: 'Locked keys',
      source: 'Connection from',
      sources: {
        database: 'this page',
        environment: 'the environment of LNbits'
      },
      bunker_npub: 'The bunker’s npub',
      admin_npub: 'Admin npub, belongs in the bunker’s ADMIN_NPUBS',
      relays: 'Relays of the bunker',
      wrong_settings_title: 'Wrong in the environment of LNbits',
      hazards_title: 'Good to know about this bunker',
      hazards: {
        loses_its_relay:
          'After its relay was away this bunker may not listen again for minutes, or stop. Restart it then; its keys are locked until they are unlocked, which is done in the background.',
        guessable_tokens:
          'The bunker makes its tokens with weak randomness: who has seen some may guess others. Let a pairing code wait no longer than needed, and compare the fingerprint each time.',
        hides_what_it_deletes:
          'Deleting a key or revoking a token with the bunker’s own tools only hides it: the key goes on signing. Revoke the machine here instead.',
        ignores_policy_expiry:
          'The bunker stores when a policy ends and how often a rule may be used, and minds neither. To end what a machine may do, revoke it here.',
        clocks_differ:
          'The clocks of the bunker and of this server are more than a minute apart. Pairing and revoking work all the same, but a relay may refuse what seems too old or too new, and times shown here can be wrong by as much. Have both set their clocks by NTP.',
        audit_keeps_bodies:
          'The audit of LNbits keeps the bodies of requests, so an admin key or a passphrase that is entered here can end up in its database. Switch that off (lnbits_audit_log_request_body) before you enter one.',
        few_keys_left:
          'The bunker was asked for four fifths of the keys that it may ever be asked for, and can delete none. Beyond them no machine gets a new key. See that the bunker’s relay can carry the list of more, then allow more (PUT /bunker/limits).',
        keys_outgrow_relay:
          'The bunker sends its list of keys as one event of more than 48 KiB. Many relays take no event of more than 64 KiB, some none of more than 128; beyond what the bunker’s relay takes nothing can be paired any more. See that it takes 1 MiB before more keys are made.',
        many_keys:
          'The bunker listens for each key by itself, and has about as many keys as its relay allows on one connection (many public ones: 20). A machine beyond that cannot reach its key. Use a relay of your own that allows more.',
        relay_clock_differs:
          'The clocks of the bunker’s relay and of this server are more than half a minute apart. A relay may refuse what seems too old or too new: nothing is paired then, and no machine signs. Have the relay, this server and the bunker set their clocks by NTP.',
        relay_takes_little:
          'The bunker’s relay says that it takes no event of 64 KiB, or did not take one of 16 KiB just now. The bunker’s answers grow with each key and each pairing; once one is too long, nothing can be paired any more. Have it take 1 MiB, or use another.',
        public_admin_relay:
          'The admin connection runs over a relay on the open internet. Whoever runs that relay sees when machines are paired and cut, and can send an old request again. Use a relay of your own near the bunker.',
        secret_beside_database:
          'LNbits keeps its secret in the folder of its database, so a copy of that folder opens the bunker’s admin key. Move what .lnbits_auth_key holds to AUTH_SECRET_KEY in the environment of LNbits, and delete the file.',
        ends_on_nip44:
          'This bunker speaks only the older encryption (NIP-04). A machine that speaks NIP-44 to it, as most do today, ends the bunker’s process. Update the bunker before pairing such a machine.',
        keys_lock_at_restart:
          'Keys are locked when the bunker restarts, and no machine can sign until they are unlocked. That is done in the background.',
        overwrites_keys:
          'Creating a key under a name that exists destroys the key of that name. Do not create keys called spire-… by hand.',
        publishes_what_it_mints:
          'The bunker publishes a profile for every key it makes to public relays, and may stop when it cannot reach them. The superuser can have this server make the keys instead.'
      },
      setup: {
        enter: 'Connect a bunker',
        change: 'Change the connection',
        compare: 'Compare with the bunker',
        forget: 'Forget',
        make_passphrase: 'Make a new passphrase',
        make_passphrase_question:
          'A new passphrase is made and shown once. It is for keys that are made from now on. Machines that were paired before keep theirs under the older one: give those a new key (Change to a new key) if it is lost.',
        from_environment:
          'The connection in force comes from the environment of LNbits. What you save here takes its place.',
        url: 'Bunker URL',
        url_hint: 'bunker://…?relay=wss://…, or the line that nsecbunkerd prints',
        url_needed: 'Enter the address of the bunker.',
        admin_nsec: 'Admin key (nsec)',
        admin_nsec_kept: 'Left empty: the stored one is kept.',
        admin_nsec_made: 'Left empty: one is made, and its npub is shown after saving.',
        passphrase: 'Passphrase for the machines’ keys',
        passphrase_kept: 'Left empty: the stored one is kept. A new one is used for new keys only.',
        passphrase_made: 'Left empty: one is made, and shown once after saving.',
        too_short: 'At least 8 characters.',
        private_relays: 'Allow private relays',
        private_relays_hint:
          'Operators may then pair over relays in your own network (ws:// or private addresses), which the server also connects to. Leave it off if you do not know the operators.',
        own_relays: 'The bunker’s relays are for machines too',
        own_relays_hint: 'Pairing then begins with them, for whoever has paired nothing yet. Operators and machines see them.',
        machine_relays: 'Relays for machines',
        machine_relays_hint: 'Pairing begins with them, for whoever has paired nothing yet. May be empty.',
        mint: 'This server makes the machines’ keys',
        mint_hint:
          'Nothing is published then, and the bunker needs no public relays; but each key passes once through this server’s memory. Off: the bunker makes them, and nobody else ever holds them.',
        test: 'Test',
        works:
          'It works: {lineage}, {ms} ms, no keys yet. | It works: {lineage}, {ms} ms, {n} key. | It works: {lineage}, {ms} ms, {n} keys.',
        forget_question:
          'The stored connection is removed, with its admin key and passphrase. Machines go on signing, but they cannot be paired or revoked until a bunker is entered again; without the passphrase their keys cannot be unlocked.',
        paired_title: 'Machines are paired',
        paired:
          'Machines are paired through the bunker in force. If you go on, they stay with it: from here they can then neither be revoked in it nor be unlocked. It is better to revoke them first.',
        go_on: 'Go on anyway'
      },
      stored: {
        title: 'The connection is saved',
        passphrase_words:
          'This passphrase was made just now. It encrypts the machines’ keys in the bunker. It is shown this once: put it into your safe.',
        passphrase: 'Passphrase',
        last_four: 'Its last four letters',
        safe: 'It is in my safe',
        wrong_end: 'Those are not its last four letters. Look again.',
        kept: 'Its last four letters were right: it is kept.',
        unkept:
          'The passphrase for the machines’ keys was made {ago} and shown once, and nobody has confirmed that it is kept. Type its last four letters, or have a new one made.',
        asking: 'Asking the bunker whether it accepts the admin key…',
        accepted: 'The bunker accepts the admin key already. There is nothing more to do.',
        next: 'Next: put the admin npub into ADMIN_NPUBS of nsecbunkerd, restart it, then check again.',
        done: 'Done'
      },
      abandoned: {
        title: 'Machines without an operator',
        none: 'Every machine has its operator.',
        of: 'Account {operator}',
        is_cut: 'Cut off {ago}.',
        will_be_cut: 'The account of its operator is deleted or deactivated. It is cut off on {date}.',
        still_signs: 'The account of its operator is deleted or deactivated. It can still sign.',
        cut: 'Cut off',
        cut_of: 'Cut off {name}',
        cut_question: '{name} stops signing now. Should its operator come back, they have to pair it anew.',
        cut_question_away:
          '{name} is cut off here at once. The bunker cannot be used now, so it can sign until the bunker is back. Should its operator come back, they have to pair it anew.',
        cut_done: '{name} is cut off.',
        cut_pending: '{name} is cut off here. The bunker has yet to follow; it is asked until it has.',
        remove: 'Remove',
        remove_of: 'Remove {name}',
        remove_question:
          'Whoever uses the key of {name} is cut off now. Then the machine is removed from here. Its journal stays.',
        remove_done: '{name} is removed.',
        remove_pending: '{name} is cut off here. The rest has yet to follow; it is tried until it is done.'
      },
      compared_all_well: 'Compared {keys} keys of machines: everything agrees.',
      compared_some: 'Compared {keys} keys of machines. What does not agree: {n}.',
      mended: 'Mended',
      look_at_it: 'To be looked at',
      findings: {
        key_missing:
          'The bunker does not have the machine’s key. Restore the bunker’s data, or revoke the machine and pair it again.',
        key_locked: 'The key was locked. Where that was not mended, enter the passphrase it was made with.',
        wrong_key:
          'The bunker has another key under this name. Restore the bunker’s data, or revoke the machine and pair it again.',
        key_unreadable:
          'The bunker did not say who can use this key, so it was not compared. Look into the bunker’s log.',
        policy_drifted:
          'The policy for machines allowed other things than a machine does. Where that was not mended, no new pairing code uses it: remove it in the bunker.',
        wrong_policy:
          'The machine’s token goes by a policy that is not exactly what a machine needs. Pair it again.',
        revoked_outside:
          'The bunker has revoked the machine’s client; its pairing has ended. Pair it again, with a new client key on the machine.',
        client_missing: 'The bunker does not know the machine’s client key any more. Pair the machine again.',
        unknown_user:
          'Somebody can use the machine’s key whom no pairing explains. Revoke the machine and pair it again.',
        user_left:
          'A client of a pairing that has ended could still use the key. Where that was not mended, it might be the machine itself.',
        unknown_token: 'The key has an unused token that was not made here. End it in the bunker.',
        token_left:
          'A pairing code that has ended could still be scanned. Where that was not mended, it might be the machine’s own.',
        access_left: 'The key was cut off, replaced or deleted, and somebody could still use it.',
        orphan_key: 'No machine belongs to this key, and it was not made here. Look at it in the bunker.'
      }
    },
    cash: {
      tab: 'Cash',
      title: 'Orders',
      file: 'These orders as a CSV file',
      on_nowhere: 'Cash is on at none of your machines. It is switched on in a machine’s panel, under Cash.',
      on: 'Cash is on at no machine. | Cash is on at {n} machine. | Cash is on at {n} machines.',
      all_stopped: 'Cash is stopped. | Cash is stopped at the {n} machine that has it on. | Cash is stopped at all {n} machines that have it on.',
      some_stopped: 'Cash is on at {n} machines, and stopped at {stopped} of them.',
      stop: 'Stop cash everywhere',
      stop_question: 'From then on no machine of yours gets an invoice or leave to dispense. A customer who has just paid gets no notes until you let cash go on; the order then waits here. No machine is cut off.',
      go_on: 'Let cash go on',
      stopped_now: 'Cash was stopped already. | Cash is stopped at {n} machine. | Cash is stopped at {n} machines.',
      goes_on_now: 'Cash went on already. | Cash goes on at {n} machine. | Cash goes on at {n} machines.',
      stuck_title: 'Nothing waits for you | {n} order waits for you | {n} orders wait for you',
      under_way: 'No cash-in is going on | {n} cash-in is going on | {n} cash-ins are going on',
      more_under_way: 'There are more: choose their state below.',
      more_stuck: 'There are more; they follow when some of these are settled.',
      waits: 'waits for you',
      none: 'No orders yet. Each sale of a machine whose cash is on is listed here.',
      none_found: 'No order is like that.',
      no_filter: 'Show all',
      machine: 'Machine',
      way: 'Direction',
      from: 'From',
      until: 'To',
      asked: 'Asked for',
      code: 'Code',
      amount: 'Amount',
      paid: 'Customer pays',
      fee: 'Fee',
      newest: 'Newest',
      older: 'Older',
      open: 'More about order {code}',
      order: 'Order {code}',
      to_machine: 'Machine',
      came_out: 'Came out',
      paid_at: 'Paid',
      dispensing_at: 'Leave to dispense',
      ended_at: 'Ended',
      payment_hash: 'Payment hash',
      id: 'Order id, and external id in LNbits',
      settle: 'Settle',
      settle_order: 'Settle order {code}',
      settle_words: 'Nobody dispenses the order from then on, and what you say here stays in the journal.',
      how: 'How was the customer made whole?',
      outs: {on: 'on', off: 'off'},
      hows: {refunded: 'Sats given back', notes_given: 'Notes given', other: 'Otherwise'},
      reference: 'Reference',
      reference_hint: 'The payment hash of the refund, or what you did.',
      settled: 'Order {code} is settled.',
      states: {
        asked: 'Asked for',
        invoiced: 'To be paid',
        paid: 'Paid',
        dispensing: 'Being dispensed',
        dispensed: 'Dispensed',
        abandoned: 'Abandoned',
        expired: 'Expired',
        paid_late: 'Paid too late',
        short: 'Too few notes',
        held: 'Held',
        reserved: 'To be fetched',
        paying: 'Being paid',
        sent: 'Sent',
        failed: 'Payment failed',
        unknown: 'Payment unknown',
        unclaimed: 'Owed',
        settled: 'Settled'
      },
      means: {
        asked: 'The machine has asked for an invoice, and has none yet.',
        invoiced: 'The customer can pay.',
        paid: 'LNbits has the sats, and the machine has not asked to dispense yet.',
        dispensing: 'The machine may dispense, and has not said what came out.',
        dispensed: 'All notes came out.',
        abandoned: 'The customer left before paying.',
        expired: 'Nobody paid in time.',
        paid_late: 'It was paid when nobody stood at the machine any more, so it is not dispensed.',
        short: 'Fewer notes came out than were ordered.',
        held: 'Sats are kept while the customer inserts notes.',
        reserved: 'The notes are in, and the customer has not fetched the sats yet.',
        paying: 'LNbits is paying the customer.',
        sent: 'The customer has the sats.',
        failed: 'Paying the customer has failed. Another invoice may be tried.',
        unknown: 'LNbits has asked its node to pay, and does not know whether it did. It is asked again.',
        unclaimed: 'The notes are in, and nothing is kept for the customer any more: you owe the sats.',
        settled: 'You have ended it, and nobody dispenses it from then on.'
      },
      to_end: {
        paid: 'If the machine does not go on by itself, look at it. Or give the customer the notes or the sats back, and settle the order.',
        dispensing: 'Look what came out, make up for what is missing, and settle the order.',
        paid_late: 'Give the customer the sats back, and settle the order.',
        short: 'Make up for the rest, and settle the order.',
        held: 'Look whether notes came in: in the machine’s own list, or count. Make up for them, and settle the order.',
        failed: 'The customer may try another invoice. Or give back the notes or the sats, and settle the order.',
        unknown: 'Wait: the sats may have gone. Do not pay again. After a day look at your node, and settle the order by what it says.',
        unclaimed: 'See that the wallet and the caps have room, and make a new link; or give the customer the sats, and settle the order.'
      },
      to_do: {
        nothing: 'Ready: it may sell.',
        switch_on: 'It sells nothing: cash is off. Switch it on below.',
        stopped: 'It sells nothing: you have stopped cash for all machines.',
        activate: 'It sells nothing: the machine is switched off. Switch it on under Change details.',
        flagged: 'It sells nothing: somebody else seems to use its key. Revoke it, and pair it with a new key.',
        wallet: 'It sells nothing: it has no wallet. Choose one.',
        pair: 'Not ready: pair it again, so that it learns who answers it. Fill no cassette before.',
        ask: 'Not ready: it has not asked here yet since you confirmed it. Start it. Fill no cassette before.'
      },
      today: 'Paid today',
      sold: 'Nothing | {sats} in {n} order | {sats} in {n} orders',
      fee_today: 'Fees today',
      ready: 'Ready since',
      room: {
        title: 'What may still leave the wallet for notes',
        words: 'With what paying costs. What is kept for customers now is taken off already.',
        too_little: 'Too little for the smallest amount: the machine takes no note now.',
        now: 'For one customer, now',
        hour: 'In this hour',
        day: 'In these 24 hours',
        open: 'Kept at a time',
        wallet: 'As far as the wallet has it',
        of: '{left} of {cap}'
      },
      its_orders: 'Its orders',
      out_on: 'Sell notes for sats',
      out_on_hint: 'From then on each pairing of this machine asks for confirmation.',
      smallest: 'Smallest amount (sats)',
      largest: 'Largest amount (sats)',
      fee_percent: 'Fee',
      fee_fixed: 'Fixed fee (sats)',
      fee_hint: 'Of what the customer pays. 0 for a machine that reckons its own.',
      in_on: 'Take notes for sats',
      in_on_hint: 'With all four caps set: they are what a stolen machine can take from the wallet at most.',
      address: 'Where customers’ phones fetch their sats',
      try_again: 'Try again',
      tried: 'Looked at {ago}.',
      no_links: 'Until that is mended machines are given no link to show: they take notes only from a customer whose own invoice they can have paid.',
      reach: {
        reachable: 'This server reaches itself there. That is no proof for a customer’s phone: open the address once on a phone that is not in your network.',
        no_https: 'That is not https, and wallets ask nothing else. Give LNbits an address with https, and write it as its base URL (Settings, as superuser).',
        private: 'That is an address of this computer or of its own network, at least as seen from here. A customer’s phone does not get there, unless the internet’s name servers lead it elsewhere. Give LNbits an address on the internet, and write it as its base URL (Settings, as superuser).',
        onion: 'Only wallets that speak Tor get there, which most do not. It was not tried.',
        silent: 'Nothing answers this server there. Look whether the name is right, whether LNbits’ proxy runs, and whether the router lets the port through. Behind some routers a server never gets to its own address: then a phone that is not in your network is the test.',
        elsewhere: 'Something else answers there than this LNbits: another site, a proxy that loses the path or does not reach LNbits, or one that leads on to another address. Wallets would fetch nothing. Write the base URL as browsers show it, and have the proxy pass on all that begins with it.',
        certificate: 'Its https is not good: the certificate is of another name, is over, or is of nobody whom wallets trust, or there is no https at all. Wallets hang up then.'
      },
      cap_order: 'Most for one customer (sats)',
      cap_hour: 'Most in an hour (sats)',
      cap_day: 'Most in a day (sats)',
      cap_open: 'Most kept at a time (sats)',
      in_fee_percent: 'Fee for notes',
      in_fee_fixed: 'Fixed fee for notes (sats)',
      in_fee_hint: 'Of what the notes are worth, at most 15 % of it.',
      directions: {cash_out: 'Sats for notes', cash_in: 'Notes for sats'},
      inserted: 'Inserted',
      gets: 'The customer gets',
      held_until: 'Kept until',
      said_at: 'Inserted at',
      link: 'Show a link for the customer',
      link_words: 'Whoever has this link fetches the sats, once: show it to the customer alone. It is good until {at}.',
      amount_range: 'A whole number, from 1 to {most}.',
      percent_range: 'From 0 to {most}, with at most four decimals.',
      fixed_range: 'A whole number, at most {most}.',
      saved: 'Cash is changed.',
      ignored_title: 'Requests that got no answer',
      ignored_words: 'Of all your machines, since LNbits was started. A few are no harm; many of one kind have a cause.',
      ignored: {
        too_large: 'longer than 16 KiB',
        other_kind: 'of a kind that is not for us',
        other_recipient: 'for somebody else, or for several',
        no_version: 'without CLINK’s version',
        other_version: 'of another version of CLINK',
        bad_signature: 'with a wrong signature',
        unknown_author: 'by a key that is no machine’s',
        cut: 'by a machine that is cut off',
        inactive: 'by a machine that is switched off',
        unconfirmed: 'over a connection that you have not confirmed',
        flagged: 'with a key that somebody else seems to use',
        undecryptable: 'that could not be decrypted; was the machine paired before the service key was changed?',
        not_json: 'that could not be read',
        other_dialect: 'in the form of Lightning.Pub'
      },
      key: {
        title: 'Service key',
        words: 'Your machines believe one key about cash: this service’s. A pairing code of a machine with cash names it. Whoever had it could make a machine dispense.',
        none: 'You have none yet: it is made when cash is first switched on.',
        npub: 'Service key',
        made: 'Made {at}',
        new: 'A new service key',
        follows: 'No machine believes the present one, so none has to be paired again. | {n} machine believes the present one until it is paired again: pair it again then. | {n} machines believe the present one until they are paired again: pair each of them again then.',
        leaked: 'Did it leak? Then the emergency stop comes first: a new key alone stops nobody who has the old one.',
        rotate: 'Make a new key',
        rotated: 'There is a new service key. Machines learn it when they are paired again.',
        changed: 'The number of machines has changed meanwhile, so the key was not. Look again.'
      }
    },
    fleet: {
      pair: 'Pair no machines | Pair {n} machine | Pair {n} machines',
      intent: 'Each machine gets a pairing code of its own, on a sheet to print. Pairing codes that still wait to be scanned stop working.',
      connected:
        'None of them is connected. | {n} of them is connected, and works on until its new pairing code was scanned and you have compared. | {n} of them are connected, and work on until their new pairing codes were scanned and you have compared.',
      cut: 'None of them was cut off. | {n} of them was cut off, and gets a new key. | {n} of them were cut off, and get new keys.',
      progress: 'Machines paired so far',
      running: '{n} of {of}',
      ready: 'No pairing code is ready. | {n} of {of} pairing codes is ready. | {n} of {of} pairing codes are ready.',
      halt: 'Stop here',
      halted:
        'Every machine had its turn. | {n} machine has no sheet; pair it again. | {n} machines have no sheet; pair them again.',
      failed_title: 'Not paired',
      next: 'Print the sheets and have each machine scan its own before {until}. As soon as one has, it is listed as “{state}”: compare the fingerprints from there, and confirm.',
      print: 'Print no sheets | Print {n} sheet | Print {n} sheets',
      unprinted_title: 'The sheets are not printed',
      unprinted:
        'There is no pairing code. | {n} pairing code has not been printed, and cannot be shown again. | {n} pairing codes have not been printed, and cannot be shown again.',
      close_anyway: 'Close without printing',
      reopened:
        'There is no machine. | The page was left before the sheet of this machine was printed. Its pairing code cannot be shown again: pair the machine again, which ends that code. | The page was left before the sheets of these {n} machines were printed. Their pairing codes cannot be shown again: pair the machines again, which ends those codes.',
      import_title: 'Add machines from a file',
      import_words:
        'A CSV file as a spreadsheet saves it, at most 1000 machines. Its first line names the columns. You see what would be added before anything is.',
      columns: {
        name: 'What you call the machine. Needed.',
        location: 'Where it stands. May be empty.',
        wallet: 'The name or id of a wallet of yours that serves no other machine. Empty, or “make one”: one is made.'
      },
      example: 'Save an example',
      example_file: 'name,location,wallet\nStation North,Hall 2,make one\nStation South,,\n',
      file: 'CSV file',
      file_changed: 'The file has changed since you chose it. Choose it again.',
      in_line: 'Line {line}: {what}',
      in_column: 'Line {line}, {column}: {what}',
      more: 'And {n} more',
      nothing_added: 'Nothing was added.',
      alike: {false: 'Leave those out', true: 'Add them all the same'},
      no_room: 'You may have no more machines. | You may have {n} more machine. | You may have {n} more machines.',
      add: 'Add nothing | Add {n} machine | Add {n} machines',
      adding: 'Machines added so far',
      added: 'No machine was added. | {n} machine was added. | {n} machines were added.',
      left:
        'All were added. | {n} machine was not added: line {line}. | {n} machines were not added, from line {line} on.',
      left_unsure: 'The first of them may be there all the same.',
      left_again: 'Choose the file again for the rest; what is there already can be left out.',
      pair_these: 'Pair none of these | Pair this one | Pair these {n}',
      problems: {
        too_large: 'The file has more than {kib} KiB. Split it.',
        workbook: 'That is a workbook. Have the spreadsheet save it as CSV.',
        not_text: 'The file is no text. Have the spreadsheet save it as CSV.',
        no_machines: 'The file has no machines below its first line.',
        too_many_lines: 'The file has {lines} machines. At most {most} are added at once; split it.',
        no_name_column: 'It must name the columns: name, and if you like location and wallet.',
        unknown_column: 'The column “{heading}” is not known. Remove it, or call it name, location or wallet.',
        column_twice: 'This column is there twice.',
        quotes: 'A quotation mark is missing, or is where none may be.',
        no_heading: '“{cell}” stands below no heading. Put a text that holds the separator in quotation marks.',
        blank: 'It is empty.',
        too_long: 'It has more than {most} letters.',
        control_characters: 'It holds a line break or another sign that cannot be shown.',
        piled_accents: 'It has too many accents on one letter.',
        no_such_wallet: 'You have no wallet “{wallet}”.',
        wallet_in_use: 'The wallet “{wallet}” serves another machine.',
        wallet_twice: 'Line {other} has the same wallet.',
        which_wallet: 'You have several wallets called “{wallet}”. Which one?',
        same_name: '“{name}” is in line {other} too.',
        name_taken: 'You have a machine called “{name}” already.'
      },
      stop_title: 'Emergency stop',
      counting: 'Counting your machines',
      stop_nothing: 'You have no machine that is paired or has a pairing code.',
      stop_words:
        'There is nothing to stop. | Your {n} machine that is paired or has a pairing code is cut off at once (connected now: {connected}). To go on working it has to be paired again, with a new key. Machines that were never paired stay as they are. | All your {n} machines that are paired or have a pairing code are cut off at once (connected now: {connected}). To go on working, each has to be paired again, with a new key. Machines that were never paired stay as they are.',
      stop_bunker_there: 'They cannot sign any more from then on.',
      stop_bunker_away:
        'The bunker cannot be used now. Their requests reach no wallet from then on, but they can sign until the bunker is back and has been told.',
      stop_type: 'Type {n} to go on',
      stop: 'Cut off nothing | Cut off {n} machine | Cut off all {n} machines',
      stop_changed: 'The number of your machines has changed meanwhile, so nothing was cut. Look again.',
      stopped: 'No machine was cut off. | {n} machine is cut off. | {n} machines are cut off.',
      stop_done: 'The bunker has carried it out too.',
      stop_pending:
        'The bunker has carried it out. | Here that holds at once. The bunker has carried it out for {done}; for this one it is asked again until it is done: | Here that holds at once. The bunker has carried it out for {done}; for these {n} it is asked again until it is done:',
      stop_after: 'When it is safe again, pair them anew, here in one go. The emergency stop in the menu offers that later too.',
      still_stopped:
        'Nothing is stopped. | {n} machine was cut off by an emergency stop and has not been paired since. | {n} machines were cut off by an emergency stop and have not been paired since.',
      pair_stopped: 'Pair nothing again | Pair that one again | Pair those {n} again'
    },
    webhook: {
      title: 'Webhook',
      words: {
        none: 'Every notice can be posted to an address of yours, as JSON and signed.',
        database: 'Every notice is posted to {server}, signed.',
        environment:
          'Every notice is posted to {server}, which the environment of LNbits names, and is not signed. An address that you enter here takes its place, and what is posted there is signed.',
        database_wrong:
          'Nothing is posted: what is stored cannot be opened, because LNbits’ AUTH_SECRET_KEY has changed. Enter the address again; a new signing secret is made.',
        environment_wrong: 'Nothing is posted: the address in the environment of LNbits is wrong.'
      },
      enter: 'Enter a webhook',
      change: 'Change the address',
      test: 'Send a test notice',
      make_secret: 'Make a new signing secret',
      make_secret_question:
        'What is posted from now on is signed with the new secret. Your receiver refuses it until the new secret is there too.',
      forget: 'Remove the webhook',
      forget_question: 'Address and signing secret are removed. Nothing is posted there any more.',
      url: 'Address of the webhook',
      url_hint: 'https://…, also in your own network. It may hold a user name and a password, and is not shown again.',
      url_needed: 'Enter the address.',
      tested: {
        taken: '{server} took the test notice: it answered {status}.',
        refused: '{server} answered {status}, so it did not take the test notice. Redirects are not followed.',
        unreachable: 'Nobody can be reached at {server}.',
        timeout: '{server} did not answer within five seconds.'
      },
      secret_title: 'The signing secret',
      secret_words:
        'With this secret your receiver checks that a notice comes from here. It is shown this once: put it into your receiver now. If it is lost, make a new one.',
      secret: 'Signing secret',
      leave_question: 'The secret is not shown again. Is it in your receiver?'
    },
    notices: {
      title: 'Notices',
      open: 'Look',
      open_machine: 'Look at {name}',
      open_order: 'Look at the order at {name}',
      more: 'And {n} more',
      fewer: 'Show fewer',
      deleted: 'a machine that was deleted',
      words: {
        silent: '{name} has not been seen for longer than you allow.',
        locked: '{name} cannot sign: its key is locked in the bunker.',
        second_client:
          'Somebody else seems to use the key of {name}. If that is not your doing, revoke the machine and pair it with a new key.',
        session_ending: 'The session of {name} ends within three days. Pair it again before.',
        revoke_owed:
          'The bunker has not carried out yet what was ended here for {name}. It is tried until it is done; check that the bunker answers.',
        relay_left_out:
          'The server does not listen for {name} on one of its relays, because too many are named or that one takes no more. Pair it again over one that your other machines use, or that has room.',
        client_lost: 'The bunker does not know the connection of {name} any more, so the machine cannot sign. Pair it again.',
        paid_not_dispensed: 'A customer of {name} has paid, and got no notes yet. Look at the machine, or give the sats back and settle the order.',
        dispense_unreported: '{name} has not said what came out for an order. Look what came out, and settle the order.',
        paid_late: 'A customer of {name} paid too late, and got no notes. Give the sats back, and settle the order.',
        short: '{name} dispensed fewer notes than were ordered. Make up for the rest, and settle the order.',
        notes_unreported: '{name} has not said what was inserted for an order. Look whether notes came in, and settle the order.',
        cash_unknown: 'LNbits does not know whether a customer of {name} was paid. Do not pay again; look at the order.',
        unclaimed: '{name} holds notes of a customer who has got no sats. Look at the order.',
        wallet_short: '{name} took no notes, because its wallet has too little.',
        cap_reached: '{name} took no notes, because one of its caps is reached.',
        bunker_away: 'The bunker does not answer, so machines may not be able to sign. Check that it runs.',
        no_operator:
          'The account of the operator of {name} is deleted or deactivated. The machine is cut off a while after; you can do it at once, in the panel of the bunker.',
        keys_outgrow_relay:
          'The bunker’s list of keys is soon longer than common relays take. See that its relay takes events of 1 MiB, or nothing can be paired any more.',
        passphrase_unkept:
          'Nobody has confirmed that the passphrase for the machines’ keys is kept. Click the bunker’s chip: type its last four letters, or have a new one made.'
      }
    },
    sheet: {
      title: 'Pairing sheet',
      scan_before: 'Scan before',
      spire_fingerprint: 'Fingerprint of its key in the bunker',
      step_scan: 'Start the machine. When it asks for its pairing code, hold this QR code in front of its camera.',
      step_wait: 'Wait until the machine has connected and shows a fingerprint, like k7fq 2m9x w4pt 8hsd.',
      step_compare:
        'Open the machine on the spirekeeper page of LNbits and compare that fingerprint with the one shown there. Confirm only if they are the same.',
      destroy:
        'Until it has been scanned this sheet is a key: whoever scans it first is the machine. Let nobody photograph it, and destroy it afterwards.'
    },
    states: {
      inactive: 'Switched off',
      revoked: 'Revoked',
      locked: 'Locked',
      confirming: 'To be confirmed',
      replacing: 'Being replaced',
      paired: 'Paired',
      awaiting_scan: 'Waiting for the scan',
      expired: 'Expired',
      unknown: 'Being looked up',
      unpaired: 'Not paired'
    },
    reasons: {
      rejected: 'You said that it was not the machine. Whoever scanned the pairing code is cut off, and the code no longer works. Pair again, and keep the QR out of sight.',
      newer_seed: 'A newer pairing code was made for this machine; this one no longer works.',
      newer_connection: 'A newer connection has taken its place.',
      passphrase_unknown: 'The passphrase of this key is not known here. Ask the superuser.',
      key_missing: 'The bunker does not have the key of this machine. Pair again.',
      wrong_key: 'The bunker has another key under the name of this machine. Ask the superuser.',
      revoked_outside: 'Somebody revoked it in the bunker itself. Pair again.',
      seed_lapsed: 'The pairing code was not scanned in time. Pair again.',
      redeemed_too_late: 'The pairing code was scanned too late and does not count. Pair again.',
      needs_new_client_key:
        'The machine kept an old client key that is revoked. Have it start over with a new pairing code.',
      two_clients_redeemed:
        'Two devices used the same pairing code; both are cut off. Pair again, and keep the QR out of sight.',
      pubkey_taken: 'The new key belonged to somebody already and is not used. Pair again.',
      passphrase_refused: 'The bunker refuses the passphrase for this key. Ask the superuser.',
      cancelled: 'The pairing code was cancelled.',
      key_locked: 'The key is locked in the bunker, as after a restart.',
      compare_fingerprint: 'Compare the fingerprint with the one that the machine shows.',
      newer_seed_waits: 'Connected; a newer pairing code waits to be scanned.',
      key_in_doubt:
        'Nothing reaches the wallet until you have confirmed the newer pairing code of the same key, or the bunker has shown that nobody scanned it.',
      unconfirmed_client:
        'Somebody whom you did not confirm used the key of this machine, so it is not used any more. Pair again; it gets a new key.',
      upgraded:
        'spirekeeper was upgraded while this pairing code waited, and it can no longer be confirmed. Pair again.',
      session_ended: 'The session is over. Pair again.',
      not_looked_up: 'A call to the bunker got no answer; what came of it is being looked up.',
      revoked: 'The machine was cut off. Pair it again when it is safe.',
      interrupted: 'Pairing broke off half-way; what it had begun is ended. Pair again.',
      cut: 'Cut off. Pairing gives it a new key.'
    }
  }
})
