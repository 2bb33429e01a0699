/**
 * What can be wrong with a camera or a receiver, and what a probe remarks on, in German; English readers get the server's
 * own sentences. The keys are the server's codes, and a test compares both lists.
 */
import { number } from "./index";

export type Details = Readonly<Record<string, string>>;

const again = "Es wird von selbst wieder versucht.";
const lookAtPath = "Prüfen Sie den Teil der Adresse hinter dem Rechner; den richtigen Pfad nennt die Anleitung der Kamera.";
const otherTransport = "Stellen Sie die Übertragung der Kamera von TCP auf UDP um, oder umgekehrt.";

const germanReasons: Readonly<Record<string, (of: Details) => string>> = {
  unforeseen: () => `In Wachtel ist etwas Unerwartetes geschehen. ${again} Näheres steht im Protokoll; bitte melden Sie es.`,

  mqtt_timeout: (of) => `${of.host} antwortet nicht. Prüfen Sie Adresse und Port, und ob der Broker TLS verlangt.`,
  mqtt_unreachable: (of) => `${of.host} ist nicht zu erreichen. Prüfen Sie Adresse und Port, und ob der Broker läuft.`,
  mqtt_untrusted: (of) => `Dem Zertifikat von ${of.host} ist nicht zu trauen. Geben Sie das Zertifikat der Stelle an, die es ausgestellt hat, und den Namen, der darin steht.`,
  mqtt_no_tls: (of) => `${of.host} spricht kein TLS. Prüfen Sie den Port; üblich sind 8883 mit TLS und 1883 ohne.`,
  mqtt_bad_ca: () => "Das ist kein Zertifikat in PEM. Es beginnt mit -----BEGIN CERTIFICATE-----.",
  mqtt_password: (of) => `${of.host} lässt diesen Benutzer nicht herein. Prüfen Sie Benutzer und Passwort.`,
  mqtt_busy: (of) => `${of.host} ist gerade überlastet. ${again}`,
  mqtt_old: (of) => `${of.host} spricht kein MQTT 5. Nehmen Sie einen neueren Broker, zum Beispiel mosquitto ab 1.6.`,
  mqtt_no_broker: (of) => `${of.host} antwortet nicht wie ein Broker für MQTT 5. Prüfen Sie den Port, und ob der Broker TLS verlangt.`,
  mqtt_lost: (of) => `Die Verbindung zu ${of.host} ist abgerissen. ${again}`,

  no_single_device: (of) => `${of.host} ist nicht die Adresse eines einzelnen Geräts. Geben Sie die des Geräts selbst ein, zum Beispiel 192.168.1.20.`,
  local_address: (of) => `${of.host} führt zu diesem Rechner selbst oder zu einer Adresse, die nur im eigenen Kabel gilt. Erlauben Sie hier Adressen auf diesem Gerät, wenn das so gemeint ist.`,
  name_unanswered: (of) => `Niemand im Netz weiß, welche Adresse ${of.host} hat. Prüfen Sie den Namen, oder geben Sie die IP-Adresse ein.`,
  name_unknown: (of) => `Den Namen ${of.host} kennt in diesem Netz niemand. Prüfen Sie die Schreibweise, oder geben Sie die IP-Adresse ein.`,

  no_tls: (of) => `${of.host} spricht auf Port ${of.port} kein TLS. Versuchen Sie es mit rtsp oder http statt rtsps oder https.`,
  no_answer: (of) => `${of.host} antwortet auf Port ${of.port} nicht. Ist die Kamera eingeschaltet und im selben Netz, und stimmt die Adresse?`,
  port_closed: (of) => `Port ${of.port} von ${of.host} ist geschlossen. Prüfen Sie den Port, und ob RTSP in der Kamera eingeschaltet ist.`,
  not_reachable: (of) => `${of.host} ist nicht zu erreichen. Ist die Kamera eingeschaltet und im selben Netz?`,
  silent: (of) => `${of.host} nimmt die Verbindung auf Port ${of.port} an, antwortet aber nicht. Vielleicht startet die Kamera gerade oder ist überlastet; bleibt es so, schalten Sie sie aus und wieder ein.`,

  redirected: (of) => `${of.host} verweist auf eine andere Adresse${of.target ? ` (${of.target})` : ""}; dorthin folgt Wachtel nicht. Wenn Sie ihr trauen, geben Sie sie als Adresse der Kamera ein.`,
  password_needed: (of) => `${of.host} verlangt Name und Passwort. Setzen Sie beides vor die Adresse, als name:passwort@.`,
  password_wrong: (of) => `${of.host} weist Name oder Passwort zurück. Prüfen Sie beides; viele Kameras haben für RTSP oder ONVIF ein eigenes Konto.`,
  log_in_unknown: (of) => `${of.host} verlangt eine Art der Anmeldung, die Wachtel nicht kennt. Stellen Sie in der Kamera die RTSP-Anmeldung auf Digest oder Basic.`,
  account_may_not_watch: (of) => `Dieses Konto darf den Strom von ${of.host} nicht ansehen (Antwort ${of.status}). Geben Sie ihm in der Kamera das Recht auf das Live-Bild.`,

  stalled: (of) => `${of.host} hat seit ${of.seconds} Sekunden kein Bild gesendet. ${again} Geschieht es oft, sehen Sie nach dem Netz oder der Auslastung der Kamera.`,
  stream_ended: (of) => `${of.host} hat den Strom beendet. ${again}`,
  camera_ended: () => `Die Kamera hat den Strom beendet. ${again}`,
  nonsense: (of) => `${of.host} sendet etwas, das nicht zu verstehen ist. ${again} Bleibt es so, starten Sie die Kamera neu oder suchen Sie nach neuer Firmware.`,
  takes_nothing: (of) => `${of.host} nimmt keine Nachrichten mehr an. ${again}`,

  nothing_at_path: (of) => `Unter diesem Pfad hat ${of.host} nichts (Antwort ${of.status}). ${lookAtPath}`,
  no_stream_at_path: (of) => `Unter diesem Pfad hat ${of.host} keinen Strom (Antwort ${of.status}). ${lookAtPath}`,
  error_answer: (of) => `${of.host} antwortet mit dem Fehler ${of.status}. Vielleicht startet die Kamera gerade, ist überlastet oder hat zu viele Zuschauer; auch ein falscher Pfad kann so aussehen.`,
  no_http: (of) => `${of.host} spricht auf Port ${of.port} kein HTTP. Ist das der RTSP-Port der Kamera, beginnt die Adresse mit rtsp://.`,
  no_rtsp: (of) => `${of.host} spricht auf Port ${of.port} kein RTSP. Prüfen Sie den Port, meist ist es 554. Für ein Bild von einer Webseite nehmen Sie deren http://-Adresse.`,
  transport_refused: (of) => `${of.host} sendet diesen Strom nicht auf die gewünschte Weise. ${otherTransport}`,
  other_transport: () => `Die Kamera will den Strom auf andere Weise senden als gewünscht. ${otherTransport}`,
  no_udp_ports: () => "Auf diesem Rechner ist kein Paar von UDP-Ports frei.",

  no_video: () => "Der Strom hat kein Bild. Prüfen Sie den Pfad; vielleicht ist das die Adresse eines reinen Tonstroms.",
  codec_unsupported: (of) => `Die Kamera sendet ihr Video als ${of.codec}; das lässt sich nicht aufnehmen. Stellen Sie sie auf H.264 oder H.265.`,
  no_source: (of) => `Adressen mit ${of.scheme}:// kann kein installiertes Modul öffnen. Nehmen Sie die rtsp-Adresse der Kamera.`,
  single_stills: (of) => `${of.host} gibt unter dieser Adresse einzelne Standbilder, keinen Strom. Die RTSP- oder MJPEG-Adresse steht in der Anleitung der Kamera.`,
  web_page: (of) => `${of.host} antwortet mit einer Webseite, nicht mit dem Strom einer Kamera. Die meisten Kameras haben eine Adresse wie rtsp://name:passwort@192.168.1.20/stream1.`,
  not_video: (of) => `${of.host} antwortet mit etwas, das kein Video ist. Die meisten Kameras haben eine Adresse wie rtsp://name:passwort@192.168.1.20/stream1.`,
  camera_url: () => "So ist die Adresse nicht zu verstehen. Die einer Kamera sieht aus wie rtsp://name:passwort@192.168.1.20/stream1.",
  no_key_frame: () => "Die Kamera ist verbunden, sendet aber kein Bild, mit dem man beginnen kann. Stellen Sie in ihr den Abstand der Schlüsselbilder (I-Frame-Intervall) auf eine oder zwei Sekunden.",
  probe_gave_up: () => "Das Ausprobieren hat zu lange gedauert oder ist abgebrochen. Versuchen Sie es noch einmal; bleibt es so, sendet die Kamera etwas, das nicht zu lesen ist.",

  path_found: (of) => `Der Strom liegt unter ${of.path} und wurde beim ${of.tried}. Versuch gefunden; ${of.maker ? `dort haben ihn Kameras von ${of.maker}` : "dort haben ihn mehrere Hersteller"}.`,
  no_known_path: (of) => `${of.host} antwortet, hat aber unter keinem von ${of.tried} üblichen Pfaden einen Strom. Schalten Sie in der Kamera RTSP oder ONVIF ein, oder geben Sie die Adresse aus ihrer Anleitung ein.`,
  no_netcam: (of) => `${of.host} ist keine NetCam: Dort antwortet nichts wie eine. Prüfen Sie die Adresse. Eine andere Kamera versuchen Sie mit ihrer rtsp- oder http-Adresse oder mit onvif://.`,
  netcam_setup: (of) => `${of.host} ist eine NetCam im Einrichtungsmodus: Ihre Bilder sind da. »wachtel netcam join« bringt sie in Ihr WLAN. Ob sie auch dort Bilder gibt, entscheidet ihre Firmware.`,
  netcam_once: () => "Besitzer berichten, dass eine NetCam im Einrichtungsmodus zwischen zwei Starts nur einmal jemanden einlässt. Bleibt das Bild nach einer Unterbrechung weg, ziehen Sie den Stecker der Kamera und stecken Sie ihn wieder ein.",
  netcam_password: () => "Ihre Anmeldung kennt jeder: Name admin, Passwort admin. Setzen Sie admin:admin@ vor die Adresse, und halten Sie die Kamera in einem Netz, das Fremde nicht erreichen.",
  netcam_sample_password: () => "Hat es niemand geändert, gilt die Anmeldung der Beispieleinstellungen: Name openwrt, Passwort openwrt. Setzen Sie beides vor die Adresse, und ändern Sie das Passwort in der Kamera.",
  netcam_before_lock: (of) => `${of.host} ist eine NetCam mit der Firmware vor der Sperre: Ihre Bilder sind da. Aktualisieren Sie die Firmware nie: Spätere geben die Bilder niemandem.`,
  netcam_locked: (of) => `${of.host} ist eine NetCam mit der letzten Firmware ihres Herstellers: Ihre Bilder gab sie einem Dienst, den es nicht mehr gibt, und sonst niemandem. Sie kommen zurück mit freier Firmware, oder solange die Kamera im Einrichtungsmodus bleibt; die Anleitung zum Wiederbeleben einer NetCam erklärt beides.`,
  netcam_free: (of) => `${of.host} ist eine NetCam mit freier Firmware: Ihre Bilder gehören Ihnen.`,
  netcam_upside_down: () => "Das Bild des ersten Modells steht auf dem Kopf, weil sein Bildgeber so sitzt. Hängen Sie die Kamera andersherum auf, oder drehen Sie das Bild in den Einstellungen ihrer Firmware.",
  netcam_motion: () => "Ihr Bewegungsmelder antwortet noch in Ihrem Netz. Was er meldet, gilt als Bewegung; ob Ihrer ohne seinen Dienst noch meldet, ist nicht bekannt.",
  netcam_no_subscription: (of) => `${of.host} meldet seine Bewegung niemandem mehr. Vielleicht hören schon zu viele zu; ziehen Sie den Stecker der Kamera und stecken Sie ihn wieder ein.`,
  netcam_no_sensor: (of) => `${of.host} hat keinen Bewegungsmelder, der antwortet. Es gibt ihn nur mit der Firmware des Herstellers und nicht im Einrichtungsmodus.`,
  netcam_no_networks: (of) => `${of.host} gibt keine oder keine lesbare Liste von WLANs. Versuchen Sie es näher am Router noch einmal. Netze mit 5 GHz sehen diese Kameras nicht.`,
  wifi_passphrase: () => "Das Passwort eines WLANs hat 8 bis 63 Zeichen. Bei vielen Routern steht es auf der Rückseite.",
  wifi_not_seen: (of) => `Die Kamera sieht kein WLAN »${of.ssid}«; sie sieht ${of.seen}. Diese Kameras kennen nur 2,4 GHz. Gehen Sie näher heran, oder schalten Sie im Router 2,4 GHz ein.`,

  receiver_redirects: (of) => `${of.host} verweist auf eine andere Adresse (Antwort ${of.status}); dorthin folgt Wachtel nicht. Wenn Sie sie kennen, geben Sie sie ein.`,
  receiver_busy: (of) => `${of.host} konnte die Nachricht gerade nicht annehmen (Antwort ${of.status}).`,
  receiver_refuses: (of) => `${of.host} weist die Nachricht zurück (Antwort ${of.status}). ${refusal(of.status)}Prüfen Sie die Adresse, und was der Empfänger erwartet.`,
  receiver_late: (of) => `${of.host} hat nicht rechtzeitig geantwortet.`,
  receiver_unproven: (of) => `${of.host} konnte nicht beweisen, dass er es ist: sein Zertifikat gilt hier nicht. Erneuern Sie es, oder lassen Sie dieses Gerät seinem Aussteller vertrauen.`,
  receiver_closed: (of) => `${of.host} ist da, aber auf diesem Port nimmt niemand etwas an (${of.port}). Läuft der Empfänger?`,
  receiver_away: (of) => `${of.host} ist nicht erreichbar. Ist er eingeschaltet und im selben Netz?`,
  receiver_broke_off: (of) => `${of.host} hat die Verbindung abgebrochen oder spricht kein HTTP.`,
  no_ntfy_field: () => "Zu ntfy gehören Name und Passwort oder ein Token, sonst nichts.",
  ntfy_topic: () => "Die Adresse eines ntfy-Themas endet mit seinem Namen, zum Beispiel https://ntfy.example.org/mein-thema.",
  ntfy_log_in: () => "Das ist kein Name, Passwort oder Token von ntfy.",
  no_email_field: () => "Zu einem Kanal per E-Mail gehören nur Name, Passwort, Absender, Empfänger und Verschlüsselung.",
  email_security: () => "Die Verschlüsselung ist tls, starttls oder none.",
  email_server: () => "Das ist keine Adresse eines Mailservers. Sie sieht aus wie smtps://mail.example.org.",
  email_addresses: () => "Es fehlt eine gültige Adresse, von der und an die geschrieben wird, zum Beispiel ich@example.org.",
  email_recipients: () => "Ein Kanal schreibt an höchstens 5 Adressen.",
  email_log_in: () => "Das ist kein Name oder Passwort eines Mailservers.",
  email_unprotected: (of) => `Ohne TLS könnten alle auf dem Weg zu ${of.host} mitlesen. Wählen Sie TLS oder STARTTLS; ohne geht es nur im eigenen Netz, wenn Sie eigene Adressen erlauben.`,
  mail_late: (of) => `Der Mailserver ${of.host} hat nicht rechtzeitig geantwortet. ${again}`,
  mail_closed: (of) => `${of.host} ist da, aber auf Port ${of.port} antwortet kein Mailserver. Üblich sind 465 mit TLS und 587 mit STARTTLS.`,
  mail_away: (of) => `Der Mailserver ${of.host} ist nicht zu erreichen. Ist das Internet da, und stimmt der Name?`,
  mail_some_refused: (of) => `Der Mailserver ${of.host} weist ${of.count} der Adressen zurück (${of.status}); die übrigen haben die Nachricht. Prüfen Sie die Empfänger.`,
  mail_log_in: (of) => `Der Mailserver ${of.host} weist Name oder Passwort zurück (${of.status}). Viele Anbieter verlangen für andere Programme ein eigenes Passwort; es wird in den Einstellungen des Kontos angelegt.`,
  mail_no_log_in: (of) => `Der Mailserver ${of.host} nimmt hier keinen Namen und kein Passwort an. Vielleicht will er einen anderen Port, oder TLS statt STARTTLS; oder lassen Sie beides weg.`,
  mail_no_tls: (of) => `Mit dem Mailserver ${of.host} ist keine geschützte Verbindung möglich. Vielleicht gilt sein Zertifikat hier nicht; zu Port 465 gehört TLS, zu 587 STARTTLS.`,
  mail_busy: (of) => `Der Mailserver ${of.host} konnte die Nachricht gerade nicht annehmen (${of.status}). ${again}`,
  mail_refused: (of) => `Der Mailserver ${of.host} weist die Nachricht zurück (${of.status}). Prüfen Sie Absender und Empfänger, und ob er Name und Passwort verlangt.`,
  mail_broke_off: (of) => `${of.host} hat die Verbindung abgebrochen oder ist kein Mailserver. ${again}`,
  no_public_address: (of) => `${of.host} ist keine Adresse des Internets. Was Fremde nennen, darf nicht in Ihr eigenes Netz führen.`,
  push_subscription: () => "Das ist keine Anmeldung für Push-Nachrichten, wie Browser sie machen.",
  push_gone: (of) => `${of.host} kennt dieses Gerät nicht mehr; es wird abgemeldet. Schalten Sie die Nachrichten auf dem Gerät wieder ein.`,
  no_such_field: () => "Ein Webhook hat neben seiner Adresse keine weiteren Angaben. Name und Passwort stehen in der Adresse.",
  webhook_url: () => "So ist die Adresse nicht zu verstehen. Die eines Empfängers sieht aus wie https://example.org/hooks/camera.",
  channel_locked: () => "Die Adresse dieses Empfängers ist nicht lesbar, weil die Schlüsseldatei fehlt. Legen Sie sie zurück, oder geben Sie die Adresse neu ein.",

  bad_xml: () => "Was das Gerät antwortet, ist kein XML, das man lesen könnte, oder es ist bösartig; Wachtel liest es nicht weiter. Suchen Sie nach neuer Firmware für das Gerät.",
  no_onvif: () => "Die Antwort des Geräts ist keine von ONVIF. Nehmen Sie seine rtsp-Adresse, oder suchen Sie nach neuer Firmware.",
  no_onvif_here: (of) => `${of.host} spricht auf Port ${of.port} kein ONVIF. Schalten Sie ONVIF in der Kamera ein, versuchen Sie Port 80, 8000, 8080 oder 8899, oder nehmen Sie ihre rtsp-Adresse.`,
  onvif_refuses: (of) => `${of.host} lehnt ab${of.said ? `: ${of.said}` : ""}. Vielleicht startet die Kamera gerade, oder sie bietet das nicht.`,
  account_locked: (of) => `${of.host} hat das Konto nach zu vielen falschen Passwörtern gesperrt. Warten Sie eine halbe Stunde, oder schalten Sie die Kamera aus und wieder ein; geben Sie dann das richtige Passwort ein.`,
  answer_too_large: (of) => `${of.host} sendet eine Antwort von mehr als einem Megabyte; Wachtel liest sie nicht. Nehmen Sie die rtsp-Adresse der Kamera, oder suchen Sie nach neuer Firmware.`,
  no_profiles: (of) => `${of.host || "Das Gerät"} spricht ONVIF, bietet aber keinen Strom. Legen Sie in seinen Einstellungen ein Profil an, oder nehmen Sie seine rtsp-Adresse.`,
  certificate: (of) => `${of.at} zeigt ein Zertifikat mit dem Fingerabdruck ${of.now}. Sobald die Kamera hinzugefügt ist, gilt nur noch dieses.`,
  certificate_changed: (of) => `${of.host} zeigt ein anderes Zertifikat als am ${of.since}; gesendet wurde dorthin nichts. Nach neuer Firmware oder einem Zurücksetzen der Kamera ist das zu erwarten: Dann nehmen Sie es auf der Seite der Kamera an. Sonst antwortet jemand anderes unter ihrer Adresse.`,
  certificate_gone: () => "Dieses Zertifikat zeigt die Kamera gerade nicht. Sehen Sie noch einmal nach, was sie zeigt.",
  no_preset: (of) => `Eine Position ${of.preset} kennt die Kamera nicht. Auf ihrer Seite stehen die, die sie jetzt hat.`,
  device_lacks: () => "Das bietet diese Kamera nicht.",
  price_busy: () => "Gerade wird gemessen, was eine andere Kamera kosten würde. Versuchen Sie es gleich noch einmal.",
  no_motion_jpeg_now: () => "Von dieser Kamera kam in 15 Sekunden kein Motion JPEG. Versuchen Sie es wieder, wenn ihr Bild da ist.",
  no_motion_jpeg: () => "Diese Kamera sendet kein Motion JPEG: Sie komprimiert ihre Bilder selbst, und sie werden so aufgehoben, wie sie kommen.",
  search_runs: () => "Es wird schon gesucht. Nach spätestens einer halben Minute ist die Suche zu Ende.",
  no_local_network: () => "Dieses Gerät ist in keinem lokalen Netz, in dem es suchen könnte. Verbinden Sie es mit Ihrem Netz, oder geben Sie die Adresse der Kamera von Hand ein.",
  wemo_away: () => "Das Wemo-Gerät antwortet nicht. Steckt es, und ist es im selben Netz?",
  wemo_not_so: () => "Das Wemo-Gerät hat den Auftrag angenommen und ist trotzdem nicht so.",
  wemo_late: () => "Das Wemo-Gerät hat nicht rechtzeitig gesagt, dass es geschaltet hat. Es wird noch einmal versucht.",
  wemo_ended: () => "Der Prozess für Wemo-Geräte ist zu Ende gegangen. Er wird neu gestartet, und es wird noch einmal versucht.",
  wemo_no_rules: () => "Auf diesem Wemo-Gerät liegen keine Regeln. Fragen Sie ein anderes: jedes Gerät eines Hauses hat dieselbe Datei.",
  wemo_no_address: () => "Noch ist kein Netz gewählt, in dem Kameras gezeigt werden. Wählen Sie zuerst eine Adresse dieses Rechners.",
  wemo_rules_file: () => "Diese Datei lässt sich nicht als Regeln der Wemo-App lesen. Geben Sie die Datei, wie ein Wemo-Gerät sie hergibt, gepackt oder nicht.",
  wemo_nothing_to_import: () => "Aus dieser Datei lässt sich nichts übernehmen. Was fehlt, steht bei jeder Regel.",
  device: (of) => `${of.device}${of.firmware ? `, Firmware ${of.firmware}` : ""}.`,
  clock_off: (of) => `Die Uhr der Kamera geht ${of.hours} Stunden ${of.way === "ahead" ? "vor" : "nach"}. Aufnahmen haben trotzdem die richtige Zeit, die Anzeige im Bild nicht. Stellen Sie in der Kamera Zeitzone und NTP ein.`,
  other_address: (of) => `Die Kamera nennt ${of.target} als Adresse ihrer Ströme; Wachtel nimmt stattdessen ${of.host}. Hinter einem Router ist das üblich. Kommt kein Bild, geben Sie ihre rtsp-Adresse von Hand ein.`,
  only_h265: () => "Die Kamera bietet nur H.265, und viele Browser können das nicht zeigen. Aufgenommen wird es, wie es ist, und zum Ansehen umgewandelt, was Leistung kostet. Stellen Sie wenigstens den Nebenstrom auf H.264.",
  no_sub_stream: () => "Die Kamera bietet keinen kleinen zweiten Strom. Bewegung wird dann auf dem großen gesucht, mit mehr Aufwand. Legen Sie in ihr ein zweites Profil an: H.264, etwa 640x360, 5 bis 10 Bilder je Sekunde.",
  far_key_frames: (of) => `Der ${of.stream === "sub" ? "Nebenstrom" : "Hauptstrom"} ist auf ein Schlüsselbild nur alle ${seconds(of.seconds)} Sekunden eingestellt; Bilder beginnen dann spät. Stellen Sie den Abstand (I-Frame-Intervall) auf eine oder zwei Sekunden.`,

  video: (of) =>
    `Das Video lässt sich aufnehmen.${of.key_frames_s ? ` Schlüsselbilder kommen alle ${seconds(of.key_frames_s)} s.` : ""}`,
  audio: () => "Die Kamera sendet auch Ton. Aufgenommen wird er nur, wenn Sie das einschalten.",
  sub_stream: (of) =>
    `Auf dem kleinen Nebenstrom der Kamera ist Bewegung mit weniger Aufwand zu erkennen. ${of.url ? `Vielleicht liegt er unter ${of.url}` : "Seinen Pfad nennt die Anleitung der Kamera."}`,
  h265: () => "H.265 wird aufgenommen, wie es kommt, aber nicht jeder Browser zeigt es: Safari schon, Chrome und Edge dort, wo das Gerät es selbst entschlüsselt, Firefox meist nicht. Wo es nicht geht, wird der Nebenstrom gezeigt, oder Wachtel wandelt um, solange jemand zusieht. Für jeden Browser stellen Sie die Kamera, oder wenigstens ihren Nebenstrom, auf H.264.",
  packet_loss: (of) => `${of.lost} Pakete des Stroms gingen in ${of.seconds} Sekunden verloren. Bilder reißen oder fehlen. Es hilft ein Kabel, ein näherer Zugangspunkt, WLAN mit 5 GHz oder eine kleinere Datenrate; über WLAN nehmen Sie TCP, nicht UDP.`,
  jitter: (of) => `Bilder kommen stoßweise, bis zu ${seconds(of.seconds)} Sekunden zu spät. So sieht schwaches WLAN aus. Verloren geht nichts, aber das Live-Bild ruckelt. Rücken Sie Kamera oder Zugangspunkt näher zusammen, oder nehmen Sie ein Kabel.`,
  variable_rate: (of) => `Die Bildrate schwankt zwischen ${of.slow} und ${of.fast} Bildern pro Sekunde. Aufgenommen wird sie, wie sie kommt. Manche Spieler stolpern darüber: Stellen Sie in der Kamera eine feste Bildrate ein, und die Automatik aus, die nachts länger belichtet.`,
  sound_unknown: (of) => `Die Kamera sendet ihren Ton als ${of.codec}; das lässt sich nicht aufnehmen. Stellen Sie den Ton in der Kamera auf AAC oder G.711. Das Bild wird ohne ihn aufgenommen.`,
  one_client: () => "Die Kamera weist einen zweiten Zuschauer ab, solange jemand zusieht. Lassen Sie nur Wachtel mit ihr sprechen; alle anderen sehen über Wachtel zu. Auch ein Nebenstrom neben dem Hauptstrom kann abgewiesen werden.",
  long_gop: (of) =>
    `Zwischen zwei Schlüsselbildern vergehen mehr als ${seconds(of.seconds)} Sekunden: Bilder beginnen spät, Clips werden ungenau. Stellen Sie den Abstand (I-Frame-Intervall) auf eine oder zwei Sekunden und H.264+ oder H.265+ aus.`,
  mjpeg: () =>
    "Die Kamera sendet lauter einzelne JPEG-Bilder. Bietet sie auch RTSP mit H.264 an, nehmen Sie das: ebenso scharf bei einem Zehntel der Daten.",
  no_picture: () =>
    "Das Bild lässt sich hier nicht entschlüsseln. Versuchen Sie in der Kamera eine andere Auflösung oder ein anderes Profil.",
  alarm_armed: () => "Die Alarmanlage ist scharf. Schalten Sie sie zuerst unscharf; dann lässt sie sich ändern.",
  alarm_code_easy: () => "Diesen Code probiert jeder als ersten. Nehmen Sie Ziffern, die nicht einfach weiterzählen.",
  alarm_code_form: () => "Ein Code hat 4 bis 12 Ziffern.",
  alarm_code_needed: () => "Dafür braucht es einen Code.",
  alarm_code_taken: () => "Bitte einen anderen Code wählen.",
  alarm_code_wrong: () => "Der Code ist falsch.",
  alarm_no_panel: () => "An diesem Ort ist keine Alarmanlage eingerichtet.",
  alarm_open: (of) => `Nicht scharf geschaltet, denn offen sind: ${of.open}. Schließen Sie sie, oder lassen Sie sie aus, bis wieder unscharf geschaltet wird.`,
  alarm_runs: () => "Gerade ist Alarm. Schalten Sie zuerst unscharf.",
  bank_wrong: (of) => bankFault(of.field),
  receipt_size: () => "Diese Datei ist größer als 10 MB. Schicken Sie ein kleineres Foto oder eine einzelne Seite.",
  receipt_type: () => "Diese Datei ist kein PDF, JPEG, PNG oder WebP. Fotografieren Sie den Beleg, oder sichern Sie ihn als PDF.",
};

function bankFault(field: string | undefined): string {
  const faults: Record<string, string> = {
    "bank.holder": "Es fehlt, wem das Konto gehört.",
    "bank.routing": "Das ist keine Routing number; sie hat neun Ziffern und steht auf jedem Scheck.",
    "bank.account": "Das ist keine Account number; sie hat 4 bis 17 Ziffern.",
  };
  return faults[field ?? ""] ?? "Diese IBAN stimmt nicht. Vergleichen Sie sie Ziffer für Ziffer mit Ihrer Karte.";
}

function seconds(text: string | undefined): string {
  return number(Number.parseFloat(text ?? ""), 1);
}

function refusal(status: string | undefined): string {
  if (status === "401" || status === "403") return "Der Empfänger verlangt eine Berechtigung. ";
  return status === "404" || status === "410" ? "Der Empfänger kennt diese Adresse nicht. " : "";
}

/** The sentence of a code; "" for one that only a newer or extended server knows. */
export function germanReason(code: string, details: Details): string {
  return germanReasons[code]?.(details) ?? "";
}
