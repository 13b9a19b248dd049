window.i18n.global.mergeLocaleMessage('en', {
  spirekeeper: {
    machines: 'Machines',
    no_machines: 'No machines yet. Add one, then pair it.',
    search: 'Search',
    add_machine: 'Add machine',
    add: 'Add',
    cancel: 'Cancel',
    close: 'Close',
    name: 'Name',
    name_needed: 'Give the machine a name.',
    location: 'Location',
    wallet: 'Wallet',
    wallet_hint: 'One wallet serves one machine. Left empty, a new one is made.',
    state: 'State',
    pair: 'Pair',
    pair_intro:
      'A key for this machine is made in your bunker. The seed that follows is shown once: scan it with the machine.',
    relays: 'Relays that the machine can reach',
    relays_hint: 'One a line, best first.',
    relays_needed: 'Name at least one relay.',
    private_relays: 'These relays are in my own network (ws:// or private addresses)',
    scan: 'Scan this with the machine before {until}. Whoever scans it first is the machine.',
    copy_seed: 'Copy seed',
    seed_copied: 'Seed copied. Paste it into the machine only.',
    revoke: 'Revoke',
    revoke_question: 'Cut {name} off now? It can sign nothing more until it is paired again.',
    revoked_done: 'Cut off, here and in the bunker.',
    revoked_pending: 'Cut off here. The bunker did not answer; it is asked again until it has done its part.',
    states: {
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
