# Deutsch. Schlüssel und Variablen wie in en.ftl.

finding-field_required = Ein Pflichtfeld fehlt.
    .advice = Füllen Sie das Feld im Quellsystem aus und senden Sie den Artikel erneut.
finding-field_length = Ein Text oder eine Liste ist kürzer oder länger als erlaubt.
    .advice = Kürzen oder ergänzen Sie den Wert im Quellsystem und senden Sie den Artikel erneut.
finding-field_range = Eine Zahl liegt außerhalb des erlaubten Bereichs.
    .advice = Berichtigen Sie die Zahl im Quellsystem und senden Sie den Artikel erneut.
finding-field_pattern = Ein Text hat nicht die verlangte Form.
    .advice = Schreiben Sie den Wert in der Form, die die Meldung nennt, und senden Sie den Artikel erneut.
finding-field_invalid = Ein Feld enthält einen Wert, der nicht verwendet werden kann.
    .advice = Berichtigen Sie den Wert im Quellsystem und senden Sie den Artikel erneut.
finding-field_unknown = Ein Feld ist nicht bekannt.
    .advice = Prüfen Sie die Schreibweise des Feldnamens oder lassen Sie das Feld weg.
finding-record_malformed = Der Datensatz kann nicht gelesen werden.
    .advice = Prüfen Sie, wie das Quellsystem diesen Datensatz schreibt: Anzahl der Felder, Anführungszeichen, Klammern.
finding-record_too_large = Der Datensatz ist größer, als ein Artikel sein darf.
    .advice = Entfernen Sie, was nicht zum Artikel gehört, etwa eingebettete Bilder, oder teilen Sie ihn auf.
finding-sku_missing = Der Datensatz hat keine Artikelnummer.
    .advice = Vergeben Sie im Quellsystem die Artikelnummer und senden Sie den Artikel erneut.
finding-sku_duplicate = Die Artikelnummer kommt mehrmals vor; der letzte Datensatz gilt.
    .advice = Senden Sie jede Artikelnummer nur einmal. Sind es verschiedene Artikel, vergeben Sie verschiedene Nummern.
finding-sku_unknown = Eine Teiländerung nennt einen Artikel, den es nicht gibt.
    .advice = Senden Sie zuerst den vollständigen Artikel oder berichtigen Sie die Artikelnummer.
finding-decimal_invalid = Eine Zahl kann nicht als Dezimalzahl gelesen werden.
    .advice = Schreiben Sie die Zahl mit Ziffern und einem Dezimalpunkt, ohne Tausendertrennzeichen und ohne Einheit, etwa 1234.50.
finding-date_invalid = Ein Datum oder eine Uhrzeit kann nicht gelesen werden.
    .advice = Schreiben Sie das Datum als Jahr-Monat-Tag, etwa 2026-01-31.
finding-price_amount_missing = Ein Preis hat keinen Betrag und wurde weggelassen.
    .advice = Geben Sie dem Preis einen Betrag oder entfernen Sie den leeren Preis.
finding-price_formula_refused = Ein Preis ist eine Formel; Formeln werden nicht berechnet, der Preis wurde weggelassen.
    .advice = Senden Sie den Preis als Betrag.
finding-currency_missing = Ein Preis hat keine Währung.
    .advice = Nennen Sie die Währung beim Preis oder im Kopf des Dokuments, oder bitten Sie den Betreiber um eine Vorgabe.
finding-currency_unknown = Die Währung ist kein gültiger Währungscode.
    .advice = Verwenden Sie den dreistelligen Code nach ISO 4217, etwa EUR oder CHF.
finding-tax_percent = Ein Steuersatz über 1 wurde als Prozentwert gelesen.
    .advice = Es geht nichts verloren. Um den Hinweis zu vermeiden, senden Sie den Satz als Bruchteil: 0.19 für 19 Prozent.
finding-gtin_check_digit = Die Prüfziffer einer GTIN (EAN) ist falsch; die Nummer wurde wie gesendet übernommen.
    .advice = Vergleichen Sie die Nummer mit dem Etikett des Artikels und berichtigen Sie sie.
finding-category_unknown = Der Artikel ist einer Gruppe zugeordnet, die das Dokument nicht enthält.
    .advice = Senden Sie die Gruppe mit oder berichtigen Sie die Kennung der Gruppe.
finding-mode_narrowed = Das Dokument verlangt mehr, als beim Senden erlaubt wurde; ausgeführt wurde das Erlaubte.
    .advice = Soll das Dokument den ganzen Katalog ersetzen, erlauben Sie es: Senden Sie es mit mode=replace.
finding-mode_unsuited = Der Datensatz kann in dieser Art von Import nicht angewendet werden.
    .advice = Senden Sie den Datensatz in einem passenden Dokument oder wählen Sie einen anderen Modus.
finding-language_unknown = Ein Sprachcode ist nicht bekannt; die voreingestellte Sprache wurde verwendet.
    .advice = Verwenden Sie einen Code nach ISO 639, etwa de oder deu.
finding-text_truncated = Ein Text war länger als erlaubt und wurde gekürzt.
    .advice = Kürzen Sie den Text im Quellsystem, wenn sein Ende wichtig ist.
finding-part_ignored = Ein Teil des Dokuments hat hier keinen Platz und wurde weggelassen.
    .advice = Es ist nichts zu tun. Ist der Teil wichtig, fragen Sie den Betreiber.
finding-findings_omitted = Ein Datensatz hat mehr Befunde, als aufgeführt sind.
    .advice = Beheben Sie die aufgeführten und senden Sie den Artikel erneut; was dann noch bleibt, wird gemeldet.
finding-rule_panicked = Eine Prüfregel ist an diesem Artikel gescheitert.
    .advice = Der Fehler liegt nicht am Artikel. Nennen Sie dem Betreiber die Kennung des Imports.
finding-rule_suspended = Eine Prüfregel ist vorübergehend außer Betrieb; ihre Artikel werden abgelehnt.
    .advice = Senden Sie die Artikel später erneut; hält es an, melden Sie es dem Betreiber.
finding-rule_rejected = Eine Regel des Empfängers lehnt diesen Artikel ab.
    .advice = Ändern Sie, was die Meldung nennt, und senden Sie den Artikel erneut.
finding-encoding_guessed = Das Dokument nennt seine Zeichenkodierung nicht oder falsch; es wurde in der wahrscheinlichen gelesen.
    .advice = Prüfen Sie Umlaute und Akzente im Ergebnis. Lassen Sie das Quellsystem die Kodierung angeben, am besten UTF-8.
finding-record_outdated = Der Datensatz ist älter als ein früherer zum selben Artikel und wurde weggelassen.
    .advice = Ist der neuere Datensatz richtig, ist nichts zu tun; sonst senden Sie den Artikel noch einmal mit neuerem Stand.
finding-columns_assumed = Das Profil ordnet keine Spalten zu; die mit bekannten Überschriften wurden übernommen.
    .advice = Vergleichen Sie das Ergebnis mit der Tabelle. Fehlt eine Spalte, bitten Sie den Betreiber, sie im Profil zuzuordnen.
finding-column_missing = Eine Spalte, die das Profil zuordnet, fehlt im Dokument.
    .advice = Senden Sie die Spalte unter der vereinbarten Überschrift mit oder bitten Sie den Betreiber, das Profil zu ändern.
finding-cell_error = Eine Zelle enthält statt eines Werts einen Fehler der Tabellenkalkulation.
    .advice = Berichtigen Sie die Formel in der Tabelle und senden Sie die Tabelle erneut.
finding-number_shortened = Eine Tabellenkalkulation hat eine Nummer verkürzt, etwa zu 4,00639E+12; ihre Ziffern sind verloren.
    .advice = Formatieren Sie die Spalte vor dem Speichern als Text, tragen Sie die Nummern neu ein und senden Sie die Tabelle erneut.
finding-other = Der Empfänger hat den Artikel nach einer eigenen Regel geprüft.
    .advice = Lesen Sie die Meldung; fragen Sie den Betreiber, wenn sie nicht klar ist.

finding-says-value-path = { $title } Gesendet wurde „{ $value }“ in { $path }.
finding-says-value = { $title } Gesendet wurde „{ $value }“.
finding-says-path = { $title } Stelle: { $path }.

error-request_invalid = Die Anfrage verletzt eine Regel
    .advice = Berichtigen Sie die unter errors genannten Felder.
error-document_malformed = Das Dokument ist fehlerhaft aufgebaut
    .advice = Berichtigen Sie das Dokument an der angegebenen Stelle.
error-doctype_refused = Eine Dokumenttypdeklaration ist hier nicht erlaubt
    .advice = Senden Sie den Umschlag ohne DOCTYPE.
error-entity_unknown = Eine Entität ist nicht definiert
    .advice = Senden Sie das Zeichen selbst oder eine numerische Referenz.
error-encoding_invalid = Die Bytes passen nicht zur angegebenen Zeichenkodierung
    .advice = Geben Sie die Kodierung an, in der das Dokument wirklich geschrieben ist.
error-limit_exceeded = Eine Grenze des Dokumentlesers ist überschritten
    .advice = Teilen Sie das Dokument auf oder verschachteln Sie es weniger tief; die Grenzen nennt die Dokumentation.
error-unauthenticated = Die Zugangsdaten fehlen oder sind falsch
    .advice = Senden Sie eine gültige Schlüsselkennung mit ihrem Geheimnis.
error-forbidden = Die Zugangsdaten erlauben dies nicht
    .advice = Bitten Sie den Betreiber um die Berechtigung.
error-not_found = Das Gesuchte gibt es nicht
    .advice = Prüfen Sie die Adresse.
error-method_not_allowed = Diese Methode ist hier nicht vorgesehen
    .advice = Verwenden Sie eine Methode aus der Kopfzeile Allow.
error-idempotency_mismatch = Der Idempotenzschlüssel wurde schon für ein anderes Dokument verwendet
    .advice = Verwenden Sie für ein neues Dokument einen neuen Schlüssel.
error-precondition_failed = Der Artikel wurde geändert, seit er gelesen wurde
    .advice = Lesen Sie den Artikel neu.
error-body_too_large = Das Dokument ist größer als erlaubt
    .advice = Teilen Sie das Dokument auf oder bitten Sie den Betreiber um eine höhere Grenze.
error-uri_too_long = Die Adresse ist länger als erlaubt
    .advice = Kürzen Sie die Abfrage.
error-media_type_unsupported = Der Inhaltstyp wird nicht unterstützt
    .advice = Verwenden Sie einen der genannten Inhaltstypen.
error-body_incomplete = Das Dokument ist unvollständig angekommen
    .advice = Senden Sie das Dokument erneut.
error-request_timeout = Die Übertragung hat zu lange gedauert
    .advice = Senden Sie schneller oder in kleineren Teilen.
error-too_many_requests = Zu viele Anfragen gleichzeitig
    .advice = Versuchen Sie es nach der angegebenen Zeit erneut.
error-too_many_rejected = Es wurden mehr Datensätze abgelehnt, als das Profil duldet
    .advice = Lesen Sie die Befunde, berichtigen Sie die Datensätze und senden Sie das Dokument erneut.
error-hook_timeout = Eine Kundenerweiterung hat zu lange gebraucht
    .advice = Nennen Sie dem Betreiber die Kennung des Imports.
error-hook_suspended = Eine Kundenerweiterung ist vorübergehend ausgesetzt
    .advice = Senden Sie nach einer Pause erneut; hält es an, melden Sie es dem Betreiber.
error-hook_failed = Eine Kundenerweiterung ist gescheitert
    .advice = Nennen Sie dem Betreiber die Kennung des Imports.
error-internal = Auf unserer Seite ist etwas gescheitert
    .advice = Nennen Sie dem Betreiber die Kennung der Anfrage.
error-customer_unknown = Die Kundenerweiterung des Mandanten ist nicht geladen
    .advice = Melden Sie es dem Betreiber.
error-profile_invalid = Das Profil des Mandanten kann nicht verwendet werden
    .advice = Melden Sie es dem Betreiber.
error-plan_changed = Der Erweiterungsplan des Mandanten ist nicht der festgelegte
    .advice = Melden Sie es dem Betreiber.
error-storage_busy = Der Speicher ist gerade belegt
    .advice = Versuchen Sie es nach der angegebenen Zeit erneut.
error-unavailable = Der Server kann dies gerade nicht annehmen
    .advice = Versuchen Sie es nach der angegebenen Zeit erneut.
error-storage_full = Für das Dokument ist kein Platz mehr
    .advice = Melden Sie es dem Betreiber; es wurde nichts gespeichert.
error-source_unreachable = Der Dienst ist nicht erreichbar
    .advice = Prüfen Sie die url der Quelle und ob der Dienst läuft.
error-source_tls_failed = Die Verbindung zum Dienst kann nicht gesichert werden
    .advice = Prüfen Sie das Zertifikat des Dienstes und welchen Zertifikaten dieser Rechner vertraut.
error-source_timeout = Der Dienst hat zu lange nicht geantwortet
    .advice = Versuchen Sie es später erneut oder erhöhen Sie timeout_s der Quelle.
error-source_login_refused = Der Dienst hat die Anmeldung abgelehnt
    .advice = Prüfen Sie Benutzer und Geheimnis der Quelle.
error-source_answer_too_large = Eine Antwort des Dienstes ist größer als erlaubt
    .advice = Verringern Sie page_size der Quelle oder erhöhen Sie response_bytes_max.
error-source_failed = Der Dienst hat nicht so geantwortet, wie er sollte
    .advice = Lesen Sie die Einzelheiten; fragen Sie den Betreiber des Dienstes.
error-source_secret_unset = Das Geheimnis der Quelle ist nicht gesetzt
    .advice = Setzen Sie die Umgebungsvariable, die in den Einzelheiten genannt ist.
error-soap_envelope_invalid = Die Nachricht ist kein gültiger SOAP-Umschlag
    .advice = Prüfen Sie Namensraum, Reihenfolge und Anzahl von Header und Body.
error-soap_attachment_invalid = Ein Anhang der Nachricht kann nicht angenommen werden
    .advice = Senden Sie zuerst den Umschlag, dann den einen Anhang, auf den er mit dessen Content-ID verweist.
error-soap_version_mismatch = Diese SOAP-Version wird nicht unterstützt
    .advice = Verwenden Sie den Namensraum von SOAP 1.1 oder 1.2.
error-soap_must_understand = Eine verbindliche Kopfzeile wird nicht verstanden
    .advice = Senden Sie die Kopfzeile ohne mustUnderstand oder gar nicht.
error-soap_operation_unknown = Die Operation ist nicht bekannt
    .advice = Verwenden Sie eine Operation der WSDL; SOAPAction muss sie nennen.
error-rejected_unavailable = Die abgelehnten Datensätze können nicht ausgegeben werden
    .advice = Berichtigen Sie die Datensätze anhand der Befunde im Quellsystem und senden Sie sie erneut.
error-document_gone = Das Dokument wird nicht mehr aufbewahrt
    .advice = Berichtigen Sie die Datensätze anhand der Befunde im Quellsystem und senden Sie sie erneut.
error-format_unknown = Kein Format erkennt das Dokument
    .advice = Senden Sie ein bekanntes Format oder lassen Sie das Format im Profil benennen.
error-session_unknown = Die Sitzung ist unbekannt oder beendet
    .advice = Melden Sie sich neu an.
error-other = Der Import konnte nicht ausgeführt werden
    .advice = Nennen Sie dem Betreiber die Kennung des Imports.

report-title = Importbericht
outcome-waiting = Dieser Import ist noch nicht beendet. Laden Sie die Seite später neu.
outcome-failed = Es wurde nichts geändert: Das Dokument konnte nicht importiert werden.
outcome-empty = Das Dokument enthält keine Datensätze; es wurde nichts gelesen.
outcome-clean = { $accepted ->
        [one] Der eine Datensatz wurde übernommen.
       *[other] Alle { $accepted } Datensätze wurden übernommen.
    }
outcome-partial = { $rejected ->
        [one] Einer von { $read } Datensätzen wurde abgelehnt.
       *[other] { $rejected } von { $read } Datensätzen wurden abgelehnt.
    } { $accepted ->
        [0] Übernommen wurde keiner.
        [one] Einer wurde übernommen.
       *[other] { $accepted } wurden übernommen.
    }
reason = Grund
what-to-do = Was zu tun ist
label-import = Import
label-catalog = Katalog
label-format = Format
label-encoding = Kodierung
label-size = Größe
label-received = Eingegangen
label-finished = Beendet
label-mode = Modus
size-bytes = { $bytes } Bytes
count-read = gelesen
count-accepted = übernommen
count-rejected = abgelehnt
count-added = neu
count-changed = geändert
count-unchanged = unverändert
count-removed = entfernt
section-errors = Abgelehnt
section-warnings = Hinweise
section-unmapped = Nicht gelesen
column-place = Stelle
column-item = Artikel
column-problem = Was nicht stimmt
line = Zeile { $line }
line-column = Zeile { $line }, Spalte { $column }
element-path = in { $path }
sent-value = Gesendet
from-document = Aus dem Dokument
more-of-kind = { $count ->
        [one] Ein weiterer dieser Art steht
       *[other] { $count } weitere dieser Art stehen
    } in der
more-kinds = Es gibt mehr Arten von Befunden, als hier gezeigt werden. Alle stehen in der
more-place = Tabelle
findings-kept-max = Nur die ersten { $count } Befunde wurden aufbewahrt.
csv-link = Alle Befunde als Tabelle (CSV)
rejected-link = Die abgelehnten Datensätze in Ihrem eigenen Format
rejected-how = Berichtigen Sie sie dort und senden Sie die Datei erneut, und zwar mit mode=merge. Sonst würde ein Dokument, das einen ganzen Katalog ankündigt, alles durch diese wenigen Datensätze ersetzen.
unmapped-intro = Diese Teile des Dokuments kennt der Leser nicht. Sie wurden weggelassen; die Datensätze wurden ohne sie übernommen.
column-path = Pfad
column-count = Anzahl
unmapped-more = { $count ->
        [one] Ein weiterer Pfad steht
       *[other] { $count } weitere Pfade stehen
    } in der Beschreibung des Imports (JSON).
all-well = Es ist nichts zu berichtigen.
