window.i18n.global.mergeLocaleMessage('es', {
  spirekeeper: {
    common: {
      cancel: 'Cancelar',
      close: 'Cerrar',
      back: 'Volver',
      copy: 'Copiar',
      help: 'Ver la guía',
      save: 'Guardar',
      just_now: 'ahora mismo',
      logged_out: 'Su sesión terminó',
      logged_out_words: 'Aquí ya nada estaría al día ni funcionaría. Inicie sesión y verá sus máquinas como están ahora.',
      log_in: 'Iniciar sesión de nuevo',
      lost: 'El servidor no responde. Lo que ve es de {since}; se le pregunta de nuevo cada pocos segundos.',
      outdated: 'Spirekeeper se ha actualizado con esta página abierta. Recargue la página antes de continuar.',
      reload: 'Recargar',
      never: 'nunca',
      name: 'Nombre',
      location: 'Lugar',
      wallet: 'Billetera',
      balance: 'Saldo',
      sats: '{n} sats',
      state: 'Estado',
      pair: 'Emparejar',
      more: 'Más'
    },
    machines: {
      title: 'Máquinas',
      add: 'Agregar máquina',
      add_first: 'Agregar la primera máquina',
      empty_title: 'Emparejar un cajero de bitcoin con una billetera',
      empty:
        'Cada máquina recibe una clave de firma propia en su bunker. Usted le muestra un código QR una sola vez; desde entonces firma con una clave que nunca tiene en sus manos, y usted puede desconectarla en cualquier momento.',
      search: 'Buscar nombre, lugar, clave…',
      all: 'Todas',
      none_found: 'No hay ninguna máquina así.',
      loading: 'Cargando…',
      rows: 'Máquinas por página:',
      last_seen: 'Última señal',
      connected_since: 'Conectada',
      actions: 'Acciones',
      compare: 'Comparar',
      edit: 'Editar {name}',
      open: 'Más sobre {name}',
      select: 'Seleccionar {name}',
      select_all: 'Seleccionar todas las de esta página',
      selected: '{n} seleccionadas',
      unselect: 'Quitar la selección',
      import: 'Agregar máquinas desde un archivo CSV',
      file: 'Estas máquinas como archivo CSV',
      journal: 'Historial como archivo CSV',
      waiting: 'Ninguna máquina espera la comparación. | {n} máquina espera la comparación. | {n} máquinas esperan la comparación.',
      compare_waiting: 'No comparar ninguna | Compararla | Compararlas',
      stop: 'Parada de emergencia: desconectar todas las máquinas'
    },
    first_day: {
      title: 'El primer día',
      done: 'Hecho',
      to_do: 'Por hacer',
      lines: {
        bunker: 'Hay un bunker que responde',
        relay: 'Las máquinas tienen un relay',
        machine: 'Hay una máquina agregada',
        heard: 'Una máquina dio su primera señal'
      },
      words: {
        bunker: 'Pídaselo al superusuario de este LNbits: es quien conecta el bunker y cuida de que funcione.',
        own_bunker: 'Ingrese la dirección de su nsecbunkerd. Guarda las claves con las que firman las máquinas.',
        relay: 'Pida al superusuario de este LNbits que indique uno para las máquinas, o indique el suyo al emparejar.',
        own_relay: 'Indíquelo junto al bunker. Ahí se encuentran la máquina y el bunker.',
        machine: 'Póngale un nombre e indique dónde está.',
        heard: 'Emparéjela y escanee el código con la máquina. Con su primera petición al bunker, esta lista desaparece.'
      },
      acts: {
        bunker_bunker: 'Conectar un bunker',
        bunker_relay: 'Indicar un relay',
        add_machine: 'Agregarla',
        pair_heard: 'Emparejarla',
        open_heard: 'Ver cómo está'
      }
    },
    ticked: {
      more: 'Con estas máquinas',
      acts: {
        tag: 'Poner una etiqueta',
        untag: 'Quitar una etiqueta',
        switch_on: 'Activar',
        switch_off: 'Desactivar',
        revoke: 'Revocar',
        delete: 'Borrar'
      },
      sure: '{what}: {n} máquina | {what}: {n} máquinas',
      words: {
        tag: 'Una palabra para encontrarlas.',
        untag: 'La palabra con la que ya no se las debe encontrar.',
        switch_off: 'Sus peticiones no llegan a ninguna billetera hasta que se activen de nuevo; siguen emparejadas.',
        revoke: 'Dejan de firmar ahora mismo. Al emparejarlas de nuevo, cada una recibe una clave nueva.',
        delete: 'Dejan de firmar ahora mismo. Después se quitan de aquí; las billeteras y el historial se conservan.'
      },
      done: '{what}: hecho con {n} máquina. | {what}: hecho con {n} máquinas.',
      left: 'No con {n}, que ya no existe o tiene diez etiquetas. | No con {n}, que ya no existen o tienen diez etiquetas.',
      pending:
        'Al bunker le falta hacer su parte con {n} de ellas; se le pide de nuevo hasta que la haga.'
    },
    relays: {
      title: 'Relays que la máquina puede alcanzar',
      hint: 'La máquina y el bunker se encuentran en el primero que funcione. El servidor prueba cada uno mientras se escribe.',
      nth: 'Relay {n}',
      add: 'Agregar un relay',
      remove: 'Quitar el relay {n}',
      private: 'En mi propia red (ws:// o direcciones privadas)',
      trying: 'Probando…',
      reachable: 'Accesible desde el servidor.',
      problems: {
        malformed: 'Debe tener la forma wss://relay.example.com.',
        several: 'Nombra más de un relay; indique cada uno por separado.',
        not_encrypted: 'No está cifrado; use un relay wss://.',
        private: 'Es una dirección privada; use una que la máquina alcance.',
        unknown_name: 'Su nombre no lleva a ninguna dirección que el servidor pueda usar.',
        silent: 'No responde al servidor.'
      }
    },
    cautions: {
      relay_down: '{relay} no se alcanza y no está en el código de emparejamiento.',
      older_seed_lives: 'El código de emparejamiento anterior vale hasta que el bunker responda; se le pregunta de nuevo.',
      bunker_not_heard: 'No se oyó al bunker en el relay del código de emparejamiento. Empareje de nuevo por uno en el que escuche.',
      session_ending: 'La conexión termina en menos de tres días. Empareje de nuevo.',
      login_demanded: '{relay} exige iniciar sesión, cosa que las máquinas no hacen, así que ningún código de emparejamiento lo nombra. Use otro, o haga que no lo exija para el kind 24133.',
      payment_demanded: '{relay} pide un pago, y puede no servir a una máquina que no ha pagado.',
      members_only: '{relay} solo sirve a sus miembros, y puede rechazar a una máquina. Use otro, o haga que acepte el kind 24133 de todos.',
      refuses_events: '{relay} no aceptó un evento como los que envían las máquinas (16 KiB, de kind 24133, recién hecho). Revise sus límites y su reloj, o use otro.',
      small_events: '{relay} solo acepta eventos pequeños. Lo que se dicen la máquina y el bunker puede ser más largo; use uno que acepte 64 KiB.',
      few_subscriptions: '{relay} admite menos de 20 suscripciones en una conexión. Un bunker que escucha allí necesita una por cada máquina.',
      clock_differs: 'El reloj de {relay} y el de este servidor difieren en más de medio minuto, así que puede rechazar lo que parece demasiado viejo o demasiado nuevo. Haga que ambos ajusten su reloj por NTP.'
    },
    errors: {
      no_answer: 'El servidor no respondió. Revise la conexión e inténtelo de nuevo.',
      not_found: 'Esa máquina no está entre las suyas.',
      machine_busy: 'Alguien está emparejando esta máquina ahora mismo, o fue desconectada entretanto. Inténtelo en un minuto.',
      same_names: 'Algunas de estas máquinas tienen un nombre que ya existe. No se agregó nada.',
      edited_meanwhile:
        'Alguien ha cambiado esto desde que usted lo abrió aquí; quizá usted, en otra ventana. No se ha guardado nada de lo suyo.',
      wallet_in_use: 'Esa billetera sirve a otra máquina. Elija otra, o deje que se cree una.',
      another_client: 'Otro dispositivo escaneó el código de emparejamiento. Mire de nuevo y compare otra vez.',
      unexpected_client: 'Alguien más usó la clave de esta máquina. Diga que no y emparéjela de nuevo; recibe una clave nueva.',
      key_not_kept: 'Alguien usó esta clave sin que se le confirmara, y no debe usarse más. Empareje con una clave nueva.',
      nothing_waits: 'Ya no hay nada en espera; quizá se escaneó o terminó hace un momento.',
      ends_on_nip44: 'Este bunker se cae cuando una máquina le habla en NIP-44, como casi todas. Actualice el bunker, o indique abajo que esta máquina solo habla NIP-04.',
      revoke_owed: 'El bunker aún no terminó lo que aquí ya terminó. Inténtelo de nuevo en un minuto.',
      pubkey_taken: 'La clave nueva ya era de alguien y no se usa. Empareje de nuevo.',
      no_relay: 'No se alcanza ninguno de estos relays. Revise las direcciones o pruebe otros.',
      login_demanded: 'De estos relays, los que funcionan exigen iniciar sesión, cosa que las máquinas no hacen. Use otro, o haga que no lo exija para el kind 24133.',
      seed_too_long: 'Con estos relays el código de emparejamiento es demasiado largo para un código QR. Use menos relays, o direcciones más cortas.',
      no_bunker: 'No hay bunker conectado, o sus ajustes no se pueden leer. Los introduce el superusuario.',
      another_site: 'Esta página no está en la dirección con la que se llamó a LNbits. Ábrala allí.',
      settings_wrong:
        'Un ajuste del entorno de LNbits es incorrecto. El superusuario ve en Bunker cuál es, y lo corrige.',
      bunker_silent: 'El bunker no respondió. ¿Está en marcha y en su relay?',
      too_many_checks: 'Se probaron demasiados relays en un minuto. Espere un minuto.',
      too_many_keys: 'El bunker ya creó tantas claves como puede, y no puede borrar ninguna. El superusuario puede permitir más.',
      too_many_pairs: 'Demasiados emparejamientos en un minuto. Espere un minuto, o empareje varias máquinas de una vez.',
      already_running: 'Esto ya se está haciendo. Inténtelo en un minuto.',
      no_webhook: 'Aquí no hay ningún webhook, o no se puede abrir. Indique su dirección.',
      too_many_machines: 'Puede tener {n} máquinas. Elimine alguna, o pida más al superusuario.',
      too_many_rotations: 'Esta máquina recibió hace poco {n} claves nuevas, tantas como se permiten. Podrá recibir la siguiente a partir de: {at}.',
      too_many: 'Demasiado de una vez. Inténtelo en un minuto.',
      too_large: 'Es demasiado largo: como máximo {n} KiB.',
      machines_paired: 'Hay máquinas emparejadas por otro bunker: {n}. Revóquelas antes.',
      not_that_many: 'El número de máquinas que aún pueden firmar no es el esperado: {n}. No se desconectó ninguna; mire de nuevo.',
      cash_unconfirmed: 'El efectivo es para una máquina cuya conexión usted confirmó, y ningún código de emparejamiento puede estar pendiente. Revóquela o cancele el código, active el efectivo y vuelva a emparejarla.',
      cash_needs_nip44: 'Este bunker no habla NIP-44, con el que una máquina lee sus respuestas. Actualice el bunker y active después el efectivo.',
      machines_told: 'Máquinas que habría que emparejar otra vez para una nueva clave de servicio: {n}.',
      no_link: 'No se puede hacer un enlace para esta orden: está pagada o terminada, el ingreso está parado, la cartera o un tope no alcanza, o LNbits no tiene dirección https.',
      not_to_settle: 'Esta orden sigue su curso por sí sola, o ya terminó. Mire de nuevo.',
      service_key_lost: 'No se puede abrir la clave que responde a sus máquinas sobre efectivo: cambió AUTH_SECRET_KEY de LNbits. Cree una nueva y vuelva a emparejar sus máquinas.',
      bunker_failed: 'Algo falló en el bunker. {detail}',
      not_accepted: 'El bunker no acepta la clave de administración de este LNbits. El superusuario agrega su npub a ADMIN_NPUBS en el bunker.',
      pairing_failed: 'No se pudo emparejar. Inténtelo de nuevo.',
      conflict: 'Algo cambió entretanto. Mire de nuevo y vuelva a intentarlo.',
      invalid_input: 'Hay un dato incorrecto: {detail}',
      database_away: 'LNbits no alcanza su base de datos, o la perdió a mitad de camino. Mire si se hizo, e inténtelo de nuevo.',
      database_full: 'El disco de la base de datos de LNbits está lleno y no se hizo: una máquina que se quería desconectar no lo fue. Libere espacio en él e inténtelo de nuevo.',
      internal: 'Falló aquí. El registro de LNbits dice por qué.',
      http_401: 'Su sesión terminó. Inicie sesión y vuelva a intentarlo.',
      http_403: 'No tiene permiso para hacer esto.',
      http_429: 'Se hicieron demasiadas peticiones a LNbits en un minuto. Espere un minuto.',
      wrong: {
        missing: 'Hace falta este dato.',
        blank: 'No puede quedar en blanco.',
        too_short: 'Al menos {n} caracteres.',
        too_long: 'Como máximo {n} caracteres.',
        too_small: 'Como mínimo {n}.',
        too_large: 'Como máximo {n}.',
        too_few: 'Como mínimo {n}.',
        too_many: 'Como máximo {n}.',
        control_characters: 'Solo letras, cifras y signos, en una sola línea.',
        piled_accents: 'Hay demasiados acentos en una letra.',
        not_whole: 'Un número entero.',
        not_understood: 'No se entiende.',
        no_such_wallet: 'No tiene esa billetera. Elija una de las suyas.',
        no_secret_key: 'No es una clave secreta de Nostr. Empieza por nsec1.',
        no_bunker_url: 'La dirección de un bunker empieza por bunker://.',
        no_bunker_key: 'Falta la clave del bunker, o está mal escrita: una npub o 64 cifras hexadecimales después de bunker://.',
        no_bunker_relay: 'No se nombra ningún relay. Agregue uno: ?relay=wss://…',
        bad_bunker_relay: 'El relay {n} debe tener la forma wss://relay.example.com.',
        malformed_relay: 'El relay {n} debe tener la forma wss://relay.example.com.',
        several_relays: 'El relay {n} es más de uno; indique cada uno por separado.',
        unencrypted_relay: 'El relay {n} no está cifrado: use un relay wss://, o permita los relays privados.',
        private_relay: 'El relay {n} es una dirección privada: use una que la máquina alcance, o permita los relays privados.',
        private_not_allowed: 'El superusuario no permitió relays privados en este LNbits.',
        no_web_address: 'No es una dirección a la que se pueda enviar. Es como https://example.com/path.',
        not_a_number: 'Un número.',
        not_true_or_false: 'true o false.',
        none_of: 'Uno de estos: {choices}.',
        malformed_relays: 'Hasta {n} relays, cada uno con la forma wss://relay.example.com.',
        bunker_incomplete: 'Junto con este ajuste hacen falta SPIREKEEPER_ADMIN_NSEC y SPIREKEEPER_KEY_PASSPHRASE.',
        keys_not_listed: 'El bunker no quiso mostrar sus claves. Su registro dice por qué.',
        key_not_made: 'El bunker no quiso crear la clave. Su registro dice por qué.',
        key_not_unlocked: 'El bunker no quiso desbloquear la clave. Su registro dice por qué.',
        policy_not_made: 'El bunker no quiso mostrar o crear la política de las máquinas. Su registro dice por qué.',
        token_not_made: 'El bunker no quiso crear un token; quizá falte la política. Su registro dice por qué.',
        users_not_told: 'El bunker no quiso decir quién puede usar la clave. Su registro dice por qué.',
        user_not_revoked: 'El bunker no quiso quitar el acceso a alguien que puede usar la clave; quizá no lo conozca. Su registro dice por qué.',
        call_unknown: 'Este bunker no conoce la llamada {method}. Actualícelo.',
        call_refused: 'El bunker rechazó la llamada {method}. Su registro dice por qué.',
        wrong_passphrase: 'El bunker no desbloqueó la clave: se creó con otra contraseña. Introduzca esa; no pruebe al azar.',
        unreadable: 'La respuesta del bunker a {method} no se puede leer. ¿Es un nsecbunkerd?',
        key_unreadable: 'Lo que dice el bunker de la clave {key} no se puede leer. Revísela en el bunker.',
        keeps_ending: 'El bunker se va una y otra vez. Su registro dice por qué.',
        seed_not_held: 'El bunker creó un token que no cabe en ningún código de emparejamiento. Compruebe qué bunker es.',
        key_stays_locked: 'La clave de la máquina está bloqueada en el bunker, y aquí no se conoce su contraseña. Desbloquéela allí, o pida al superusuario que introduzca la correcta.',
        relay_clock: 'El relay del bunker dice: «{said}». Su reloj y el de este servidor difieren; compruebe la hora.',
        relays_said: 'No se alcanza ninguno de los relays del bunker, o no aceptan lo que se pide. Uno dice: «{said}». Revíselos, o indique el bunker de nuevo.',
        silent_clock: 'El bunker no respondió, y un relay dice: «{said}». Su reloj y el de este servidor difieren; compruebe la hora.',
        silent_said: 'El bunker no respondió, y un relay dice: «{said}». Revise ambos y vuelva a intentarlo.',
        silent_untaken: 'El bunker no respondió, y ningún relay confirmó haber tomado la pregunta. Compruebe que ambos están en marcha y vuelva a intentarlo.',
        not_opened: 'La conexión guardada con el bunker no se puede abrir: cambió AUTH_SECRET_KEY de LNbits, o lo guardado. Restaure la anterior, o introduzca la conexión de nuevo, con su clave de administración y su contraseña.',
        put_back: 'La conexión guardada con el bunker es anterior a otra que ya estuvo vigente: alguien la devolvió a la base de datos, o se restauró una copia. Introduzca la conexión de nuevo, con su clave de administración y su contraseña.',
        stored_unusable: 'La dirección de la conexión guardada con el bunker no se puede usar. Introduzca la conexión de nuevo.'
      }
    },
    form: {
      add_title: 'Agregar una máquina',
      edit_title: 'Editar {name}',
      add: 'Agregar',
      added: 'Se agregó {name}. El paso siguiente es emparejarla.',
      name_needed: 'Dé un nombre a la máquina.',
      one_line: 'Solo letras, cifras y signos en una línea.',
      make_wallet: 'Crear una con el nombre de la máquina',
      tags: 'Etiquetas',
      tags_hint: 'Palabras para encontrar las máquinas; cada una termina con Intro.',
      wallet_hint: 'Cada billetera sirve a una sola máquina.',
      wallet_gone: 'Su billetera ya no existe o ya no es suya, y sus peticiones no llegan a ninguna. Elija otra.',
      currency: 'Moneda',
      silent: 'Avisarme si no se la ve durante (minutos)',
      silent_hint: 'Vacío: no avisar.',
      open_anew: 'Mostrar lo que hay ahora',
      silent_range: 'Un número entero de minutos, como máximo {most}.',
      active: 'Activa',
      active_hint:
        'Desactivada, sus peticiones dejan de llegar a su billetera de inmediato. Al bunker no se le pide nada, y se puede activar de nuevo en cualquier momento.'
    },
    pair: {
      intent: {
        first:
          'Se crea una clave para esta máquina en su bunker. El código de emparejamiento que sigue se muestra una sola vez: escanéelo con la máquina.',
        again_connected:
          'La máquina sigue trabajando con su clave actual hasta que se escanee el código de emparejamiento nuevo y se compare la huella. Entonces cambia a la clave del código nuevo, y la anterior se anula.',
        rotate:
          'La máquina recibe una clave nueva. La anterior se anula en el bunker cuando se escanee el código de emparejamiento nuevo y se compare la huella.',
        rotate_connected:
          'La máquina recibe una clave nueva. Sigue con la anterior hasta que se escanee el código de emparejamiento nuevo y se compare la huella; entonces la anterior se anula para siempre.',
        older_seed: 'El código de emparejamiento que aún espera el escaneo deja de valer.',
        now: 'Quien esté conectado ahora se desconecta de inmediato. La máquina recibe una clave nueva y queda parada hasta que escanee el código de emparejamiento nuevo y se compare la huella.',
        after_cut: 'La máquina fue desconectada. Recibe una clave nueva; la anterior queda muerta.',
        after_cut_same: 'La máquina fue desconectada. Recibe otra vez la misma clave y una conexión nueva.'
      },
      scan_within: 'Se puede escanear durante',
      session_ends: 'La conexión termina después de',
      minutes: {10: '10 minutos', 60: '1 hora', 1440: '1 día', 10080: '1 semana'},
      session: {never: 'Nunca', 24: '1 día', 168: '1 semana', 720: '30 días', 8760: '1 año'},
      legacy: 'Esta máquina solo habla el cifrado antiguo (NIP-04)',
      make_seed: 'Mostrar el código',
      scan: 'Escanee esto con la máquina. Quien lo escanee primero pasa por ser la máquina: que nadie más lo vea.',
      qr: 'El código de emparejamiento como código QR',
      full_screen: 'Pantalla completa',
      waiting: 'Esperando a que la máquina se conecte…',
      days: '{n} d',
      left: 'Se puede escanear durante {time}.',
      copy_seed: 'Copiar',
      seed_copied: 'Código de emparejamiento copiado. Péguelo solo en la máquina.',
      print: 'Imprimir',
      unreachable:
        'El bunker no responde, así que aquí no se ve si la máquina se ha conectado. El código de emparejamiento sigue valiendo; se le pregunta de nuevo cada pocos segundos.',
      locked: 'La clave de esta máquina está bloqueada en el bunker. Se está desbloqueando; antes la máquina no puede conectarse.',
      connected: 'Una máquina se conectó. ¿Muestra su pantalla',
      compare: 'Nada llega a su billetera hasta que diga que sí. Si la pantalla muestra otra cosa, o nada, diga que no.',
      yes: 'Sí, es la máquina',
      no: 'No',
      next: 'Comparar la siguiente',
      next_first: 'Ahora no: comparar la siguiente',
      paired_title: 'Emparejada',
      paired: 'Desde ahora la máquina firma con su clave, y sus peticiones son de su billetera. Lo que puede hacer con efectivo se decide en su panel, en Efectivo. Las conexiones anteriores terminaron.',
      ended_title: 'Sin emparejar',
      ended: 'Este código de emparejamiento ya no sirve. Empareje de nuevo.',
      owing: 'El bunker no respondió. Se le pedirá de nuevo hasta que cumpla su parte.',
      again: 'Emparejar de nuevo',
      leave_title: 'El código de emparejamiento aún espera ser escaneado',
      leave:
        '¿Cerrar y dejar que la máquina lo escanee desde la hoja o la copia hecha? ¿O cancelarlo, para que nadie lo use? No se vuelve a mostrar.',
      keep_seed: 'Dejarlo esperar',
      cancel_seed: 'Cancelar el código',
      unshown_title: 'Este código de emparejamiento no se puede mostrar otra vez',
      unshown:
        'Estaba a la vista cuando se abandonó la página, y espera ser escaneado. Si la máquina lo tiene, en una hoja o una copia, déjelo esperar. Si no, empareje de nuevo, con lo que ese código termina, o cancélelo.',
      cancelled_done: 'El código de emparejamiento se canceló, aquí y en el bunker.',
      cancelled_pending: 'El código de emparejamiento se canceló aquí. El bunker no respondió; se le pedirá de nuevo hasta que cumpla su parte.'
    },
    camera: {
      compare: 'Comparar con la cámara',
      again: 'Mirar otra vez',
      stop: 'Apagar la cámara',
      hold: 'Haga que la máquina muestre su clave como código QR en su pantalla, y ponga esta cámara delante.',
      same: 'La misma clave, entera: la máquina que tiene delante es la que se conectó.',
      other:
        'Otra clave: la máquina que tiene delante no es la que se conectó. Diga que no. Solo si puso la cámara ante la máquina equivocada, mire otra vez.',
      none: 'Ese es otro código, no la clave de una máquina. Busque el que está en su pantalla.',
      several: 'Hay más de una clave en la imagen. Acérquese, para que solo se vea la de la máquina.',
      problems: {
        refused: 'El navegador no deja que esta página use la cámara. Permítalo en sus ajustes, o compare a ojo.',
        absent: 'Aquí no se encuentra ninguna cámara. Compare a ojo, o abra esta página en un teléfono.',
        insecure: 'Los navegadores solo dan la cámara a páginas que llegan por https. Compare a ojo.',
        unusable: 'La cámara no se puede usar; quizá la tenga otro programa. Inténtelo de nuevo, o compare a ojo.',
        reader: 'No se pudo cargar lo que lee el código. Inténtelo de nuevo, o compare a ojo.'
      }
    },
    panel: {
      overview: 'Resumen',
      pairings: 'Emparejamientos',
      journal: 'Historial',
      no_pairings: 'Nunca se emparejó.',
      no_journal: 'Todavía no ha pasado nada.',
      by_you: 'usted',
      by_itself: 'spirekeeper por sí mismo',
      by_superuser: 'el superusuario',
      newer: 'Más recientes',
      older: 'Más antiguas',
      range: '{from}–{to} de {total}',
      link: 'Copiar el enlace a esta máquina',
      link_copied: 'Enlace copiado. Abre esta máquina solo para usted, después de iniciar sesión.',
      inactive: 'Sus peticiones no llegan a ninguna billetera. Se activa de nuevo en Editar los datos.',
      bunker_asking: 'Consultando el bunker…',
      bunker_ok: 'Según el bunker, {ago}.',
      bunker_unreachable: 'El bunker no responde ahora; esto es lo que se sabía antes.',
      spire_fingerprint: 'Huella de su clave',
      fingerprint: 'Huella de la conexión',
      scan_before: 'Código de emparejamiento por escanear antes de',
      session_ends: 'La conexión termina',
      npub: 'npub',
      key_name: 'Nombre de su clave en el bunker',
      flags: {
        second_client:
          'Parece que alguien más usa la clave de esta máquina. Si no fue cosa suya, revóquela y emparéjela con una clave nueva.',
        unknown_user:
          'El bunker deja usar la clave de esta máquina a alguien a quien ningún emparejamiento explica. Si no fue cosa suya, revóquela y emparéjela con una clave nueva.'
      },
      flagged: 'Se notó {ago} ({at}).',
      owed:
        'Al bunker le falta terminar {n} código de emparejamiento o conexión anterior; se le pide de nuevo hasta que cumpla. | Al bunker le falta terminar {n} códigos de emparejamiento o conexiones anteriores; se le pide de nuevo hasta que cumpla.',
      owed_cut:
        'Desconectada aquí. Al bunker le falta hacer {n} cosa; se le pide de nuevo hasta que cumpla. | Desconectada aquí. Al bunker le falta hacer {n} cosas; se le pide de nuevo hasta que cumpla.',
      seen: 'última señal {ago}',
      not_seen: 'aún sin señales',
      actions: {
        compare: 'Comparar las huellas',
        pair: 'Emparejar',
        pair_again: 'Emparejar de nuevo',
        pair_new: 'Emparejar con una clave nueva',
        pair_same: 'Emparejar con la misma clave',
        rotate: 'Cambiar a una clave nueva',
        pair_now: 'Desconectar ya y emparejar de nuevo',
        cancel: 'Cancelar el código',
        edit: 'Editar los datos',
        revoke: 'Revocar',
        delete: 'Borrar'
      },
      intent: {
        compare: 'Un dispositivo escaneó el código de emparejamiento. Nada llega a la billetera hasta que diga que es la máquina.',
        pair: 'Crea una clave para ella en el bunker y muestra una sola vez un código de emparejamiento para que la máquina lo escanee.',
        pair_again_connected:
          'Sigue trabajando hasta que escanee el código de emparejamiento nuevo y se comparen las huellas; entonces cambia a una clave nueva; {seen}.',
        pair_again_idle:
          'Se muestra un código de emparejamiento nuevo, una sola vez; el que aún espere deja de valer. Conserva su clave, salvo que la haya usado alguien sin confirmar.',
        pair_new: 'Fue desconectada {ago}. Recibe una clave nueva; la anterior queda muerta.',
        pair_same:
          'Solo si nadie más pudo tener la máquina en sus manos: quien la tuvo pudo hacer firmar peticiones por adelantado.',
        rotate_connected:
          'Sigue con la clave anterior hasta que escanee el código de emparejamiento nuevo y se comparen las huellas; entonces la anterior se anula para siempre.',
        rotate_idle: 'Se muestra una sola vez un código de emparejamiento para una clave nueva; la anterior no se usa más.',
        pair_now:
          'La máquina deja de firmar en cuanto se pide el código de emparejamiento nuevo; {seen}. Recibe una clave nueva y queda parada hasta que lo escanee.',
        cancel_connected: 'Ya nadie puede escanearlo. La máquina sigue trabajando con su conexión actual.',
        cancel_idle: 'Ya nadie puede escanearlo.',
        edit: 'Nombre, lugar, billetera, moneda, cuándo avisar y si está activa.',
        revoke_connected: 'La máquina deja de firmar ahora mismo; {seen}. Si se empareja de nuevo, recibe una clave nueva.',
        revoke_comparing: 'Quien escaneó el código de emparejamiento queda desconectado ahora mismo. Si se empareja de nuevo, recibe una clave nueva.',
        revoke_idle:
          'Ahora no está conectada; {seen}. Su clave y el código de emparejamiento que espere terminan; si se empareja de nuevo, recibe una clave nueva.',
        delete_connected:
          'La máquina deja de firmar ahora mismo; {seen}. Después se quita de aquí. Su billetera y su historial quedan.',
        delete_comparing:
          'Quien escaneó el código de emparejamiento queda desconectado ahora mismo. Después la máquina se quita de aquí. Su billetera y su historial quedan.',
        delete_idle: 'Su clave termina, y la máquina se quita de aquí. Su billetera y su historial quedan.',
        delete_cut: 'Fue desconectada {ago}, y se quita de aquí. Su billetera y su historial quedan.',
        delete_keyless: 'Se quita de aquí; nunca tuvo una clave. Su billetera y su historial quedan.',
        revoke_away:
          'Aquí se desconecta de inmediato: sus peticiones no llegan a ninguna billetera. Ahora no se puede contar con el bunker, así que puede firmar hasta que el bunker vuelva; entonces se desconecta también allí. Si se empareja de nuevo, recibe una clave nueva.',
        delete_away:
          'Aquí se desconecta de inmediato, de modo que sus peticiones no llegan a ninguna billetera, y se quita. Ahora no se puede contar con el bunker, así que puede firmar hasta que el bunker vuelva. Su billetera y su historial quedan.',
        cancel_away:
          'Quien lo escanee a partir de ahora no llega a ninguna billetera. Ahora no se puede contar con el bunker; se le dirá en cuanto vuelva.',
        pair_now_away:
          'Ahora no se puede contar con el bunker, así que no se puede crear ningún código de emparejamiento. Para desconectar la máquina de todos modos, revóquela.'
      },
      sure: '{what}: {name}',
      revoked_done: '{name} está desconectada, aquí y en el bunker.',
      revoked_pending:
        '{name} está desconectada aquí. El bunker aún no hizo su parte; se le pide de nuevo hasta que cumpla.',
      removed_done: '{name} está borrada.',
      deleted_done: '{name} está desconectada, aquí y en el bunker, y borrada.',
      deleted_pending:
        '{name} está desconectada aquí y borrada. El bunker aún no hizo su parte; se le pide de nuevo hasta que cumpla.',
      pairing: {
        intent: 'En preparación',
        issued: 'Espera el escaneo',
        confirming: 'Escaneada, por comparar',
        redeemed: 'Conectada',
        confirmed: 'Conectada y confirmada',
        replaced: 'Reemplazada',
        lapsed: 'Caducada',
        cancelled: 'Cancelada',
        revoked: 'Revocada',
        failed: 'Fallida'
      },
      history: {
        issued: 'Código de emparejamiento mostrado: {at}',
        scan_before: 'Por escanear antes de {at}',
        redeemed: 'Escaneado: {at}',
        confirmed: 'Confirmada: {at}',
        session_ends: 'La conexión termina: {at}',
        ended: 'Terminó: {at}',
        ended_because: 'Terminó: {at}, {why}'
      },
      outcomes: {
        seed_lapsed: 'nadie escaneó el código de emparejamiento a tiempo',
        redeemed_too_late: 'el código de emparejamiento se escaneó demasiado tarde',
        revoked_outside: 'se revocó en el propio bunker',
        session_ended: 'se cumplió el tiempo acordado',
        cancelled: 'el código de emparejamiento se canceló',
        rejected: 'la huella era otra',
        newer_seed: 'un código de emparejamiento más nuevo tomó su lugar',
        newer_connection: 'una conexión más nueva tomó su lugar',
        needs_new_client_key: 'la máquina llegó con una clave de cliente revocada',
        two_clients_redeemed: 'dos dispositivos usaron el mismo código de emparejamiento',
        pubkey_taken: 'la clave nueva ya era de alguien',
        unconfirmed_client: 'alguien sin confirmar usó la clave',
        upgraded: 'spirekeeper se actualizó mientras el código de emparejamiento esperaba',
        passphrase_refused: 'el bunker rechazó la contraseña',
        passphrase_unknown: 'aquí no se conoce su contraseña',
        refused: 'el bunker rechazó la contraseña',
        failed: 'siguió bloqueada',
        wrong_key: 'el bunker tiene otra clave con su nombre',
        key_missing: 'el bunker no tiene la clave',
        key_locked: 'la clave estaba bloqueada',
        revoked: 'la máquina fue desconectada',
        interrupted: 'se interrumpió a la mitad',
        machine_busy: 'fue desconectada entretanto',
        invalid_input: 'algún dato no era válido',
        bunker_failed: 'el bunker no pudo hacerlo',
        bunker_silent: 'el bunker no respondió',
        no_bunker: 'no había bunker conectado',
        no_relay: 'no se alcanzó ningún relay',
        BunkerTimeout: 'no respondió',
        BunkerUnreachable: 'no se lo alcanzó',
        BunkerRefused: 'se negó',
        NotAnAdmin: 'no acepta nuestra clave de administración',
        UnknownMethod: 'no sabe hacerlo',
        WrongPassphrase: 'rechazó la contraseña',
        BunkerNonsense: 'su respuesta no se pudo leer',
        user_left: 'un cliente anterior todavía podía usar la clave',
        unknown_user: 'un desconocido podía usar la clave',
        token_left: 'un código de emparejamiento anterior todavía se podía escanear',
        access_left: 'la clave se podía usar después de su fin',
        policy_drifted: 'la política permitía otras cosas'
      },
      events: {
        machine: {added: 'Agregada', changed: 'Cambiada', deleted: 'Borrada'},
        pair: {seed_issued: 'Se mostró un código de emparejamiento', other: 'No se pudo crear un código de emparejamiento'},
        redemption: {
          redeemed: 'Un dispositivo escaneó el código de emparejamiento',
          interrupted: 'Lo que sigue a un escaneo se interrumpió a la mitad, y se termina',
          other: 'Un escaneo no contó'
        },
        pairing: {other: 'Terminó un emparejamiento'},
        confirm: {confirmed: 'La huella era la de la máquina; conectada'},
        revoke: {
          cut: 'Desconectada aquí',
          interrupted: 'Una desconexión que se interrumpió a la mitad se transmite al bunker',
          unfinished: 'Algo falló después de la desconexión; se vuelve a intentar'
        },
        revoke_key: {
          done: 'El bunker anuló su clave',
          other: 'Al bunker le falta anular su clave'
        },
        burn_token: {
          done: 'El bunker anuló un código de emparejamiento',
          other: 'Al bunker le falta anular un código de emparejamiento'
        },
        revoke_others: {
          done: 'El bunker terminó las conexiones anteriores',
          other: 'Al bunker le falta terminar las conexiones anteriores'
        },
        unlock: {unlocked: 'Su clave se desbloqueó', other: 'Su clave no se pudo desbloquear'},
        flag: {
          second_client: 'Parece que alguien más usa su clave',
          unknown_user: 'Alguien a quien ningún emparejamiento explica puede usar su clave',
          cleared: 'Ya nadie más puede usar su clave'
        },
        listening: {silent: 'No se oyó al bunker en el relay del código de emparejamiento'},
        acl: {
          lost: 'El bunker ya no conoce su conexión',
          client: 'Pidió al bunker algo que no le está permitido',
          stranger: 'Un desconocido pidió al bunker usar su clave'
        },
        reconcile: {other: 'Reparado al comparar con el bunker'},
        cash: {changed: 'Se cambió el efectivo', linked: 'Se hizo un enlace para un cliente', settled: 'Una orden de efectivo se saldó a mano'},
        migrated: {other: 'Una actualización le quitó una clave o billetera que tiene una máquina más antigua'}
      },
      details: {
        key: 'Clave {key}',
        key_is: 'Clave {key}: {npub}',
        key_is_now: 'Clave {key}: {npub}; antes, la máquina era {before}',
        key_clients: 'Clave {key}, cliente {clients}',
        client: 'Cliente {client}',
        client_asked: 'Clave {key}: el cliente {client} pidió {method}',
        stranger_asked: 'Clave {key}: un desconocido, {client}, pidió {method}',
        settled: 'Clave {key}: clientes desconectados: {revoked}, códigos de emparejamiento anulados: {burned}',
        not_heard: 'Relay {relay}',
        found_unlocked: 'Se encontró desbloqueada.',
        policy_corrected: 'La política permitía otras cosas que las que hace una máquina; se corrigió.',
        emergency_stop: 'Por una parada de emergencia',
        no_operator: 'La cuenta del operador está borrada o desactivada.',
        machine_of: '{machine}, de {operator}',
        fields: '{fields}',
        name: '{name}',
        bunker: 'Bunker {bunker}',
        limits: '{limits}',
        webhook: '{server}',
        service_key: '{key}; antes {before}',
        cash_both: 'Retirada: {out}, de {smallest} a {largest} sats, comisión {fee_ppm} y {fee_fixed} sats. Ingreso: {into}, comisión {in_fee_ppm} y {in_fee_fixed} sats, topes {caps} sats',
        cash: 'Retiro de billetes: {out}, de {smallest} a {largest} sats, comisión {fee_ppm} y {fee_fixed} sats',
        linked_order: 'Orden {order}',
        settled_order: 'Orden {order}: {how} {reference}',
        failure: 'En LNbits: {failure}'
      },
      fields: {
        name: 'nombre',
        location: 'lugar',
        tags: 'etiquetas',
        wallet_id: 'billetera',
        fiat_code: 'moneda',
        silent_minutes: 'cuándo avisar',
        is_active: 'activa o desactivada'
      }
    },
    bunker: {
      title: 'Bunker',
      chip: 'Bunker: {state}',
      chips: {
        asking: 'Consultando el bunker…',
        lost: 'El servidor no responde',
        none: 'Aún no hay bunker',
        failing: 'El bunker no funciona',
        locked: '{n} clave bloqueada | {n} clave bloqueada | {n} claves bloqueadas',
        online: 'Bunker en línea · {ms} ms'
      },
      words: {
        asking: 'Se está consultando el bunker; si va lento, tarda unos segundos.',
        lost: 'Ahora no se puede preguntar cómo está el bunker.',
        none: 'Las máquinas reciben sus claves de un bunker. Primero, el superusuario de este LNbits tiene que indicar uno.',
        enter: 'Las máquinas reciben sus claves de un bunker (nsecbunkerd). Indique el suyo aquí abajo.',
        failing: 'El bunker no funciona, así que es posible que las máquinas no puedan firmar.',
        locked:
          'Las máquinas con la clave bloqueada no pueden firmar. Las claves se desbloquean en segundo plano; si en unos minutos no se resuelve, el superusuario debe comparar con el bunker.',
        online: 'El bunker responde y las máquinas pueden firmar.'
      },
      problems: {
        settings_wrong:
          'Un ajuste del entorno de LNbits es incorrecto. El superusuario ve aquí cuál es, y lo corrige.',
        no_bunker: 'El superusuario tiene que indicar un bunker.',
        no_relay: 'No se alcanza ninguno de los relays del bunker. Revíselos o indique el bunker de nuevo.',
        bunker_silent: 'El bunker no respondió. Compruebe que está en marcha y en sus relays.',
        not_accepted:
          'El bunker no acepta nuestra clave de administración. Agregue la npub de administración a su ADMIN_NPUBS y reinícielo.',
        bunker_failed: 'Algo falló en el bunker. {detail}',
        key_needed:
          'Ahí responde un bunker. El paso siguiente es guardar: la npub de administración que se muestra entonces va en su ADMIN_NPUBS.',
        silent_to_strangers:
          'Su relay está ahí, y no respondió ningún bunker. Quizá no esté en marcha, o solo responda a una clave que conozca: introduzca la clave de administración, o guarde y agregue la npub de administración a su ADMIN_NPUBS.'
      },
      settling:
        'El bunker acaba de ponerse en marcha. Se le pedirá crear o desbloquear una clave dentro de unos segundos, así que emparejar tardará ese tiempo más.',
      check_again: 'Comprobar de nuevo',
      report: 'Guardar un informe',
      copy: 'Copiar: {what}',
      lineage: 'Software',
      round_trip: 'Respuesta en',
      keys: 'Claves',
      locked_keys: 'Claves bloqueadas',
      source: 'Conexión de',
      sources: {
        database: 'esta página',
        environment: 'el entorno de LNbits'
      },
      bunker_npub: 'npub del bunker',
      admin_npub: 'npub de administración, va en ADMIN_NPUBS del bunker',
      relays: 'Relays del bunker',
      wrong_settings_title: 'Incorrecto en el entorno de LNbits',
      hazards_title: 'Lo que conviene saber de este bunker',
      hazards: {
        loses_its_relay:
          'Si su relay faltó, este bunker puede tardar minutos en volver a escuchar, o detenerse. Reinícielo entonces; sus claves quedan bloqueadas hasta que se desbloquean, lo que ocurre en segundo plano.',
        guessable_tokens:
          'El bunker crea sus tokens con un azar débil: quien haya visto algunos puede adivinar otros. Que un código de emparejamiento no espere más de lo necesario, y compare la huella cada vez.',
        hides_what_it_deletes:
          'Borrar una clave o revocar un token con las herramientas del bunker solo lo oculta: la clave sigue firmando. Revoque la máquina aquí.',
        ignores_policy_expiry:
          'El bunker guarda cuándo termina una política y cuántas veces vale una regla, y no respeta ninguna de las dos. Para terminar lo que puede una máquina, revóquela aquí.',
        clocks_differ:
          'Los relojes del bunker y de este servidor difieren en más de un minuto. Emparejar y revocar funcionan igual, pero un relay puede rechazar lo que parece demasiado viejo o demasiado nuevo, y las horas que se muestran aquí pueden fallar en otro tanto. Haga que ambos ajusten su reloj por NTP.',
        audit_keeps_bodies:
          'La auditoría de LNbits guarda el contenido de las peticiones, así que una clave de administración o una contraseña que se introduzca aquí puede acabar en su base de datos. Desactívelo (lnbits_audit_log_request_body) antes de introducir una.',
        few_keys_left:
          'Al bunker ya se le pidieron cuatro quintas partes de las claves que se le pueden pedir en total, y no puede borrar ninguna. Después ninguna máquina recibe una clave nueva. Compruebe que el relay del bunker puede llevar una lista más larga y permita más (PUT /bunker/limits).',
        keys_outgrow_relay:
          'El bunker envía su lista de claves en un solo evento de más de 48 KiB. Muchos relays no admiten eventos de más de 64 KiB, algunos de más de 128; pasado lo que admite el relay del bunker, ya no se puede emparejar nada. Compruebe que admite 1 MiB antes de crear más claves.',
        many_keys:
          'El bunker escucha por cada clave por separado, y tiene más o menos tantas como su relay admite en una conexión (muchos públicos: 20). Una máquina de más no alcanza su clave. Use un relay propio que admita más.',
        relay_clock_differs:
          'Los relojes del relay del bunker y de este servidor difieren en más de medio minuto. Un relay puede rechazar lo que parece demasiado viejo o demasiado nuevo: entonces no se empareja nada, y ninguna máquina firma. Haga que el relay, este servidor y el bunker ajusten su reloj por NTP.',
        relay_takes_little:
          'El relay del bunker dice que no acepta eventos de 64 KiB, o no aceptó uno de 16 KiB hace un momento. Las respuestas del bunker crecen con cada clave y cada emparejamiento; cuando una es demasiado larga, ya no se puede emparejar nada. Haga que acepte 1 MiB, o use otro.',
        public_admin_relay:
          'La conexión de administración pasa por un relay de la internet abierta. Quien lo opera ve cuándo se emparejan y desconectan máquinas, y puede repetir una petición antigua. Use un relay propio cerca del bunker.',
        secret_beside_database:
          'LNbits guarda su secreto en la carpeta de su base de datos, así que una copia de esa carpeta abre la clave de administración del bunker. Pase lo que contiene .lnbits_auth_key a AUTH_SECRET_KEY en el entorno de LNbits y borre el archivo.',
        ends_on_nip44:
          'Este bunker solo habla el cifrado antiguo (NIP-04). Una máquina que le hable en NIP-44, como casi todas hoy, hace caer el bunker. Actualice el bunker antes de emparejar una máquina así.',
        keys_lock_at_restart:
          'Las claves se bloquean cuando el bunker se reinicia, y ninguna máquina puede firmar hasta que se desbloqueen. Eso se hace en segundo plano.',
        overwrites_keys:
          'Crear una clave con un nombre que ya existe destruye la clave de ese nombre. No cree a mano claves llamadas spire-…',
        publishes_what_it_mints:
          'El bunker publica en relays públicos un perfil por cada clave que crea, y puede detenerse si no los alcanza. El superusuario puede hacer que este servidor cree las claves.'
      },
      setup: {
        enter: 'Conectar un bunker',
        change: 'Cambiar la conexión',
        compare: 'Comparar con el bunker',
        forget: 'Olvidar',
        make_passphrase: 'Crear una contraseña nueva',
        make_passphrase_question:
          'Se crea una contraseña nueva y se muestra una sola vez. Vale para las claves que se creen desde ahora. Las máquinas emparejadas antes conservan la suya con la anterior: si esa se perdió, deles una clave nueva (Cambiar a una clave nueva).',
        from_environment:
          'La conexión vigente viene del entorno de LNbits. Lo que guarde aquí la sustituye.',
        url: 'URL del bunker',
        url_hint: 'bunker://…?relay=wss://…, o la línea que muestra nsecbunkerd',
        url_needed: 'Indique la dirección del bunker.',
        admin_nsec: 'Clave de administración (nsec)',
        admin_nsec_kept: 'Si la deja vacía, se conserva la guardada.',
        admin_nsec_made: 'Si la deja vacía, se crea una y su npub se muestra al guardar.',
        passphrase: 'Contraseña de las claves de las máquinas',
        passphrase_kept: 'Si la deja vacía, se conserva la guardada. Una nueva solo vale para claves nuevas.',
        passphrase_made: 'Si la deja vacía, se crea una y se muestra una sola vez al guardar.',
        too_short: 'Al menos 8 caracteres.',
        private_relays: 'Permitir relays privados',
        private_relays_hint:
          'Los operadores podrán emparejar por relays de su propia red (ws:// o direcciones privadas), a los que el servidor también se conecta. Déjelo desactivado si no conoce a los operadores.',
        own_relays: 'Los relays del bunker son también para las máquinas',
        own_relays_hint: 'El emparejamiento empieza entonces con ellos, para quien aún no emparejó nada. Los operadores y las máquinas los ven.',
        machine_relays: 'Relays para las máquinas',
        machine_relays_hint: 'El emparejamiento empieza con ellos, para quien aún no emparejó nada. Puede quedar vacío.',
        mint: 'Este servidor crea las claves de las máquinas',
        mint_hint:
          'Entonces no se publica nada y el bunker no necesita relays públicos; pero cada clave pasa una vez por la memoria de este servidor. Desactivado: las crea el bunker y nadie más las tiene nunca.',
        test: 'Probar',
        works:
          'Funciona: {lineage}, {ms} ms, aún sin claves. | Funciona: {lineage}, {ms} ms, {n} clave. | Funciona: {lineage}, {ms} ms, {n} claves.',
        forget_question:
          'Se elimina la conexión guardada, con su clave de administración y su contraseña. Las máquinas siguen firmando, pero no se pueden emparejar ni revocar hasta que se indique otra vez un bunker; sin la contraseña, sus claves no se pueden desbloquear.',
        paired_title: 'Hay máquinas emparejadas',
        paired:
          'Hay máquinas emparejadas por el bunker vigente. Si continúa, se quedan con él: desde aquí ya no se podrán revocar en él ni desbloquear. Es mejor revocarlas antes.',
        go_on: 'Continuar de todos modos'
      },
      stored: {
        title: 'La conexión está guardada',
        passphrase_words:
          'Esta contraseña se acaba de crear. Cifra en el bunker las claves de las máquinas. Se muestra solo esta vez: póngala en su caja fuerte.',
        passphrase: 'Contraseña',
        last_four: 'Sus cuatro últimos caracteres',
        safe: 'Ya está en mi caja fuerte',
        wrong_end: 'Esos no son sus cuatro últimos caracteres. Mírelos de nuevo.',
        kept: 'Sus cuatro últimos caracteres son correctos: está guardada.',
        unkept:
          'La contraseña de las claves de las máquinas se creó {ago} y se mostró una sola vez, y nadie ha confirmado que esté guardada. Escriba sus cuatro últimos caracteres, o haga que se cree otra.',
        asking: 'Preguntando al bunker si acepta la clave de administración…',
        accepted: 'El bunker ya acepta la clave de administración. No hay nada más que hacer.',
        next: 'Siguiente paso: ponga la npub de administración en ADMIN_NPUBS de nsecbunkerd, reinícielo y compruebe de nuevo.',
        done: 'Listo'
      },
      abandoned: {
        title: 'Máquinas sin operador',
        none: 'Todas las máquinas tienen su operador.',
        of: 'Cuenta {operator}',
        is_cut: 'Desconectada {ago}.',
        will_be_cut: 'La cuenta de su operador está borrada o desactivada. Se desconectará el {date}.',
        still_signs: 'La cuenta de su operador está borrada o desactivada. Todavía puede firmar.',
        cut: 'Desconectar',
        cut_of: 'Desconectar {name}',
        cut_question: '{name} deja de firmar ahora. Si su operador vuelve, tendrá que emparejarla de nuevo.',
        cut_question_away:
          '{name} se desconecta aquí de inmediato. Ahora no se puede contar con el bunker, así que puede firmar hasta que el bunker vuelva. Si su operador vuelve, tendrá que emparejarla de nuevo.',
        cut_done: '{name} está desconectada.',
        cut_pending: '{name} está desconectada aquí. Falta el bunker; se le pide hasta que cumpla.',
        remove: 'Quitar',
        remove_of: 'Quitar {name}',
        remove_question:
          'Quien use la clave de {name} queda desconectado ahora. Después la máquina se quita de aquí. Su historial queda.',
        remove_done: '{name} se ha quitado.',
        remove_pending: '{name} está desconectada aquí. Falta el resto; se intenta hasta que esté hecho.'
      },
      compared_all_well: 'Claves de máquinas comparadas: {keys}. Todo concuerda.',
      compared_some: 'Claves de máquinas comparadas: {keys}. Diferencias: {n}.',
      mended: 'Reparado',
      look_at_it: 'Por revisar',
      findings: {
        key_missing:
          'El bunker no tiene la clave de la máquina. Restaure los datos del bunker, o revoque la máquina y emparéjela de nuevo.',
        key_locked: 'La clave estaba bloqueada. Si no se reparó, indique la contraseña con la que se creó.',
        wrong_key:
          'El bunker tiene otra clave con este nombre. Restaure los datos del bunker, o revoque la máquina y emparéjela de nuevo.',
        key_unreadable:
          'El bunker no dijo quién puede usar esta clave, así que no se comparó. Revise el registro del bunker.',
        policy_drifted:
          'La política de las máquinas permitía otras cosas que las que hace una máquina. Si no se reparó, ningún código de emparejamiento nuevo la usa: elimínela en el bunker.',
        wrong_policy:
          'El token de la máquina sigue una política que no es exactamente lo que una máquina necesita. Emparéjela de nuevo.',
        revoked_outside:
          'El bunker revocó el cliente de la máquina; su emparejamiento terminó. Emparéjela de nuevo, con una clave de cliente nueva en la máquina.',
        client_missing: 'El bunker ya no conoce la clave de cliente de la máquina. Empareje la máquina de nuevo.',
        unknown_user:
          'Alguien a quien ningún emparejamiento explica puede usar la clave de la máquina. Revoque la máquina y emparéjela de nuevo.',
        user_left:
          'Un cliente de un emparejamiento terminado todavía podía usar la clave. Si no se reparó, podría ser la propia máquina.',
        unknown_token: 'La clave tiene un token sin usar que no se creó aquí. Anúlelo en el bunker.',
        token_left:
          'Un código de emparejamiento terminado todavía se podía escanear. Si no se reparó, podría ser el de la propia máquina.',
        access_left: 'La clave se anuló, se reemplazó o se borró, y alguien todavía podía usarla.',
        orphan_key: 'Ninguna máquina tiene esta clave, y no se creó aquí. Revísela en el bunker.'
      }
    },
    cash: {
      tab: 'Efectivo',
      title: 'Órdenes',
      file: 'Estas órdenes como archivo CSV',
      on_nowhere: 'El efectivo no está activado en ninguna de sus máquinas. Se activa en el panel de una máquina, en Efectivo.',
      on: 'El efectivo no está activado en ninguna máquina. | El efectivo está activado en {n} máquina. | El efectivo está activado en {n} máquinas.',
      all_stopped: 'El efectivo está detenido. | El efectivo está detenido en {n} máquina, la única que lo tiene activado. | El efectivo está detenido en las {n} máquinas que lo tienen activado.',
      some_stopped: 'El efectivo está activado en {n} máquinas, y detenido en {stopped} de ellas.',
      stop: 'Detener el efectivo en todas',
      stop_question: 'Desde ese momento ninguna máquina suya recibe facturas ni permiso para entregar billetes. Un cliente que acaba de pagar no recibe billetes hasta que usted reanude el efectivo; su orden espera aquí. No se desconecta ninguna máquina.',
      go_on: 'Reanudar el efectivo',
      stopped_now: 'El efectivo ya estaba detenido. | El efectivo está detenido en {n} máquina. | El efectivo está detenido en {n} máquinas.',
      goes_on_now: 'El efectivo ya estaba en marcha. | El efectivo sigue en {n} máquina. | El efectivo sigue en {n} máquinas.',
      stuck_title: 'Nada espera por usted | {n} orden espera por usted | {n} órdenes esperan por usted',
      under_way: 'Ninguna orden de billetes por sats en curso | {n} orden de billetes por sats en curso | {n} órdenes de billetes por sats en curso',
      more_under_way: 'Hay más: elija abajo su estado.',
      more_stuck: 'Hay más; aparecen cuando se saldan algunas de estas.',
      waits: 'espera por usted',
      none: 'Aún no hay órdenes. Aquí aparece cada venta de una máquina con el efectivo activado.',
      none_found: 'No hay ninguna orden así.',
      no_filter: 'Mostrar todas',
      machine: 'Máquina',
      way: 'Sentido',
      from: 'Desde',
      until: 'Hasta',
      asked: 'Pedida',
      code: 'Código',
      amount: 'Importe',
      paid: 'Paga el cliente',
      fee: 'Comisión',
      newest: 'Más recientes',
      older: 'Anteriores',
      open: 'Más sobre la orden {code}',
      order: 'Orden {code}',
      to_machine: 'Máquina',
      came_out: 'Entregado',
      paid_at: 'Pagada',
      dispensing_at: 'Permiso para entregar',
      ended_at: 'Terminada',
      payment_hash: 'Hash del pago',
      id: 'Id de la orden, e id externo en LNbits',
      settle: 'Saldar',
      settle_order: 'Saldar la orden {code}',
      settle_words: 'Desde ese momento nadie entrega los billetes de la orden, y lo que diga aquí queda en el registro.',
      how: '¿Cómo se compensó al cliente?',
      outs: {on: 'activado', off: 'desactivado'},
      hows: {refunded: 'Se devolvieron los sats', notes_given: 'Se dieron los billetes', other: 'De otro modo'},
      reference: 'Referencia',
      reference_hint: 'El hash del pago de la devolución, o lo que hizo.',
      settled: 'La orden {code} está saldada.',
      states: {
        asked: 'Pedida',
        invoiced: 'Por pagar',
        paid: 'Pagada',
        dispensing: 'Entregando',
        dispensed: 'Entregada',
        abandoned: 'Abandonada',
        expired: 'Vencida',
        paid_late: 'Pagada tarde',
        short: 'Faltan billetes',
        held: 'Retenida',
        reserved: 'Por recoger',
        paying: 'Pagándose',
        sent: 'Enviada',
        failed: 'Pago fallido',
        unknown: 'Pago incierto',
        unclaimed: 'Debida',
        settled: 'Saldada'
      },
      means: {
        asked: 'La máquina pidió una factura y aún no la tiene.',
        invoiced: 'El cliente puede pagar.',
        paid: 'LNbits tiene los sats, y la máquina aún no ha pedido permiso para entregar.',
        dispensing: 'La máquina puede entregar, y no ha dicho qué salió.',
        dispensed: 'Salieron todos los billetes.',
        abandoned: 'El cliente se fue sin pagar.',
        expired: 'Nadie pagó a tiempo.',
        paid_late: 'Se pagó cuando ya no había nadie ante la máquina, así que no se entrega.',
        short: 'Salieron menos billetes de los pedidos.',
        held: 'Se guardan sats mientras el cliente introduce billetes.',
        reserved: 'Los billetes están dentro, y el cliente aún no ha recogido los sats.',
        paying: 'LNbits está pagando al cliente.',
        sent: 'El cliente tiene los sats.',
        failed: 'El pago al cliente falló. Se puede probar con otra factura.',
        unknown: 'LNbits pidió a su nodo que pagara y no sabe si lo hizo. Se le vuelve a preguntar.',
        unclaimed: 'Los billetes están dentro y ya no se guarda nada para el cliente: usted debe los sats.',
        settled: 'Usted la terminó, y desde entonces nadie la entrega.'
      },
      to_end: {
        paid: 'Si la máquina no sigue por sí sola, revísela. O dé al cliente los billetes, o devuélvale los sats, y salde la orden.',
        dispensing: 'Compruebe qué salió, compense lo que falta y salde la orden.',
        paid_late: 'Devuelva los sats al cliente y salde la orden.',
        short: 'Compense lo que falta y salde la orden.',
        held: 'Compruebe si entraron billetes: en la lista de la propia máquina, o cuéntelos. Compénselos y salde la orden.',
        failed: 'El cliente puede probar con otra factura. O devuelva los billetes o los sats, y salde la orden.',
        unknown: 'Espere: los sats pueden haber salido. No pague otra vez. Pasado un día mire su nodo y salde la orden según lo que diga.',
        unclaimed: 'Compruebe que la cartera y los topes alcanzan, y haga un enlace nuevo; o dé los sats al cliente y salde la orden.'
      },
      to_do: {
        nothing: 'Lista: puede vender.',
        switch_on: 'No vende nada: el efectivo está desactivado. Actívelo abajo.',
        stopped: 'No vende nada: usted detuvo el efectivo en todas las máquinas.',
        activate: 'No vende nada: la máquina está desactivada. Actívela en sus datos.',
        flagged: 'No vende nada: otro parece usar su clave. Revóquela, y emparéjela con una clave nueva.',
        wallet: 'No vende nada: no tiene billetera. Elija una.',
        pair: 'No está lista: emparéjela otra vez, para que sepa quién le responde. No cargue antes ningún casete.',
        ask: 'No está lista: no ha preguntado aquí desde que usted la confirmó. Póngala en marcha. No cargue antes ningún casete.'
      },
      today: 'Pagado hoy',
      sold: 'Nada | {sats} en {n} orden | {sats} en {n} órdenes',
      fee_today: 'Comisiones de hoy',
      ready: 'Lista desde',
      room: {
        title: 'Lo que aún puede salir de la cartera por billetes',
        words: 'Con lo que cuesta pagar. Lo que ahora está guardado para clientes ya está descontado.',
        too_little: 'Demasiado poco para el importe más pequeño: la máquina no acepta ahora ningún billete.',
        now: 'Para un cliente, ahora',
        hour: 'En esta hora',
        day: 'En estas 24 horas',
        open: 'Guardado a la vez',
        wallet: 'Hasta donde llega la cartera',
        of: '{left} de {cap}'
      },
      its_orders: 'Sus órdenes',
      out_on: 'Vender billetes por sats',
      out_on_hint: 'Desde ese momento cada emparejamiento de esta máquina pide confirmación.',
      smallest: 'Importe mínimo (sats)',
      largest: 'Importe máximo (sats)',
      fee_percent: 'Comisión',
      fee_fixed: 'Comisión fija (sats)',
      fee_hint: 'De lo que paga el cliente. 0 para una máquina que calcula la suya.',
      in_on: 'Aceptar billetes por sats',
      in_on_hint: 'Con los cuatro topes puestos: es lo más que una máquina robada puede sacar de la cartera.',
      address: 'Dónde recogen sus sats los teléfonos de los clientes',
      try_again: 'Probar otra vez',
      tried: 'Comprobado {ago}.',
      no_links: 'Hasta que se arregle, las máquinas no reciben enlace que mostrar: solo aceptan billetes de un cliente cuya propia factura puedan hacer pagar.',
      reach: {
        reachable: 'Este servidor se alcanza allí a sí mismo. Para el teléfono de un cliente eso no prueba nada: abra la dirección una vez en un teléfono que no esté en su red.',
        no_https: 'Eso no es https, y las carteras no preguntan otra cosa. Dé a LNbits una dirección con https y escríbala como su URL base (Settings, como superusuario).',
        private: 'Es una dirección de este ordenador o de su propia red, al menos vista desde aquí. El teléfono de un cliente no llega, salvo que los servidores de nombres de internet lo lleven a otra parte. Dé a LNbits una dirección en internet y escríbala como su URL base (Settings, como superusuario).',
        onion: 'Allí solo llegan las carteras que hablan Tor, que son pocas. No se probó.',
        silent: 'Allí nada responde a este servidor. Mire si el nombre es correcto, si funciona el proxy de LNbits y si el router deja pasar el puerto. Detrás de algunos routers un servidor nunca llega a su propia dirección: entonces la prueba es un teléfono que no esté en su red.',
        elsewhere: 'Allí responde otra cosa que este LNbits: otro sitio, un proxy que pierde la ruta o no alcanza LNbits, o uno que lleva a otra dirección. Las carteras no recogerían nada. Escriba la URL base como la muestran los navegadores, y que el proxy pase todo lo que empieza por ella.',
        certificate: 'Su https no está bien: el certificado es de otro nombre, ha caducado o es de alguien en quien las carteras no confían, o no hay https. Las carteras cuelgan entonces.'
      },
      cap_order: 'Máximo por cliente (sats)',
      cap_hour: 'Máximo por hora (sats)',
      cap_day: 'Máximo por día (sats)',
      cap_open: 'Máximo guardado a la vez (sats)',
      in_fee_percent: 'Comisión por billetes',
      in_fee_fixed: 'Comisión fija por billetes (sats)',
      in_fee_hint: 'De lo que valen los billetes, como mucho el 15 %.',
      directions: {cash_out: 'Sats por billetes', cash_in: 'Billetes por sats'},
      inserted: 'Introducido',
      gets: 'El cliente recibe',
      held_until: 'Guardado hasta',
      said_at: 'Introducido el',
      link: 'Mostrar un enlace para el cliente',
      link_words: 'Quien tiene este enlace recoge los sats, una vez: muéstrelo solo al cliente. Vale hasta {at}.',
      amount_range: 'Un número entero, de 1 a {most}.',
      percent_range: 'De 0 a {most}, con cuatro decimales como máximo.',
      fixed_range: 'Un número entero, {most} como máximo.',
      saved: 'El efectivo está cambiado.',
      ignored_title: 'Peticiones sin respuesta',
      ignored_words: 'De todas sus máquinas, desde que se inició LNbits. Unas pocas no importan; muchas de una clase tienen una causa.',
      ignored: {
        too_large: 'de más de 16 KiB',
        other_kind: 'de una clase que no nos corresponde',
        other_recipient: 'para otro, o para varios',
        no_version: 'sin la versión de CLINK',
        other_version: 'de otra versión de CLINK',
        bad_signature: 'con una firma incorrecta',
        unknown_author: 'de una clave que no es de ninguna máquina',
        cut: 'de una máquina desconectada',
        inactive: 'de una máquina desactivada',
        unconfirmed: 'por una conexión que usted no confirmó',
        flagged: 'con una clave que parece usar otro',
        undecryptable: 'que no se pudieron descifrar; ¿se emparejó la máquina antes de cambiar la clave de servicio?',
        not_json: 'que no se pudieron leer',
        other_dialect: 'en la forma de Lightning.Pub'
      },
      key: {
        title: 'Clave de servicio',
        words: 'Sus máquinas creen a una sola clave sobre el efectivo: la de este servicio. El código de emparejamiento de una máquina con efectivo la nombra. Quien la tuviera podría hacer que una máquina entregue billetes.',
        none: 'Aún no tiene ninguna: se crea cuando se activa el efectivo por primera vez.',
        npub: 'Clave de servicio',
        made: 'Creada {at}',
        new: 'Una clave de servicio nueva',
        follows: 'Ninguna máquina cree a la actual, así que no hay que emparejar ninguna otra vez. | {n} máquina cree a la actual hasta que se empareje otra vez: hágalo entonces. | {n} máquinas creen a la actual hasta que se emparejen otra vez: empareje entonces cada una.',
        leaked: '¿Se filtró? Entonces va primero la parada de emergencia: una clave nueva por sí sola no detiene a quien tiene la anterior.',
        rotate: 'Crear una clave nueva',
        rotated: 'Hay una clave de servicio nueva. Las máquinas la aprenden al emparejarse otra vez.',
        changed: 'Mientras tanto cambió el número de máquinas, así que la clave no se cambió. Mire otra vez.'
      }
    },
    fleet: {
      pair: 'Emparejar ninguna máquina | Emparejar {n} máquina | Emparejar {n} máquinas',
      intent: 'Cada máquina recibe su propio código de emparejamiento, en una hoja para imprimir. Los códigos de emparejamiento que aún esperan ser escaneados dejan de valer.',
      connected:
        'Ninguna está conectada. | {n} está conectada y sigue funcionando hasta que se escanee su código de emparejamiento nuevo y se compare. | {n} están conectadas y siguen funcionando hasta que se escaneen sus códigos de emparejamiento nuevos y se comparen.',
      cut: 'Ninguna estaba desconectada. | {n} estaba desconectada y recibe una clave nueva. | {n} estaban desconectadas y reciben claves nuevas.',
      progress: 'Máquinas emparejadas hasta ahora',
      running: '{n} de {of}',
      ready: 'No hay ningún código de emparejamiento listo. | {n} de {of} códigos de emparejamiento está listo. | {n} de {of} códigos de emparejamiento están listos.',
      halt: 'Detener aquí',
      halted:
        'Todas las máquinas tuvieron su turno. | {n} máquina se quedó sin hoja; emparéjela de nuevo. | {n} máquinas se quedaron sin hoja; emparéjelas de nuevo.',
      failed_title: 'Sin emparejar',
      next: 'Imprima las hojas y haga que cada máquina escanee la suya antes de {until}. En cuanto una lo haga, aparecerá en la lista como «{state}»: compare allí las huellas y confirme.',
      print: 'Imprimir ninguna hoja | Imprimir {n} hoja | Imprimir {n} hojas',
      unprinted_title: 'Las hojas no se han impreso',
      unprinted:
        'No hay ningún código de emparejamiento. | {n} código de emparejamiento no se ha impreso y no se puede mostrar otra vez. | {n} códigos de emparejamiento no se han impreso y no se pueden mostrar otra vez.',
      close_anyway: 'Cerrar sin imprimir',
      reopened:
        'No hay ninguna máquina. | Se abandonó la página antes de imprimir la hoja de esta máquina. Su código de emparejamiento no se puede mostrar otra vez: empareje la máquina de nuevo, con lo que ese código termina. | Se abandonó la página antes de imprimir las hojas de estas {n} máquinas. Sus códigos de emparejamiento no se pueden mostrar otra vez: empareje las máquinas de nuevo, con lo que esos códigos terminan.',
      import_title: 'Agregar desde archivo',
      import_words:
        'Un archivo CSV tal como lo guarda una hoja de cálculo, con 1000 máquinas como máximo. La primera línea nombra las columnas. Antes de agregar nada se le muestra lo que se agregaría.',
      columns: {
        name: 'Cómo llama usted a la máquina. Obligatorio.',
        location: 'Dónde está. Puede quedar vacío.',
        wallet: 'El nombre o el id de una billetera suya que no sirva a otra máquina. Vacío, o «crear una»: se crea una.'
      },
      example: 'Guardar un ejemplo',
      example_file: 'nombre;lugar;billetera\nEstación Norte;Sala 2;crear una\nEstación Sur;;\n',
      file: 'Archivo CSV',
      file_changed: 'El archivo cambió desde que lo eligió. Elíjalo de nuevo.',
      in_line: 'Línea {line}: {what}',
      in_column: 'Línea {line}, {column}: {what}',
      more: 'Y {n} más',
      nothing_added: 'No se agregó nada.',
      alike: {false: 'Dejarlas fuera', true: 'Agregarlas de todos modos'},
      no_room: 'No puede tener más máquinas. | Puede tener {n} máquina más. | Puede tener {n} máquinas más.',
      add: 'No agregar nada | Agregar {n} máquina | Agregar {n} máquinas',
      adding: 'Máquinas agregadas hasta ahora',
      added: 'No se agregó ninguna máquina. | Se agregó {n} máquina. | Se agregaron {n} máquinas.',
      left:
        'Se agregaron todas. | {n} máquina quedó sin agregar: línea {line}. | {n} máquinas quedaron sin agregar, desde la línea {line}.',
      left_unsure: 'Es posible que las primeras ya estén.',
      left_again: 'Elija de nuevo el archivo para agregar el resto; lo que ya está se puede dejar fuera.',
      pair_these: 'No emparejar ninguna | Emparejar esta | Emparejar estas {n}',
      problems: {
        too_large: 'El archivo tiene más de {kib} KiB. Divídalo.',
        workbook: 'Es un libro de Excel o parecido. Guárdelo como CSV desde la hoja de cálculo.',
        not_text: 'El archivo no es de texto. Guárdelo como CSV desde la hoja de cálculo.',
        no_machines: 'El archivo no tiene máquinas debajo de la primera línea.',
        too_many_lines: 'El archivo tiene {lines} máquinas. Se agregan {most} a la vez como máximo; divídalo.',
        no_name_column: 'Debe nombrar las columnas: nombre y, si lo desea, lugar y billetera.',
        unknown_column: 'No se conoce la columna «{heading}». Quítela, o llámela nombre, lugar o billetera.',
        column_twice: 'Esta columna está dos veces.',
        quotes: 'Falta una comilla, o hay una donde no debe haberla.',
        no_heading: '«{cell}» no está debajo de ningún encabezado. Ponga entre comillas los textos que contengan el separador.',
        blank: 'Está vacío.',
        too_long: 'Tiene más de {most} caracteres.',
        control_characters: 'Contiene un salto de línea u otro signo que no se puede mostrar.',
        piled_accents: 'Tiene demasiados acentos en una letra.',
        no_such_wallet: 'No tiene ninguna billetera «{wallet}».',
        wallet_in_use: 'La billetera «{wallet}» sirve a otra máquina.',
        wallet_twice: 'La línea {other} tiene la misma billetera.',
        which_wallet: 'Tiene varias billeteras llamadas «{wallet}». ¿Cuál es?',
        same_name: '«{name}» también está en la línea {other}.',
        name_taken: 'Ya tiene una máquina llamada «{name}».'
      },
      stop_title: 'Parada de emergencia',
      counting: 'Contando sus máquinas',
      stop_nothing: 'No tiene ninguna máquina emparejada ni con un código de emparejamiento.',
      stop_words:
        'No hay nada que parar. | Su máquina emparejada o con un código de emparejamiento se desconecta de inmediato (conectadas ahora: {connected}). Para seguir trabajando hay que emparejarla de nuevo, con una clave nueva. Las máquinas que nunca se emparejaron quedan como están. | Sus {n} máquinas emparejadas o con un código de emparejamiento se desconectan todas de inmediato (conectadas ahora: {connected}). Para seguir trabajando hay que emparejar de nuevo cada una, con una clave nueva. Las máquinas que nunca se emparejaron quedan como están.',
      stop_bunker_there: 'Desde ese momento ya no pueden firmar.',
      stop_bunker_away:
        'Ahora no se puede contar con el bunker. Desde ese momento sus peticiones no llegan a ninguna billetera, pero pueden firmar hasta que el bunker vuelva y se le haya dicho.',
      stop_type: 'Escriba {n} para continuar',
      stop: 'No desconectar nada | Desconectar {n} máquina | Desconectar las {n} máquinas',
      stop_changed: 'Entretanto cambió el número de sus máquinas, así que no se desconectó nada. Compruébelo de nuevo.',
      stopped: 'No se desconectó ninguna máquina. | {n} máquina está desconectada. | {n} máquinas están desconectadas.',
      stop_done: 'El bunker también lo ha hecho.',
      stop_pending:
        'El bunker lo ha hecho. | Aquí ya vale. El bunker lo ha hecho en {done}; para esta se le pide de nuevo hasta que cumpla: | Aquí ya vale. El bunker lo ha hecho en {done}; para estas {n} se le pide de nuevo hasta que cumpla:',
      stop_after: 'Cuando vuelva a ser seguro, emparéjelas de nuevo, aquí todas de una vez. La parada de emergencia del menú también lo ofrece más tarde.',
      still_stopped:
        'No hay nada parado. | {n} máquina se desconectó en una parada de emergencia y no se ha emparejado desde entonces. | {n} máquinas se desconectaron en una parada de emergencia y no se han emparejado desde entonces.',
      pair_stopped: 'No emparejar nada de nuevo | Emparejar de nuevo esa máquina | Emparejar de nuevo esas {n}'
    },
    webhook: {
      title: 'Webhook',
      words: {
        none: 'Cada aviso se puede enviar a una dirección suya, como JSON y firmado.',
        database: 'Cada aviso se envía firmado a {server}.',
        environment:
          'Cada aviso se envía sin firmar a {server}, que indica el entorno de LNbits. La dirección que usted indique aquí la sustituye, y lo que se envía allí va firmado.',
        database_wrong:
          'No se envía nada: lo guardado no se puede abrir, porque ha cambiado AUTH_SECRET_KEY de LNbits. Indique la dirección otra vez; se crea un secreto de firma nuevo.',
        environment_wrong: 'No se envía nada: la dirección del entorno de LNbits es incorrecta.'
      },
      enter: 'Indicar un webhook',
      change: 'Cambiar la dirección',
      test: 'Enviar un aviso de prueba',
      make_secret: 'Crear un secreto de firma nuevo',
      make_secret_question:
        'Lo que se envíe desde ahora se firma con el secreto nuevo. Su receptor lo rechaza hasta que también tenga el secreto nuevo.',
      forget: 'Quitar el webhook',
      forget_question: 'Se quitan la dirección y el secreto de firma. Allí ya no se envía nada.',
      url: 'Dirección del webhook',
      url_hint: 'https://…, también en su propia red. Puede llevar un usuario y una contraseña, y no se vuelve a mostrar.',
      url_needed: 'Indique la dirección.',
      tested: {
        taken: '{server} aceptó el aviso de prueba: respondió {status}.',
        refused: '{server} respondió {status}, así que no aceptó el aviso de prueba. Las redirecciones no se siguen.',
        unreachable: 'No se alcanza a nadie en {server}.',
        timeout: '{server} no respondió en cinco segundos.'
      },
      secret_title: 'El secreto de firma',
      secret_words:
        'Con este secreto su receptor comprueba que un aviso viene de aquí. Se muestra solo esta vez: póngalo ahora en su receptor. Si se pierde, cree otro.',
      secret: 'Secreto de firma',
      leave_question: 'El secreto no se vuelve a mostrar. ¿Ya está en su receptor?'
    },
    notices: {
      title: 'Avisos',
      open: 'Ver',
      open_machine: 'Ver {name}',
      open_order: 'Ver la orden de {name}',
      more: 'Y {n} más',
      fewer: 'Mostrar menos',
      deleted: 'una máquina borrada',
      words: {
        silent: 'No se ha visto a {name} en más tiempo del que usted permite.',
        locked: '{name} no puede firmar: su clave está bloqueada en el bunker.',
        second_client:
          'Parece que alguien más usa la clave de {name}. Si no es cosa suya, revoque la máquina y emparéjela con una clave nueva.',
        session_ending: 'La sesión de {name} termina dentro de tres días o menos. Emparéjela antes de nuevo.',
        revoke_owed:
          'El bunker todavía no ha hecho lo que aquí se terminó para {name}. Se le pide hasta que cumpla; compruebe que el bunker responde.',
        relay_left_out:
          'El servidor no escucha a {name} en uno de sus relays, porque se han indicado demasiados o porque ese no admite más. Emparéjela de nuevo por uno que usen sus otras máquinas, o que tenga sitio.',
        client_lost: 'El bunker ya no conoce la conexión de {name}, así que la máquina no puede firmar. Emparéjela de nuevo.',
        paid_not_dispensed: 'Un cliente de {name} pagó y aún no recibió billetes. Revise la máquina, o devuelva los sats y salde la orden.',
        dispense_unreported: '{name} no ha dicho qué entregó en una orden. Compruebe qué salió y salde la orden.',
        paid_late: 'Un cliente de {name} pagó demasiado tarde y no recibió billetes. Devuélvale los sats y salde la orden.',
        short: '{name} entregó menos billetes de los pedidos. Compense lo que falta y salde la orden.',
        notes_unreported: '{name} no ha dicho qué se introdujo en una orden. Compruebe si entraron billetes y salde la orden.',
        cash_unknown: 'LNbits no sabe si se pagó a un cliente de {name}. No pague otra vez; mire la orden.',
        unclaimed: '{name} tiene billetes de un cliente que no ha recibido sats. Mire la orden.',
        wallet_short: '{name} no aceptó billetes, porque su cartera tiene demasiado poco.',
        cap_reached: '{name} no aceptó billetes, porque alcanzó uno de sus topes.',
        bunker_away: 'El bunker no responde, así que es posible que las máquinas no puedan firmar. Compruebe que está en marcha.',
        no_operator:
          'La cuenta del operador de {name} está borrada o desactivada. La máquina se desconecta al cabo de un tiempo; usted puede hacerlo ahora mismo en el panel del bunker.',
        keys_outgrow_relay:
          'La lista de claves del bunker pronto será más larga de lo que admiten los relays comunes. Compruebe que su relay admite eventos de 1 MiB, o ya no se podrá emparejar nada.',
        passphrase_unkept:
          'Nadie ha confirmado que la contraseña de las claves de las máquinas esté guardada. Pulse el indicador del bunker: escriba sus cuatro últimos caracteres, o haga que se cree otra.'
      }
    },
    sheet: {
      title: 'Hoja de emparejamiento',
      scan_before: 'Escanear antes de',
      spire_fingerprint: 'Huella de su clave en el bunker',
      step_scan: 'Encienda la máquina. Cuando pida su código de emparejamiento, ponga este código QR delante de su cámara.',
      step_wait: 'Espere a que la máquina se conecte y muestre una huella, como k7fq 2m9x w4pt 8hsd.',
      step_compare:
        'Abra la máquina en la página de spirekeeper de LNbits y compare esa huella con la que aparece allí. Confirme solo si son iguales.',
      destroy:
        'Hasta que se escanee, esta hoja es una llave: quien la escanee primero es la máquina. Que nadie la fotografíe, y destrúyala después.'
    },
    states: {
      inactive: 'Desactivada',
      revoked: 'Revocada',
      locked: 'Bloqueada',
      confirming: 'Por confirmar',
      replacing: 'En reemplazo',
      paired: 'Emparejada',
      awaiting_scan: 'Esperando el escaneo',
      expired: 'Caducada',
      unknown: 'En consulta',
      unpaired: 'Sin emparejar'
    },
    reasons: {
      rejected: 'Se dijo que no era la máquina. Quien escaneó el código de emparejamiento está desconectado, y el código ya no vale. Empareje de nuevo y no deje ver el QR.',
      newer_seed: 'Se hizo un código de emparejamiento más nuevo para esta máquina; este ya no vale.',
      newer_connection: 'Una conexión más nueva tomó su lugar.',
      passphrase_unknown: 'Aquí no se conoce la contraseña de esta clave. Consulte al superusuario.',
      key_missing: 'El bunker no tiene la clave de esta máquina. Empareje de nuevo.',
      wrong_key: 'El bunker tiene otra clave con el nombre de esta máquina. Consulte al superusuario.',
      revoked_outside: 'Alguien la revocó en el propio bunker. Empareje de nuevo.',
      seed_lapsed: 'El código de emparejamiento no se escaneó a tiempo. Empareje de nuevo.',
      redeemed_too_late: 'El código de emparejamiento se escaneó demasiado tarde y no cuenta. Empareje de nuevo.',
      needs_new_client_key:
        'La máquina conservó una clave de cliente revocada. Debe empezar de cero con un código de emparejamiento nuevo.',
      two_clients_redeemed:
        'Dos dispositivos usaron el mismo código de emparejamiento; ambos están desconectados. Empareje de nuevo y no deje ver el QR.',
      pubkey_taken: 'La clave nueva ya era de alguien y no se usa. Empareje de nuevo.',
      passphrase_refused: 'El bunker rechaza la contraseña de esta clave. Consulte al superusuario.',
      cancelled: 'El código de emparejamiento se canceló.',
      key_locked: 'La clave está bloqueada en el bunker, como después de un reinicio.',
      compare_fingerprint: 'Compare la huella con la que muestra la máquina.',
      newer_seed_waits: 'Conectada; un código de emparejamiento más nuevo espera ser escaneado.',
      key_in_doubt:
        'Nada llega a la billetera hasta que se confirme el código de emparejamiento más nuevo de la misma clave, o el bunker muestre que nadie lo escaneó.',
      unconfirmed_client:
        'Alguien sin confirmar usó la clave de esta máquina, y ya no se usa más. Empareje de nuevo; recibe una clave nueva.',
      upgraded:
        'spirekeeper se actualizó mientras este código de emparejamiento esperaba, y ya no se puede confirmar. Empareje de nuevo.',
      session_ended: 'La sesión terminó. Empareje de nuevo.',
      not_looked_up: 'Una consulta al bunker quedó sin respuesta; se está averiguando el resultado.',
      revoked: 'La máquina fue desconectada. Emparéjela de nuevo cuando sea seguro.',
      interrupted: 'El emparejamiento se interrumpió a la mitad; lo que había empezado queda terminado. Empareje de nuevo.',
      cut: 'Desconectada. Al emparejarla recibe una clave nueva.'
    }
  }
})
