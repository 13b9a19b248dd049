window.i18n.global.mergeLocaleMessage('es', {
  spirekeeper: {
    machines: 'Máquinas',
    no_machines: 'Aún no hay máquinas. Agregue una y luego vincúlela.',
    search: 'Buscar',
    add_machine: 'Agregar máquina',
    add: 'Agregar',
    cancel: 'Cancelar',
    close: 'Cerrar',
    name: 'Nombre',
    name_needed: 'Dé un nombre a la máquina.',
    location: 'Ubicación',
    wallet: 'Billetera',
    wallet_hint: 'Una billetera sirve a una sola máquina. Si la deja vacía, se crea una nueva.',
    state: 'Estado',
    pair: 'Vincular',
    pair_intro:
      'Se crea una clave para esta máquina en su bunker. La semilla que sigue se muestra una sola vez: escanéela con la máquina.',
    relays: 'Relays que la máquina puede alcanzar',
    relays_hint: 'Uno por línea, el mejor primero.',
    relays_needed: 'Indique al menos un relay.',
    private_relays: 'Estos relays están en mi propia red (ws:// o direcciones privadas)',
    scan: 'Escanee esto con la máquina antes de {until}. Quien lo escanee primero es la máquina.',
    copy_seed: 'Copiar semilla',
    seed_copied: 'Semilla copiada. Péguela solo en la máquina.',
    revoke: 'Revocar',
    revoke_question: '¿Cortar {name} ahora? No podrá firmar nada más hasta que se vincule de nuevo.',
    revoked_done: 'Cortada, aquí y en el bunker.',
    revoked_pending: 'Cortada aquí. El bunker no respondió; se le pedirá de nuevo hasta que cumpla su parte.',
    states: {
      revoked: 'Revocada',
      locked: 'Bloqueada',
      confirming: 'Por confirmar',
      replacing: 'En reemplazo',
      paired: 'Vinculada',
      awaiting_scan: 'Esperando el escaneo',
      expired: 'Caducada',
      unknown: 'En consulta',
      unpaired: 'Sin vincular'
    },
    reasons: {
      seed_lapsed: 'La semilla no se escaneó a tiempo. Vincule de nuevo.',
      redeemed_too_late: 'La semilla se escaneó demasiado tarde y no cuenta. Vincule de nuevo.',
      needs_new_client_key:
        'La máquina conservó una clave de cliente revocada. Debe empezar de cero con una semilla nueva.',
      two_clients_redeemed:
        'Dos dispositivos usaron la misma semilla; ambos están cortados. Vincule de nuevo y no deje ver el QR.',
      pubkey_taken: 'La clave nueva ya era de alguien y no se usa. Vincule de nuevo.',
      passphrase_refused: 'El bunker rechaza la contraseña de esta clave. Consulte al superusuario.',
      cancelled: 'La semilla se canceló.',
      key_locked: 'La clave está bloqueada en el bunker, como después de un reinicio.',
      compare_fingerprint: 'Compare la huella con la que muestra la máquina.',
      newer_seed_waits: 'Conectada; una semilla más nueva espera ser escaneada.',
      session_ended: 'La sesión terminó. Vincule de nuevo.',
      not_looked_up: 'Una consulta al bunker quedó sin respuesta; se está averiguando el resultado.',
      cut: 'Cortada. Al vincularla recibe una clave nueva.'
    }
  }
})
