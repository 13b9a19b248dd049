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
    }
  }
})
