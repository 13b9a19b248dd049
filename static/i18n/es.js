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
    }
  }
})
