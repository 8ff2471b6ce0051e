"""Texts in the encodings of many countries, none of which says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlens.core.data.files import readers, sniff

CAPTIONS = {
    "fr": ["Où aller cet été ?", "Merci à tous : quelle journée", "Ça y est : la rentrée", "Noël approche : vite"],
    "de": ["Schöne Grüße aus Köln", "Über uns: die Bäckerei", "Süßes für Mädchen", "Fünf Äpfel"],
    "es": ["¿Quién viene mañana?", "El año que viene volverá", "Información en el vínculo", "Aquí está"],
    "pt": ["Amanhã não há sessão", "Promoção de verão", "Você já viu?", "Informações à entrada"],
    "pl": ["Zażółć gęślą jaźń", "Dziś świeże pączki", "Wkrótce więcej", "Łódź nocą"],
    "cs": ["Příliš žluťoučký kůň", "Děkujeme všem", "Už je to tady", "Čerstvý chléb"],
    "hu": ["Árvíztűrő tükörfúrógép", "Köszönjük szépen", "Hétvégi őszi vásár", "Új termék érkezett"],
    "tr": ["Çok güzel bir gün", "İstanbul'da akşam", "Şimdi öğrenin", "Yağmurlu günler"],
    "lt": ["Ačiū visiems", "Šiandien naujiena", "Žalia arbata", "Mūsų būstinė"],
    "ru": ["Новый пост о работе", "Утро в Москве", "Наша команда готовит", "Спасибо всем"],
    "el": ["Καλημέρα σε όλους", "Νέα ανάρτηση", "Ευχαριστούμε πολύ", "Το πρωί στην Αθήνα"],
    "he": ["בוקר טוב לכולם", "פוסט חדש", "תודה רבה", "הבוקר בתל אביב"],
    "ar": ["صباح الخير للجميع", "منشور جديد اليوم", "شكرا جزيلا لكم", "منتجنا الجديد"],
    "th": ["สวัสดีตอนเช้า", "วันนี้มีสินค้าใหม่", "ขอบคุณทุกคน", "เปิดร้านแล้ว"],
    "ja": ["おはようございます", "新しい動画を公開しました", "東京の朝", "ありがとう"],
    "ko": ["오늘의 소식을 전합니다", "서울의 아침", "새로운 영상이 올라왔습니다", "감사합니다"],
    "zh": ["今天的新消息", "北京的早晨", "我们的团队正在准备", "谢谢大家"],
    "tw": ["今天的新消息", "台北的早晨", "我們的團隊正在準備", "謝謝大家"],
    "en": ["It’s here — don’t miss it", "The “best” café", "Déjà vu…", "We’re open"],
}
WRITTEN = [
    *(("fr", e) for e in ("cp1252", "mac_roman", "cp850")),
    *(("de", e) for e in ("cp1252", "mac_roman", "cp850")),
    *(("es", e) for e in ("cp1252", "mac_roman")),
    *(("pt", e) for e in ("cp1252", "mac_roman")),
    *(("pl", e) for e in ("cp1250", "iso8859_2", "cp852")),
    *(("cs", e) for e in ("cp1250", "iso8859_2", "mac_latin2")),
    *(("hu", e) for e in ("cp1250", "iso8859_2")),
    *(("ru", e) for e in ("cp1251", "koi8_r", "cp866")),
    *(("ja", e) for e in ("cp932", "euc_jp")),
    *(("tr", "cp1254"), ("lt", "cp1257"), ("el", "cp1253"), ("he", "cp1255"), ("ar", "cp1256"), ("th", "cp874")),
    *(("ko", "cp949"), ("zh", "gb18030"), ("tw", "big5"), ("en", "cp1252"), ("en", "mac_roman")),
]


def _file(folder: Path, language: str, encoding: str, times: int) -> Path:
    rows = "".join(
        f"{i},2026-01-{1 + i % 28:02},{text},{i},1\n" for i, text in enumerate(CAPTIONS[language] * times, start=10)
    )
    path = folder / "posts.csv"
    path.write_bytes(("Post ID,Published,Caption,Likes,Comments\n" + rows).encode(encoding))
    return path


@pytest.mark.parametrize("times", [1, 40])
@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_the_words_are_those_that_were_written(tmp_path: Path, language: str, encoding: str, times: int) -> None:
    path = _file(tmp_path, language, encoding, times)
    read = readers.read(path, readers.TABLES[0])
    assert read.frame["Caption"].to_list() == CAPTIONS[language] * times
    assert "a guess: " in read.reading[0], "with words that show whether rightly"


def test_stray_signs_of_windows_do_not_change_the_letters_of_utf_8(tmp_path: Path) -> None:
    rows = b"".join(b"%d,2026-01-02,What we saw and wh\x85,3,1\n" % i for i in range(30))
    rows += "".join(f"{i},2026-01-02,Café №{i} à côté 🎉,3,1\n" for i in range(40, 50)).encode()
    path = tmp_path / "posts.csv"
    path.write_bytes(b"Post ID,Published,Caption,Likes,Comments\n" + rows)
    assert sniff.encoding_of(path).name == "utf-8"
    captions = readers.read(path, readers.TABLES[0]).frame["Caption"]
    assert captions[0] == "What we saw and wh…"
    assert captions[-1] == "Café №49 à côté 🎉"
