"""The words the grammar knows, English and Korean.

Extending the grammar's vocabulary means adding an entry here and a row in docs/requirements.md.
All entries are lower case: texts are case-folded before they are looked up. Multi-word entries stand with one space.
A verb maps to the operations it stands for; SEE is the one whose meaning depends on the number of its object.
"""

from __future__ import annotations

from tdev.core.artifacts.spec import FieldType, Operation

SECTIONS = {
    "resources": "resources",
    "resource": "resources",
    "entities": "resources",
    "data": "resources",
    "자원": "resources",
    "리소스": "resources",
    "엔티티": "resources",
    "데이터": "resources",
    "user stories": "stories",
    "stories": "stories",
    "사용자 스토리": "stories",
    "사용자 이야기": "stories",
    "acceptance criteria": "criteria",
    "criteria": "criteria",
    "인수 조건": "criteria",
    "인수 기준": "criteria",
    "summary": "summary",
    "overview": "summary",
    "요약": "summary",
    "개요": "summary",
    "notes": "notes",
    "note": "notes",
    "참고": "notes",
    "메모": "notes",
}
"""Headings and what stands below them."""

TYPES = {
    "string": FieldType.STRING,
    "str": FieldType.STRING,
    "문자열": FieldType.STRING,
    "text": FieldType.TEXT,
    "long text": FieldType.TEXT,
    "텍스트": FieldType.TEXT,
    "긴 글": FieldType.TEXT,
    "본문": FieldType.TEXT,
    "integer": FieldType.INTEGER,
    "int": FieldType.INTEGER,
    "whole number": FieldType.INTEGER,
    "정수": FieldType.INTEGER,
    "number": FieldType.NUMBER,
    "float": FieldType.NUMBER,
    "decimal": FieldType.NUMBER,
    "숫자": FieldType.NUMBER,
    "실수": FieldType.NUMBER,
    "boolean": FieldType.BOOLEAN,
    "bool": FieldType.BOOLEAN,
    "yes/no": FieldType.BOOLEAN,
    "참거짓": FieldType.BOOLEAN,
    "참/거짓": FieldType.BOOLEAN,
    "불리언": FieldType.BOOLEAN,
    "예/아니오": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    "날짜": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "date-time": FieldType.DATETIME,
    "date and time": FieldType.DATETIME,
    "timestamp": FieldType.DATETIME,
    "일시": FieldType.DATETIME,
    "날짜와 시간": FieldType.DATETIME,
    "email": FieldType.EMAIL,
    "e-mail": FieldType.EMAIL,
    "이메일": FieldType.EMAIL,
}
"""Words for a field's type; enums and references have forms of their own."""

ENUM_STARTS = ("one of", "enum", "choice of", "다음 중 하나", "다음 중", "하나")
"""Beginnings of a list of choices."""

REQUIRED = frozenset({"required", "mandatory", "필수"})
OPTIONAL = frozenset({"optional", "선택", "선택 사항", "선택사항"})
UNIQUE = frozenset({"unique", "고유", "유일", "중복 불가"})
MINIMUM = ("min", "minimum", "at least", "최소")
MAXIMUM = ("max", "maximum", "at most", "최대")

ALL = tuple(Operation)
SEE = (Operation.READ, Operation.LIST)
"""Seeing one thing is reading it, seeing several is listing them."""

VERBS: dict[str, tuple[Operation, ...]] = {
    **dict.fromkeys(("create", "add", "make", "register", "record", "submit"), (Operation.CREATE,)),
    **dict.fromkeys(("read", "see", "view", "show", "look", "open", "get", "find"), SEE),
    **dict.fromkeys(("list", "browse"), (Operation.LIST,)),
    **dict.fromkeys(("update", "edit", "change", "modify", "correct"), (Operation.UPDATE,)),
    **dict.fromkeys(("delete", "remove"), (Operation.DELETE,)),
    **dict.fromkeys(("manage", "maintain", "administer"), ALL),
}
"""English verbs of user stories, as infinitives."""

VERB_FORMS = {
    **VERBS,
    **dict.fromkeys(
        ("created", "creating", "creates", "added", "adding", "registered", "creation"), (Operation.CREATE,)
    ),
    **dict.fromkeys(
        ("updated", "updating", "updates", "edited", "changed", "changing", "modified"), (Operation.UPDATE,)
    ),
    **dict.fromkeys(("deleted", "deleting", "deletes", "removed", "removing", "deletion"), (Operation.DELETE,)),
    **dict.fromkeys(("listed", "listing", "lists"), (Operation.LIST,)),
    **dict.fromkeys(("reading", "reads", "viewing"), (Operation.READ,)),
}
"""The same in the forms that acceptance criteria use."""

KOREAN_STEMS: tuple[tuple[str, tuple[Operation, ...]], ...] = (
    ("생성", (Operation.CREATE,)),
    ("만들", (Operation.CREATE,)),
    ("등록", (Operation.CREATE,)),
    ("추가", (Operation.CREATE,)),
    ("조회", SEE),
    ("확인", SEE),
    ("보고", SEE),
    ("볼", SEE),
    ("수정", (Operation.UPDATE,)),
    ("변경", (Operation.UPDATE,)),
    ("편집", (Operation.UPDATE,)),
    ("삭제", (Operation.DELETE,)),
    ("제거", (Operation.DELETE,)),
    ("관리", ALL),
)
"""Beginnings of Korean verbs."""

KOREAN_LIST = "목록"
KOREAN_PARTICLES = ("으로", "들을", "들", "을", "를", "은", "는", "이", "가", "의", "에", "과", "와", "도")
_ARTICLES = ("a", "an", "the", "my", "our", "their", "his", "her", "its")
_AMOUNTS = ("all", "any", "every", "each", "some", "this", "that", "one", "single", "new", "existing", "own", "other")
DETERMINERS = frozenset((*_ARTICLES, *_AMOUNTS))
CONNECTORS = frozenset({"and", "or", ",", "&"})
WANTS = ("want to ", "would like to ", "need to ", "should be able to ", "be able to ", "can ", "may ")
"""What stands before the verb of a user story; the first that is found counts."""
STORY_ENDS = (" so that ", ", so ", " in order to ", " because ")
"""What ends the part of a story that says what is wanted."""
