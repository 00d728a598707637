"""Any record, and any text of the notation for columns and conditions, as hypothesis makes them up."""

from __future__ import annotations

from conftest import record
from hypothesis import strategies as st

# Records.

WORDS = [
    *("", " ", "a", "Emma", "Emma /", "The Hobbit :", "the hobbit", "A railway", "Expenditures, Public."),
    *(
        "Smith, J.",
        "etc.",
        "Title = ; ",
        "[London]",
        "London]",
        "(1990",
        "[[x",
        "...",
        "1990",
        "19uu",
        "0000",
    ),
    *(
        "    ",
        "||||",
        "  |",
        "2000-01-31",
        "19700101",
        "19700101123000.0",
        "990230",
        "600229",
        "701231",
        "00000101",
    ),
    *("eng", "engfre", "engfr", "eng ", "N/A", "0", "7", "-12", "+3", "12x", "99999999999999999999"),
    *(
        "0-19-852663-6 (pbk.)",
        "9780198526636",
        "080442957X",
        "0804429579",
        "(v. 1) 0198526636",
        "978019852663",
    ),
    *("(OCoLC)ocm00012345 ", "ocn123456789", "on99", "(OCoLC)000", "(ocolc) 77", "(DLC)1", "ontario"),
    *("880-01", "880-02/$1", "880-00", "245-01", "245-01/(3/r", "650-02//r", "650-01", "100-01", "245-00"),
    *("fast", "lcsh", "Rome", "<<Der>> Berg", "Berg, <<der>>", "<<Der", "\x98The \x9cHobbit", "\x98x"),
    *("Ärger, größer.", "ΣΊΣΥΦΟΣ", "東京 :", "e\u0301te\u0301e\u0301.", "İstanbul", "U.S.", "ab\u0301c."),
]
WORD = st.sampled_from(WORDS) | st.text("aeE .,/[](<>0-9é東\u0301\u00a0", max_size=8)
CODED = st.sampled_from(
    ["700101s1990    enk           000 0 eng d", "830230q19uu19zz|||     |    00| 0 fre  ", "x", "", "é" * 40]
)
CONTROL_TAGS = ["001", "003", "005", "006", "007", "008"]
DATA_TAGS = ["020", "035", "041", "100", "130", "245", "245", "246", "264", "650", "650", "651", "700", "740"]
CODES = "aaaabbcdxyz269tA$0"


@st.composite
def data_fields(draw) -> tuple[str, bytes]:
    tag = draw(st.sampled_from([*DATA_TAGS, "880", "880", "LKR", "FMT", "9.9"]))
    indicators = draw(
        st.sampled_from(["  ", "10", "14", " 7", "0 ", "4x", "29", "1", "", "é0"]) | st.just("00")
    )
    subfields = draw(st.lists(st.tuples(st.sampled_from(CODES), WORD), max_size=5))
    text = indicators + draw(st.sampled_from(["", "", "", "", "stray"]))
    if tag in ("245", "100", "650", "880") and draw(st.booleans()):
        links = ["245-01", "650-01/$1", "100-01", "245-02"] if tag == "880" else ["880-01", "880-02"]
        subfields.insert(0, ("6", draw(st.sampled_from(links))))
    text += "".join(f"\x1f{code}{value}" for code, value in subfields)
    return tag, text.encode()


@st.composite
def control_fields(draw) -> tuple[str, bytes]:
    return draw(st.sampled_from(CONTROL_TAGS)), draw(CODED | WORD).encode()


LEADERS = [b"00000nam a2200000 a 4500", b"00000cas a2200000   4500", b"00000nam a3200000 a 4500"]
RECORDS = st.builds(
    lambda fields, leader: record(*fields, leader=leader),
    st.lists(data_fields() | control_fields(), max_size=9),
    st.sampled_from(LEADERS) | st.just(LEADERS[0]),
)

# Expressions.

INDEX = st.sampled_from(["", "", "", "", "[0]", "[00]", "[1]", "[#]", "[0-1]", "[1-#]", "[#-1]"])
CHARACTERS = st.sampled_from(["", "", "", "/0", "/00-02", "/1-#", "/#-1", "/#", "/03"])
CONDITIONS = st.sampled_from(
    [
        *(
            "",
            "",
            "",
            "",
            "{^1=1}",
            "{^2=0}",
            "{^2!=7}",
            "{^1=#}",
            "{^1!=#}{$a}",
            "{$2=fast}",
            "{$2!=fast}",
            "{$2}",
        ),
        *("{!$2}", "{?$9}", "{$a~a}", "{$a!~Rome}", "{$a/0-2=Emm}", "{LDR/06=a}", "{LDR/07!=m}", "{!LDR/07}"),
        *(
            "{008/35-37=eng}",
            "{!008}",
            "{^2=0|^2=1}",
            "{$2 = 'fast' | !$2}",
            "{001~1}",
            "{$2=\\fast}",
            "{$a='}'}",
        ),
    ]
)
PART = st.builds(
    "{}{}{}".format, st.sampled_from(["$a", "$b", "$a-c", "$x", "$A", "$$", "$0-9", "$6"]), INDEX, CHARACTERS
)
PARTS = st.lists(PART, min_size=1, max_size=3).map("".join)
DATA_TAG = st.sampled_from([*DATA_TAGS, "880", "6..", "...", "LKR", ".4.", "9.9"])
OF_DATA = st.builds(
    "{}{}{}{}{}".format, DATA_TAG, INDEX, CONDITIONS, PARTS | st.sampled_from(["^1", "^2"]), CONDITIONS
)
WHOLE = st.builds("{}{}{}".format, DATA_TAG, INDEX, CONDITIONS)
OF_CONTROL = st.sampled_from(
    [
        *("LDR", "LDR/06", "LDR/#", "LDR/05-07", "LDR/06{008/35-37=eng}", "001", "003", "005", "008", "00."),
        *(
            "008/07-10",
            "008/35-37",
            "008/00-05",
            "008/38-45",
            "008{/35-37=eng}/06",
            "008[0]",
            "007/00",
            "006[#]",
        ),
        *("006{/0=x}", "001{!003}", "008{!/39}/00", "LDR{LDR/06=b}"),
    ]
)


def union(of) -> st.SearchStrategy[str]:
    return st.lists(of, min_size=1, max_size=3).map(":".join) | of


SEPARATORS = st.sampled_from(["", ", '; '", ", sep=''"])
SEPARATORS_OF_JOIN = st.sampled_from(
    ["", ", ' -- '", ", sep=''", ", order='spec'", ", sep='; ', order='spec'", ', "\'"']
)


CALLS = [
    "trim",
    "lower",
    "text",
    "first",
    "last",
    "unique",
    "isbn",
    "isbn13",
    "oclc",
    "join",
    "code",
    "coalesce",
]


@st.composite
def texts(draw, linked: bool = False, keeps_fields: bool = False, depth: int = 3) -> str:
    """An expression whose values are text; `linked` for one that `alt` takes."""

    def inner(linked: bool = linked, keeps_fields: bool = keeps_fields) -> str:
        return draw(texts(linked, keeps_fields, depth - 1))

    if depth == 0 or draw(st.integers(0, 2)) == 0:
        return draw(union(OF_DATA) if linked else union(OF_DATA) | union(OF_DATA | OF_CONTROL) | OF_CONTROL)
    match draw(
        st.sampled_from([*CALLS, "text of fields", "filing", "alt", "lower" if keeps_fields else "concat"])
    ):
        case "join":
            return f"join({inner()}{draw(SEPARATORS_OF_JOIN)})"
        case "code":
            return f"code({inner()}, {draw(st.sampled_from([1, 3, 4]))})"
        case "coalesce":
            return f"coalesce({', '.join(inner() for _ in range(draw(st.integers(1, 3))))})"
        case "concat":
            return f"concat({inner()}{draw(SEPARATORS)})"
        case "text of fields":
            return f"text({draw(union(WHOLE))})"
        case "filing":
            return f"filing({inner(keeps_fields=True)})"
        case "alt":
            return f"alt({inner(True, True)})"
        case name:
            return f"{name}({inner()})"


CONVERTED = st.builds("{}({})".format, st.sampled_from(["year", "date", "int"]), texts(depth=2))
STRUCT = st.builds(
    "struct({})".format,
    union(
        st.builds(
            "{}{}{}{}".format,
            DATA_TAG,
            INDEX,
            CONDITIONS,
            st.lists(PART, min_size=1, max_size=3, unique_by=lambda it: it[:2])
            .map(lambda parts: [it for it in parts if "-" not in it[2:4]] or ["$a"])
            .map("".join),
        )
    ),
)
PAIR = st.builds("pair({})".format, texts(True, True, 2))


@st.composite
def anything(draw) -> str:
    """An expression of any type."""
    return draw(st.one_of(texts(), CONVERTED, union(WHOLE), STRUCT, PAIR))


@st.composite
def expressions(draw) -> str:
    match draw(st.integers(0, 6)):
        case 0 | 1 | 2:
            return draw(texts())
        case 3:
            return draw(anything())
        case 4:
            return f"{draw(st.sampled_from(['count', 'exists', 'first', 'last']))}({draw(anything())})"
        case 5:
            return f"unique({draw(CONVERTED)})"
        case _:
            name = draw(st.sampled_from(["year", "int"]))
            return f"coalesce({name}({draw(texts())}), first({name}({draw(texts())})))"


# Conditions.

LITERALS = st.sampled_from(
    [
        "'Emma'",
        "'a'",
        "''",
        "'fast'",
        '"eng"',
        "'it''s'",
        "'é'",
        "'1990'",
        "'zz'",
        "'M'",
        "'  '",
        "'9780198526636'",
    ]
)
PATTERNS = st.sampled_from(["'^E'", "'a.e'", "'(?i)emma'", "'[0-9]{4}'", "'^$'", "'é|東'", "'[.]$'"])
# Paths of characters and indicators are compared with texts as long as they are.
SUBFIELDS = st.builds(
    "{}{}{}".format, st.sampled_from(DATA_TAGS), CONDITIONS, st.sampled_from(["$a", "$x", "$a$b"])
)
ORDERS = st.sampled_from(["==", "!=", "=", "<", "<=", ">", ">="])
DAYS = st.sampled_from(["'1970-01-01'", "'2000-01-31'", "'1990-12-31'", "'2000-02-29'"])
OF_ONE_LENGTH = ["008/35-37 == 'eng'", "LDR/06 = 'a'", "245^1 != '1'", "245^2 in ('4', '0')", "008/06 == 's'"]


@st.composite
def comparisons(draw) -> str:
    match draw(st.integers(0, 8)):
        case 0:
            return f"{draw(SUBFIELDS)} {draw(ORDERS)} {draw(LITERALS)}"
        case 1:
            return f"{draw(SUBFIELDS)} {draw(st.sampled_from(['~', '!~']))} {draw(LITERALS)}"
        case 2:
            signs = st.sampled_from(["==", "!=", "<", ">=", "~", "!~"])
            return f"text({draw(texts(depth=2))}) {draw(signs)} {draw(LITERALS)}"
        case 3:
            return f"{draw(texts(depth=2))} matches {draw(PATTERNS)}"
        case 4:
            literals = ", ".join(draw(st.lists(LITERALS, min_size=1, max_size=3)))
            return f"{draw(SUBFIELDS)} {draw(st.sampled_from(['in', 'not in']))} ({literals})"
        case 5 | 6:
            number = draw(st.builds("{}({})".format, st.sampled_from(["year", "int"]), texts(depth=2)))
            number = f"count({draw(anything())})" if draw(st.booleans()) else number
            return f"{number} {draw(ORDERS)} {draw(st.sampled_from(['0', '1', '2', '1990', '-12']))}"
        case 7:
            return f"date({draw(texts(depth=2))}) {draw(ORDERS)} {draw(DAYS)}"
        case _:
            return draw(st.sampled_from(OF_ONE_LENGTH))


@st.composite
def conditions(draw, depth: int = 3) -> str:
    def inner() -> str:
        return draw(conditions(depth - 1))

    match draw(st.integers(0, 6)) if depth else draw(st.integers(0, 3)):
        case 0 | 1:
            return draw(comparisons())
        case 2:
            return draw(st.sampled_from([*DATA_TAGS, "6..", "001", "008", "LDR/06"]))
        case 3:
            return draw(anything() | st.builds("exists({})".format, anything()))
        case 4:
            return f"not ({inner()})"
        case 5:
            return f"({inner()}) {draw(st.sampled_from(['and', 'or']))} ({inner()})"
        case _:
            return f"{draw(comparisons())} and not {draw(anything())} or {draw(comparisons())}"
