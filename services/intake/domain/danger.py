"""Words that speak of danger to life, now: then the numbers to call stand first."""

from shared.text import fold, is_unaccented, nfc, words

DANGER = (
    "tai nạn", "té xe", "ngã xe", "có người bị thương", "bị thương", "chết người", "cháy", "chập điện", "rò điện",
    "điện giật", "dây điện đứt", "đứt dây điện", "cây đổ", "sập cầu", "cầu sập", "sạt lở", "nước cuốn", "lật đò",
    "lật thuyền", "chìm đò", "chìm thuyền", "mất phanh", "đèn đỏ tắt", "tắt hoàn toàn", "hố tử thần", "mất nắp cống",
    "đang nguy hiểm", "rất nguy hiểm", "accident", "injured", "on fire", "collapsed", "electrocuted", "live wire",
    "sinkhole", "capsized",
)  # fmt: skip
"""Phrases, matched whole and with their accents where the writer used any."""


def speaks_of_danger(text: str) -> bool:
    """Whether a text has one of the phrases. A hint to the reader, no judgement of the case."""
    is_bare = is_unaccented(text)
    spoken = " ".join(words(fold(text)) if is_bare else words(nfc(text)))
    phrases = (" ".join(words(fold(one)) if is_bare else words(one)) for one in DANGER if not is_bare or " " in one)
    english = (one for one in DANGER if one.isascii())
    return any(f" {one} " in f" {spoken} " for one in (*phrases, *english))
