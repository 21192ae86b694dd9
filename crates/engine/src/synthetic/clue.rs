//! What makes a person look made up, and how much.

/// Declares the clues, each on one line: its name, its permanent code, its weight, and what it is.
macro_rules! clues {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $weight:literal;)+) => {
        /// Something that makes a person look made up.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Clue {
            $($(#[$doc])* $name,)+
        }

        impl Clue {
            /// Every clue; the strongest families first.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its permanent name.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            /// What it adds to the score, of 1000.
            pub const fn weight(self) -> u32 {
                match self {
                    $(Self::$name => $weight,)+
                }
            }
        }
    };
}

clues! {
    /// The document's number came with another name or date of birth before.
    DocumentOfAnotherPerson = "document_of_another_person", 450;
    /// It came with three others or more: it is passed around.
    DocumentOfManyPersons = "document_of_many_persons", 250;
    /// The same name and date of birth came with three other documents or more.
    ManyDocuments = "many_documents", 250;
    /// The same user came with another name or date of birth before.
    UserIsSeveralPersons = "user_is_several_persons", 400;
    /// Two or more others have the same mailbox.
    EmailOfManyPersons = "email_of_many_persons", 200;
    /// Two or more others have the same phone number.
    PhoneOfManyPersons = "phone_of_many_persons", 200;
    /// The date of birth is to come.
    BornInFuture = "born_in_future", 600;
    /// More than 120 years old.
    ImpossibleAge = "impossible_age", 600;
    /// A day that forms fill in by themselves, such as 1970-01-01; some people are born on it.
    PlaceholderBirthDate = "placeholder_birth_date", 150;
    /// The first name is the last name too, which is usual in some places.
    SameNames = "same_names", 100;
    /// A name that stands for anybody, such as John Doe, or for nobody, such as test.
    PlaceholderName = "placeholder_name", 400;
    /// Digits in a name.
    DigitsInName = "digits_in_name", 200;
    /// Neighboring keys one after the other, or one key again and again.
    KeyboardPattern = "keyboard_pattern", 350;
    /// A word of more than five Latin letters without a vowel.
    NoVowels = "no_vowels", 200;
    /// The document's number is one character again and again.
    RepeatedDocumentNumber = "repeated_document_number", 500;
    /// The document's number counts up or down.
    SequentialDocumentNumber = "sequential_document_number", 400;
}
