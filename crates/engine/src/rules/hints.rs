//! Advice for what people write who know other languages, and for names that are nearly right.

/// Names longer than this are compared with none, so that a hostile one costs nothing.
const MAX_NAME_BYTES: usize = 64;

/// What to write instead of a character that the language does not have.
pub(super) fn for_character(stray: char) -> Option<&'static str> {
    Some(match stray {
        '&' => "write AND",
        '|' => "write OR",
        '!' => "write NOT",
        '‘' | '’' | '“' | '”' | '`' | '´' => "write straight quotes: '…'",
        '≤' => "write <=",
        '≥' => "write >=",
        '≠' => "write !=",
        '%' | '^' => "conditions compute with +, -, * and / only",
        '×' => "write *",
        '÷' => "write /",
        '−' => "write -",
        '[' | ']' | '{' | '}' => "write lists in parentheses: (1, 2)",
        '.' => "write 0.5 rather than .5",
        ';' => "a condition has no end mark",
        _ => return None,
    })
}

/// What to write instead of a word that the language does not have.
pub(super) fn for_word(word: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 10] = [
        ("is", "write `= null` or `!= null`"),
        ("like", "write contains, starts_with or ends_with"),
        ("ilike", "write contains, starts_with or ends_with"),
        ("matches", "there are no regular expressions; write contains, starts_with or ends_with"),
        ("regex", "there are no regular expressions; write contains, starts_with or ends_with"),
        ("between", "write `a >= 1 AND a <= 2`"),
        ("startswith", "write starts_with"),
        ("endswith", "write ends_with"),
        ("has", "write contains"),
        ("includes", "write contains"),
    ];
    WORDS.iter().find(|(foreign, _)| word.eq_ignore_ascii_case(foreign)).map(|(_, hint)| *hint)
}

/// The name that was most probably meant: one that differs only in case, one with the same last part, the one with the
/// fewest wrong letters (at most one in three), or one of the same family whose last part has this one in it.
pub(super) fn similar<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    if name.len() > MAX_NAME_BYTES {
        return None;
    }
    let name = &*name.to_ascii_lowercase();
    let part = last_part(name);
    let first = |is_meant: &dyn Fn(&str) -> bool| names.iter().copied().find(|other| is_meant(other));
    first(&|other| other == name)
        .or_else(|| first(&|other| last_part(other) == part))
        .or_else(|| nearest(name, names))
        .or_else(|| {
            let is_longer = |other: &str| family(other) == family(name) && last_part(other).contains(part);
            first(&is_longer).filter(|_| part.len() > 2)
        })
}

/// The name with the fewest wrong letters, at most one in three.
fn nearest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let distances = names.iter().map(|&other| (distance(name, other), other));
    let near = distances.filter(|(distance, _)| *distance <= name.len() / 3);
    near.min_by_key(|(distance, _)| *distance).map(|(_, other)| other)
}

fn family(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// How many letters to add, drop or change to make one name the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, a) in from.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, b) in to.bytes().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["ip.is_tor", "ip.is_vpn", "user.age_days", "event.type"];

    #[test]
    fn finds_what_was_meant() {
        let cases = [
            ("ip.is_tro", Some("ip.is_tor")),
            ("IP.Is_Vpn", Some("ip.is_vpn")),
            ("is_tor", Some("ip.is_tor")),
            ("account.age_days", Some("user.age_days")),
            ("user.age", Some("user.age_days")),
            ("ip.tor", Some("ip.is_tor")),
            ("ip.s", None),
            ("event.typ", Some("event.type")),
            ("x", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(similar(name, &NAMES), expected, "{name}");
        }
        assert_eq!(similar(&"ip.is_tor".repeat(8), &NAMES), None);
    }

    #[test]
    fn distances_count_single_letters() {
        let cases = [("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("kitten", "sitting", 3)];
        for (from, to, expected) in cases {
            assert_eq!(distance(from, to), expected);
        }
    }
}
