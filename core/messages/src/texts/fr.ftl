# Français. Clés et variables comme dans en.ftl.

finding-field_required = Un champ obligatoire manque.
    .advice = Renseignez le champ dans le système source et renvoyez l’article.
finding-field_length = Un texte ou une liste est plus court ou plus long que permis.
    .advice = Raccourcissez ou complétez la valeur dans le système source et renvoyez l’article.
finding-field_range = Un nombre est en dehors de la plage permise.
    .advice = Corrigez le nombre dans le système source et renvoyez l’article.
finding-field_pattern = Un texte n’a pas la forme demandée.
    .advice = Écrivez la valeur dans la forme indiquée par le message et renvoyez l’article.
finding-field_invalid = Un champ contient une valeur inutilisable.
    .advice = Corrigez la valeur dans le système source et renvoyez l’article.
finding-field_unknown = Un champ n’est pas connu.
    .advice = Vérifiez l’orthographe du nom du champ, ou omettez le champ.
finding-record_malformed = L’enregistrement est illisible.
    .advice = Vérifiez comment le système source écrit cet enregistrement : nombre de champs, guillemets, parenthèses.
finding-record_too_large = L’enregistrement dépasse la taille permise pour un article.
    .advice = Retirez ce qui n’appartient pas à l’article, par exemple des images intégrées, ou divisez-le.
finding-sku_missing = L’enregistrement n’a pas de numéro d’article.
    .advice = Attribuez le numéro d’article dans le système source et renvoyez l’article.
finding-sku_duplicate = Le numéro d’article figure plusieurs fois ; le dernier enregistrement compte.
    .advice = Envoyez chaque numéro d’article une seule fois. S’il s’agit d’articles différents, donnez-leur des numéros différents.
finding-sku_unknown = Une modification partielle désigne un article qui n’existe pas.
    .advice = Envoyez d’abord l’article complet, ou corrigez le numéro d’article.
finding-decimal_invalid = Un nombre ne peut pas être lu comme nombre décimal.
    .advice = Écrivez le nombre avec des chiffres et un point décimal, sans séparateur de milliers ni unité, par exemple 1234.50.
finding-date_invalid = Une date ou une heure est illisible.
    .advice = Écrivez la date sous la forme année-mois-jour, par exemple 2026-01-31.
finding-price_amount_missing = Un prix n’a pas de montant et a été omis.
    .advice = Donnez un montant au prix, ou supprimez le prix vide.
finding-price_formula_refused = Un prix est une formule ; les formules ne sont pas calculées et le prix a été omis.
    .advice = Envoyez le prix sous forme de montant.
finding-currency_missing = Un prix n’a pas de devise.
    .advice = Indiquez la devise avec le prix ou dans l’en-tête du document, ou demandez à l’exploitant de fixer une devise par défaut.
finding-currency_unknown = La devise n’est pas un code de devise valable.
    .advice = Utilisez le code à trois lettres de la norme ISO 4217, par exemple EUR ou CHF.
finding-tax_percent = Une taxe supérieure à 1 a été lue comme un pourcentage.
    .advice = Rien n’est perdu. Pour éviter cette remarque, envoyez la taxe comme fraction : 0.20 pour 20 pour cent.
finding-gtin_check_digit = La clé de contrôle d’un GTIN (EAN) est fausse ; le numéro a été conservé tel quel.
    .advice = Comparez le numéro avec l’étiquette du produit et corrigez-le.
finding-category_unknown = L’article est rattaché à un groupe que le document ne contient pas.
    .advice = Envoyez aussi le groupe, ou corrigez l’identifiant du groupe.
finding-mode_narrowed = Le document demande plus que ce que l’envoi autorisait ; seul ce qui était autorisé a été fait.
    .advice = Si le document doit remplacer tout le catalogue, autorisez-le : envoyez-le avec mode=replace.
finding-mode_unsuited = L’enregistrement ne peut pas être appliqué dans ce type d’import.
    .advice = Envoyez l’enregistrement dans un document du type approprié, ou choisissez un autre mode.
finding-language_unknown = Un code de langue n’est pas connu ; la langue par défaut a été utilisée.
    .advice = Utilisez un code de la norme ISO 639, par exemple fr ou fra.
finding-text_truncated = Un texte était plus long que permis et a été coupé.
    .advice = Raccourcissez le texte dans le système source si sa fin est importante.
finding-part_ignored = Une partie du document n’a pas de place ici et a été omise.
    .advice = Il n’y a rien à faire. Si cette partie est importante, adressez-vous à l’exploitant.
finding-findings_omitted = Un enregistrement a plus de constats que ceux qui sont listés.
    .advice = Corrigez ceux qui sont listés et renvoyez l’article ; ce qui reste sera alors signalé.
finding-rule_panicked = Une règle de contrôle a échoué sur cet article.
    .advice = L’article n’est pas en cause. Communiquez à l’exploitant l’identifiant de l’import.
finding-rule_suspended = Une règle de contrôle est momentanément hors service ; ses articles sont rejetés.
    .advice = Renvoyez les articles plus tard ; si cela dure, prévenez l’exploitant.
finding-rule_rejected = Une règle du destinataire rejette cet article.
    .advice = Modifiez ce que le message indique et renvoyez l’article.
finding-encoding_guessed = Le document n’indique pas son encodage ou en indique un faux ; il a été lu dans le plus probable.
    .advice = Vérifiez les accents dans le résultat. Faites déclarer l’encodage par le système source, de préférence UTF-8.
finding-record_outdated = L’enregistrement est plus ancien qu’un précédent du même article et a été omis.
    .advice = Si l’enregistrement plus récent est juste, il n’y a rien à faire ; sinon, renvoyez l’article avec un état plus récent.
finding-columns_assumed = Le profil n’attribue aucune colonne ; celles dont l’intitulé est connu ont été reprises.
    .advice = Comparez le résultat avec le tableau. S’il manque une colonne, demandez à l’exploitant de l’attribuer dans le profil.
finding-column_missing = Une colonne attribuée par le profil manque dans le document.
    .advice = Envoyez la colonne sous l’intitulé convenu, ou demandez à l’exploitant de modifier le profil.
finding-cell_error = Une cellule contient une erreur du tableur au lieu d’une valeur.
    .advice = Corrigez la formule dans le tableur et renvoyez le tableau.
finding-number_shortened = Un tableur a abrégé un numéro, par exemple en 4,00639E+12 ; ses chiffres sont perdus.
    .advice = Mettez la colonne au format texte avant d’enregistrer, saisissez de nouveau les numéros et renvoyez le tableau.
finding-other = Le destinataire a contrôlé l’article selon une règle qui lui est propre.
    .advice = Lisez le message ; s’il n’est pas clair, adressez-vous à l’exploitant.

finding-says-value-path = { $title } Valeur envoyée : « { $value } » dans { $path }.
finding-says-value = { $title } Valeur envoyée : « { $value } ».
finding-says-path = { $title } Emplacement : { $path }.

error-request_invalid = La requête enfreint une règle
    .advice = Corrigez les champs énumérés sous errors.
error-document_malformed = Le document est mal formé
    .advice = Corrigez le document à l’endroit indiqué.
error-doctype_refused = Une déclaration de type de document n’est pas permise ici
    .advice = Envoyez l’enveloppe sans DOCTYPE.
error-entity_unknown = Une entité n’est pas définie
    .advice = Envoyez le caractère lui-même ou une référence numérique.
error-encoding_invalid = Les octets ne correspondent pas à l’encodage déclaré
    .advice = Déclarez l’encodage dans lequel le document est réellement écrit.
error-limit_exceeded = Une limite du lecteur de documents est dépassée
    .advice = Divisez le document ou imbriquez-le moins profondément ; la documentation indique les limites.
error-unauthenticated = Les identifiants manquent ou sont faux
    .advice = Envoyez un identifiant de clé valable avec son secret.
error-forbidden = Les identifiants ne permettent pas cela
    .advice = Demandez le droit à l’exploitant.
error-not_found = La ressource n’existe pas
    .advice = Vérifiez l’adresse.
error-method_not_allowed = Cette méthode n’est pas prévue ici
    .advice = Utilisez une méthode de l’en-tête Allow.
error-idempotency_mismatch = La clé d’idempotence a déjà servi pour un autre document
    .advice = Utilisez une nouvelle clé pour un nouveau document.
error-precondition_failed = L’article a changé depuis sa lecture
    .advice = Relisez l’article.
error-body_too_large = Le document est plus grand que permis
    .advice = Divisez le document, ou demandez à l’exploitant une limite plus élevée.
error-uri_too_long = L’adresse est plus longue que permis
    .advice = Raccourcissez la requête.
error-media_type_unsupported = Le type de contenu n’est pas pris en charge
    .advice = Utilisez l’un des types de contenu indiqués.
error-body_incomplete = Le document est arrivé incomplet
    .advice = Renvoyez le document.
error-request_timeout = La transmission a duré trop longtemps
    .advice = Envoyez plus vite, ou en parties plus petites.
error-too_many_requests = Trop de requêtes à la fois
    .advice = Réessayez après le délai indiqué.
error-too_many_rejected = Plus d’enregistrements ont été rejetés que le profil ne le tolère
    .advice = Lisez les constats, corrigez les enregistrements et renvoyez le document.
error-hook_timeout = Une extension du client a pris trop de temps
    .advice = Communiquez à l’exploitant l’identifiant de l’import.
error-hook_suspended = Une extension du client est suspendue
    .advice = Renvoyez après une pause ; si cela dure, prévenez l’exploitant.
error-hook_failed = Une extension du client a échoué
    .advice = Communiquez à l’exploitant l’identifiant de l’import.
error-import_cancelled = L’import a été annulé
    .advice = Rien n’a été modifié ; renvoyez le document pour l’importer.
error-internal = Une erreur s’est produite de notre côté
    .advice = Communiquez à l’exploitant l’identifiant de la requête.
error-customer_unknown = L’extension du client n’est pas chargée
    .advice = Prévenez l’exploitant.
error-profile_invalid = Le profil du locataire est inutilisable
    .advice = Prévenez l’exploitant.
error-plan_changed = Le plan d’extensions du locataire n’est pas celui qui est fixé
    .advice = Prévenez l’exploitant.
error-storage_busy = Le stockage est occupé
    .advice = Réessayez après le délai indiqué.
error-unavailable = Le serveur ne peut pas accepter cela maintenant
    .advice = Réessayez après le délai indiqué.
error-storage_full = Il n’y a plus de place pour le document
    .advice = Prévenez l’exploitant ; rien n’a été enregistré.
error-source_unreachable = Le service est injoignable
    .advice = Vérifiez l’url de la source et si le service fonctionne.
error-source_tls_failed = La connexion au service ne peut pas être sécurisée
    .advice = Vérifiez le certificat du service et ceux auxquels cette machine fait confiance.
error-source_timeout = Le service a mis trop de temps à répondre
    .advice = Réessayez plus tard, ou augmentez timeout_s de la source.
error-source_login_refused = Le service a refusé la connexion
    .advice = Vérifiez l’utilisateur et le secret de la source.
error-source_answer_too_large = Une réponse du service est plus grande que permis
    .advice = Diminuez page_size de la source ou augmentez response_bytes_max.
error-source_failed = Le service n’a pas répondu comme il le devrait
    .advice = Lisez le détail ; adressez-vous à l’exploitant du service.
error-source_secret_unset = Le secret de la source n’est pas défini
    .advice = Définissez la variable d’environnement indiquée dans le détail.
error-soap_envelope_invalid = Le message n’est pas une enveloppe SOAP valable
    .advice = Vérifiez l’espace de noms, l’ordre et le nombre des éléments Header et Body.
error-soap_attachment_invalid = Une pièce jointe du message ne peut pas être prise
    .advice = Envoyez d’abord l’enveloppe, puis la seule pièce jointe qu’elle désigne par son Content-ID.
error-soap_version_mismatch = La version de SOAP n’est pas prise en charge
    .advice = Utilisez l’espace de noms de SOAP 1.1 ou 1.2.
error-soap_must_understand = Un en-tête obligatoire n’est pas compris
    .advice = Envoyez l’en-tête sans mustUnderstand, ou pas du tout.
error-soap_addressing_invalid = Un en-tête WS-Addressing ne peut pas être suivi
    .advice = Envoyez chaque en-tête une seule fois, avec l’adresse anonyme pour les réponses, ou aucun.
error-soap_encoding_unsupported = Le message est en rpc/encoded, ce que le service n’est pas
    .advice = Générez le client à partir du WSDL, qui est en document/literal wrapped.
error-soap_operation_unknown = L’opération n’est pas connue
    .advice = Utilisez une opération du WSDL ; SOAPAction doit la nommer.
error-rejected_unavailable = Les enregistrements rejetés ne peuvent pas être restitués
    .advice = Corrigez les enregistrements dans le système source d’après les constats et renvoyez-les.
error-document_gone = Le document n’est plus conservé
    .advice = Corrigez les enregistrements dans le système source d’après les constats et renvoyez-les.
error-format_unknown = Aucun format ne reconnaît le document
    .advice = Envoyez un format connu, ou indiquez le format dans le profil.
error-session_unknown = La session est inconnue ou terminée
    .advice = Connectez-vous de nouveau.
error-other = L’import n’a pas pu être exécuté
    .advice = Communiquez à l’exploitant l’identifiant de l’import.

report-title = Rapport d’import
outcome-waiting = Cet import n’est pas encore terminé. Rechargez la page plus tard.
outcome-failed = Rien n’a été modifié : le document n’a pas pu être importé.
outcome-empty = Le document ne contient aucun enregistrement ; rien n’a été lu.
outcome-clean = { $accepted ->
        [0] Aucun enregistrement n’a été repris.
        [one] Le seul enregistrement a été repris.
       *[other] Les { $accepted } enregistrements ont tous été repris.
    }
outcome-partial = { $rejected ->
        [one] Un enregistrement sur { $read } a été rejeté.
       *[other] { $rejected } enregistrements sur { $read } ont été rejetés.
    } { $accepted ->
        [0] Aucun n’a été repris.
        [one] Un seul a été repris.
       *[other] { $accepted } ont été repris.
    }
reason = Raison
what-to-do = Que faire
label-import = Import
label-catalog = Catalogue
label-format = Format
label-encoding = Encodage
label-size = Taille
label-received = Reçu
label-finished = Terminé
label-mode = Mode
size-bytes = { $bytes } octets
count-read = lus
count-accepted = repris
count-rejected = rejetés
count-added = ajoutés
count-changed = modifiés
count-unchanged = inchangés
count-removed = supprimés
section-errors = Rejetés
section-warnings = Avertissements
section-unmapped = Non lus
column-place = Emplacement
column-item = Article
column-problem = Ce qui ne va pas
line = ligne { $line }
line-column = ligne { $line }, colonne { $column }
element-path = dans { $path }
sent-value = Envoyé
from-document = Extrait du document
more-of-kind = { $count ->
        [one] Un autre constat de ce genre se trouve
       *[other] { $count } autres constats de ce genre se trouvent
    } dans le
more-kinds = Il y a plus de genres de constats que ceux montrés ici. Tous se trouvent dans le
more-place = tableau
findings-kept-max = Seuls les { $count } premiers constats ont été conservés.
csv-link = Tous les constats en tableau (CSV)
rejected-link = Les enregistrements rejetés dans votre propre format
rejected-how = Corrigez-les et renvoyez le fichier avec mode=merge. Sinon, un document qui annonce un catalogue complet remplacerait tout par ces quelques enregistrements.
unmapped-intro = Ces parties du document ne sont pas connues du lecteur. Elles ont été omises ; les enregistrements ont été repris sans elles.
column-path = Chemin
column-count = Nombre
unmapped-more = { $count ->
        [one] Un autre chemin figure
       *[other] { $count } autres chemins figurent
    } dans la description de l’import (JSON).
all-well = Il n’y a rien à corriger.
