"""Licences as packages name them, as SPDX expressions: the field `License-Expression`, free text, classifiers.

Comes in: what the metadata of a package says. Goes out: an expression for core/spdx.py, empty where nothing is said
that can be told. `License-Expression` is taken as it stands; else what the text and the classifiers say must both be
acceptable (`AND`), and several classifiers are a choice (`OR`), as most who give several mean it.
https://packaging.python.org/en/latest/specifications/core-metadata/#license-expression
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tdev.core.spdx import is_expression

_IDENTIFIERS = """
    0bsd aal afl-2.1 afl-3.0 agpl-3.0 agpl-3.0-only agpl-3.0-or-later apache-1.1 apache-2.0 apsl-2.0 artistic-1.0
    artistic-2.0 beerware blueoak-1.0.0 bsd-1-clause bsd-2-clause bsd-2-clause-patent bsd-3-clause bsd-3-clause-clear
    bsd-3-clause-lbnl bsd-4-clause bsd-source-code bsl-1.0 busl-1.1 bzip2-1.0.6 cc-by-3.0 cc-by-4.0 cc-by-nc-4.0
    cc-by-nc-sa-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cddl-1.0 cddl-1.1 cecill-2.1 cecill-b cecill-c cnri-python
    cpl-1.0 curl ecl-2.0 epl-1.0 epl-2.0 eupl-1.1 eupl-1.2 ftl gfdl-1.3-only gfdl-1.3-or-later gpl-1.0-or-later gpl-2.0
    gpl-2.0-only gpl-2.0-or-later gpl-3.0 gpl-3.0-only gpl-3.0-or-later hpnd icu ijg isc lgpl-2.0-only
    lgpl-2.0-or-later lgpl-2.1 lgpl-2.1-only lgpl-2.1-or-later lgpl-3.0 lgpl-3.0-only lgpl-3.0-or-later libpng
    libpng-2.0 lppl-1.3c mit mit-0 mit-cmu mpl-1.1 mpl-2.0 ms-pl ms-rl mulanpsl-2.0 ncsa nist-software odbl-1.0
    ofl-1.1 openssl osl-3.0 pddl-1.0 php-3.01 postgresql psf-2.0 python-2.0 python-2.0.1 qpl-1.0 ruby sgi-b-2.0
    sleepycat sspl-1.0 tcl unicode-3.0 unicode-dfs-2016 unlicense upl-1.0 vim w3c wtfpl x11 xfree86-1.1 zlib
    zlib-acknowledgement zpl-2.0 zpl-2.1
"""
KNOWN = frozenset(_IDENTIFIERS.split())
"""Identifiers of the SPDX list that packages use, in small letters."""

_CLASSIFIERS = {
    "apache software license": "Apache-2.0",
    "academic free license (afl)": "AFL-3.0",
    "artistic license": "Artistic-2.0",
    "boost software license 1.0 (bsl-1.0)": "BSL-1.0",
    "bsd license": "BSD-3-Clause",
    "blue oak model license (blueoak-1.0.0)": "BlueOak-1.0.0",
    "cc0 1.0 universal (cc0 1.0) public domain dedication": "CC0-1.0",
    "common development and distribution license 1.0 (cddl-1.0)": "CDDL-1.0",
    "eclipse public license 1.0 (epl-1.0)": "EPL-1.0",
    "eclipse public license 2.0 (epl-2.0)": "EPL-2.0",
    "european union public licence 1.1 (eupl 1.1)": "EUPL-1.1",
    "european union public licence 1.2 (eupl 1.2)": "EUPL-1.2",
    "gnu affero general public license v3": "AGPL-3.0-only",
    "gnu affero general public license v3 or later (agplv3+)": "AGPL-3.0-or-later",
    "gnu free documentation license (fdl)": "GFDL-1.3-or-later",
    "gnu general public license (gpl)": "GPL-2.0-or-later",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "gnu lesser general public license v2 (lgplv2)": "LGPL-2.0-only",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.0-or-later",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "gnu lesser general public license v3 or later (lgplv3+)": "LGPL-3.0-or-later",
    "gnu library or lesser general public license (lgpl)": "LGPL-2.0-or-later",
    "historical permission notice and disclaimer (hpnd)": "HPND",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mit no attribution license (mit-0)": "MIT-0",
    "mozilla public license 1.1 (mpl 1.1)": "MPL-1.1",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "mulan permissive software license v2 (mulanpsl-2.0)": "MulanPSL-2.0",
    "python software foundation license": "PSF-2.0",
    "public domain": "CC0-1.0",
    "sil open font license 1.1 (ofl-1.1)": "OFL-1.1",
    "the unlicense (unlicense)": "Unlicense",
    "universal permissive license (upl)": "UPL-1.0",
    "university of illinois/ncsa open source license": "NCSA",
    "w3c license": "W3C",
    "zero-clause bsd (0bsd)": "0BSD",
    "zope public license": "ZPL-2.1",
    "zlib/libpng license": "Zlib",
}
_TEXTS = (
    (r"affero|\bagpl", "AGPL-3.0-or-later"),
    (r"\blgpl|lesser general public", "LGPL-2.1-or-later"),
    (r"(\bgpl|general public licen[cs]e).{0,20}\b3|\bgplv?-?3", "GPL-3.0-or-later"),
    (r"\bgpl|gnu general public", "GPL-2.0-or-later"),
    (r"server side public|\bsspl", "SSPL-1.0"),
    (r"business source", "BUSL-1.1"),
    (r"mozilla|\bmpl", "MPL-2.0"),
    (r"apache", "Apache-2.0"),
    (r"\bmit\b|\bexpat\b", "MIT"),
    (r"\bbsd.{0,9}\b2|2.clause.{0,9}bsd", "BSD-2-Clause"),
    (r"\bbsd\b", "BSD-3-Clause"),
    (r"\bisc\b", "ISC"),
    (r"python software foundation|\bpsf", "PSF-2.0"),
    (r"unlicense", "Unlicense"),
    (r"zope|\bzpl", "ZPL-2.1"),
    (r"\bcc0\b|public domain", "CC0-1.0"),
)
_MOST_TEXT = 200
_PREFIX = "License :: "


def licence_expression(expression: str, text: str, classifiers: Iterable[str]) -> str:
    """The licence of a package as an SPDX expression; empty where its metadata does not tell."""
    if expression.strip():
        return expression.strip()
    said = [part for part in (_of_text(text), _of_classifiers(classifiers)) if part]
    return " AND ".join(f"({part})" for part in dict.fromkeys(said)) if len(set(said)) > 1 else "".join(said[:1])


def _of_text(text: str) -> str:
    """What a free text names; of a whole licence its first lines count. Several names at once are all taken."""
    first = " ".join(text.split())[:_MOST_TEXT]
    words = re.findall(r"[A-Za-z0-9.+-]+", first)
    if is_expression(first) and all(word.lower() in (*KNOWN, "and", "or", "with") for word in words):
        return first
    if first.lower() in _CLASSIFIERS:
        return _CLASSIFIERS[first.lower()]
    choice = " OR " if re.search(r"\bor\b(?! later)|/|dual", first, re.I) else " AND "
    found = [spdx for pattern, spdx in _TEXTS if re.search(pattern, first, re.I)]
    return choice.join(_most_exact(found))


def _most_exact(found: list[str]) -> list[str]:
    """Names that only stand for a part of another one's are left out: `lgpl` holds `gpl`."""
    gnu = [name for name in found if "GPL" in name][:1]
    bsd = [name for name in found if name.startswith("BSD")][:1]
    return [name for name in found if ("GPL" not in name or name in gnu) and (name[:3] != "BSD" or name in bsd)]


def _of_classifiers(classifiers: Iterable[str]) -> str:
    names = (each.removeprefix(_PREFIX).removeprefix("OSI Approved :: ") for each in classifiers if _PREFIX in each)
    known = dict.fromkeys(_CLASSIFIERS[name.strip().lower()] for name in names if name.strip().lower() in _CLASSIFIERS)
    return " OR ".join(known)
