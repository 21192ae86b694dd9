//! Whether a person who is claimed to exist looks made up: from what is claimed, and from what went with it before.
//!
//! Every clue has a weight, and the score is their sum, at most 1000. What is not known is no clue. None of the weights was
//! measured: they say how surely each clue alone would make a person look again.

mod clue;
mod document;
mod name;

pub use self::{clue::Clue, name::person_name};

/// The highest score.
const MOST: u32 = 1_000;
/// Older than anybody was known to be, but one.
const OLDEST_YEARS: i32 = 120;
/// Days that forms and programs fill in when nobody does.
const PLACEHOLDER_DATES: [(i16, u8, u8); 4] = [(1900, 1, 1), (1970, 1, 1), (1901, 1, 1), (1111, 11, 11)];
/// A family may share a mailbox or a phone; more persons than that are too many.
const SHARED_BY: u32 = 2;
/// An identity card and a passport are two documents, and each is renewed.
const OTHER_DOCUMENTS: u32 = 3;
/// Beside the one that claims it now.
const MANY_OTHERS: u32 = 3;

/// Who somebody claims to be.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// The first names.
    pub first_name: &'a str,
    /// The last names.
    pub last_name: &'a str,
    /// The date of birth: year, month, day.
    pub born: (i16, u8, u8),
    /// The full years since then; negative when it is in the future.
    pub age_years: i32,
    /// The document's number: letters in upper case, and digits.
    pub document: Option<&'a str>,
}

impl std::fmt::Debug for Claim<'_> {
    /// Personal data: nothing is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claim(***)")
    }
}

/// What went with parts of the claim before; `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Other persons with the document's number.
    pub others_on_document: Option<u32>,
    /// Other documents of the same person.
    pub other_documents: Option<u32>,
    /// Other persons that the same user came as.
    pub others_on_user: Option<u32>,
    /// Other persons with the same mailbox.
    pub others_on_email: Option<u32>,
    /// Other persons with the same phone number.
    pub others_on_phone: Option<u32>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// 0 to 1000.
    pub score: u32,
    /// Why, in the order of [`Clue::ALL`].
    pub clues: Vec<Clue>,
}

impl Suspicion {
    /// Whether the person looks made up: more than 500, where the level `high` begins.
    pub const fn is_synthetic(&self) -> bool {
        self.score > 500
    }
}

/// Judges a claim.
pub fn suspect(claim: &Claim<'_>, past: &Past) -> Suspicion {
    let clues: Vec<_> = Clue::ALL.iter().copied().filter(|&clue| is_there(clue, claim, past)).collect();
    let score = clues.iter().map(|clue| clue.weight()).sum::<u32>().min(MOST);
    Suspicion { score, clues }
}

fn is_there(clue: Clue, claim: &Claim<'_>, past: &Past) -> bool {
    let at_least = |count: Option<u32>, least: u32| count.is_some_and(|count| count >= least);
    let names = || [claim.first_name, claim.last_name].into_iter();
    match clue {
        Clue::DocumentOfAnotherPerson => at_least(past.others_on_document, 1),
        Clue::DocumentOfManyPersons => at_least(past.others_on_document, MANY_OTHERS),
        Clue::ManyDocuments => at_least(past.other_documents, OTHER_DOCUMENTS),
        Clue::UserIsSeveralPersons => at_least(past.others_on_user, 1),
        Clue::EmailOfManyPersons => at_least(past.others_on_email, SHARED_BY),
        Clue::PhoneOfManyPersons => at_least(past.others_on_phone, SHARED_BY),
        Clue::BornInFuture => claim.age_years < 0,
        Clue::ImpossibleAge => claim.age_years > OLDEST_YEARS,
        Clue::PlaceholderBirthDate => PLACEHOLDER_DATES.contains(&claim.born),
        Clue::SameNames => name::are_same(claim.first_name, claim.last_name),
        Clue::PlaceholderName => name::is_placeholder(claim.first_name, claim.last_name),
        Clue::DigitsInName => names().any(name::has_digits),
        Clue::KeyboardPattern => names().any(name::is_typed_along),
        Clue::NoVowels => names().any(name::lacks_vowels),
        Clue::RepeatedDocumentNumber => claim.document.is_some_and(document::is_repeated),
        Clue::SequentialDocumentNumber => claim.document.is_some_and(document::is_sequential),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn person() -> Claim<'static> {
        Claim {
            first_name: "Amina",
            last_name: "El Fassi",
            born: (1991, 4, 17),
            age_years: 34,
            document: Some("AB123456"),
        }
    }

    fn clues(claim: Claim<'_>, past: Past) -> Vec<&'static str> {
        suspect(&claim, &past).clues.iter().map(|clue| clue.code()).collect()
    }

    #[test]
    fn nothing_odd_is_nothing() {
        let nothing = Suspicion { score: 0, clues: vec![] };
        assert_eq!(suspect(&person(), &Past::default()), nothing);
        let quiet = Past {
            others_on_document: Some(0),
            other_documents: Some(2),
            others_on_user: Some(0),
            others_on_email: Some(1),
            others_on_phone: Some(1),
        };
        assert_eq!(suspect(&person(), &quiet), nothing);
        assert_eq!(suspect(&Claim { document: None, ..person() }, &quiet), nothing);
        for (first_name, last_name) in [
            ("José María", "Núñez"),
            ("Anne-Sophie", "O'Neill"),
            ("Þór", "Jónsson"),
            ("Jon", "Null"),
            ("Werther", "Trewin"),
            ("Nguyễn", "Văn Đức"),
            ("محمد", "العلوي"),
            ("小明", "王"),
            ("Владимир", "Крст"),
            ("Li", "Ng"),
            ("Zdeněk", "Smrž"),
        ] {
            let found = clues(Claim { first_name, last_name, ..person() }, quiet);
            assert!(found.is_empty(), "{first_name} {last_name}: {found:?}");
        }
    }

    #[test]
    fn each_clue_fires_at_its_limit() {
        let past = Past::default();
        let table = [
            (person(), Past { others_on_document: Some(1), ..past }, vec!["document_of_another_person"]),
            (
                person(),
                Past { others_on_document: Some(3), ..past },
                vec!["document_of_another_person", "document_of_many_persons"],
            ),
            (person(), Past { other_documents: Some(3), ..past }, vec!["many_documents"]),
            (person(), Past { others_on_user: Some(1), ..past }, vec!["user_is_several_persons"]),
            (person(), Past { others_on_email: Some(2), ..past }, vec!["email_of_many_persons"]),
            (person(), Past { others_on_phone: Some(2), ..past }, vec!["phone_of_many_persons"]),
            (Claim { age_years: -1, ..person() }, past, vec!["born_in_future"]),
            (Claim { age_years: 0, ..person() }, past, vec![]),
            (Claim { age_years: 120, ..person() }, past, vec![]),
            (Claim { age_years: 121, ..person() }, past, vec!["impossible_age"]),
            (Claim { born: (1970, 1, 1), ..person() }, past, vec!["placeholder_birth_date"]),
            (Claim { born: (1970, 1, 2), ..person() }, past, vec![]),
            (Claim { first_name: "Ali", last_name: " ALI", ..person() }, past, vec!["same_names"]),
            (Claim { first_name: "John", last_name: "Doe", ..person() }, past, vec!["placeholder_name"]),
            (Claim { first_name: "Tom7", ..person() }, past, vec!["digits_in_name"]),
            (Claim { last_name: "Qwertx", ..person() }, past, vec!["keyboard_pattern"]),
            (Claim { last_name: "Brtzkpl", ..person() }, past, vec!["no_vowels"]),
            (Claim { document: Some("0000000"), ..person() }, past, vec!["repeated_document_number"]),
            (Claim { document: Some("123456789"), ..person() }, past, vec!["sequential_document_number"]),
        ];
        for (claim, past, expected) in table {
            assert_eq!(clues(claim, past), expected);
        }
    }

    #[test]
    fn weights_add_up_to_the_most() {
        let claim = Claim {
            first_name: "Test1",
            last_name: "asdfgh",
            born: (1900, 1, 1),
            age_years: 125,
            document: Some("111111"),
        };
        let past = Past { others_on_document: Some(1), ..Past::default() };
        let all = suspect(&claim, &past);
        assert_eq!(all.score, 1_000);
        let one = suspect(&person(), &past);
        assert_eq!((one.score, one.is_synthetic()), (450, false));
        let two = suspect(&Claim { first_name: "Amina 2", ..person() }, &past);
        assert_eq!((two.score, two.is_synthetic()), (650, true));
    }

    #[test]
    fn clues_have_codes_and_weights_of_their_own() {
        let mut codes: Vec<_> = Clue::ALL.iter().map(|clue| clue.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Clue::ALL.len());
        assert!(Clue::ALL.iter().all(|clue| (1..=MOST).contains(&clue.weight())));
    }

    proptest! {
        #[test]
        fn judging_never_panics_and_more_never_lowers(
            first_name in "\\PC{0,30}",
            last_name in "\\PC{0,30}",
            document in proptest::option::of("[A-Z0-9]{0,20}"),
            age_years: i32,
            others: Option<u32>,
        ) {
            let claim = Claim {
                first_name: &first_name,
                last_name: &last_name,
                born: (1990, 2, 3),
                age_years,
                document: document.as_deref(),
            };
            let little = suspect(&claim, &Past::default());
            let more = suspect(&claim, &Past { others_on_document: others, ..Past::default() });
            prop_assert!(little.score <= more.score && more.score <= MOST);
            prop_assert!(more.clues.len() >= little.clues.len());
        }
    }
}
