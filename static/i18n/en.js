window.i18n.global.mergeLocaleMessage('en', {
  spirekeeper: {
    common: {
      cancel: 'Cancel',
      close: 'Close',
      back: 'Back',
      copy: 'Copy',
      yes: 'Yes',
      no: 'No',
      save: 'Save',
      just_now: 'just now',
      never: 'never',
      name: 'Name',
      location: 'Location',
      wallet: 'Wallet',
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
      search: 'Name or place begins with',
      none_found: 'No machine is like that.',
      last_seen: 'Last seen',
      connected_since: 'Connected',
      actions: 'Actions',
      compare: 'Compare',
      edit: 'Change {name}',
      open: 'More about {name}',
      select: 'Select {name}',
      select_all: 'Select all on this page',
      selected: '{n} selected',
      pair_many: 'Pair {n} machines',
      import: 'Add machines from a CSV file',
      journal: 'Journal as a CSV file',
      stop: 'Emergency stop: cut off all machines'
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
      unreachable: 'Not reachable from the server.'
    },
    errors: {
      no_answer: 'The server did not answer. Look at your connection, then try again.',
      not_found: 'There is no such machine among yours.',
      machine_busy: 'Somebody is pairing this machine right now, or it was cut off meanwhile. Try again in a minute.',
      wallet_in_use: 'That wallet serves another machine. Choose another, or have one made.',
      another_client: 'Another device has scanned the seed. Look again, and compare once more.',
      unexpected_client: 'More devices than expected can use the key of this machine. Revoke it, and pair it again.',
      nothing_waits: 'Nothing waits any more; it may have been scanned or ended just now.',
      revoke_owed: 'The bunker has not done the last revoke yet. Pair with a new key, or wait until it is done.',
      pubkey_taken: 'The new key belonged to somebody already and is not used. Pair again.',
      no_relay: 'None of these relays can be reached. Look at the addresses, or try others.',
      no_bunker: 'No bunker is connected, or its settings cannot be read. The superuser enters it.',
      bunker_silent: 'The bunker did not answer. Is it running, and on its relay?',
      too_many_checks: 'Too many relays were tried within a minute. Wait a minute.',
      too_many_pairs: 'Too many pairings within a minute. Wait a minute, or pair several machines in one go.',
      already_running: 'This is being done already. Try again in a minute.'
    },
    form: {
    },
    pair: {
      intent: {
        first:
          'A key for this machine is made in your bunker. The seed that follows is shown once: have the machine scan it.',
        again_connected:
          'The machine works on with its present connection until the new seed was scanned and you have compared. Only then is the old one cut.',
        rotate:
          'The machine gets a new key. The old one is cut in the bunker once the new seed was scanned and you have compared.',
        rotate_connected:
          'The machine gets a new key. It works on with the old one until the new seed was scanned and you have compared; then the old one is cut for ever.',
        now: 'Whoever is connected now is cut off at once. The machine is idle until it has scanned the new seed and you have compared.',
        after_cut: 'The machine was cut off. It gets a new key; the old one stays dead.',
        after_cut_same: 'The machine was cut off. It gets the same key again, and a new connection.'
      },
      scan_within: 'The seed may wait to be scanned for',
      session_ends: 'The connection ends after',
      minutes: {10: '10 minutes', 60: '1 hour', 1440: '1 day', 10080: '1 week'},
      session: {never: 'Never', 24: '1 day', 168: '1 week', 720: '30 days', 8760: '1 year'},
      make_seed: 'Show the seed',
      scan: 'Have the machine scan this. Whoever scans it first is taken for the machine, so keep it out of sight of others.',
      qr: 'The seed as a QR code',
      full_screen: 'Full screen',
      waiting: 'Waiting for the machine to connect…',
      days: '{n} d',
      left: 'This seed can be scanned for {time}.',
      copy_seed: 'Copy',
      seed_copied: 'Seed copied. Paste it into the machine only.',
      print: 'Print',
      unreachable:
        'The bunker does not answer, so nobody can see here whether the machine has connected. The seed still counts; it is asked again every few seconds.',
      locked: 'The key of this machine is locked in the bunker. It is being unlocked; the machine cannot connect before.',
      connected: 'A machine connected. Does its screen show',
      compare: 'Nothing reaches your wallet before you say yes. If its screen shows something else, or nothing, say no.',
      yes: 'Yes, it is the machine',
      no: 'No',
      paired_title: 'Paired',
      paired: 'From now on the machine signs with its key, and its requests belong to its wallet. Older connections are ended.',
      ended_title: 'Not paired',
      ended: 'This seed is of no use any more. Pair again.',
      owing: 'The bunker did not answer. It is asked again until it has done its part.',
      again: 'Pair again',
      leave_title: 'The seed still waits to be scanned',
      leave:
        'Close, and let the machine scan it from the sheet or the copy that you have made? Or cancel it, so that nobody can use it? It is not shown again.',
      keep_seed: 'Let it wait',
      cancel_seed: 'Cancel the seed',
      cancelled_done: 'The seed is cancelled, here and in the bunker.',
      cancelled_pending: 'The seed is cancelled here. The bunker did not answer; it is asked again until it has done its part.'
    },
    panel: {
    },
    bunker: {
    },
    fleet: {
    },
    notices: {
    },
    sheet: {
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
      rejected: 'You said that it was not the machine. Whoever scanned the seed is cut off, and the seed is dead. Pair again, and keep the QR out of sight.',
      newer_seed: 'A newer seed was made for this machine; this one is dead.',
      newer_connection: 'A newer connection has taken its place.',
      passphrase_unknown: 'The passphrase of this key is not known here. Ask the superuser.',
      key_missing: 'The bunker does not have the key of this machine. Pair again.',
      wrong_key: 'The bunker has another key under the name of this machine. Ask the superuser.',
      revoked_outside: 'Somebody revoked it in the bunker itself. Pair again.',
      seed_lapsed: 'The seed was not scanned in time. Pair again.',
      redeemed_too_late: 'The seed was scanned too late and does not count. Pair again.',
      needs_new_client_key:
        'The machine kept an old client key that is revoked. Have it start over with a new seed.',
      two_clients_redeemed:
        'Two devices used the same seed; both are cut off. Pair again, and keep the QR out of sight.',
      pubkey_taken: 'The new key belonged to somebody already and is not used. Pair again.',
      passphrase_refused: 'The bunker refuses the passphrase for this key. Ask the superuser.',
      cancelled: 'The seed was cancelled.',
      key_locked: 'The key is locked in the bunker, as after a restart.',
      compare_fingerprint: 'Compare the fingerprint with the one that the machine shows.',
      newer_seed_waits: 'Connected; a newer seed waits to be scanned.',
      session_ended: 'The session is over. Pair again.',
      not_looked_up: 'A call to the bunker got no answer; what came of it is being looked up.',
      cut: 'Cut off. Pairing gives it a new key.'
    }
  }
})
