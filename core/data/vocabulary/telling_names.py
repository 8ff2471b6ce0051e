"""Names of columns that tell what a table is about, in the languages of exports; compared with names in their normal form."""

from __future__ import annotations

import re

# What an ads report calls money spent, and what it calls an ad: with both it is one, in these languages by any order.
SPEND = re.compile(
    r"\b(spend|spent|cost per|cpc|roas|campaign budget|gasto|gastado|gastos|ausgegeben\w*|ausgaben|depens\w*|speso|spesa|besteed\w*|uitgegeven|"
    r"wydan\w*|wydatk\w*|harcan\w*|harcama|chi tieu|chi ti\u00eau|dibelanjakan|pengeluaran|cout par|coste por|custo por|costo per|kosten per|"
    r"kosten pro|koszt|spenderat|utratena|utracena|\u043f\u043e\u0442\u0440\u0430\u0447\u0435\u043d\w*|\u0440\u0430\u0441\u0445\u043e\u0434\w*)\b|\u6d88\u5316\u91d1\u984d|\u8cbb\u7528|\u8d39\u7528|\u82b1\u8d39|\u82b1\u8cbb|\u0627\u0644\u0645\u0628\u0644\u063a|\uc9c0\ucd9c|\ube44\uc6a9|\u0e08\u0e33\u0e19\u0e27\u0e19\u0e40\u0e07\u0e34\u0e19|\u0e04\u0e48\u0e32\u0e43\u0e0a\u0e49\u0e08\u0e48\u0e32\u0e22"
)
AD = re.compile(
    r"\b(ad|ads|adset|adsets|ad set|ad group|campaign|campaigns|anuncio|anuncios|anzeige\w*|annonce|annonces|publicite|inserzion\w*|advertentie\w*|"
    r"reklam\w*|iklan|quang cao|qu\u1ea3ng c\u00e1o|campana|campanha|campagne\w*|campagna|kampanya|kampania|kampagne\w*|kampanye|annons\w*|kampanj\w*|kampan\w*|reklamn\w*|\u043e\u0431\u044a\u044f\u0432\u043b\u0435\u043d\w*|\u0440\u0435\u043a\u043b\u0430\u043c\w*|\u043a\u0430\u043c\u043f\u0430\u043d\w*|chien dich|chi\u1ebfn d\u1ecbch)\b|"
    r"\u5e83\u544a|\u5ee3\u544a|\u5e7f\u544a|\uad11\uace0|\u0625\u0639\u0644\u0627\u0646|\u062d\u0645\u0644\u0629|\ucea0\ud398\uc778|\u30ad\u30e3\u30f3\u30da\u30fc\u30f3|\u0e42\u0e06\u0e29\u0e13\u0e32|\u0e41\u0e04\u0e21\u0e40\u0e1b\u0e0d"
)
OTHER = re.compile(
    r"\b(sku|price|stock|in stock|e-?mail|subject|opens|open rate|unsubscrib\w*|episode|podcast|playlist|product|order|invoice|customer|"
    r"employee|repository|issue|html url|bounce\w*|sessions?|page ?views|playlists?|"
    r"preis|prix|precio|preco|prezzo|cena|prijs|artikel|produkt\w*|produit|producto|produto|prodotto|bestellung\w*|rechnung\w*|"
    r"betreff|empfanger|offnungen|objet|destinataires?|ouvertures|asunto|aperturas|assunto|aberturas|oggetto|destinatari\w*|aperture|recipients|newsletter|"
    r"folge|folgen|episodio|episodios|episodes|puntata|odcinek|seitenaufrufe|pages vues|paginas vistas|wiedergabeliste|"
    r"slug|guid|post status|stellentitel|bewerbungen|job title|salary|applications|vacancy|offre|oferta|"
    r"sterne|stars|bewertung|review|reviewer|avis|note sur|resena|valutazione|ticket|priority|assignee|inbox|message id|from|received|"
    r"hashtag|keyword|search term|suchbegriff|query|segment|audience|competitor|fan|members|mitglieder|last (?:used|post|activity|seen)|forks|"
    r"match|opponent|home team|away team|event name|answer ?count|question id|poll question|listing|downloads|release date|erscheinungsdatum)\b"
)
# Texts and links beside the numbers of a day or week.
REMARK = re.compile(
    r"\b(top post|best post|bester beitrag|mejor post|notes?|notiz\w*|summary|zusammenfassung|remarks?|highlights?|kommentar der \w+|agency comment|analyst comment|observacion\w*|resumen|resume)\b"
)
PERIOD = re.compile(
    r"^(week|month|quarter|woche|monat|kalenderwoche|semana|mes|mois|semaine|settimana|mese|maand|tydzien|miesiac)\b"
)
AGGREGATES = frozenset(
    [
        "posts",
        "beitrage",
        "publicaciones",
        "publications",
        "publicacoes",
        "videos",
        "tweets",
        "pubblicazioni",
        "posty",
        "berichten",
    ]
)
SOCIAL_NAME = re.compile(
    r"post|tweet|reel|story|stories|insta|facebook|tiktok|youtube|linkedin|beitrag|publica|pubblica|pin\b|threads|caption|\bvideo\b"
)
COMMENT = re.compile(
    r"\b(?:comment|kommentar|comentario|commentaire|commento|reactie|yorum|komentarz|reply|antwort)s?[ -]?(?:id|text|author|date|likes)\b|"
    r"\b(?:(?:texto|autor|fecha|texte|auteur|date|testo|autore|data) (?:del|du|do|de|des|della|dello) comm?ent\w*|id (?:del|du|do|de) comm?ent\w*|comment author|commenter|in reply to|parent id|reply count|replied to|auteur du commentaire|link id|verfasser)\b"
)
OWN_AD = re.compile(
    r"\b(?:ad|ads|adset|ad set|ad group|anzeigen?|anzeigengruppen?|anuncios?|annonces?|inserzion\w|advertentie\w*|reklam\w*|kampagnen?|campaign|campana|campanha|"
    r"campagne|campagna)[ -]?(?:id|name|set|group|status|nummer|nr)\b|"
    r"\b(?:id|nombre|nome|nom) (?:del?|do|de la|de l'|della|de)? ?(?:anuncio|annonce|inserzione|campana|campanha|campagne|campagna|ensemble|conjunto)\b|anzeigenname|kampagnenname|conjunto de anuncios"
)
