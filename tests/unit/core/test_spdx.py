from __future__ import annotations

import pytest

from tdev.core.licence_names import KNOWN, licence_expression
from tdev.core.spdx import Acceptance, Terms, acceptance

DENY = Terms(deny=("AGPL-*", "GPL-*", "SSPL-*"), known=KNOWN)
ACCEPTED, DENIED, UNKNOWN = Acceptance.ACCEPTED, Acceptance.DENIED, Acceptance.UNKNOWN


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("MIT", ACCEPTED),
        ("mit", ACCEPTED),
        ("LGPL-3.0-or-later", ACCEPTED),
        ("GPL-3.0-only", DENIED),
        ("gpl-2.0+", DENIED),
        ("MIT OR GPL-3.0-only", ACCEPTED),
        ("GPL-3.0-only or MIT", ACCEPTED),
        ("MIT AND GPL-3.0-only", DENIED),
        ("Apache-2.0 AND (MIT OR AGPL-3.0-only)", ACCEPTED),
        ("Apache-2.0 OR MIT AND GPL-2.0-only", ACCEPTED),
        ("(Apache-2.0 OR MIT) AND GPL-2.0-only", DENIED),
        ("GPL-2.0-only WITH Classpath-exception-2.0", DENIED),
        ("LicenseRef-Ours", UNKNOWN),
        ("MIT AND LicenseRef-Ours", UNKNOWN),
        ("MIT OR LicenseRef-Ours", ACCEPTED),
        ("LicenseRef-Ours OR GPL-3.0-only", UNKNOWN),
        ("", UNKNOWN),
        ("MIT OR", UNKNOWN),
        ("OR MIT", UNKNOWN),
        ("(MIT", UNKNOWN),
        ("MIT)", UNKNOWN),
        ("MIT Apache-2.0", UNKNOWN),
        ("MIT WITH", UNKNOWN),
        ("MIT; GPL", UNKNOWN),
        ("(" * 400 + "MIT", UNKNOWN),
        ("MIT OR " * 200 + "MIT", UNKNOWN),
    ],
)
def test_expressions_are_judged_as_they_bind(expression: str, said: Acceptance) -> None:
    assert acceptance(expression, DENY) is said


def test_a_list_of_allowed_ones_denies_all_others() -> None:
    terms = Terms(allow=("MIT", "BSD-*"), known=KNOWN)
    assert acceptance("BSD-3-Clause", terms) is ACCEPTED
    assert acceptance("Apache-2.0", terms) is DENIED
    assert acceptance("Apache-2.0 OR MIT", terms) is ACCEPTED


def test_deny_is_stronger_than_allow_but_for_a_named_exception() -> None:
    terms = Terms(allow=("*", "GPL-2.0-only WITH Classpath-exception-2.0"), deny=("GPL-*",), known=KNOWN)
    assert acceptance("GPL-2.0-only", terms) is DENIED
    assert acceptance("GPL-2.0-only WITH Classpath-exception-2.0", terms) is ACCEPTED
    assert acceptance("GPL-2.0-only WITH GCC-exception-2.0", terms) is DENIED


@pytest.mark.parametrize(
    ("expression", "text", "classifiers", "found"),
    [
        ("MIT", "GPL", (), "MIT"),
        ("", "MIT", (), "MIT"),
        ("", "MIT License\n\nCopyright (c) 2020 Ada", (), "MIT"),
        ("", "BSD 3-Clause License", (), "BSD-3-Clause"),
        ("", "Apache License, Version 2.0", (), "Apache-2.0"),
        ("", "GPLv3+", (), "GPL-3.0-or-later"),
        ("", "GNU GPL version 3", (), "GPL-3.0-or-later"),
        ("", "GNU General Public License (GPL)", (), "GPL-2.0-or-later"),
        ("", "LGPL", (), "LGPL-2.1-or-later"),
        ("", "GNU AGPL v3", (), "AGPL-3.0-or-later"),
        ("", "GPL-2.0-or-later OR MIT", (), "GPL-2.0-or-later OR MIT"),
        ("", "dual: GPL and MIT", (), "GPL-2.0-or-later OR MIT"),
        ("", "see LICENSE.txt", (), ""),
        ("", "", (), ""),
        ("", "", ("License :: OSI Approved :: MIT License",), "MIT"),
        ("", "BSD-3-Clause", ("License :: OSI Approved :: BSD License",), "BSD-3-Clause"),
        ("", "", ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)",), "GPL-3.0-only"),
        (
            "",
            "",
            ("License :: OSI Approved :: MIT License", "License :: OSI Approved :: Apache Software License"),
            "MIT OR Apache-2.0",
        ),
        ("", "GPLv3", ("License :: OSI Approved :: MIT License",), "(GPL-3.0-or-later) AND (MIT)"),
        ("", "", ("License :: OSI Approved", "Programming Language :: Python"), ""),
    ],
)
def test_names_of_licences_become_expressions(
    expression: str, text: str, classifiers: tuple[str, ...], found: str
) -> None:
    assert licence_expression(expression, text, classifiers) == found
