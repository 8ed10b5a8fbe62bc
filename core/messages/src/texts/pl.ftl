# Polski. Klucze i zmienne jak w en.ftl.

finding-field_required = Brakuje wymaganego pola.
    .advice = Uzupełnij pole w systemie źródłowym i wyślij artykuł ponownie.
finding-field_length = Tekst lub lista ma mniej albo więcej, niż wolno.
    .advice = Skróć lub uzupełnij wartość w systemie źródłowym i wyślij artykuł ponownie.
finding-field_range = Liczba jest poza dozwolonym zakresem.
    .advice = Popraw liczbę w systemie źródłowym i wyślij artykuł ponownie.
finding-field_pattern = Tekst nie ma wymaganej postaci.
    .advice = Zapisz wartość w postaci podanej w komunikacie i wyślij artykuł ponownie.
finding-field_invalid = Pole zawiera wartość, której nie można użyć.
    .advice = Popraw wartość w systemie źródłowym i wyślij artykuł ponownie.
finding-field_unknown = Pole nie jest znane.
    .advice = Sprawdź pisownię nazwy pola albo pomiń to pole.
finding-record_malformed = Rekordu nie można odczytać.
    .advice = Sprawdź, jak system źródłowy zapisuje ten rekord: liczbę pól, cudzysłowy, nawiasy.
finding-record_too_large = Rekord jest większy, niż może być jeden artykuł.
    .advice = Usuń to, co nie należy do artykułu, na przykład osadzone obrazy, albo podziel go.
finding-sku_missing = Rekord nie ma numeru artykułu.
    .advice = Nadaj artykułowi numer w systemie źródłowym i wyślij go ponownie.
finding-sku_duplicate = Numer artykułu występuje więcej niż raz; liczy się ostatni rekord.
    .advice = Wysyłaj każdy numer artykułu tylko raz. Jeśli to różne artykuły, nadaj im różne numery.
finding-sku_unknown = Zmiana częściowa wskazuje artykuł, którego nie ma.
    .advice = Wyślij najpierw cały artykuł albo popraw numer artykułu.
finding-decimal_invalid = Liczby nie można odczytać jako dziesiętnej.
    .advice = Zapisz liczbę cyframi z kropką dziesiętną, bez separatora tysięcy i bez jednostki, na przykład 1234.50.
finding-date_invalid = Daty lub godziny nie można odczytać.
    .advice = Zapisz datę jako rok-miesiąc-dzień, na przykład 2026-01-31.
finding-price_amount_missing = Cena nie ma kwoty i została pominięta.
    .advice = Podaj kwotę ceny albo usuń pustą cenę.
finding-price_formula_refused = Cena jest formułą; formuły nie są obliczane, a cena została pominięta.
    .advice = Wyślij cenę jako kwotę.
finding-currency_missing = Cena nie ma waluty.
    .advice = Podaj walutę przy cenie lub w nagłówku dokumentu albo poproś operatora o ustawienie domyślnej.
finding-currency_unknown = Waluta nie jest prawidłowym kodem waluty.
    .advice = Użyj trzyliterowego kodu według ISO 4217, na przykład PLN lub EUR.
finding-tax_percent = Podatek większy od 1 odczytano jako procent.
    .advice = Nic nie ginie. Aby uniknąć tej uwagi, wyślij podatek jako ułamek: 0.23 dla 23 procent.
finding-gtin_check_digit = Cyfra kontrolna numeru GTIN (EAN) jest błędna; numer zachowano tak, jak go wysłano.
    .advice = Porównaj numer z etykietą produktu i popraw go.
finding-category_unknown = Artykuł jest przypisany do grupy, której dokument nie zawiera.
    .advice = Wyślij także grupę albo popraw identyfikator grupy.
finding-mode_narrowed = Dokument żąda więcej, niż dopuszczono przy wysyłaniu; wykonano to, co dopuszczono.
    .advice = Jeśli dokument ma zastąpić cały katalog, zezwól na to: wyślij go z mode=replace.
finding-mode_unsuited = Rekordu nie można zastosować w imporcie tego rodzaju.
    .advice = Wyślij rekord w dokumencie odpowiedniego rodzaju albo wybierz inny tryb.
finding-language_unknown = Kod języka nie jest znany; użyto języka domyślnego.
    .advice = Użyj kodu według ISO 639, na przykład pl lub pol.
finding-text_truncated = Tekst był dłuższy, niż wolno, i został skrócony.
    .advice = Skróć tekst w systemie źródłowym, jeśli jego koniec jest ważny.
finding-part_ignored = Część dokumentu nie ma tu swojego miejsca i została pominięta.
    .advice = Nie trzeba nic robić. Jeśli ta część jest ważna, zapytaj operatora.
finding-findings_omitted = Rekord ma więcej uwag, niż wymieniono.
    .advice = Popraw wymienione i wyślij artykuł ponownie; pozostałe zostaną wtedy zgłoszone.
finding-rule_panicked = Reguła sprawdzająca zawiodła przy tym artykule.
    .advice = Błąd nie leży po stronie artykułu. Podaj operatorowi identyfikator importu.
finding-rule_suspended = Reguła sprawdzająca jest chwilowo wyłączona; jej artykuły są odrzucane.
    .advice = Wyślij artykuły później; jeśli to potrwa, zawiadom operatora.
finding-rule_rejected = Reguła odbiorcy odrzuca ten artykuł.
    .advice = Zmień to, co wskazuje komunikat, i wyślij artykuł ponownie.
finding-encoding_guessed = Dokument nie podaje kodowania albo podaje błędne; odczytano go w najbardziej prawdopodobnym.
    .advice = Sprawdź polskie litery i znaki diakrytyczne w wyniku. Niech system źródłowy podaje kodowanie, najlepiej UTF-8.
finding-record_outdated = Rekord jest starszy niż wcześniejszy rekord tego samego artykułu i został pominięty.
    .advice = Jeśli nowszy rekord jest poprawny, nie trzeba nic robić; w przeciwnym razie wyślij artykuł jeszcze raz z nowszym stanem.
finding-columns_assumed = Profil nie przypisuje kolumn; przyjęto kolumny o znanych nagłówkach.
    .advice = Porównaj wynik z tabelą. Jeśli brakuje kolumny, poproś operatora o przypisanie jej w profilu.
finding-column_missing = W dokumencie brakuje kolumny, którą przypisuje profil.
    .advice = Wyślij kolumnę pod uzgodnionym nagłówkiem albo poproś operatora o zmianę profilu.
finding-cell_error = Komórka zawiera błąd arkusza zamiast wartości.
    .advice = Popraw formułę w arkuszu i wyślij tabelę ponownie.
finding-number_shortened = Arkusz skrócił numer, na przykład do 4,00639E+12; jego cyfry przepadły.
    .advice = Przed zapisaniem tabeli sformatuj kolumnę jako tekst, wpisz numery ponownie i wyślij ją.
finding-other = Odbiorca sprawdził artykuł według własnej reguły.
    .advice = Przeczytaj komunikat; jeśli jest niejasny, zapytaj operatora.

finding-says-value-path = { $title } Wysłano „{ $value }” w { $path }.
finding-says-value = { $title } Wysłano „{ $value }”.
finding-says-path = { $title } Miejsce: { $path }.

error-request_invalid = Żądanie narusza regułę
    .advice = Popraw pola wymienione pod errors.
error-document_malformed = Dokument jest źle zbudowany
    .advice = Popraw dokument we wskazanym miejscu.
error-doctype_refused = Deklaracja typu dokumentu nie jest tu dozwolona
    .advice = Wyślij kopertę bez DOCTYPE.
error-entity_unknown = Encja nie jest zdefiniowana
    .advice = Wyślij sam znak albo odwołanie numeryczne.
error-encoding_invalid = Bajty nie pasują do zadeklarowanego kodowania
    .advice = Podaj kodowanie, w którym dokument jest rzeczywiście zapisany.
error-limit_exceeded = Przekroczono granicę czytnika dokumentów
    .advice = Podziel dokument albo zmniejsz jego zagnieżdżenie; granice podaje dokumentacja.
error-unauthenticated = Brakuje danych dostępowych lub są błędne
    .advice = Wyślij prawidłowy identyfikator klucza z jego sekretem.
error-forbidden = Dane dostępowe na to nie pozwalają
    .advice = Poproś operatora o uprawnienie.
error-tenant_suspended = Najemca jest zawieszony
    .advice = Zapytaj operatora; to, co przyjęto, ruszy dalej, gdy najemca znów będzie obsługiwany.
error-not_found = Nie ma takiego zasobu
    .advice = Sprawdź adres.
error-method_not_allowed = Ta metoda nie jest tu przewidziana
    .advice = Użyj metody z nagłówka Allow.
error-idempotency_mismatch = Klucza idempotencji użyto już dla innego dokumentu
    .advice = Dla nowego dokumentu użyj nowego klucza.
error-precondition_failed = Artykuł zmienił się od czasu odczytu
    .advice = Odczytaj artykuł ponownie.
error-body_too_large = Dokument jest większy, niż wolno
    .advice = Podziel dokument albo poproś operatora o wyższą granicę.
error-uri_too_long = Adres jest dłuższy, niż wolno
    .advice = Skróć zapytanie.
error-media_type_unsupported = Ten typ treści nie jest obsługiwany
    .advice = Użyj jednego z podanych typów treści.
error-body_incomplete = Dokument dotarł niepełny
    .advice = Wyślij dokument ponownie.
error-request_timeout = Przesyłanie trwało zbyt długo
    .advice = Wysyłaj szybciej albo w mniejszych częściach.
error-too_many_requests = Zbyt wiele żądań naraz
    .advice = Spróbuj ponownie po podanym czasie.
error-request_rate_exceeded = Najemca wysyła więcej żądań, niż wolno
    .advice = Spróbuj ponownie po podanym czasie.
error-too_many_rejected = Odrzucono więcej rekordów, niż dopuszcza profil
    .advice = Przeczytaj uwagi, popraw rekordy i wyślij dokument ponownie.
error-hook_timeout = Rozszerzenie klienta działało zbyt długo
    .advice = Podaj operatorowi identyfikator importu.
error-hook_suspended = Rozszerzenie klienta jest wstrzymane
    .advice = Wyślij ponownie po przerwie; jeśli to potrwa, zawiadom operatora.
error-hook_failed = Rozszerzenie klienta zawiodło
    .advice = Podaj operatorowi identyfikator importu.
error-import_cancelled = Import został anulowany
    .advice = Nic nie zostało zmienione; wyślij dokument ponownie, aby go zaimportować.
error-internal = Coś zawiodło po naszej stronie
    .advice = Podaj operatorowi identyfikator żądania.
error-customer_unknown = Rozszerzenie klienta nie jest załadowane
    .advice = Zawiadom operatora.
error-profile_invalid = Profilu nie można użyć
    .advice = Zawiadom operatora.
error-plan_changed = Plan rozszerzeń nie jest tym, który ustalono
    .advice = Zawiadom operatora.
error-schema_version = Baza danych klienta nie ma wersji, którą obsługuje ten serwer
    .advice = Spróbuj później; jeśli to trwa, powiadom operatora.
error-storage_busy = Magazyn danych jest zajęty
    .advice = Spróbuj ponownie po podanym czasie.
error-unavailable = Serwer nie może tego teraz przyjąć
    .advice = Spróbuj ponownie po podanym czasie.
error-storage_full = Nie ma już miejsca na dokument
    .advice = Zawiadom operatora; niczego nie zapisano.
error-spool_quota_exceeded = Dokumenty najemcy zajmują więcej miejsca, niż wolno
    .advice = Poczekaj, aż dokumenty nie będą już przechowywane, albo poproś operatora o większy limit.
error-item_quota_exceeded = Najemca miałby więcej artykułów, niż wolno
    .advice = Usuń artykuły albo poproś operatora o większy limit.
error-source_unreachable = Usługa jest nieosiągalna
    .advice = Sprawdź url źródła i czy usługa działa.
error-source_tls_failed = Połączenia z usługą nie można zabezpieczyć
    .advice = Sprawdź certyfikat usługi i którym certyfikatom ufa ten komputer.
error-source_timeout = Usługa zbyt długo nie odpowiadała
    .advice = Spróbuj później albo zwiększ timeout_s źródła.
error-source_login_refused = Usługa odmówiła logowania
    .advice = Sprawdź użytkownika i sekret źródła.
error-source_answer_too_large = Odpowiedź usługi jest większa, niż wolno
    .advice = Zmniejsz page_size źródła albo zwiększ response_bytes_max.
error-source_failed = Usługa nie odpowiedziała tak, jak powinna
    .advice = Przeczytaj szczegóły; zapytaj tego, kto prowadzi usługę.
error-source_secret_unset = Sekret źródła nie jest ustawiony
    .advice = Ustaw zmienną środowiskową wymienioną w szczegółach.
error-soap_envelope_invalid = Wiadomość nie jest prawidłową kopertą SOAP
    .advice = Sprawdź przestrzeń nazw, kolejność i liczbę elementów Header i Body.
error-soap_attachment_invalid = Nie można przyjąć załącznika wiadomości
    .advice = Wyślij najpierw kopertę, potem jeden załącznik, do którego odwołuje się ona przez Content-ID.
error-soap_version_mismatch = Ta wersja SOAP nie jest obsługiwana
    .advice = Użyj przestrzeni nazw SOAP 1.1 lub 1.2.
error-soap_must_understand = Obowiązkowy nagłówek nie jest rozumiany
    .advice = Wyślij nagłówek bez mustUnderstand albo wcale.
error-soap_addressing_invalid = Nie można zastosować nagłówka WS-Addressing
    .advice = Wyślij każdy nagłówek raz, z anonimowym adresem odpowiedzi, albo nie wysyłaj ich wcale.
error-soap_encoding_unsupported = Wiadomość jest typu rpc/encoded, a usługa nie
    .advice = Utwórz klienta z WSDL, który jest typu document/literal wrapped.
error-soap_operation_unknown = Operacja nie jest znana
    .advice = Użyj operacji z WSDL; SOAPAction musi ją nazywać.
error-rejected_unavailable = Odrzuconych rekordów nie można wydać
    .advice = Popraw rekordy w systemie źródłowym według uwag i wyślij je ponownie.
error-document_gone = Dokument nie jest już przechowywany
    .advice = Popraw rekordy w systemie źródłowym według uwag i wyślij je ponownie.
error-backup_invalid = Nie można użyć kopii zapasowej
    .advice = Szczegóły mówią dlaczego; niczego nie zmieniono.
error-format_unknown = Żaden format nie rozpoznaje dokumentu
    .advice = Wyślij znany format albo wskaż format w profilu.
error-session_unknown = Sesja jest nieznana lub się zakończyła
    .advice = Zaloguj się ponownie.
error-other = Nie udało się wykonać importu
    .advice = Podaj operatorowi identyfikator importu.

report-title = Raport z importu
outcome-waiting = Ten import jeszcze się nie zakończył. Wczytaj stronę później.
outcome-failed = Niczego nie zmieniono: dokumentu nie udało się zaimportować.
outcome-empty = Dokument nie zawiera rekordów; niczego z niego nie odczytano.
outcome-clean = { $accepted ->
        [one] Jedyny rekord został przyjęty.
        [few] Przyjęto wszystkie { $accepted } rekordy.
        [many] Przyjęto wszystkie { $accepted } rekordów.
       *[other] Przyjęto wszystkie { $accepted } rekordu.
    }
outcome-partial = { $rejected ->
        [one] Odrzucono jeden z { $read } rekordów.
        [few] Odrzucono { $rejected } z { $read } rekordów.
        [many] Odrzucono { $rejected } z { $read } rekordów.
       *[other] Odrzucono { $rejected } z { $read } rekordów.
    } { $accepted ->
        [0] Nie przyjęto żadnego.
        [one] Przyjęto jeden.
       *[other] Przyjęto { $accepted }.
    }
reason = Powód
what-to-do = Co zrobić
label-import = Import
label-catalog = Katalog
label-format = Format
label-encoding = Kodowanie
label-size = Rozmiar
label-received = Odebrano
label-finished = Zakończono
label-mode = Tryb
size-bytes = { $bytes ->
        [one] { $bytes } bajt
        [few] { $bytes } bajty
       *[many] { $bytes } bajtów
    }
count-read = odczytane
count-accepted = przyjęte
count-rejected = odrzucone
count-added = dodane
count-changed = zmienione
count-unchanged = bez zmian
count-removed = usunięte
section-errors = Odrzucone
section-warnings = Ostrzeżenia
section-unmapped = Nieodczytane
column-place = Miejsce
column-item = Artykuł
column-problem = Co jest nie tak
line = wiersz { $line }
line-column = wiersz { $line }, kolumna { $column }
element-path = w { $path }
sent-value = Wysłano
from-document = Z dokumentu
more-of-kind = { $count ->
        [one] Jeszcze jedna uwaga tego rodzaju jest
        [few] Jeszcze { $count } uwagi tego rodzaju są
       *[many] Jeszcze { $count } uwag tego rodzaju jest
    } w
more-kinds = Rodzajów uwag jest więcej, niż tu pokazano. Wszystkie są w
more-place = tabeli
findings-kept-max = { $count ->
        [one] Zachowano tylko pierwszą uwagę.
        [few] Zachowano tylko { $count } pierwsze uwagi.
       *[many] Zachowano tylko { $count } pierwszych uwag.
    }
csv-link = Wszystkie uwagi w tabeli (CSV)
rejected-link = Odrzucone rekordy w Twoim własnym formacie
rejected-how = Popraw je w tym pliku i wyślij go ponownie z mode=merge. Inaczej dokument, który zapowiada cały katalog, zastąpiłby wszystko tymi kilkoma rekordami.
unmapped-intro = Tych części dokumentu czytnik nie zna. Zostały pominięte; rekordy przyjęto bez nich.
column-path = Ścieżka
column-count = Liczba
unmapped-more = { $count ->
        [one] Jeszcze jedna ścieżka jest
        [few] Jeszcze { $count } ścieżki są
       *[many] Jeszcze { $count } ścieżek jest
    } w opisie importu (JSON).
all-well = Nie ma nic do poprawienia.
