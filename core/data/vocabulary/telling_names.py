"""Names of columns that tell what a table is about, in the languages of exports; compared with names in their normal form."""

from __future__ import annotations

import re

# What an ads report calls money spent, and what it calls an ad: with both it is one, in these languages by any order.
SPEND = re.compile(
    r"\b(spend|spent|cost per|cpc|roas|campaign budget|gasto|gastado|gastos|ausgegeben\w*|ausgaben|depens\w*|speso|spesa|besteed\w*|uitgegeven|"
    r"wydan\w*|wydatk\w*|harcan\w*|harcama|chi tieu|chi ti\u00eau|dibelanjakan|pengeluaran|cout par|coste por|custo por|costo per|kosten per|"
    r"^kosten$|^costs?$|^coste$|^costo$|^custo$|kosten pro|koszt|importo speso|spenderat|utratena|utracena|\u043f\u043e\u0442\u0440\u0430\u0447\u0435\u043d\w*|\u0440\u0430\u0441\u0445\u043e\u0434\w*)\b|\u6d88\u5316\u91d1\u984d|\u8cbb\u7528|\u8d39\u7528|\u82b1\u8d39|\u82b1\u8cbb|\u0627\u0644\u0645\u0628\u0644\u063a|\uc9c0\ucd9c|\ube44\uc6a9|\u0e08\u0e33\u0e19\u0e27\u0e19\u0e40\u0e07\u0e34\u0e19|\u0e04\u0e48\u0e32\u0e43\u0e0a\u0e49\u0e08\u0e48\u0e32\u0e22"
)
AD = re.compile(
    r"\b(ad|ads|adset|adsets|ad set|ad group|campaign|campaigns|anuncio|anuncios|anzeige\w*|annonce|annonces|publicite|inserzion\w*|advertentie\w*|"
    r"reklam\w*|iklan|quang cao|qu\u1ea3ng c\u00e1o|campana|campanha|campagne\w*|campagna|kampanya|kampania|kampagne\w*|kampanye|annons\w*|kampanj\w*|kampan\w*|reklamn\w*|\u043e\u0431\u044a\u044f\u0432\u043b\u0435\u043d\w*|\u0440\u0435\u043a\u043b\u0430\u043c\w*|\u043a\u0430\u043c\u043f\u0430\u043d\w*|chien dich|chi\u1ebfn d\u1ecbch)\b|"
    r"\u5e83\u544a|\u5ee3\u544a|\u5e7f\u544a|\uad11\uace0|\u0625\u0639\u0644\u0627\u0646|\u062d\u0645\u0644\u0629|\ucea0\ud398\uc778|\u30ad\u30e3\u30f3\u30da\u30fc\u30f3|\u0e42\u0e06\u0e29\u0e13\u0e32|\u0e41\u0e04\u0e21\u0e40\u0e1b\u0e0d"
)
# Numbers that say which, where or how large, not how many people did something.
NO_METRIC = re.compile(
    r"^(?:column [a-z]+|no|nr|rank|row|page|index|order|position|version|year|month|week|day|hour|minute|date|time|datetime|age|scale|ratio|iso|lat|lng|lon)$|"
    r"(?:^|[ ._-])(?:ids?|id str|uuid|indices|offset|width|height|latitude|longitude|coordinates|timestamp|epoch|aspect ratio|bitrate|fps|date|datetime)$|"
    r"\b(?:creat\w*|post\w*|publi\w*|updat\w*|connect\w*|add\w*|scrap\w*|fetch\w*|crawl\w*|collect\w*|edit\w*|sent|seen|join\w*) (?:on|at|time)$"
)
# What an account has in all, within an object of its own: `author.likes`.
OF_AUTHOR = re.compile(r"(?:author|user|owner|channel|creator|music|sound|challenges?|location|poi)[ \w]*[./]")
# The last day of something that runs for a while, as an ad does and a post does not.
END = re.compile(
    r"\b(?:end ?date|ends|einddatum|enddatum|fecha (?:de )?fin|date de fin|data (?:di )?fine|data (?:de )?fim|data zakonczenia|laufzeit|bitis tarihi)\b"
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
OF_ACCOUNT = re.compile(
    r"^(?:profile|user|author|channel|account|owner|page|company|group)[ .]?(?:url|link|uri|href|page)\b"
)
# Texts that are not what the post says.
BESIDE_CAPTION = re.compile(
    r"\b(thumbnails?|comments?|replies|reply|music|sound|song|audio|location|place|address|bio|biography|signature|hashtags?|topics?|about|notes?|summary|"
    r"translat\w*|transcripts?|subtitles?|entities|media|attachments?|raw|json|html|meta|metadata|reason|explanation|analysis|sentiment|"
    r"keywords?|mentions?|source|error|status|alt|ocr|prompt|label|hooks?|concepts?|ideas?|ai|suggested|suggestions?|generated|visual|image|kommentare?|comentarios?|commentaires?|commenti|notiz\w*|notas?|"
    r"beschreibung des kanals|ubersetzung|traduccion|traduction|transkript\w*|musik|musica|musique|ort|lugar|lieu|luogo)\b|"
    r"^(?:channel|author|user|owner|profile|page|account|team|company|video)[ .].*(?:desc\w*|name|title|bio|text)|^first|^top"
)
# Texts and links beside the numbers of a day or week.
REMARK = re.compile(
    r"\b(top post|best post|bester beitrag|mejor post|notes?(?! (?:id|url|link|type|title)\b)|notiz\w*|summary|zusammenfassung|remarks?|highlights?|kommentar der \w+|agency comment|analyst comment|observacion\w*|resumen|resume)\b"
)
PERIOD = re.compile(
    r"^(week|month|quarter|woche|monat|kalenderwoche|semana|mes|mois|semaine|settimana|mese|maand|tydzien|miesiac)\b|"
    r"^(?:\uc8fc\ucc28|\uc8fc\uac04|\uc6d4\uac04|\u9031|\u5468\u6b21|\u6708\u4efd|\u043d\u0435\u0434\u0435\u043b\u044f|\u043c\u0435\u0441\u044f\u0446)"
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
# How many follow an account, and how many posts it has: what tables of accounts count.
FOLLOWERS = re.compile(
    r"^(?:total |n |number of |num |author |channel )?(?:subscribers?|followers?|fans|abonnenten|abonnes|seguidores|iscritti|folgere|f\u00f8lgere|foljare|volgers|"
    r"takipci|\u043f\u043e\u0434\u043f\u0438\u0441\u0447\u0438\u043a\u0438|\u7c89\u4e1d\u6570?|\u30d5\u30a9\u30ed\u30ef\u30fc\u6570?|\uad6c\ub3c5\uc790 ?\uc218?)(?: ?counts?)?$"
)
POSTS = re.compile(
    r"^(?:total |n |number of |num |antal )?(?:videos?|posts?|tweets?|media|statuses|timeline|uploads?|videoer|beitrage|publicaciones|publications)(?: ?counts?)?$"
)
SOCIAL_NAME = re.compile(
    r"post|tweet|reel|story|stories|insta|facebook|tiktok|youtube|linkedin|beitrag|publica|pubblica|pin\b|threads|caption|\bvideo\b"
)
COMMENT = re.compile(
    r"\b(?:comment|kommentar|comentario|commentaire|commento|reactie|yorum|komentarz|reply|antwort)s?[ -]?(?:id|text|content|author|date|likes)\b|"
    r"\b(?:(?:texto|autor|fecha|texte|auteur|date|testo|autore|data) (?:del|du|do|de|des|della|dello) comm?ent\w*|id (?:del|du|do|de) comm?ent\w*|comment author|commenter|in reply to|parent id|reply count|replied to|auteur du commentaire|link id|verfasser)\b|"
    r"(?:\u30b3\u30e1\u30f3\u30c8|\u8bc4\u8bba|\u8a55\u8ad6|\u7559\u8a00|\ub313\uae00|\u043a\u043e\u043c\u043c\u0435\u043d\u0442\u0430\u0440\w*)[ -]?(?:id|\u5185\u5bb9|\u5167\u5bb9|\u672c\u6587|\uc791\uc131\uc790|\ub0b4\uc6a9)"
)
_OF_A_POST = ("top ", "first ", "best ")  # A post's first comment is said of the post.


def comment(name: str) -> str:
    """The words of a column's normal name that speak of a comment's id, text or author; empty where none do."""
    found = COMMENT.search(name)
    return found[0] if found and not name.startswith(_OF_A_POST) else ""


OWN_AD = re.compile(
    r"\b(?:ad|ads|adset|ad set|ad group|anzeigen?|anzeigengruppen?|anuncios?|annonces?|inserzion\w|advertentie\w*|reklam\w*|kampagnen?|campaign|campana|campanha|"
    r"campagne|campagna)[ -]?(?:id|name|set|group|status|nummer|nr)\b|"
    r"\b(?:id|nombre|nome|nom) (?:del?|do|de la|de l'|della|de)? ?(?:anuncio|annonce|inserzione|campana|campanha|campagne|campagna|ensemble|conjunto)\b|anzeigenname|kampagnenname|conjunto de anuncios"
)

# Moments of a post's life beside its publication, and its publication itself.
OTHER_MOMENT = re.compile(
    r"creat|creac|creado|criac|criado|crea(?:zione|to)|cree\b|draft|entwurf|brouillon|bozza|rascunho|borrador|erstell|angelegt|aangemaakt|utworz|szkic|"
    r"vytvor|olustur|letrehoz|oprett|opprett|skapa[dt]|luotu|luonti|\bdue\b|deadline|schedul|geplan|planung|planifi|program(?:ad|mat|me)|planned|gepland|"
    r"zaplanow|planow|naplanov|planlan|planlagt|planlagd|planera|ajast|edit|modif|ander(?:ung|ad)|geander|aktualis|aktualiz|actualiz|updat|uppdat|opdater|oppdater|"
    r"bijgewerkt|gewijzigd|zmien|uprav|guncel|approv|freigabe|freigegeb|aprob|approuv|brief|review|"
    r"\u0441\u043e\u0437\u0434\u0430|\u0441\u0442\u0432\u043e\u0440|\u0437\u0430\u043f\u043b\u0430\u043d|\u0440\u0435\u0434\u0430\u043a\u0442|\u0438\u0437\u043c\u0435\u043d|\u03b4\u03b7\u03bc\u03b9\u03bf\u03c5\u03c1\u03b3|\u0625\u0646\u0634\u0627\u0621|"
    r"\u4f5c\u6210|\u521b\u5efa|\u5efa\u7acb|\u5275\u5efa|\u751f\u6210|\u4e88\u5b9a|\u8ba1\u5212|\u9810\u5b9a|\u6392\u7a0b|\u66f4\u65b0|\u7f16\u8f91|\u7de8\u8f2f|\uc0dd\uc131|\uc791\uc131|\uc608\uc57d|\uc218\uc815|\uc5c5\ub370\uc774\ud2b8|\u0e2a\u0e23\u0e49\u0e32\u0e07|dibuat|pembuatan|dijadwal"
)
PUBLICATION = re.compile(
    r"publi|pubbl|\bposted\b|\bpost(?:ing)? (?:date|time)|\bsent\b|\blive\b|veroffentlich|gepost|geplaatst|opublik|yayin|yay\u0131n|\u0111\u0103ng|dang tai|udgiv|utgiv|"
    r"julkais|zverejn|kozzet|objav|postat|\u03b4\u03b7\u03bc\u03bf\u03c3|\u043e\u043f\u0443\u0431\u043b|\u043f\u0443\u0431\u043b|\u0646\u0634\u0631|\u516c\u958b|\u6295\u7a3f|\u53d1\u5e03|\u767c\u4f48|\u767c\u5e03|\uac8c\uc2dc|\u0e40\u0e1c\u0e22\u0e41\u0e1e\u0e23\u0e48|\u0e42\u0e1e\u0e2a\u0e15\u0e4c|diterbit|terbit"
)
