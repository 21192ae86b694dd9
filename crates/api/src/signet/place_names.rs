//! Whether two names mean the same place.

/// Whether both are the same but for case, accents, punctuation and spaces.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (folded(a), folded(b));
    !a.is_empty() && a == b
}

/// Letters and digits only, in lower case, without accents. Of other scripts than Latin the letters stay as they are.
fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase).filter(|letter| letter.is_alphanumeric()) {
        match base(letter) {
            "" => folded.push(letter),
            base => folded.push_str(base),
        }
    }
    folded
}

/// What a Latin letter with an accent is without it; empty for any other letter.
const fn base(letter: char) -> &'static str {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ə' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_punctuation_do_not_matter() {
        for (a, b) in [
            ("New York", "new  york"),
            ("Zürich", "ZURICH"),
            ("São Paulo", "Sao Paulo"),
            ("Saint-Étienne", "saint etienne"),
            ("Łódź", "Lodz"),
            ("İstanbul", "istanbul"),
            ("Zu\u{308}rich", "Zürich"),
            ("東京", "東京"),
        ] {
            assert!(is_same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn other_places_are_other_places() {
        for (a, b) in [("New York", "York"), ("Paris", "Pari"), ("", ""), ("-", "-"), ("東京", "京都")] {
            assert!(!is_same(a, b), "{a} {b}");
        }
    }
}
