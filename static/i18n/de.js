window.i18n.global.mergeLocaleMessage('de', {
  spirekeeper: {
    common: {
      cancel: 'Abbrechen',
      close: 'Schließen',
      back: 'Zurück',
      copy: 'Kopieren',
      help: 'Zur Anleitung',
      save: 'Speichern',
      just_now: 'gerade eben',
      logged_out: 'Sie sind abgemeldet',
      logged_out_words: 'Ihre Sitzung ist zu Ende. Hier wäre nichts mehr aktuell, und nichts würde mehr gehen. Melden Sie sich an, dann sehen Sie Ihre Automaten, wie sie jetzt sind.',
      log_in: 'Wieder anmelden',
      lost: 'Der Server antwortet nicht. Sie sehen den Stand von {since}; alle paar Sekunden wird neu gefragt.',
      outdated: 'Spirekeeper wurde aktualisiert, während diese Seite offen war. Bitte laden Sie die Seite neu, bevor Sie weitermachen.',
      reload: 'Neu laden',
      never: 'nie',
      name: 'Name',
      location: 'Standort',
      wallet: 'Wallet',
      balance: 'Guthaben',
      sats: '{n} Sats',
      state: 'Zustand',
      pair: 'Koppeln',
      more: 'Mehr'
    },
    machines: {
      title: 'Automaten',
      add: 'Automat hinzufügen',
      add_first: 'Ersten Automaten hinzufügen',
      empty_title: 'Einen Bitcoin-Automaten mit einer Wallet koppeln',
      empty:
        'Jeder Automat bekommt in Ihrem Bunker einen eigenen Signaturschlüssel. Sie zeigen ihm einmal einen QR-Code; von da an signiert er mit einem Schlüssel, den er nie in Händen hat, und Sie können ihn jederzeit abtrennen.',
      search: 'Suche: Name, Standort, Schlüssel…',
      all: 'Alle',
      none_found: 'Kein Automat passt dazu.',
      loading: 'Wird geladen…',
      rows: 'Automaten pro Seite:',
      last_seen: 'Zuletzt gesehen',
      connected_since: 'Verbunden',
      actions: 'Aktionen',
      compare: 'Vergleichen',
      edit: '{name} ändern',
      open: 'Mehr über {name}',
      select: '{name} auswählen',
      select_all: 'Alle auf dieser Seite auswählen',
      selected: '{n} ausgewählt',
      unselect: 'Keine auswählen',
      import: 'Automaten aus einer CSV-Datei hinzufügen',
      file: 'Diese Automaten als CSV-Datei',
      journal: 'Protokoll als CSV-Datei',
      waiting: 'Kein Automat wartet auf den Vergleich. | {n} Automat wartet auf den Vergleich. | {n} Automaten warten auf den Vergleich.',
      compare_waiting: 'Keinen vergleichen | Diesen vergleichen | Diese vergleichen',
      stop: 'Notaus: alle Automaten abtrennen'
    },
    first_day: {
      title: 'Der erste Tag',
      done: 'Erledigt',
      to_do: 'Zu tun',
      lines: {
        bunker: 'Ein Bunker antwortet',
        relay: 'Die Automaten haben ein Relay',
        machine: 'Ein Automat ist hinzugefügt',
        heard: 'Ein Automat hat sich zum ersten Mal gemeldet'
      },
      words: {
        bunker: 'Bitten Sie den Superuser dieses LNbits darum: Er trägt den Bunker ein und sorgt dafür, dass er läuft.',
        own_bunker: 'Tragen Sie die Adresse Ihres nsecbunkerd ein. Er bewahrt die Schlüssel auf, mit denen die Automaten signieren.',
        relay: 'Bitten Sie den Superuser dieses LNbits, eines für die Automaten zu nennen, oder geben Sie beim Koppeln Ihr eigenes an.',
        own_relay: 'Nennen Sie es beim Bunker. Dort treffen sich Automat und Bunker.',
        machine: 'Geben Sie ihm einen Namen und einen Standort.',
        heard: 'Koppeln Sie ihn, und lassen Sie ihn den Code scannen. Mit seiner ersten Anfrage an den Bunker verschwindet diese Liste.'
      },
      acts: {
        bunker_bunker: 'Bunker verbinden',
        bunker_relay: 'Relay nennen',
        add_machine: 'Jetzt hinzufügen',
        pair_heard: 'Jetzt koppeln',
        open_heard: 'Nachsehen, wie er steht'
      }
    },
    ticked: {
      more: 'Mit diesen Automaten',
      acts: {
        tag: 'Schlagwort hinzufügen',
        untag: 'Schlagwort entfernen',
        switch_on: 'Einschalten',
        switch_off: 'Ausschalten',
        revoke: 'Abtrennen',
        delete: 'Löschen'
      },
      sure: '{what}: {n} Automat | {what}: {n} Automaten',
      words: {
        tag: 'Ein Wort, unter dem sie gefunden werden.',
        untag: 'Das Wort, unter dem sie nicht mehr gefunden werden sollen.',
        switch_off: 'Ihre Anfragen erreichen keine Wallet, bis sie wieder eingeschaltet werden; sie bleiben gekoppelt.',
        revoke: 'Ab sofort können sie nicht mehr signieren. Neu gekoppelt bekommt jeder einen neuen Schlüssel.',
        delete: 'Ab sofort können sie nicht mehr signieren. Dann werden sie hier entfernt; Wallets und Protokoll bleiben.'
      },
      done: '{what}: erledigt bei {n} Automaten. | {what}: erledigt bei {n} Automaten.',
      left: 'Nicht bei {n}: Er ist nicht mehr da oder hat zehn Schlagwörter. | Nicht bei {n}: Sie sind nicht mehr da oder haben zehn Schlagwörter.',
      pending:
        'Bei {n} davon muss der Bunker noch seinen Teil tun; er wird so lange gefragt, bis er es getan hat.'
    },
    relays: {
      title: 'Relays, die der Automat erreicht',
      hint: 'Automat und Bunker treffen sich auf dem ersten, das läuft. Der Server probiert jedes, während Sie tippen.',
      nth: 'Relay {n}',
      add: 'Relay hinzufügen',
      remove: 'Relay {n} entfernen',
      private: 'In meinem eigenen Netz (ws:// oder private Adressen)',
      trying: 'Wird probiert…',
      reachable: 'Vom Server aus erreichbar.',
      problems: {
        malformed: 'Es muss aussehen wie wss://relay.example.com.',
        several: 'Das sind mehrere Relays; geben Sie jedes einzeln an.',
        not_encrypted: 'Es ist nicht verschlüsselt; nehmen Sie ein wss://-Relay.',
        private: 'Das ist eine private Adresse; nehmen Sie eine, die der Automat erreicht.',
        unknown_name: 'Der Name führt zu keiner Adresse, die der Server benutzen darf.',
        silent: 'Es antwortet dem Server nicht.'
      }
    },
    cautions: {
      relay_down: '{relay} ist nicht erreichbar und steht nicht im Kopplungscode.',
      older_seed_lives: 'Der ältere Kopplungscode gilt noch, bis der Bunker geantwortet hat; er wird weiter gefragt.',
      bunker_not_heard: 'Der Bunker war auf dem Relay des Kopplungscodes nicht zu hören. Koppeln Sie erneut über eines, auf dem er zuhört.',
      session_ending: 'Die Verbindung endet innerhalb von drei Tagen. Koppeln Sie erneut.',
      login_demanded: '{relay} verlangt eine Anmeldung, die Automaten nicht können; deshalb steht es in keinem Kopplungscode. Nehmen Sie ein anderes, oder lassen Sie die Anmeldung für kind 24133 abschalten.',
      payment_demanded: '{relay} verlangt Bezahlung und bedient einen Automaten, der nicht bezahlt hat, vielleicht nicht.',
      members_only: '{relay} bedient nur Mitglieder und weist einen Automaten vielleicht ab. Nehmen Sie ein anderes, oder lassen Sie es kind 24133 von allen annehmen.',
      refuses_events: '{relay} hat ein Event, wie Automaten es senden (16 KiB, kind 24133, gerade erzeugt), nicht angenommen. Sehen Sie nach seinen Grenzen und seiner Uhr, oder nehmen Sie ein anderes.',
      small_events: '{relay} nimmt nur kleine Events an. Was Automat und Bunker einander sagen, kann länger sein; nehmen Sie eines, das 64 KiB annimmt.',
      few_subscriptions: '{relay} erlaubt weniger als 20 Abonnements je Verbindung. Ein Bunker, der dort zuhört, braucht eines für jeden Automaten.',
      clock_differs: 'Die Uhren von {relay} und diesem Server gehen mehr als eine halbe Minute auseinander; es lehnt vielleicht ab, was zu alt oder zu neu scheint. Lassen Sie beide ihre Uhr per NTP stellen.'
    },
    errors: {
      no_answer: 'Der Server hat nicht geantwortet. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
      not_found: 'Unter Ihren Automaten gibt es diesen nicht.',
      machine_busy: 'Dieser Automat wird gerade gekoppelt, oder er wurde inzwischen abgetrennt. Versuchen Sie es in einer Minute noch einmal.',
      same_names: 'Einige dieser Automaten haben einen Namen, den es schon gibt. Nichts wurde hinzugefügt.',
      edited_meanwhile:
        'Jemand hat das geändert, seit Sie es hier geöffnet haben, vielleicht Sie selbst in einem anderen Fenster. Ihre Änderungen sind nicht gespeichert.',
      wallet_in_use: 'Diese Wallet dient einem anderen Automaten. Wählen Sie eine andere, oder lassen Sie eine anlegen.',
      another_client: 'Ein anderes Gerät hat den Kopplungscode gescannt. Sehen Sie noch einmal hin und vergleichen Sie neu.',
      unexpected_client: 'Jemand anderes hat den Schlüssel dieses Automaten benutzt. Sagen Sie Nein und koppeln Sie ihn erneut; er bekommt einen neuen Schlüssel.',
      key_not_kept: 'Jemand hat diesen Schlüssel benutzt, ohne bestätigt zu sein; er darf nicht mehr benutzt werden. Koppeln Sie mit einem neuen Schlüssel.',
      nothing_waits: 'Hier wartet nichts mehr; vielleicht wurde gerade gescannt oder beendet.',
      ends_on_nip44: 'Dieser Bunker stürzt ab, wenn ein Automat NIP-44 mit ihm spricht, wie fast alle es tun. Aktualisieren Sie den Bunker, oder geben Sie unten an, dass dieser Automat nur NIP-04 spricht.',
      revoke_owed: 'Der Bunker hat noch nicht beendet, was hier beendet wurde. Versuchen Sie es in einer Minute noch einmal.',
      pubkey_taken: 'Der neue Schlüssel gehörte schon jemandem und wird nicht benutzt. Koppeln Sie erneut.',
      no_relay: 'Keines dieser Relays ist erreichbar. Prüfen Sie die Adressen, oder nehmen Sie andere.',
      login_demanded: 'Von diesen Relays verlangen alle, die laufen, eine Anmeldung, die Automaten nicht können. Nehmen Sie ein anderes, oder lassen Sie die Anmeldung für kind 24133 abschalten.',
      seed_too_long: 'Mit diesen Relays ist der Kopplungscode zu lang für einen QR-Code. Nehmen Sie weniger Relays oder kürzere Adressen.',
      no_bunker: 'Kein Bunker ist verbunden, oder seine Einstellungen sind nicht lesbar. Der Superuser trägt ihn ein.',
      another_site: 'Diese Seite steht nicht unter der Adresse, unter der LNbits gefragt wurde. Öffnen Sie sie dort.',
      settings_wrong:
        'Eine Einstellung in der Umgebung von LNbits ist falsch. Der Superuser sieht unter Bunker, welche, und behebt es.',
      bunker_silent: 'Der Bunker hat nicht geantwortet. Läuft er, und ist er auf seinem Relay?',
      too_many_checks: 'In einer Minute wurden zu viele Relays probiert. Warten Sie eine Minute.',
      too_many_keys: 'Der Bunker hat so viele Schlüssel erzeugt, wie er darf, und kann keinen löschen. Der Superuser kann mehr erlauben.',
      too_many_pairs: 'Zu viele Kopplungen in einer Minute. Warten Sie eine Minute, oder koppeln Sie mehrere Automaten auf einmal.',
      already_running: 'Das läuft schon. Versuchen Sie es in einer Minute noch einmal.',
      no_webhook: 'Hier ist kein Webhook eingetragen, oder er lässt sich nicht öffnen. Tragen Sie seine Adresse ein.',
      too_many_machines: 'Sie dürfen {n} Automaten haben. Löschen Sie welche, oder bitten Sie den Superuser um mehr.',
      too_many_rotations: 'Dieser Automat hat in letzter Zeit {n} neue Schlüssel bekommen; mehr sind nicht erlaubt. Den nächsten kann er ab {at} bekommen.',
      too_many: 'Das war zu viel auf einmal. Versuchen Sie es in einer Minute noch einmal.',
      too_large: 'Das ist zu lang: höchstens {n} KiB.',
      machines_paired: 'Über einen anderen Bunker sind Automaten gekoppelt: {n}. Trennen Sie sie vorher ab.',
      not_that_many: 'Die Zahl der Automaten, die noch signieren können, ist eine andere als erwartet: {n}. Nichts wurde abgetrennt; sehen Sie noch einmal nach.',
      cash_unconfirmed: 'Bargeld ist für einen Automaten, dessen Verbindung Sie bestätigt haben, und kein Kopplungscode darf warten. Trennen Sie ihn ab oder brechen Sie den Code ab, schalten Sie Bargeld ein, und koppeln Sie ihn neu.',
      cash_needs_nip44: 'Dieser Bunker spricht kein NIP-44, womit ein Automat seine Antworten liest. Aktualisieren Sie den Bunker, und schalten Sie dann Bargeld ein.',
      machines_told: 'Automaten, die für einen neuen Dienstschlüssel neu gekoppelt werden müssten: {n}.',
      no_link: 'Für diesen Vorgang ist kein Link möglich: Er ist bezahlt oder beendet, Einzahlung steht still, Wallet oder Grenze reicht nicht, oder LNbits hat keine https-Adresse.',
      not_to_settle: 'Dieser Vorgang geht von selbst weiter, oder er ist beendet. Sehen Sie noch einmal nach.',
      service_key_lost: 'Der Schlüssel, der Ihren Automaten zu Bargeld antwortet, lässt sich nicht öffnen: AUTH_SECRET_KEY von LNbits hat sich geändert. Erzeugen Sie einen neuen, und koppeln Sie Ihre Automaten neu.',
      bunker_failed: 'Beim Bunker ist etwas schiefgegangen. {detail}',
      not_accepted: 'Der Bunker nimmt den Admin-Schlüssel dieses LNbits nicht an. Der Superuser schreibt dessen npub in ADMIN_NPUBS des Bunkers.',
      pairing_failed: 'Das Koppeln ist fehlgeschlagen. Versuchen Sie es noch einmal.',
      conflict: 'Inzwischen hat sich etwas geändert. Sehen Sie nach, und versuchen Sie es dann noch einmal.',
      invalid_input: 'Eine Eingabe ist falsch: {detail}',
      database_away: 'LNbits erreicht seine Datenbank nicht oder hat sie mittendrin verloren. Sehen Sie nach, ob es geschehen ist, und versuchen Sie es dann noch einmal.',
      database_full: 'Der Datenträger mit der Datenbank von LNbits ist voll, darum ist es nicht geschehen: Ein Automat, der abgetrennt werden sollte, ist es nicht. Schaffen Sie dort Platz, und versuchen Sie es noch einmal.',
      internal: 'Hier ist etwas schiefgegangen. Im Log von LNbits steht, warum.',
      http_401: 'Sie sind nicht mehr angemeldet. Melden Sie sich an, und versuchen Sie es dann noch einmal.',
      http_403: 'Das dürfen Sie nicht.',
      http_429: 'Zu viele Anfragen an LNbits in einer Minute. Warten Sie eine Minute.',
      wrong: {
        missing: 'Diese Angabe ist nötig.',
        blank: 'Das darf nicht leer sein.',
        too_short: 'Mindestens {n} Zeichen.',
        too_long: 'Höchstens {n} Zeichen.',
        too_small: 'Mindestens {n}.',
        too_large: 'Höchstens {n}.',
        too_few: 'Mindestens {n}.',
        too_many: 'Höchstens {n}.',
        control_characters: 'Nur Buchstaben, Ziffern und Zeichen in einer Zeile.',
        piled_accents: 'Zu viele Akzente auf einem Buchstaben.',
        not_whole: 'Eine ganze Zahl.',
        not_understood: 'Diese Angabe ist nicht verständlich.',
        no_such_wallet: 'Diese Wallet haben Sie nicht. Wählen Sie eine von Ihren.',
        no_secret_key: 'Das ist kein geheimer Nostr-Schlüssel. Ein solcher beginnt mit nsec1.',
        no_bunker_url: 'Die Adresse eines Bunkers beginnt mit bunker://.',
        no_bunker_key: 'Der Schlüssel des Bunkers fehlt oder ist falsch geschrieben: ein npub oder 64 Hex-Ziffern nach bunker://.',
        no_bunker_relay: 'Kein Relay ist genannt. Fügen Sie eines hinzu: ?relay=wss://…',
        bad_bunker_relay: 'Relay {n} muss aussehen wie wss://relay.example.com.',
        malformed_relay: 'Relay {n} muss aussehen wie wss://relay.example.com.',
        several_relays: 'Relay {n} ist mehr als eines; geben Sie jedes einzeln an.',
        unencrypted_relay: 'Relay {n} ist nicht verschlüsselt: Nehmen Sie ein wss://-Relay, oder erlauben Sie private Relays.',
        private_relay: 'Relay {n} ist eine private Adresse: Nehmen Sie eine, die der Automat erreicht, oder erlauben Sie private Relays.',
        private_not_allowed: 'Der Superuser hat private Relays auf diesem LNbits nicht erlaubt.',
        no_web_address: 'An diese Adresse lässt sich nichts senden. Sie sieht aus wie https://example.com/path.',
        not_a_number: 'Eine Zahl.',
        not_true_or_false: 'true oder false.',
        none_of: 'Eines davon: {choices}.',
        malformed_relays: 'Bis zu {n} Relays, jedes wie wss://relay.example.com.',
        bunker_incomplete: 'Dazu müssen auch SPIREKEEPER_ADMIN_NSEC und SPIREKEEPER_KEY_PASSPHRASE gesetzt sein.',
        keys_not_listed: 'Der Bunker wollte seine Schlüssel nicht nennen. In seinem Log steht, warum.',
        key_not_made: 'Der Bunker wollte den Schlüssel nicht erzeugen. In seinem Log steht, warum.',
        key_not_unlocked: 'Der Bunker wollte den Schlüssel nicht entsperren. In seinem Log steht, warum.',
        policy_not_made: 'Der Bunker wollte die Richtlinie für Automaten nicht zeigen oder anlegen. In seinem Log steht, warum.',
        token_not_made: 'Der Bunker wollte kein Token erzeugen; vielleicht fehlt die Richtlinie. In seinem Log steht, warum.',
        users_not_told: 'Der Bunker wollte nicht sagen, wer den Schlüssel benutzen kann. In seinem Log steht, warum.',
        user_not_revoked: 'Der Bunker wollte jemanden, der den Schlüssel benutzen kann, nicht abtrennen; vielleicht kennt er ihn nicht. In seinem Log steht, warum.',
        call_unknown: 'Dieser Bunker kennt den Aufruf {method} nicht. Aktualisieren Sie ihn.',
        call_refused: 'Der Bunker hat den Aufruf {method} abgelehnt. In seinem Log steht, warum.',
        wrong_passphrase: 'Der Bunker hat den Schlüssel nicht entsperrt: Er wurde mit einer anderen Passphrase erzeugt. Tragen Sie diese ein; raten Sie nicht.',
        unreadable: 'Was der Bunker auf {method} antwortet, ist nicht lesbar. Ist es ein nsecbunkerd?',
        key_unreadable: 'Was der Bunker vom Schlüssel {key} sagt, ist nicht lesbar. Sehen Sie im Bunker nach.',
        keeps_ending: 'Der Bunker ist immer wieder weg. In seinem Log steht, warum.',
        seed_not_held: 'Der Bunker hat ein Token erzeugt, das in keinen Kopplungscode passt. Prüfen Sie, welcher Bunker das ist.',
        key_stays_locked: 'Der Schlüssel des Automaten ist im Bunker gesperrt, und seine Passphrase ist hier nicht bekannt. Entsperren Sie ihn dort, oder lassen Sie den Superuser die richtige eintragen.',
        relay_clock: 'Das Relay des Bunkers sagt: „{said}“. Seine Uhr und die dieses Servers gehen auseinander; prüfen Sie die Zeit.',
        relays_said: 'Keines der Relays des Bunkers ist erreichbar oder nimmt an, was verlangt wird. Eines sagt: „{said}“. Sehen Sie nach ihnen, oder tragen Sie den Bunker neu ein.',
        silent_clock: 'Der Bunker hat nicht geantwortet, und ein Relay sagt: „{said}“. Seine Uhr und die dieses Servers gehen auseinander; prüfen Sie die Zeit.',
        silent_said: 'Der Bunker hat nicht geantwortet, und ein Relay sagt: „{said}“. Sehen Sie nach beiden, und versuchen Sie es dann noch einmal.',
        silent_untaken: 'Der Bunker hat nicht geantwortet, und kein Relay hat bestätigt, dass es die Frage angenommen hat. Prüfen Sie, ob beide laufen, und versuchen Sie es dann noch einmal.',
        not_opened: 'Die gespeicherte Verbindung zum Bunker lässt sich nicht öffnen: AUTH_SECRET_KEY von LNbits hat sich geändert, oder das Gespeicherte. Stellen Sie den alten Wert wieder her, oder tragen Sie die Verbindung neu ein, mit Admin-Schlüssel und Passphrase.',
        put_back: 'Die gespeicherte Verbindung zum Bunker ist älter als eine, die schon gegolten hat: Jemand hat sie in die Datenbank zurückgelegt, oder ein Backup wurde eingespielt. Tragen Sie die Verbindung neu ein, mit Admin-Schlüssel und Passphrase.',
        stored_unusable: 'Die Adresse in der gespeicherten Verbindung zum Bunker ist nicht benutzbar. Tragen Sie die Verbindung neu ein.'
      }
    },
    form: {
      add_title: 'Automat hinzufügen',
      edit_title: '{name} ändern',
      add: 'Hinzufügen',
      added: '{name} ist hinzugefügt. Als Nächstes koppeln Sie ihn.',
      name_needed: 'Geben Sie dem Automaten einen Namen.',
      one_line: 'Nur Buchstaben, Ziffern und Zeichen in einer Zeile.',
      make_wallet: 'Eine anlegen, benannt nach dem Automaten',
      tags: 'Schlagwörter',
      tags_hint: 'Wörter, unter denen der Automat gefunden wird; Enter beendet jedes.',
      wallet_hint: 'Jede Wallet dient einem Automaten.',
      wallet_gone: 'Seine Wallet gibt es nicht mehr, oder sie gehört nicht mehr Ihnen; seine Anfragen erreichen keine. Wählen Sie eine andere.',
      currency: 'Währung',
      silent: 'Melden, wenn nicht gesehen seit (Minuten)',
      silent_hint: 'Leer: nicht melden.',
      open_anew: 'Zeigen, was jetzt dort steht',
      silent_range: 'Eine ganze Zahl von Minuten, höchstens {most}.',
      active: 'Aktiv',
      active_hint:
        'Ausgeschaltet erreichen seine Anfragen die Wallet sofort nicht mehr. Vom Bunker wird nichts verlangt, und Sie können ihn jederzeit wieder einschalten.'
    },
    pair: {
      intent: {
        first:
          'In Ihrem Bunker wird ein Schlüssel für diesen Automaten erzeugt. Der Kopplungscode, der dann kommt, wird einmal gezeigt: Lassen Sie ihn vom Automaten scannen.',
        again_connected:
          'Der Automat arbeitet mit seinem jetzigen Schlüssel weiter, bis der neue Kopplungscode gescannt ist und Sie verglichen haben. Dann wechselt er zum Schlüssel des neuen Codes, und der alte wird abgetrennt.',
        rotate:
          'Der Automat bekommt einen neuen Schlüssel. Der alte wird im Bunker abgetrennt, sobald der neue Kopplungscode gescannt ist und Sie verglichen haben.',
        rotate_connected:
          'Der Automat bekommt einen neuen Schlüssel. Er arbeitet mit dem alten weiter, bis der neue Kopplungscode gescannt ist und Sie verglichen haben; dann wird der alte für immer abgetrennt.',
        older_seed: 'Der Kopplungscode, der noch auf den Scan wartet, gilt dann nicht mehr.',
        now: 'Wer jetzt verbunden ist, wird sofort abgetrennt. Der Automat bekommt einen neuen Schlüssel und steht still, bis er den neuen Kopplungscode gescannt hat und Sie verglichen haben.',
        after_cut: 'Der Automat wurde abgetrennt. Er bekommt einen neuen Schlüssel; der alte bleibt ungültig.',
        after_cut_same: 'Der Automat wurde abgetrennt. Er bekommt denselben Schlüssel wieder und eine neue Verbindung.'
      },
      scan_within: 'Scannen möglich für',
      session_ends: 'Die Verbindung endet nach',
      minutes: {10: '10 Minuten', 60: '1 Stunde', 1440: '1 Tag', 10080: '1 Woche'},
      session: {never: 'Nie', 24: '1 Tag', 168: '1 Woche', 720: '30 Tage', 8760: '1 Jahr'},
      legacy: 'Dieser Automat spricht nur die ältere Verschlüsselung (NIP-04)',
      make_seed: 'Kopplungscode zeigen',
      scan: 'Lassen Sie den Automaten das scannen. Wer zuerst scannt, gilt als der Automat; halten Sie es vor anderen verborgen.',
      qr: 'Der Kopplungscode als QR-Code',
      full_screen: 'Vollbild',
      waiting: 'Warten auf den Automaten…',
      days: '{n} T',
      left: 'Noch {time} zu scannen.',
      copy_seed: 'Kopieren',
      seed_copied: 'Kopplungscode kopiert. Fügen Sie ihn nur im Automaten ein.',
      print: 'Drucken',
      unreachable:
        'Der Bunker antwortet nicht; deshalb ist hier nicht zu sehen, ob der Automat sich verbunden hat. Der Kopplungscode gilt weiter; alle paar Sekunden wird neu gefragt.',
      locked: 'Der Schlüssel dieses Automaten ist im Bunker gesperrt. Er wird gerade entsperrt; vorher kann der Automat sich nicht verbinden.',
      connected: 'Ein Automat hat sich verbunden. Zeigt sein Bildschirm',
      compare: 'Nichts erreicht Ihre Wallet, bevor Sie Ja sagen. Zeigt der Bildschirm etwas anderes oder nichts, sagen Sie Nein.',
      yes: 'Ja, das ist der Automat',
      no: 'Nein',
      next: 'Den nächsten vergleichen',
      next_first: 'Jetzt nicht: den nächsten vergleichen',
      paired_title: 'Gekoppelt',
      paired: 'Von jetzt an signiert der Automat mit seinem Schlüssel, und seine Anfragen gehören zu seiner Wallet. Was er mit Bargeld darf, legen Sie bei ihm unter Bargeld fest. Ältere Verbindungen sind beendet.',
      ended_title: 'Nicht gekoppelt',
      ended: 'Dieser Kopplungscode gilt nicht mehr. Koppeln Sie erneut.',
      owing: 'Der Bunker hat nicht geantwortet. Er wird weiter gefragt, bis er seinen Teil getan hat.',
      again: 'Erneut koppeln',
      leave_title: 'Der Kopplungscode wartet noch auf den Scan',
      leave:
        'Schließen und den Automaten vom Blatt oder von der Kopie scannen lassen, die Sie gemacht haben? Oder zurückziehen, damit niemand ihn benutzen kann? Er wird nicht noch einmal gezeigt.',
      keep_seed: 'Warten lassen',
      cancel_seed: 'Kopplungscode zurückziehen',
      unshown_title: 'Dieser Kopplungscode kann nicht noch einmal gezeigt werden',
      unshown:
        'Er wurde gerade gezeigt, als die Seite verlassen wurde, und wartet auf den Scan. Gibt es für den Automaten ein Blatt oder eine Kopie davon, lassen Sie ihn warten. Wenn nicht, koppeln Sie erneut (damit endet er), oder ziehen Sie ihn zurück.',
      cancelled_done: 'Der Kopplungscode ist zurückgezogen, hier und im Bunker.',
      cancelled_pending: 'Der Kopplungscode ist hier zurückgezogen. Der Bunker hat nicht geantwortet; er wird weiter gefragt, bis er seinen Teil getan hat.'
    },
    camera: {
      compare: 'Mit der Kamera vergleichen',
      again: 'Noch einmal hinsehen',
      stop: 'Kamera ausschalten',
      hold: 'Lassen Sie den Automaten seinen Schlüssel als QR-Code auf seinem Bildschirm zeigen, und halten Sie diese Kamera davor.',
      same: 'Derselbe Schlüssel, vollständig: Der Automat vor Ihnen ist der, der sich verbunden hat.',
      other:
        'Ein anderer Schlüssel: Der Automat vor Ihnen ist nicht der, der sich verbunden hat. Sagen Sie Nein. Nur wenn Sie die Kamera vor den falschen Automaten gehalten haben, sehen Sie noch einmal hin.',
      none: 'Das ist ein anderer Code, nicht der Schlüssel eines Automaten. Suchen Sie den auf seinem Bildschirm.',
      several: 'Im Bild ist mehr als ein Schlüssel. Gehen Sie näher heran, bis nur der des Automaten zu sehen ist.',
      problems: {
        refused: 'Der Browser lässt diese Seite die Kamera nicht benutzen. Erlauben Sie es in den Einstellungen des Browsers, oder vergleichen Sie mit bloßem Auge.',
        absent: 'Hier ist keine Kamera zu finden. Vergleichen Sie mit bloßem Auge, oder öffnen Sie diese Seite auf einem Telefon.',
        insecure: 'Browser geben eine Kamera nur Seiten, die über https kommen. Vergleichen Sie mit bloßem Auge.',
        unusable: 'Die Kamera ist nicht benutzbar; vielleicht hat sie ein anderes Programm. Versuchen Sie es noch einmal, oder vergleichen Sie mit bloßem Auge.',
        reader: 'Was den Code liest, konnte nicht geladen werden. Versuchen Sie es noch einmal, oder vergleichen Sie mit bloßem Auge.'
      }
    },
    panel: {
      overview: 'Überblick',
      pairings: 'Kopplungen',
      journal: 'Protokoll',
      no_pairings: 'Er wurde noch nie gekoppelt.',
      no_journal: 'Noch ist nichts geschehen.',
      by_you: 'Sie',
      by_itself: 'spirekeeper von selbst',
      by_superuser: 'der Superuser',
      newer: 'Neuere',
      older: 'Ältere',
      range: '{from}–{to} von {total}',
      link: 'Link zu diesem Automaten kopieren',
      link_copied: 'Link kopiert. Er öffnet diesen Automaten für Sie, wenn Sie angemeldet sind, und für sonst niemanden.',
      inactive: 'Seine Anfragen erreichen keine Wallet. Unter Angaben ändern wird er wieder eingeschaltet.',
      bunker_asking: 'Der Bunker wird gefragt…',
      bunker_ok: 'Laut Bunker, {ago}.',
      bunker_unreachable: 'Der Bunker antwortet gerade nicht; das hier war vorher bekannt.',
      spire_fingerprint: 'Fingerabdruck seines Schlüssels',
      fingerprint: 'Fingerabdruck der Verbindung',
      scan_before: 'Kopplungscode zu scannen bis',
      session_ends: 'Verbindung endet',
      npub: 'npub',
      key_name: 'Name seines Schlüssels im Bunker',
      flags: {
        second_client:
          'Jemand anderes scheint den Schlüssel dieses Automaten zu benutzen. Wenn Sie das nicht waren, trennen Sie ihn ab und koppeln Sie ihn mit einem neuen Schlüssel.',
        unknown_user:
          'Der Bunker lässt jemanden, den keine Kopplung erklärt, den Schlüssel dieses Automaten benutzen. Wenn Sie das nicht waren, trennen Sie ihn ab und koppeln Sie ihn mit einem neuen Schlüssel.'
      },
      flagged: 'Bemerkt {ago} ({at}).',
      owed:
        'Der Bunker muss noch {n} älteren Kopplungscode oder eine ältere Verbindung beenden; er wird weiter gefragt. | Der Bunker muss noch {n} ältere Kopplungscodes oder Verbindungen beenden; er wird weiter gefragt.',
      owed_cut:
        'Hier abgetrennt. Der Bunker muss noch {n} Sache erledigen; er wird weiter gefragt. | Hier abgetrennt. Der Bunker muss noch {n} Sachen erledigen; er wird weiter gefragt.',
      seen: 'zuletzt gesehen {ago}',
      not_seen: 'noch nicht gesehen',
      actions: {
        compare: 'Fingerabdrücke vergleichen',
        pair: 'Koppeln',
        pair_again: 'Erneut koppeln',
        pair_new: 'Mit einem neuen Schlüssel koppeln',
        pair_same: 'Mit demselben Schlüssel koppeln',
        rotate: 'Zu einem neuen Schlüssel wechseln',
        pair_now: 'Jetzt abtrennen und erneut koppeln',
        cancel: 'Kopplungscode zurückziehen',
        edit: 'Angaben ändern',
        revoke: 'Abtrennen',
        delete: 'Löschen'
      },
      intent: {
        compare: 'Ein Gerät hat den Kopplungscode gescannt. Nichts erreicht die Wallet, bevor Sie sagen, dass es der Automat ist.',
        pair: 'Erzeugt im Bunker einen Schlüssel für ihn und zeigt einmal einen Kopplungscode, den der Automat scannt.',
        pair_again_connected:
          'Er arbeitet weiter, bis er den neuen Kopplungscode gescannt hat und Sie verglichen haben; dann wechselt er zu einem neuen Schlüssel; {seen}.',
        pair_again_idle:
          'Ein neuer Kopplungscode wird gezeigt, einmal; einer, der noch wartet, gilt nicht mehr. Er behält seinen Schlüssel, außer jemand hat ihn benutzt, den Sie nicht bestätigt haben.',
        pair_new: 'Er wurde {ago} abgetrennt. Er bekommt einen neuen Schlüssel; der alte bleibt ungültig.',
        pair_same:
          'Nur wenn niemand sonst den Automaten gehabt haben kann: Wer ihn hatte, hat vielleicht Anfragen im Voraus signieren lassen.',
        rotate_connected:
          'Er arbeitet mit dem alten Schlüssel weiter, bis er den neuen Kopplungscode gescannt hat und Sie verglichen haben; dann wird der alte für immer abgetrennt.',
        rotate_idle: 'Ein Kopplungscode für einen neuen Schlüssel wird gezeigt, einmal; der alte wird nicht mehr benutzt.',
        pair_now:
          'Der Automat kann nicht mehr signieren, sobald Sie den neuen Kopplungscode verlangen; {seen}. Er bekommt einen neuen Schlüssel und steht still, bis er gescannt hat.',
        cancel_connected: 'Niemand kann ihn mehr scannen. Der Automat arbeitet mit seiner jetzigen Verbindung weiter.',
        cancel_idle: 'Niemand kann ihn mehr scannen.',
        edit: 'Name, Standort, Wallet, Währung, wann Sie Meldung bekommen, und ob er aktiv ist.',
        revoke_connected: 'Der Automat kann ab jetzt nicht mehr signieren; {seen}. Erneut gekoppelt, bekommt er einen neuen Schlüssel.',
        revoke_comparing: 'Wer den Kopplungscode gescannt hat, wird jetzt abgetrennt. Erneut gekoppelt, bekommt der Automat einen neuen Schlüssel.',
        revoke_idle:
          'Er hat jetzt keine Verbindung; {seen}. Sein Schlüssel und ein Kopplungscode, der noch wartet, werden beendet; erneut gekoppelt, bekommt er einen neuen Schlüssel.',
        delete_connected:
          'Der Automat kann ab jetzt nicht mehr signieren; {seen}. Dann wird er hier entfernt. Seine Wallet und sein Protokoll bleiben.',
        delete_comparing:
          'Wer den Kopplungscode gescannt hat, wird jetzt abgetrennt. Dann wird der Automat hier entfernt. Seine Wallet und sein Protokoll bleiben.',
        delete_idle: 'Sein Schlüssel wird beendet, und er wird hier entfernt. Seine Wallet und sein Protokoll bleiben.',
        delete_cut: 'Er wurde {ago} abgetrennt und wird hier entfernt. Seine Wallet und sein Protokoll bleiben.',
        delete_keyless: 'Er wird hier entfernt; einen Schlüssel hatte er nie. Seine Wallet und sein Protokoll bleiben.',
        revoke_away:
          'Er wird hier sofort abgetrennt: Seine Anfragen erreichen keine Wallet. Der Bunker antwortet nicht; der Automat kann deshalb noch signieren, bis der Bunker zurück ist, und wird dann auch dort abgetrennt. Erneut gekoppelt, bekommt er einen neuen Schlüssel.',
        delete_away:
          'Er wird hier sofort abgetrennt, sodass seine Anfragen keine Wallet erreichen, und entfernt. Der Bunker antwortet nicht; der Automat kann deshalb noch signieren, bis der Bunker zurück ist. Seine Wallet und sein Protokoll bleiben.',
        cancel_away:
          'Wer ihn ab jetzt scannt, erreicht keine Wallet. Der Bunker antwortet nicht; er erfährt es, sobald er wieder antwortet.',
        pair_now_away:
          'Der Bunker antwortet nicht; jetzt kann kein Kopplungscode erzeugt werden. Abtrennen können Sie den Automaten trotzdem.'
      },
      sure: '{what}: {name}',
      revoked_done: '{name} ist abgetrennt, hier und im Bunker.',
      revoked_pending:
        '{name} ist hier abgetrennt. Der Bunker hat seinen Teil noch nicht getan; er wird weiter gefragt.',
      removed_done: '{name} ist gelöscht.',
      deleted_done: '{name} ist abgetrennt, hier und im Bunker, und gelöscht.',
      deleted_pending:
        '{name} ist hier abgetrennt und gelöscht. Der Bunker hat seinen Teil noch nicht getan; er wird weiter gefragt.',
      pairing: {
        intent: 'Wird erzeugt',
        issued: 'Wartet auf den Scan',
        confirming: 'Gescannt, zu vergleichen',
        redeemed: 'Verbunden',
        confirmed: 'Verbunden und bestätigt',
        replaced: 'Ersetzt',
        lapsed: 'Abgelaufen',
        cancelled: 'Zurückgezogen',
        revoked: 'Abgetrennt',
        failed: 'Fehlgeschlagen'
      },
      history: {
        issued: 'Kopplungscode gezeigt: {at}',
        scan_before: 'Zu scannen bis {at}',
        redeemed: 'Gescannt: {at}',
        confirmed: 'Bestätigt: {at}',
        session_ends: 'Verbindung endet: {at}',
        ended: 'Beendet: {at}',
        ended_because: 'Beendet: {at}, {why}'
      },
      outcomes: {
        seed_lapsed: 'niemand hat den Kopplungscode rechtzeitig gescannt',
        redeemed_too_late: 'der Kopplungscode wurde zu spät gescannt',
        revoked_outside: 'im Bunker selbst abgetrennt',
        session_ended: 'die vereinbarte Zeit war um',
        cancelled: 'der Kopplungscode wurde zurückgezogen',
        rejected: 'der Fingerabdruck war ein anderer',
        newer_seed: 'ein neuerer Kopplungscode ist an seine Stelle getreten',
        newer_connection: 'eine neuere Verbindung ist an ihre Stelle getreten',
        needs_new_client_key: 'der Automat kam mit einem widerrufenen Client-Schlüssel',
        two_clients_redeemed: 'zwei Geräte haben denselben Kopplungscode benutzt',
        pubkey_taken: 'der neue Schlüssel gehörte schon jemandem',
        unconfirmed_client: 'jemand, den Sie nicht bestätigt haben, hat den Schlüssel benutzt',
        upgraded: 'spirekeeper wurde aktualisiert, während der Kopplungscode wartete',
        passphrase_refused: 'der Bunker hat die Passphrase abgelehnt',
        passphrase_unknown: 'seine Passphrase ist hier nicht bekannt',
        refused: 'der Bunker hat die Passphrase abgelehnt',
        failed: 'er blieb gesperrt',
        wrong_key: 'der Bunker hat unter seinem Namen einen anderen Schlüssel',
        key_missing: 'der Bunker hat den Schlüssel nicht',
        key_locked: 'der Schlüssel war gesperrt',
        revoked: 'der Automat wurde abgetrennt',
        interrupted: 'es brach auf halbem Weg ab',
        machine_busy: 'er wurde inzwischen abgetrennt',
        invalid_input: 'eine Eingabe war falsch',
        bunker_failed: 'der Bunker konnte es nicht',
        bunker_silent: 'der Bunker hat nicht geantwortet',
        no_bunker: 'kein Bunker war verbunden',
        no_relay: 'kein Relay war erreichbar',
        BunkerTimeout: 'er hat nicht geantwortet',
        BunkerUnreachable: 'er war nicht erreichbar',
        BunkerRefused: 'er hat abgelehnt',
        NotAnAdmin: 'er nimmt unseren Admin-Schlüssel nicht an',
        UnknownMethod: 'das kann er nicht',
        WrongPassphrase: 'er hat die Passphrase abgelehnt',
        BunkerNonsense: 'seine Antwort war nicht lesbar',
        user_left: 'ein älterer Client konnte den Schlüssel noch benutzen',
        unknown_user: 'jemand Unbekanntes konnte den Schlüssel benutzen',
        token_left: 'ein älterer Kopplungscode konnte noch gescannt werden',
        access_left: 'der Schlüssel war nach seinem Ende noch benutzbar',
        policy_drifted: 'die Richtlinie erlaubte anderes'
      },
      events: {
        machine: {added: 'Hinzugefügt', changed: 'Geändert', deleted: 'Gelöscht'},
        pair: {seed_issued: 'Ein Kopplungscode wurde gezeigt', other: 'Kein Kopplungscode konnte erzeugt werden'},
        redemption: {
          redeemed: 'Ein Gerät hat den Kopplungscode gescannt',
          interrupted: 'Was auf einen Scan folgt, brach auf halbem Weg ab und wird fertiggestellt',
          other: 'Ein Scan zählte nicht'
        },
        pairing: {other: 'Eine Kopplung endete'},
        confirm: {confirmed: 'Der Fingerabdruck war der des Automaten; verbunden'},
        revoke: {
          cut: 'Hier abgetrennt',
          interrupted: 'Ein Abtrennen, das auf halbem Weg abbrach, wird an den Bunker weitergegeben',
          unfinished: 'Nach dem Abtrennen schlug etwas fehl; es wird noch einmal versucht'
        },
        revoke_key: {
          done: 'Der Bunker hat seinen Schlüssel abgetrennt',
          other: 'Der Bunker muss seinen Schlüssel noch abtrennen'
        },
        burn_token: {done: 'Der Bunker hat einen Kopplungscode beendet', other: 'Der Bunker muss einen Kopplungscode noch beenden'},
        revoke_others: {
          done: 'Der Bunker hat ältere Verbindungen beendet',
          other: 'Der Bunker muss ältere Verbindungen noch beenden'
        },
        unlock: {unlocked: 'Sein Schlüssel wurde entsperrt', other: 'Sein Schlüssel konnte nicht entsperrt werden'},
        flag: {
          second_client: 'Jemand anderes scheint seinen Schlüssel zu benutzen',
          unknown_user: 'Jemand, den keine Kopplung erklärt, kann seinen Schlüssel benutzen',
          cleared: 'Niemand sonst kann seinen Schlüssel mehr benutzen'
        },
        listening: {silent: 'Der Bunker war auf dem Relay des Kopplungscodes nicht zu hören'},
        acl: {
          lost: 'Der Bunker kennt seine Verbindung nicht mehr',
          client: 'Er hat den Bunker um etwas gebeten, das er nicht darf',
          stranger: 'Jemand Unbekanntes hat den Bunker um die Benutzung seines Schlüssels gebeten'
        },
        reconcile: {other: 'Nach dem Vergleich mit dem Bunker behoben'},
        cash: {changed: 'Bargeld wurde geändert', linked: 'Für einen Kunden wurde ein Link gemacht', settled: 'Ein Bargeldvorgang wurde von Hand erledigt'},
        migrated: {other: 'Ein Upgrade nahm ihm einen Schlüssel oder eine Wallet, die ein älterer Automat hat'}
      },
      details: {
        key: 'Schlüssel {key}',
        key_is: 'Schlüssel {key}: {npub}',
        key_is_now: 'Schlüssel {key}: {npub}; vorher war der Automat {before}',
        key_clients: 'Schlüssel {key}, Client {clients}',
        client: 'Client {client}',
        client_asked: 'Schlüssel {key}: Client {client} verlangte {method}',
        stranger_asked: 'Schlüssel {key}: der unbekannte {client} verlangte {method}',
        settled: 'Schlüssel {key}: abgetrennte Clients: {revoked}, beendete Kopplungscodes: {burned}',
        not_heard: 'Relay {relay}',
        found_unlocked: 'Er war schon entsperrt.',
        policy_corrected: 'Die Richtlinie erlaubte anderes, als ein Automat tut; sie wurde berichtigt.',
        emergency_stop: 'Durch einen Notaus',
        no_operator: 'Das Konto des Betreibers ist gelöscht oder deaktiviert.',
        machine_of: '{machine}, von {operator}',
        fields: '{fields}',
        name: '{name}',
        bunker: 'Bunker {bunker}',
        limits: '{limits}',
        webhook: '{server}',
        service_key: '{key}; vorher {before}',
        cash_both: 'Auszahlung: {out}, {smallest} bis {largest} Sats, Gebühr {fee_ppm} und {fee_fixed} Sats. Einzahlung: {into}, Gebühr {in_fee_ppm} und {in_fee_fixed} Sats, Grenzen {caps} Sats',
        cash: 'Auszahlung: {out}, {smallest} bis {largest} Sats, Gebühr {fee_ppm} und {fee_fixed} Sats',
        linked_order: 'Vorgang {order}',
        settled_order: 'Vorgang {order}: {how} {reference}',
        failure: 'In LNbits: {failure}'
      },
      fields: {
        name: 'Name',
        location: 'Standort',
        tags: 'Schlagwörter',
        wallet_id: 'Wallet',
        fiat_code: 'Währung',
        silent_minutes: 'wann gemeldet wird',
        is_active: 'aktiv oder ausgeschaltet'
      }
    },
    bunker: {
      title: 'Bunker',
      chip: 'Bunker: {state}',
      chips: {
        asking: 'Bunker wird gefragt…',
        lost: 'Der Server antwortet nicht',
        none: 'Noch kein Bunker',
        failing: 'Bunker funktioniert nicht',
        locked: '{n} Schlüssel gesperrt | {n} Schlüssel gesperrt | {n} Schlüssel gesperrt',
        online: 'Bunker online · {ms} ms'
      },
      words: {
        asking: 'Der Bunker wird gefragt; wenn er langsam ist, dauert das einige Sekunden.',
        lost: 'Wie es dem Bunker geht, lässt sich jetzt nicht erfragen.',
        none: 'Automaten bekommen ihre Schlüssel von einem Bunker. Der Superuser dieses LNbits muss erst einen eintragen.',
        enter: 'Automaten bekommen ihre Schlüssel von einem Bunker (nsecbunkerd). Tragen Sie unten Ihren ein.',
        failing: 'Der Bunker funktioniert nicht; Automaten können vielleicht nicht signieren.',
        locked:
          'Automaten mit einem gesperrten Schlüssel können nicht signieren. Die Schlüssel werden im Hintergrund entsperrt; hilft das nicht in ein paar Minuten, vergleicht der Superuser mit dem Bunker.',
        online: 'Der Bunker antwortet, und Automaten können signieren.'
      },
      problems: {
        settings_wrong:
          'Eine Einstellung in der Umgebung von LNbits ist falsch. Der Superuser sieht hier, welche, und behebt es.',
        no_bunker: 'Der Superuser muss einen Bunker eintragen.',
        no_relay: 'Keines der Relays des Bunkers ist erreichbar. Sehen Sie nach ihnen, oder tragen Sie den Bunker neu ein.',
        bunker_silent: 'Der Bunker hat nicht geantwortet. Prüfen Sie, ob er läuft und auf seinen Relays ist.',
        not_accepted:
          'Der Bunker nimmt unseren Admin-Schlüssel nicht an. Schreiben Sie den Admin-npub in seine ADMIN_NPUBS und starten Sie ihn neu.',
        bunker_failed: 'Beim Bunker ist etwas schiefgegangen. {detail}',
        key_needed:
          'Dort antwortet ein Bunker. Speichern Sie als Nächstes: Der Admin-npub, der dann gezeigt wird, gehört in seine ADMIN_NPUBS.',
        silent_to_strangers:
          'Sein Relay ist da, aber kein Bunker hat geantwortet. Vielleicht läuft er nicht, oder er antwortet nur einem Schlüssel, den er kennt: Tragen Sie den Admin-Schlüssel ein, oder speichern Sie und schreiben Sie den Admin-npub in seine ADMIN_NPUBS.'
      },
      settling:
        'Der Bunker ist gerade erst gestartet. Frühestens in einigen Sekunden wird er gebeten, einen Schlüssel zu erzeugen oder zu entsperren; so viel länger dauert das Koppeln.',
      check_again: 'Noch einmal prüfen',
      report: 'Bericht speichern',
      copy: 'Kopieren: {what}',
      lineage: 'Software',
      round_trip: 'Antwortzeit',
      keys: 'Schlüssel',
      locked_keys: 'Gesperrte Schlüssel',
      source: 'Verbindung aus',
      sources: {
        database: 'dieser Seite',
        environment: 'der Umgebung von LNbits'
      },
      bunker_npub: 'Der npub des Bunkers',
      admin_npub: 'Admin-npub, gehört in ADMIN_NPUBS des Bunkers',
      relays: 'Relays des Bunkers',
      wrong_settings_title: 'Falsch in der Umgebung von LNbits',
      hazards_title: 'Gut zu wissen über diesen Bunker',
      hazards: {
        loses_its_relay:
          'War sein Relay weg, hört dieser Bunker vielleicht minutenlang nicht zu oder stürzt ab. Starten Sie ihn dann neu; seine Schlüssel sind gesperrt, bis sie im Hintergrund entsperrt sind.',
        guessable_tokens:
          'Der Bunker erzeugt seine Tokens mit schwachem Zufall: Wer einige gesehen hat, kann andere vielleicht erraten. Lassen Sie einen Kopplungscode nicht länger warten als nötig, und vergleichen Sie jedes Mal den Fingerabdruck.',
        hides_what_it_deletes:
          'Einen Schlüssel mit den Werkzeugen des Bunkers zu löschen oder ein Token zu widerrufen, versteckt es nur: Der Schlüssel signiert weiter. Trennen Sie den Automaten stattdessen hier ab.',
        ignores_policy_expiry:
          'Der Bunker speichert, wann eine Richtlinie endet und wie oft eine Regel benutzt werden darf, und beachtet beides nicht. Um zu beenden, was ein Automat darf, trennen Sie ihn hier ab.',
        clocks_differ:
          'Die Uhren des Bunkers und dieses Servers gehen mehr als eine Minute auseinander. Koppeln und Abtrennen gehen trotzdem, aber ein Relay lehnt vielleicht ab, was zu alt oder zu neu scheint, und Zeiten, die hier stehen, können um so viel falsch sein. Lassen Sie beide ihre Uhr per NTP stellen.',
        audit_keeps_bodies:
          'Das Audit von LNbits behält den Inhalt von Anfragen; ein Admin-Schlüssel oder eine Passphrase, die hier eingetragen wird, kann in seiner Datenbank landen. Schalten Sie das ab (lnbits_audit_log_request_body), bevor Sie etwas davon eintragen.',
        few_keys_left:
          'Der Bunker wurde schon um vier Fünftel der Schlüssel gebeten, um die er je gebeten werden darf, und kann keinen löschen. Danach bekommt kein Automat mehr einen neuen Schlüssel. Sehen Sie nach, ob das Relay des Bunkers eine längere Liste trägt, und erlauben Sie dann mehr (PUT /bunker/limits).',
        keys_outgrow_relay:
          'Der Bunker sendet die Liste seiner Schlüssel als ein Event von mehr als 48 KiB. Viele Relays nehmen kein Event über 64 KiB an, manche keines über 128; über das hinaus, was das Relay des Bunkers annimmt, kann nichts mehr gekoppelt werden. Sorgen Sie dafür, dass es 1 MiB annimmt, bevor mehr Schlüssel erzeugt werden.',
        many_keys:
          'Der Bunker hört für jeden Schlüssel einzeln zu und hat etwa so viele, wie sein Relay auf einer Verbindung erlaubt (viele öffentliche: 20). Ein Automat darüber hinaus erreicht seinen Schlüssel nicht. Nehmen Sie ein eigenes Relay, das mehr erlaubt.',
        relay_clock_differs:
          'Die Uhren des Relays des Bunkers und dieses Servers gehen mehr als eine halbe Minute auseinander. Ein Relay lehnt vielleicht ab, was zu alt oder zu neu scheint: Dann wird nichts gekoppelt, und kein Automat signiert. Lassen Sie Relay, Server und Bunker ihre Uhr per NTP stellen.',
        relay_takes_little:
          'Das Relay des Bunkers sagt, dass es kein Event von 64 KiB annimmt, oder hat gerade eines von 16 KiB nicht angenommen. Die Antworten des Bunkers wachsen mit jedem Schlüssel und jeder Kopplung; ist eine zu lang, kann nichts mehr gekoppelt werden. Lassen Sie es 1 MiB annehmen, oder nehmen Sie ein anderes.',
        public_admin_relay:
          'Die Admin-Verbindung läuft über ein Relay im offenen Internet. Wer es betreibt, sieht, wann Automaten gekoppelt und abgetrennt werden, und kann eine alte Anfrage noch einmal senden. Nehmen Sie ein eigenes Relay nahe beim Bunker.',
        secret_beside_database:
          'LNbits behält sein Geheimnis im Ordner seiner Datenbank; eine Kopie dieses Ordners öffnet den Admin-Schlüssel des Bunkers. Schreiben Sie den Inhalt von .lnbits_auth_key in AUTH_SECRET_KEY in der Umgebung von LNbits, und löschen Sie die Datei.',
        ends_on_nip44:
          'Dieser Bunker spricht nur die ältere Verschlüsselung (NIP-04). Ein Automat, der NIP-44 mit ihm spricht, wie heute fast alle, bringt den Bunker zum Absturz. Aktualisieren Sie den Bunker, bevor Sie einen solchen Automaten koppeln.',
        keys_lock_at_restart:
          'Beim Neustart des Bunkers werden die Schlüssel gesperrt, und kein Automat kann signieren, bis sie entsperrt sind. Das geschieht im Hintergrund.',
        overwrites_keys:
          'Einen Schlüssel unter einem Namen zu erzeugen, den es schon gibt, zerstört den Schlüssel dieses Namens. Erzeugen Sie keine Schlüssel namens spire-… von Hand.',
        publishes_what_it_mints:
          'Der Bunker veröffentlicht für jeden Schlüssel, den er erzeugt, ein Profil auf öffentlichen Relays und stürzt vielleicht ab, wenn er sie nicht erreicht. Der Superuser kann die Schlüssel stattdessen von diesem Server erzeugen lassen.'
      },
      setup: {
        enter: 'Bunker verbinden',
        change: 'Verbindung ändern',
        compare: 'Mit dem Bunker vergleichen',
        forget: 'Vergessen',
        make_passphrase: 'Neue Passphrase erzeugen',
        make_passphrase_question:
          'Eine neue Passphrase wird erzeugt und einmal gezeigt. Sie gilt für Schlüssel, die ab jetzt erzeugt werden. Die Schlüssel schon gekoppelter Automaten behalten die ältere: Ist sie verloren, geben Sie diesen Automaten einen neuen Schlüssel (Zu einem neuen Schlüssel wechseln).',
        from_environment:
          'Die geltende Verbindung kommt aus der Umgebung von LNbits. Was Sie hier speichern, tritt an ihre Stelle.',
        url: 'Bunker-URL',
        url_hint: 'bunker://…?relay=wss://…, oder die Zeile, die nsecbunkerd ausgibt',
        url_needed: 'Tragen Sie die Adresse des Bunkers ein.',
        admin_nsec: 'Admin-Schlüssel (nsec)',
        admin_nsec_kept: 'Leer gelassen: Der gespeicherte bleibt.',
        admin_nsec_made: 'Leer gelassen: Einer wird erzeugt, und nach dem Speichern wird sein npub gezeigt.',
        passphrase: 'Passphrase für die Schlüssel der Automaten',
        passphrase_kept: 'Leer gelassen: Die gespeicherte bleibt. Eine neue gilt nur für neue Schlüssel.',
        passphrase_made: 'Leer gelassen: Eine wird erzeugt und nach dem Speichern einmal gezeigt.',
        too_short: 'Mindestens 8 Zeichen.',
        private_relays: 'Private Relays erlauben',
        private_relays_hint:
          'Betreiber dürfen dann über Relays in Ihrem eigenen Netz koppeln (ws:// oder private Adressen), zu denen sich auch der Server verbindet. Lassen Sie es aus, wenn Sie die Betreiber nicht kennen.',
        own_relays: 'Relays des Bunkers auch für Automaten',
        own_relays_hint: 'Wer noch nichts gekoppelt hat, beginnt beim Koppeln dann mit ihnen. Betreiber und Automaten sehen sie.',
        machine_relays: 'Relays für Automaten',
        machine_relays_hint: 'Wer noch nichts gekoppelt hat, beginnt beim Koppeln mit ihnen. Darf leer sein.',
        mint: 'Dieser Server erzeugt die Schlüssel der Automaten',
        mint_hint:
          'Dann wird nichts veröffentlicht, und der Bunker braucht keine öffentlichen Relays; aber jeder Schlüssel geht einmal durch den Speicher dieses Servers. Aus: Der Bunker erzeugt sie, und niemand sonst hat sie je.',
        test: 'Testen',
        works:
          'Es funktioniert: {lineage}, {ms} ms, noch keine Schlüssel. | Es funktioniert: {lineage}, {ms} ms, {n} Schlüssel. | Es funktioniert: {lineage}, {ms} ms, {n} Schlüssel.',
        forget_question:
          'Die gespeicherte Verbindung wird entfernt, samt Admin-Schlüssel und Passphrase. Automaten signieren weiter, können aber weder gekoppelt noch abgetrennt werden, bis wieder ein Bunker eingetragen ist; ohne die Passphrase lassen sich ihre Schlüssel nicht entsperren.',
        paired_title: 'Automaten sind gekoppelt',
        paired:
          'Über den geltenden Bunker sind Automaten gekoppelt. Wenn Sie weitermachen, bleiben sie bei ihm: Von hier aus können sie in ihm dann weder abgetrennt noch entsperrt werden. Besser ist, sie vorher abzutrennen.',
        go_on: 'Trotzdem weiter'
      },
      stored: {
        title: 'Die Verbindung ist gespeichert',
        passphrase_words:
          'Diese Passphrase wurde gerade erzeugt. Sie verschlüsselt die Schlüssel der Automaten im Bunker. Sie wird nur dieses eine Mal gezeigt: Legen Sie sie in Ihren Tresor.',
        passphrase: 'Passphrase',
        last_four: 'Die letzten vier Zeichen',
        safe: 'Sie liegt in meinem Tresor',
        wrong_end: 'Das sind nicht die letzten vier Zeichen. Sehen Sie noch einmal nach.',
        kept: 'Die letzten vier Zeichen stimmen: Die Passphrase ist aufbewahrt.',
        unkept:
          'Die Passphrase für die Schlüssel der Automaten wurde {ago} erzeugt und einmal gezeigt, und niemand hat bestätigt, dass sie aufbewahrt ist. Geben Sie die letzten vier Zeichen ein, oder lassen Sie eine neue erzeugen.',
        asking: 'Der Bunker wird gefragt, ob er den Admin-Schlüssel annimmt…',
        accepted: 'Der Bunker nimmt den Admin-Schlüssel schon an. Mehr ist nicht zu tun.',
        next: 'Als Nächstes: Schreiben Sie den Admin-npub in ADMIN_NPUBS von nsecbunkerd, starten Sie ihn neu, und prüfen Sie noch einmal.',
        done: 'Fertig'
      },
      abandoned: {
        title: 'Automaten ohne Betreiber',
        none: 'Jeder Automat hat seinen Betreiber.',
        of: 'Konto {operator}',
        is_cut: 'Abgetrennt {ago}.',
        will_be_cut: 'Das Konto seines Betreibers ist gelöscht oder deaktiviert. Er wird am {date} abgetrennt.',
        still_signs: 'Das Konto seines Betreibers ist gelöscht oder deaktiviert. Er kann noch signieren.',
        cut: 'Abtrennen',
        cut_of: 'Abtrennen: {name}',
        cut_question: '{name} kann ab jetzt nicht mehr signieren. Kommt der Betreiber zurück, muss er ihn neu koppeln.',
        cut_question_away:
          '{name} wird hier sofort abgetrennt. Der Bunker antwortet nicht; der Automat kann deshalb noch signieren, bis der Bunker zurück ist. Kommt der Betreiber zurück, muss er den Automaten neu koppeln.',
        cut_done: '{name} ist abgetrennt.',
        cut_pending: '{name} ist hier abgetrennt. Der Bunker muss noch folgen; er wird weiter gefragt.',
        remove: 'Entfernen',
        remove_of: 'Entfernen: {name}',
        remove_question:
          'Wer den Schlüssel von {name} benutzt, wird jetzt abgetrennt. Dann wird der Automat hier entfernt. Sein Protokoll bleibt.',
        remove_done: '{name} ist entfernt.',
        remove_pending: '{name} ist hier abgetrennt. Der Rest muss noch folgen; er wird versucht, bis es getan ist.'
      },
      compared_all_well: '{keys} Schlüssel von Automaten verglichen: Alles stimmt überein.',
      compared_some: '{keys} Schlüssel von Automaten verglichen. Was nicht übereinstimmt: {n}.',
      mended: 'Behoben',
      look_at_it: 'Bitte ansehen',
      findings: {
        key_missing:
          'Der Bunker hat den Schlüssel des Automaten nicht. Stellen Sie die Daten des Bunkers wieder her, oder trennen Sie den Automaten ab und koppeln Sie ihn erneut.',
        key_locked: 'Der Schlüssel war gesperrt. Wo das nicht behoben wurde, tragen Sie die Passphrase ein, mit der er erzeugt wurde.',
        wrong_key:
          'Der Bunker hat unter diesem Namen einen anderen Schlüssel. Stellen Sie die Daten des Bunkers wieder her, oder trennen Sie den Automaten ab und koppeln Sie ihn erneut.',
        key_unreadable:
          'Der Bunker hat nicht gesagt, wer diesen Schlüssel benutzen kann; er wurde nicht verglichen. Sehen Sie in das Log des Bunkers.',
        policy_drifted:
          'Die Richtlinie für Automaten erlaubte anderes, als ein Automat tut. Wo das nicht behoben wurde, benutzt sie kein neuer Kopplungscode: Entfernen Sie sie im Bunker.',
        wrong_policy:
          'Das Token des Automaten richtet sich nach einer Richtlinie, die nicht genau dem entspricht, was ein Automat braucht. Koppeln Sie ihn erneut.',
        revoked_outside:
          'Der Bunker hat den Client des Automaten widerrufen; seine Kopplung ist beendet. Koppeln Sie ihn erneut, mit einem neuen Client-Schlüssel auf dem Automaten.',
        client_missing: 'Der Bunker kennt den Client-Schlüssel des Automaten nicht mehr. Koppeln Sie den Automaten erneut.',
        unknown_user:
          'Jemand, den keine Kopplung erklärt, kann den Schlüssel des Automaten benutzen. Trennen Sie den Automaten ab und koppeln Sie ihn erneut.',
        user_left:
          'Ein Client einer beendeten Kopplung konnte den Schlüssel noch benutzen. Wo das nicht behoben wurde, ist es vielleicht der Automat selbst.',
        unknown_token: 'Der Schlüssel hat ein unbenutztes Token, das nicht hier erzeugt wurde. Beenden Sie es im Bunker.',
        token_left:
          'Ein beendeter Kopplungscode konnte noch gescannt werden. Wo das nicht behoben wurde, ist es vielleicht der des Automaten selbst.',
        access_left: 'Der Schlüssel wurde abgetrennt, ersetzt oder gelöscht, und jemand konnte ihn noch benutzen.',
        orphan_key: 'Zu diesem Schlüssel gehört kein Automat, und er wurde nicht hier erzeugt. Sehen Sie im Bunker nach.'
      }
    },
    cash: {
      tab: 'Bargeld',
      title: 'Vorgänge',
      file: 'Diese Vorgänge als CSV-Datei',
      on_nowhere: 'Bargeld ist bei keinem Ihrer Automaten eingeschaltet. Eingeschaltet wird es unter Bargeld in dem Fenster, das der Name eines Automaten öffnet.',
      on: 'Bargeld ist bei keinem Automaten eingeschaltet. | Bargeld ist bei {n} Automaten eingeschaltet. | Bargeld ist bei {n} Automaten eingeschaltet.',
      all_stopped: 'Bargeld ist angehalten. | Bargeld ist bei {n} Automaten angehalten, dem einzigen mit Bargeld. | Bargeld ist bei allen {n} Automaten angehalten, die es eingeschaltet haben.',
      some_stopped: 'Bargeld ist bei {n} Automaten eingeschaltet und bei {stopped} davon angehalten.',
      stop: 'Überall anhalten',
      stop_question: 'Von da an bekommt keiner Ihrer Automaten eine Rechnung oder die Erlaubnis, Scheine auszugeben. Ein Kunde, der gerade bezahlt hat, bekommt keine Scheine, bis Sie es weiterlaufen lassen; der Vorgang wartet dann hier. Kein Automat wird abgetrennt.',
      go_on: 'Weiterlaufen lassen',
      stopped_now: 'Bargeld war schon angehalten. | Bargeld ist bei {n} Automaten angehalten. | Bargeld ist bei {n} Automaten angehalten.',
      goes_on_now: 'Bargeld lief schon weiter. | Bargeld läuft bei {n} Automaten weiter. | Bargeld läuft bei {n} Automaten weiter.',
      stuck_title: 'Nichts wartet auf Sie | {n} Vorgang wartet auf Sie | {n} Vorgänge warten auf Sie',
      under_way: 'Kein Vorgang mit Scheinen für Sats läuft | {n} Vorgang mit Scheinen für Sats läuft | {n} Vorgänge mit Scheinen für Sats laufen',
      more_under_way: 'Es gibt mehr: Wählen Sie unten ihren Zustand.',
      more_stuck: 'Es gibt mehr; sie folgen, wenn von diesen welche erledigt sind.',
      waits: 'wartet auf Sie',
      none: 'Noch keine Vorgänge. Hier steht jeder Verkauf eines Automaten, dessen Bargeld eingeschaltet ist.',
      none_found: 'So einen Vorgang gibt es nicht.',
      no_filter: 'Alle zeigen',
      machine: 'Automat',
      way: 'Richtung',
      from: 'Von',
      until: 'Bis',
      asked: 'Angefragt',
      code: 'Code',
      amount: 'Betrag',
      paid: 'Kunde zahlt',
      fee: 'Gebühr',
      newest: 'Neueste',
      older: 'Ältere',
      open: 'Mehr zum Vorgang {code}',
      order: 'Vorgang {code}',
      to_machine: 'Automat',
      came_out: 'Ausgegeben',
      paid_at: 'Bezahlt',
      dispensing_at: 'Erlaubnis zur Ausgabe',
      ended_at: 'Beendet',
      payment_hash: 'Zahlungs-Hash',
      id: 'Id des Vorgangs, externe Id in LNbits',
      settle: 'Erledigen',
      settle_order: 'Vorgang {code}: Erledigen',
      settle_words: 'Von da an gibt niemand mehr Scheine für den Vorgang aus, und was Sie hier sagen, bleibt im Protokoll.',
      how: 'Wie wurde der Kunde entschädigt?',
      outs: {on: 'ein', off: 'aus'},
      hows: {refunded: 'Sats zurückgegeben', notes_given: 'Scheine gegeben', other: 'Anders'},
      reference: 'Beleg',
      reference_hint: 'Der Zahlungs-Hash der Rückzahlung, oder was Sie getan haben.',
      settled: 'Vorgang {code} ist erledigt.',
      states: {
        asked: 'Angefragt',
        invoiced: 'Zu bezahlen',
        paid: 'Bezahlt',
        dispensing: 'In Ausgabe',
        dispensed: 'Ausgegeben',
        abandoned: 'Abgebrochen',
        expired: 'Abgelaufen',
        paid_late: 'Zu spät bezahlt',
        short: 'Zu wenig Scheine',
        held: 'Vorgemerkt',
        reserved: 'Abzuholen',
        paying: 'Wird bezahlt',
        sent: 'Gesendet',
        failed: 'Zahlung gescheitert',
        unknown: 'Zahlung ungewiss',
        unclaimed: 'Geschuldet',
        settled: 'Erledigt'
      },
      means: {
        asked: 'Der Automat hat eine Rechnung verlangt und noch keine.',
        invoiced: 'Der Kunde kann bezahlen.',
        paid: 'LNbits hat die Sats, und der Automat hat noch nicht gefragt, ob er ausgeben darf.',
        dispensing: 'Der Automat darf ausgeben und hat nicht gesagt, was herauskam.',
        dispensed: 'Alle Scheine kamen heraus.',
        abandoned: 'Der Kunde ging, ohne zu bezahlen.',
        expired: 'Niemand hat rechtzeitig bezahlt.',
        paid_late: 'Bezahlt wurde, als niemand mehr am Automaten stand; darum wird nicht ausgegeben.',
        short: 'Es kamen weniger Scheine heraus als bestellt.',
        held: 'Sats werden zurückgelegt, während der Kunde Scheine einlegt.',
        reserved: 'Die Scheine sind drin, und der Kunde hat die Sats noch nicht abgeholt.',
        paying: 'LNbits bezahlt den Kunden.',
        sent: 'Der Kunde hat die Sats.',
        failed: 'Die Zahlung an den Kunden ist gescheitert. Eine andere Rechnung kann versucht werden.',
        unknown: 'LNbits hat seinen Node zahlen lassen und weiß nicht, ob er es getan hat. Er wird wieder gefragt.',
        unclaimed: 'Die Scheine sind drin, und für den Kunden ist nichts mehr zurückgelegt: Sie schulden die Sats.',
        settled: 'Sie haben ihn beendet, und niemand gibt dafür noch etwas aus.'
      },
      to_end: {
        paid: 'Macht der Automat nicht von selbst weiter, sehen Sie nach ihm. Oder geben Sie dem Kunden die Scheine oder die Sats zurück, und erledigen Sie den Vorgang.',
        dispensing: 'Sehen Sie nach, was herauskam, gleichen Sie aus, was fehlt, und erledigen Sie den Vorgang.',
        paid_late: 'Geben Sie dem Kunden die Sats zurück, und erledigen Sie den Vorgang.',
        short: 'Gleichen Sie den Rest aus, und erledigen Sie den Vorgang.',
        held: 'Sehen Sie nach, ob Scheine hineinkamen: in der Liste des Automaten selbst, oder zählen Sie. Gleichen Sie sie aus, und erledigen Sie den Vorgang.',
        failed: 'Der Kunde kann es mit einer anderen Rechnung versuchen. Oder geben Sie die Scheine oder die Sats zurück, und erledigen Sie den Vorgang.',
        unknown: 'Warten Sie: Die Sats können weg sein. Zahlen Sie nicht noch einmal. Sehen Sie nach einem Tag in Ihrem Node nach, und erledigen Sie den Vorgang danach.',
        unclaimed: 'Sorgen Sie dafür, dass Wallet und Grenzen reichen, und machen Sie einen neuen Link; oder geben Sie dem Kunden die Sats, und erledigen Sie den Vorgang.'
      },
      to_do: {
        nothing: 'Bereit: Er darf verkaufen.',
        switch_on: 'Er verkauft nichts: Bargeld ist aus. Schalten Sie es unten ein.',
        stopped: 'Er verkauft nichts: Sie haben Bargeld für alle Automaten angehalten.',
        activate: 'Er verkauft nichts: Der Automat ist ausgeschaltet. Schalten Sie ihn in seinen Angaben ein.',
        flagged: 'Er verkauft nichts: Anscheinend benutzt jemand anderes seinen Schlüssel. Trennen Sie ihn ab, und koppeln Sie ihn mit einem neuen Schlüssel.',
        wallet: 'Er verkauft nichts: Er hat keine Wallet. Wählen Sie eine.',
        pair: 'Nicht bereit: Koppeln Sie ihn neu, damit er erfährt, wer ihm antwortet. Füllen Sie vorher keine Kassette.',
        ask: 'Nicht bereit: Er hat hier noch nicht gefragt, seit Sie ihn bestätigt haben. Starten Sie ihn. Füllen Sie vorher keine Kassette.'
      },
      today: 'Heute bezahlt',
      sold: 'Nichts | {sats} in {n} Vorgang | {sats} in {n} Vorgängen',
      fee_today: 'Gebühren heute',
      ready: 'Bereit seit',
      room: {
        title: 'Was die Wallet für Scheine noch verlassen darf',
        words: 'Mit dem, was das Zahlen kostet. Was jetzt für Kunden zurückgelegt ist, ist schon abgezogen.',
        too_little: 'Zu wenig für den kleinsten Betrag: Der Automat nimmt jetzt keinen Schein.',
        now: 'Für einen Kunden, jetzt',
        hour: 'In dieser Stunde',
        day: 'In diesen 24 Stunden',
        open: 'Zugleich zurückgelegt',
        wallet: 'Soweit die Wallet reicht',
        of: '{left} von {cap}'
      },
      its_orders: 'Seine Vorgänge',
      out_on: 'Scheine für Sats verkaufen',
      out_on_hint: 'Von da an verlangt jede Kopplung dieses Automaten eine Bestätigung.',
      smallest: 'Kleinster Betrag (Sats)',
      largest: 'Größter Betrag (Sats)',
      fee_percent: 'Gebühr',
      fee_fixed: 'Feste Gebühr (Sats)',
      fee_hint: 'Von dem, was der Kunde zahlt. 0 bei einem Automaten, der sie selbst berechnet.',
      in_on: 'Scheine für Sats annehmen',
      in_on_hint: 'Mit allen vier Grenzen: So viel kann ein gestohlener Automat der Wallet höchstens nehmen.',
      address: 'Wo die Handys der Kunden ihre Sats abholen',
      try_again: 'Erneut versuchen',
      tried: 'Nachgesehen {ago}.',
      no_links: 'Bis das behoben ist, bekommen Automaten keinen Link zum Zeigen: Sie nehmen Scheine nur von Kunden, deren eigene Rechnung sie bezahlen lassen können.',
      reach: {
        reachable: 'Dieser Server erreicht sich dort selbst. Für das Handy eines Kunden beweist das nichts: Öffnen Sie die Adresse einmal auf einem Handy, das nicht in Ihrem Netz ist.',
        no_https: 'Das ist kein https, und Wallets fragen nichts anderes. Geben Sie LNbits eine Adresse mit https, und tragen Sie sie als Basis-URL ein (Settings, als Superuser).',
        private: 'Das ist eine Adresse dieses Rechners oder seines eigenen Netzes, zumindest von hier aus gesehen. Das Handy eines Kunden kommt nicht dorthin, außer die Nameserver des Internets führen es anderswohin. Geben Sie LNbits eine Adresse im Internet, und tragen Sie sie als Basis-URL ein (Settings, als Superuser).',
        onion: 'Dorthin kommen nur Wallets, die Tor sprechen, und das tun die wenigsten. Versucht wurde es nicht.',
        silent: 'Dort antwortet diesem Server nichts. Sehen Sie nach, ob der Name stimmt, ob der Proxy vor LNbits läuft und ob der Router den Port durchlässt. Hinter manchen Routern kommt ein Server nie zu seiner eigenen Adresse: Dann zeigt es ein Handy, das nicht in Ihrem Netz ist.',
        elsewhere: 'Dort antwortet etwas anderes als dieses LNbits: eine andere Seite, ein Proxy, der den Pfad verliert oder LNbits nicht erreicht, oder einer, der zu einer anderen Adresse weiterleitet. Wallets holten nichts ab. Schreiben Sie die Basis-URL so, wie Browser sie zeigen, und lassen Sie den Proxy alles weitergeben, was damit beginnt.',
        certificate: 'Sein https ist nicht in Ordnung: Das Zertifikat gehört zu einem anderen Namen, ist abgelaufen oder von niemandem, dem Wallets trauen, oder es gibt gar kein https. Wallets legen dann auf.'
      },
      cap_order: 'Höchstens je Kunde (Sats)',
      cap_hour: 'Höchstens in einer Stunde (Sats)',
      cap_day: 'Höchstens an einem Tag (Sats)',
      cap_open: 'Höchstens zugleich zurückgelegt (Sats)',
      in_fee_percent: 'Gebühr für Scheine',
      in_fee_fixed: 'Feste Gebühr für Scheine (Sats)',
      in_fee_hint: 'Von dem, was die Scheine wert sind, höchstens 15 %.',
      directions: {cash_out: 'Sats für Scheine', cash_in: 'Scheine für Sats'},
      inserted: 'Eingelegt',
      gets: 'Der Kunde bekommt',
      held_until: 'Zurückgelegt bis',
      said_at: 'Eingelegt am',
      link: 'Link für den Kunden zeigen',
      link_words: 'Wer diesen Link hat, holt die Sats, einmal: Zeigen Sie ihn nur dem Kunden. Er gilt bis {at}.',
      amount_range: 'Eine ganze Zahl von 1 bis {most}.',
      percent_range: 'Von 0 bis {most}, mit höchstens vier Stellen hinter dem Komma.',
      fixed_range: 'Eine ganze Zahl, höchstens {most}.',
      saved: 'Bargeld ist geändert.',
      ignored_title: 'Anfragen ohne Antwort',
      ignored_words: 'Von allen Ihren Automaten, seit LNbits gestartet wurde. Einige schaden nicht; viele von einer Art haben einen Grund.',
      ignored: {
        too_large: 'länger als 16 KiB',
        other_kind: 'von einer Art, die nicht für uns ist',
        other_recipient: 'an jemand anderen oder an mehrere',
        no_version: 'ohne die Version von CLINK',
        other_version: 'in einer anderen Version von CLINK',
        bad_signature: 'mit falscher Signatur',
        unknown_author: 'von einem Schlüssel, der keinem Automaten gehört',
        cut: 'von einem abgetrennten Automaten',
        inactive: 'von einem ausgeschalteten Automaten',
        unconfirmed: 'über eine Verbindung, die Sie nicht bestätigt haben',
        flagged: 'mit einem Schlüssel, den anscheinend jemand anderes benutzt',
        undecryptable: 'nicht zu entschlüsseln; wurde der Automat vor dem neuen Dienstschlüssel gekoppelt?',
        not_json: 'nicht zu lesen',
        other_dialect: 'in der Form von Lightning.Pub'
      },
      key: {
        title: 'Dienstschlüssel',
        words: 'Über Bargeld glauben Ihre Automaten einem einzigen Schlüssel: dem dieses Dienstes. Der Kopplungscode eines Automaten mit Bargeld nennt ihn. Wer ihn hätte, könnte einen Automaten Scheine ausgeben lassen.',
        none: 'Sie haben noch keinen: Er wird erzeugt, wenn Bargeld zum ersten Mal eingeschaltet wird.',
        npub: 'Dienstschlüssel',
        made: 'Erzeugt {at}',
        new: 'Ein neuer Dienstschlüssel',
        follows: 'Kein Automat glaubt dem jetzigen, also muss keiner neu gekoppelt werden. | {n} Automat glaubt dem jetzigen, bis er neu gekoppelt wird: Koppeln Sie ihn dann neu. | {n} Automaten glauben dem jetzigen, bis sie neu gekoppelt werden: Koppeln Sie dann jeden neu.',
        leaked: 'Ist er in fremde Hände geraten? Dann kommt der Notaus zuerst: Ein neuer Schlüssel allein hält niemanden auf, der den alten hat.',
        rotate: 'Neuen Schlüssel erzeugen',
        rotated: 'Es gibt einen neuen Dienstschlüssel. Automaten erfahren ihn, wenn sie neu gekoppelt werden.',
        changed: 'Die Zahl der Automaten hat sich inzwischen geändert, darum wurde der Schlüssel nicht geändert. Sehen Sie noch einmal nach.'
      }
    },
    fleet: {
      pair: 'Keine Automaten koppeln | {n} Automaten koppeln | {n} Automaten koppeln',
      intent: 'Jeder Automat bekommt einen eigenen Kopplungscode, auf einem Blatt zum Drucken. Kopplungscodes, die noch auf den Scan warten, gelten dann nicht mehr.',
      connected:
        'Keiner von ihnen ist verbunden. | {n} von ihnen ist verbunden und arbeitet weiter, bis sein neuer Kopplungscode gescannt ist und Sie verglichen haben. | {n} von ihnen sind verbunden und arbeiten weiter, bis ihre neuen Kopplungscodes gescannt sind und Sie verglichen haben.',
      cut: 'Keiner von ihnen war abgetrennt. | {n} von ihnen war abgetrennt und bekommt einen neuen Schlüssel. | {n} von ihnen waren abgetrennt und bekommen neue Schlüssel.',
      progress: 'Bisher gekoppelte Automaten',
      running: '{n} von {of}',
      ready: 'Kein Kopplungscode ist fertig. | {n} von {of} Kopplungscodes ist fertig. | {n} von {of} Kopplungscodes sind fertig.',
      halt: 'Hier anhalten',
      halted:
        'Jeder Automat kam an die Reihe. | {n} Automat hat kein Blatt; koppeln Sie ihn erneut. | {n} Automaten haben kein Blatt; koppeln Sie sie erneut.',
      failed_title: 'Nicht gekoppelt',
      next: 'Drucken Sie die Blätter und lassen Sie jeden Automaten seines vor {until} scannen. Sobald einer gescannt hat, steht er in der Liste als „{state}“: Vergleichen Sie von dort die Fingerabdrücke und bestätigen Sie.',
      print: 'Keine Blätter drucken | {n} Blatt drucken | {n} Blätter drucken',
      unprinted_title: 'Die Blätter sind nicht gedruckt',
      unprinted:
        'Es gibt keinen Kopplungscode. | {n} Kopplungscode wurde nicht gedruckt und kann nicht noch einmal gezeigt werden. | {n} Kopplungscodes wurden nicht gedruckt und können nicht noch einmal gezeigt werden.',
      close_anyway: 'Schließen, ohne zu drucken',
      reopened:
        'Es gibt keinen Automaten. | Die Seite wurde verlassen, bevor das Blatt dieses Automaten gedruckt war. Sein Kopplungscode kann nicht noch einmal gezeigt werden: Koppeln Sie den Automaten erneut; damit endet dieser Code. | Die Seite wurde verlassen, bevor die Blätter dieser {n} Automaten gedruckt waren. Ihre Kopplungscodes können nicht noch einmal gezeigt werden: Koppeln Sie die Automaten erneut; damit enden diese Codes.',
      import_title: 'Automaten aus Datei',
      import_words:
        'Eine CSV-Datei, wie eine Tabellenkalkulation sie speichert, höchstens 1000 Automaten. Die erste Zeile nennt die Spalten. Sie sehen vorher, was hinzugefügt würde.',
      columns: {
        name: 'Wie Sie den Automaten nennen. Nötig.',
        location: 'Wo er steht. Darf leer sein.',
        wallet: 'Name oder id einer Ihrer Wallets, die keinem anderen Automaten dient. Leer oder „neu anlegen“: Eine wird angelegt.'
      },
      example: 'Beispiel speichern',
      example_file: 'Name;Standort;Wallet\nStation Nord;Halle 2;neu anlegen\nStation Süd;;\n',
      file: 'CSV-Datei',
      file_changed: 'Die Datei hat sich geändert, seit Sie sie gewählt haben. Wählen Sie sie noch einmal.',
      in_line: 'Zeile {line}: {what}',
      in_column: 'Zeile {line}, {column}: {what}',
      more: 'Und {n} weitere',
      nothing_added: 'Nichts wurde hinzugefügt.',
      alike: {false: 'Diese auslassen', true: 'Trotzdem hinzufügen'},
      no_room: 'Sie dürfen keine weiteren Automaten haben. | Sie dürfen noch {n} weiteren Automaten haben. | Sie dürfen noch {n} weitere Automaten haben.',
      add: 'Nichts hinzufügen | {n} Automaten hinzufügen | {n} Automaten hinzufügen',
      adding: 'Bisher hinzugefügte Automaten',
      added: 'Kein Automat wurde hinzugefügt. | {n} Automat wurde hinzugefügt. | {n} Automaten wurden hinzugefügt.',
      left:
        'Alle wurden hinzugefügt. | {n} Automat wurde nicht hinzugefügt: Zeile {line}. | {n} Automaten wurden nicht hinzugefügt, ab Zeile {line}.',
      left_unsure: 'Die ersten davon sind vielleicht trotzdem da.',
      left_again: 'Wählen Sie die Datei für den Rest noch einmal; was schon da ist, kann ausgelassen werden.',
      pair_these: 'Keinen davon koppeln | Diesen koppeln | Diese {n} koppeln',
      problems: {
        too_large: 'Die Datei hat mehr als {kib} KiB. Teilen Sie sie auf.',
        workbook: 'Das ist eine Arbeitsmappe. Speichern Sie sie in der Tabellenkalkulation als CSV.',
        not_text: 'Die Datei ist kein Text. Speichern Sie sie in der Tabellenkalkulation als CSV.',
        no_machines: 'Die Datei hat unter der ersten Zeile keine Automaten.',
        too_many_lines: 'Die Datei hat {lines} Automaten. Höchstens {most} werden auf einmal hinzugefügt; teilen Sie sie auf.',
        no_name_column: 'Hier müssen die Spalten stehen: Name und, wenn Sie möchten, Standort und Wallet.',
        unknown_column: 'Die Spalte „{heading}“ ist nicht bekannt. Entfernen Sie sie, oder nennen Sie sie Name, Standort oder Wallet.',
        column_twice: 'Diese Spalte steht zweimal da.',
        quotes: 'Ein Anführungszeichen fehlt oder steht, wo keines stehen darf.',
        no_heading: '„{cell}“ steht unter keiner Überschrift. Setzen Sie einen Text, der das Trennzeichen enthält, in Anführungszeichen.',
        blank: 'Das Feld ist leer.',
        too_long: 'Das sind mehr als {most} Zeichen.',
        control_characters: 'Darin steht ein Zeilenumbruch oder ein anderes Zeichen, das sich nicht zeigen lässt.',
        piled_accents: 'Zu viele Akzente auf einem Buchstaben.',
        no_such_wallet: 'Sie haben keine Wallet „{wallet}“.',
        wallet_in_use: 'Die Wallet „{wallet}“ dient einem anderen Automaten.',
        wallet_twice: 'Zeile {other} hat dieselbe Wallet.',
        which_wallet: 'Sie haben mehrere Wallets namens „{wallet}“. Welche ist gemeint?',
        same_name: '„{name}“ steht auch in Zeile {other}.',
        name_taken: 'Sie haben schon einen Automaten namens „{name}“.'
      },
      stop_title: 'Notaus',
      counting: 'Ihre Automaten werden gezählt',
      stop_nothing: 'Sie haben keinen Automaten, der gekoppelt ist oder einen Kopplungscode hat.',
      stop_words:
        'Es gibt nichts anzuhalten. | Ihr Automat, der gekoppelt ist oder einen Kopplungscode hat, wird sofort abgetrennt (jetzt verbunden: {connected}). Um weiterzuarbeiten, muss er erneut gekoppelt werden, mit einem neuen Schlüssel. Nie gekoppelte Automaten bleiben, wie sie sind. | Alle Ihre {n} Automaten, die gekoppelt sind oder einen Kopplungscode haben, werden sofort abgetrennt (jetzt verbunden: {connected}). Um weiterzuarbeiten, muss jeder erneut gekoppelt werden, mit einem neuen Schlüssel. Nie gekoppelte Automaten bleiben, wie sie sind.',
      stop_bunker_there: 'Von da an können sie nicht mehr signieren.',
      stop_bunker_away:
        'Der Bunker antwortet nicht. Von da an erreichen ihre Anfragen keine Wallet, aber signieren können sie noch, bis der Bunker zurück ist und es erfahren hat.',
      stop_type: 'Tippen Sie {n}, um weiterzumachen',
      stop: 'Nichts abtrennen | {n} Automaten abtrennen | Alle {n} Automaten abtrennen',
      stop_changed: 'Die Zahl Ihrer Automaten hat sich inzwischen geändert; nichts wurde abgetrennt. Sehen Sie noch einmal nach.',
      stopped: 'Kein Automat wurde abgetrennt. | {n} Automat ist abgetrennt. | {n} Automaten sind abgetrennt.',
      stop_done: 'Der Bunker hat es auch ausgeführt.',
      stop_pending:
        'Der Bunker hat es ausgeführt. | Hier gilt es sofort. Der Bunker hat es für {done} ausgeführt; für diesen wird er weiter gefragt: | Hier gilt es sofort. Der Bunker hat es für {done} ausgeführt; für diese {n} wird er weiter gefragt:',
      stop_after: 'Wenn es wieder sicher ist, koppeln Sie sie neu, hier alle auf einmal. Der Notaus im Menü bietet das auch später an.',
      still_stopped:
        'Nichts ist angehalten. | {n} Automat wurde durch einen Notaus abgetrennt und seither nicht wieder gekoppelt. | {n} Automaten wurden durch einen Notaus abgetrennt und seither nicht wieder gekoppelt.',
      pair_stopped: 'Nichts erneut koppeln | Diesen erneut koppeln | Diese {n} erneut koppeln'
    },
    webhook: {
      title: 'Webhook',
      words: {
        none: 'Jede Meldung kann an eine Adresse von Ihnen gesendet werden, als JSON und signiert.',
        database: 'Jede Meldung wird signiert an {server} gesendet.',
        environment:
          'Jede Meldung wird unsigniert an {server} gesendet; so steht es in der Umgebung von LNbits. Eine Adresse, die Sie hier eintragen, tritt an ihre Stelle, und was dorthin geht, wird signiert.',
        database_wrong:
          'Nichts wird gesendet: Was gespeichert ist, lässt sich nicht öffnen, weil sich AUTH_SECRET_KEY von LNbits geändert hat. Tragen Sie die Adresse noch einmal ein; ein neues Signiergeheimnis wird erzeugt.',
        environment_wrong: 'Nichts wird gesendet: Die Adresse in der Umgebung von LNbits ist falsch.'
      },
      enter: 'Webhook eintragen',
      change: 'Adresse ändern',
      test: 'Testmeldung senden',
      make_secret: 'Neues Signiergeheimnis erzeugen',
      make_secret_question:
        'Was ab jetzt gesendet wird, ist mit dem neuen Geheimnis signiert. Ihr Empfänger lehnt es ab, bis auch er das neue Geheimnis hat.',
      forget: 'Webhook entfernen',
      forget_question: 'Adresse und Signiergeheimnis werden entfernt. Dorthin wird nichts mehr gesendet.',
      url: 'Adresse des Webhooks',
      url_hint: 'https://…, auch in Ihrem eigenen Netz. Sie darf Benutzername und Passwort enthalten und wird nicht wieder gezeigt.',
      url_needed: 'Tragen Sie die Adresse ein.',
      tested: {
        taken: '{server} hat die Testmeldung angenommen: Die Antwort war {status}.',
        refused: '{server} hat {status} geantwortet, die Testmeldung also nicht angenommen. Weiterleitungen wird nicht gefolgt.',
        unreachable: 'Unter {server} ist niemand erreichbar.',
        timeout: '{server} hat innerhalb von fünf Sekunden nicht geantwortet.'
      },
      secret_title: 'Das Signiergeheimnis',
      secret_words:
        'Mit diesem Geheimnis prüft Ihr Empfänger, dass eine Meldung von hier kommt. Es wird nur dieses eine Mal gezeigt: Tragen Sie es jetzt bei Ihrem Empfänger ein. Ist es verloren, erzeugen Sie ein neues.',
      secret: 'Signiergeheimnis',
      leave_question: 'Das Geheimnis wird nicht wieder gezeigt. Hat Ihr Empfänger es schon?'
    },
    notices: {
      title: 'Meldungen',
      open: 'Ansehen',
      open_machine: 'Ansehen: {name}',
      open_order: 'Ansehen: Vorgang bei {name}',
      more: 'Und {n} weitere',
      fewer: 'Weniger zeigen',
      deleted: 'ein gelöschter Automat',
      words: {
        silent: '{name} wurde länger nicht gesehen, als Sie erlauben.',
        locked: '{name} kann nicht signieren: Der Schlüssel ist im Bunker gesperrt.',
        second_client:
          'Jemand anderes scheint den Schlüssel von {name} zu benutzen. Wenn Sie das nicht waren, trennen Sie den Automaten ab und koppeln Sie ihn mit einem neuen Schlüssel.',
        session_ending: 'Die Sitzung von {name} endet innerhalb von drei Tagen. Koppeln Sie vorher erneut.',
        revoke_owed:
          'Der Bunker hat noch nicht ausgeführt, was hier für {name} beendet wurde. Es wird versucht, bis es getan ist; prüfen Sie, ob der Bunker antwortet.',
        relay_left_out:
          'Der Server hört auf einem der Relays von {name} nicht zu, weil zu viele genannt sind oder dieses keine weiteren nimmt. Koppeln Sie ihn erneut über eines, das Ihre anderen Automaten benutzen oder das Platz hat.',
        client_lost: 'Der Bunker kennt die Verbindung von {name} nicht mehr; der Automat kann nicht signieren. Koppeln Sie ihn erneut.',
        paid_not_dispensed: 'Ein Kunde von {name} hat bezahlt und noch keine Scheine bekommen. Sehen Sie nach dem Automaten, oder geben Sie die Sats zurück und erledigen Sie den Vorgang.',
        dispense_unreported: '{name} hat nicht gesagt, was bei einem Vorgang herauskam. Sehen Sie nach, und erledigen Sie den Vorgang.',
        paid_late: 'Ein Kunde von {name} hat zu spät bezahlt und keine Scheine bekommen. Geben Sie die Sats zurück, und erledigen Sie den Vorgang.',
        short: '{name} hat weniger Scheine ausgegeben als bestellt. Gleichen Sie den Rest aus, und erledigen Sie den Vorgang.',
        notes_unreported: '{name} hat nicht gesagt, was für einen Vorgang eingelegt wurde. Sehen Sie nach, ob Scheine hineinkamen, und erledigen Sie den Vorgang.',
        cash_unknown: 'LNbits weiß nicht, ob ein Kunde von {name} bezahlt wurde. Zahlen Sie nicht noch einmal; sehen Sie sich den Vorgang an.',
        unclaimed: '{name} hat Scheine eines Kunden, der keine Sats bekommen hat. Sehen Sie sich den Vorgang an.',
        wallet_short: '{name} nahm keine Scheine an, weil die Wallet zu wenig hat.',
        cap_reached: '{name} nahm keine Scheine an, weil eine seiner Grenzen erreicht ist.',
        bunker_away: 'Der Bunker antwortet nicht; Automaten können vielleicht nicht signieren. Prüfen Sie, ob er läuft.',
        no_operator:
          'Das Konto des Betreibers von {name} ist gelöscht oder deaktiviert. Der Automat wird einige Zeit danach abgetrennt; im Fenster des Bunkers können Sie es sofort tun.',
        keys_outgrow_relay:
          'Die Schlüsselliste des Bunkers ist bald länger, als übliche Relays annehmen. Sorgen Sie dafür, dass sein Relay Events von 1 MiB annimmt, sonst kann nichts mehr gekoppelt werden.',
        passphrase_unkept:
          'Niemand hat bestätigt, dass die Passphrase für die Schlüssel der Automaten aufbewahrt ist. Klicken Sie auf die Anzeige des Bunkers und geben Sie die letzten vier Zeichen ein, oder lassen Sie eine neue erzeugen.'
      }
    },
    sheet: {
      title: 'Kopplungsblatt',
      scan_before: 'Scannen vor',
      spire_fingerprint: 'Fingerabdruck seines Schlüssels im Bunker',
      step_scan: 'Starten Sie den Automaten. Wenn er nach seinem Kopplungscode fragt, halten Sie diesen QR-Code vor seine Kamera.',
      step_wait: 'Warten Sie, bis der Automat sich verbunden hat und einen Fingerabdruck zeigt, etwa k7fq 2m9x w4pt 8hsd.',
      step_compare:
        'Öffnen Sie den Automaten auf der Seite von spirekeeper in LNbits und vergleichen Sie diesen Fingerabdruck mit dem, der dort steht. Bestätigen Sie nur, wenn beide gleich sind.',
      destroy:
        'Bis es gescannt ist, ist dieses Blatt ein Schlüssel: Wer es zuerst scannt, ist der Automat. Lassen Sie es niemanden fotografieren, und vernichten Sie es danach.'
    },
    states: {
      inactive: 'Ausgeschaltet',
      revoked: 'Abgetrennt',
      locked: 'Gesperrt',
      confirming: 'Zu bestätigen',
      replacing: 'Wird ersetzt',
      paired: 'Gekoppelt',
      awaiting_scan: 'Wartet auf den Scan',
      expired: 'Abgelaufen',
      unknown: 'Wird geprüft',
      unpaired: 'Nicht gekoppelt'
    },
    reasons: {
      rejected: 'Sie haben gesagt, dass es nicht der Automat war. Wer den Kopplungscode gescannt hat, ist abgetrennt, und der Code gilt nicht mehr. Koppeln Sie erneut, und halten Sie den QR-Code verborgen.',
      newer_seed: 'Für diesen Automaten wurde ein neuerer Kopplungscode erzeugt; dieser gilt nicht mehr.',
      newer_connection: 'Eine neuere Verbindung ist an ihre Stelle getreten.',
      passphrase_unknown: 'Die Passphrase dieses Schlüssels ist hier nicht bekannt. Fragen Sie den Superuser.',
      key_missing: 'Der Bunker hat den Schlüssel dieses Automaten nicht. Koppeln Sie erneut.',
      wrong_key: 'Der Bunker hat unter dem Namen dieses Automaten einen anderen Schlüssel. Fragen Sie den Superuser.',
      revoked_outside: 'Jemand hat ihn im Bunker selbst abgetrennt. Koppeln Sie erneut.',
      seed_lapsed: 'Der Kopplungscode wurde nicht rechtzeitig gescannt. Koppeln Sie erneut.',
      redeemed_too_late: 'Der Kopplungscode wurde zu spät gescannt und zählt nicht. Koppeln Sie erneut.',
      needs_new_client_key:
        'Der Automat hat einen alten Client-Schlüssel behalten, der widerrufen ist. Lassen Sie ihn mit einem neuen Kopplungscode von vorn beginnen.',
      two_clients_redeemed:
        'Zwei Geräte haben denselben Kopplungscode benutzt; beide sind abgetrennt. Koppeln Sie erneut, und halten Sie den QR-Code verborgen.',
      pubkey_taken: 'Der neue Schlüssel gehörte schon jemandem und wird nicht benutzt. Koppeln Sie erneut.',
      passphrase_refused: 'Der Bunker lehnt die Passphrase für diesen Schlüssel ab. Fragen Sie den Superuser.',
      cancelled: 'Der Kopplungscode wurde zurückgezogen.',
      key_locked: 'Der Schlüssel ist im Bunker gesperrt, wie nach einem Neustart.',
      compare_fingerprint: 'Vergleichen Sie den Fingerabdruck mit dem, den der Automat zeigt.',
      newer_seed_waits: 'Verbunden; ein neuerer Kopplungscode wartet auf den Scan.',
      key_in_doubt:
        'Nichts erreicht die Wallet, bis Sie den neueren Kopplungscode desselben Schlüssels bestätigt haben oder der Bunker gezeigt hat, dass niemand ihn gescannt hat.',
      unconfirmed_client:
        'Jemand, den Sie nicht bestätigt haben, hat den Schlüssel dieses Automaten benutzt; er wird nicht mehr benutzt. Koppeln Sie erneut; der Automat bekommt einen neuen Schlüssel.',
      upgraded:
        'spirekeeper wurde aktualisiert, während dieser Kopplungscode wartete, und er kann nicht mehr bestätigt werden. Koppeln Sie erneut.',
      session_ended: 'Die Sitzung ist beendet. Koppeln Sie erneut.',
      not_looked_up: 'Ein Aufruf an den Bunker blieb ohne Antwort; was daraus wurde, wird geprüft.',
      revoked: 'Der Automat wurde abgetrennt. Koppeln Sie ihn erneut, wenn es sicher ist.',
      interrupted: 'Das Koppeln brach auf halbem Weg ab; was begonnen war, ist beendet. Koppeln Sie erneut.',
      cut: 'Abgetrennt. Beim Koppeln bekommt er einen neuen Schlüssel.'
    }
  }
})
