"""How long something took, in seconds, by the unit that its column names."""

from __future__ import annotations

import re
from dataclasses import replace

from postlens.core.data.convert.conversion import Conversion
from postlens.core.data.convert.numbers import Numbers

_HOURS = (
    r"(?i)[(\[]?\b(hours?|stunden?|std\.?|heures?|horas?|ore|ora|uren|uur|godz\.?|godzin\w*|saat|jam|timmar|timer|hodin\w*|hod\.?|hrs?\.?|h)"
    r"[)\]]?$|(?:\u6642\u9593|\u5c0f\u65f6|\u5c0f\u6642|\uc2dc\uac04|\u0447\u0430\u0441\w*)[)\uff09]?$"
)
_DAYS = r"(?i)[(\[](days?|tage|jours|dias|d\u00edas|giorni|dagen|dni)[)\]]$"
_CLOCK_OF_HOURS = r"(?i)[(\[](hh?:mm)[)\]]$"
_MILLISECONDS = r"(?i)\(?\b(ms|msec|milliseconds)\)?$"
_MINUTES = r"(?i)[(\[]?\b(minutes?|minuten?|minutos?|minuti|minuto|min\.?|mins)[)\]]?$|[(\[]m[)\]]$|^(?:estimated\s+)?minutes\b|\bminutes watched\b"


def in_seconds(numbers: Numbers, header: str, work: Conversion) -> Numbers:
    """Hours and minutes by their name as seconds; values that are clocks are seconds already."""
    alone = re.sub(r"\s*\(\d+\)$", "", header.strip())  # A second column of that name.
    written = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", alone.replace("_", " "))  # watch_time_hours, watchTimeHours
    if re.search(_MILLISECONDS, written):
        return replace(numbers, values=numbers.values / 1000, reading=f"{numbers.reading}, milliseconds as seconds")
    told = {"watch_hours": 3600.0, "watch_minutes": 60.0}.get(work.units.get(header, ""), 1.0)
    if "clock" in numbers.reading:
        by_hours = re.search(_CLOCK_OF_HOURS, written) is not None
        return (
            replace(numbers, values=numbers.values * 60, reading="hours and minutes as seconds")
            if by_hours
            else numbers
        )
    malay = re.match(r"(?i)(?:tempoh|durasi)\b", header) is not None  # There, "saat" is a second and "jam" an hour.
    units = ((_HOURS, 3600.0), (_DAYS, 86400.0), (_MINUTES, 60.0))
    factor = next((seconds for unit, seconds in units if re.search(unit, written)), told)
    factor = 1.0 if malay and re.search(r"(?i)\bsaat\b", header) else factor
    if factor == 1.0:
        return numbers
    word = {3600.0: "hours", 86400.0: "days", 60.0: "minutes"}[factor]
    return replace(numbers, values=numbers.values * factor, reading=f"{numbers.reading}, {word} as seconds")
