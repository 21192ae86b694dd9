//! What the compiler refuses, in which words, and where.

use super::error;

#[test]
fn what_can_not_be_compared_is_told_where_it_stands() {
    let cases = [
        (
            "ip.is_tor AND\n  user.age_days < 'seven'",
            "line 2, column 19: user.age_days is a number and 'seven' is a text: they can not be compared",
        ),
        ("ip.is_tro", "line 1, column 1: unknown variable ip.is_tro, did you mean ip.is_tor?"),
        ("true AND x.y = 1", "line 1, column 10: unknown variable x.y"),
        ("ip.country_code = DE", "line 1, column 19: unknown variable DE; if it is a text, write 'DE'"),
        (
            "ip.is_tor = ip.asn",
            "line 1, column 13: ip.is_tor is a boolean and ip.asn is a number: they can not be compared",
        ),
        ("event.type > 'a'", "line 1, column 1: event.type is a text; > compares numbers, use = or !="),
        ("true >= ip.is_tor", "line 1, column 1: true is a boolean; >= compares numbers, use = or !="),
        ("ip.asn AND true", "line 1, column 1: ip.asn is a number; compare it, as in `ip.asn > 0`"),
        ("NOT ip.city", "line 1, column 5: ip.city is a text; compare it, as in `ip.city = '…'`"),
        ("7", "line 1, column 1: 7 is no condition; compare a variable with it"),
        ("null", "line 1, column 1: null is no condition; compare a variable with it"),
        ("ip.asn < null", "line 1, column 10: null can not be compared by <; use = or !="),
        ("null = 1", "line 1, column 1: null is compared with variables only"),
        ("null = null", "line 1, column 1: null is compared with variables only"),
        ("null IN (1)", "line 1, column 1: null can not be compared by IN; use = or !="),
        ("ip.city contains null", "line 1, column 18: null can not be compared by contains; use = or !="),
        ("ip.asn contains '1'", "line 1, column 1: ip.asn is a number; contains compares texts"),
        ("ip.asn + ip.city > 1", "line 1, column 10: ip.city is a text; + is for numbers"),
        ("ip.asn * '2' > 1", "line 1, column 10: '2' is a text; * is for numbers; write 2 without quotes"),
        ("1 - ip.is_tor = 1", "line 1, column 5: ip.is_tor is a boolean; - is for numbers"),
        ("ip.asn / null = 1", "line 1, column 10: null is no number; / is for numbers"),
        ("ip.asn + 1", "line 1, column 1: ip.asn + 1 is a number; compare it, as in `ip.asn + 1 > 0`"),
        ("ip.asn + 1 = null", "line 1, column 14: null is compared with variables only"),
        (
            "ip.city = ip.asn + 1",
            "line 1, column 11: ip.city is a text and ip.asn + 1 is a number: they can not be compared",
        ),
        ("ip.asn + 1 contains 'a'", "line 1, column 1: ip.asn + 1 is a number; contains compares texts"),
        ("metadata.a > 'x'", "line 1, column 14: 'x' is a text; > compares numbers, use = or !="),
        ("metadata.a IN (true)", "line 1, column 1: IN compares numbers or texts; use = or != for booleans"),
        (
            "metadata.a IN (1, 'x')",
            "line 1, column 19: metadata.a is a number and 'x' is a text: they can not be compared",
        ),
        ("metadata = 1", "line 1, column 1: unknown variable metadata; if it is a text, write 'metadata'"),
        ("metadata. = 1", "line 1, column 1: unknown variable metadata."),
        ("instance.nobody = 1", "line 1, column 1: unknown variable instance.nobody"),
        (
            "ip.is_tor IN (true)",
            "line 1, column 1: ip.is_tor is a boolean; IN compares numbers or texts, use = or !=",
        ),
        (
            "ip.city IN ('a', null)",
            "line 1, column 18: a list can not hold null; write `ip.city = null OR ip.city IN (…)`",
        ),
    ];
    for (condition, expected) in cases {
        assert_eq!(error(condition), expected, "{condition}");
    }
}

#[test]
fn misplaced_quotes_are_told() {
    let cases = [
        ("ip.asn = '64500'", "; write 64500 without quotes"),
        ("'1e3' < ip.asn", "; write 1e3 without quotes"),
        ("ip.is_tor = 'true'", "; write true without quotes"),
        ("ip.is_tor = 1", "; write true or false"),
        ("ip.city = 5", "; write '5' in quotes"),
        ("ip.city IN ('a', 5)", "; write '5' in quotes"),
        ("ip.asn IN (1, '2')", "; write 2 without quotes"),
        ("ip.asn = 'NaN'", ": they can not be compared"),
    ];
    for (condition, end) in cases {
        assert!(error(condition).ends_with(end), "{}", error(condition));
    }
}
