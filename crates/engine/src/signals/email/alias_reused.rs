//! `email.alias_reused`: the mailbox behind the address already has an account.

use portcullis_domain::facts::links;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// A mailbox is one person's: a second account on it is an alias of the first.
const MAX_ACCOUNTS: i64 = 1;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "email.alias_reused",
    title: "The mailbox already has an account under an alias",
    doc: Doc {
        why: "Dots and plus suffixes make one mailbox look like any number of addresses, which is the cheapest way \
              to take a welcome bonus twice.",
        quiet: "Quiet while all sign-ups with this mailbox are of one account, however often it tries again. Unknown \
                without an e-mail address.",
        wrong: "Families and small firms share mailboxes. A caller that names an account by its address at sign-up \
                and by another id later makes two accounts of one person.",
        source: "One account, because the aliases of a mailbox reach one owner.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(links::USERS_ON_MAILBOX).map(|accounts| accounts > MAX_ACCOUNTS))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let accounts = facts.known(links::USERS_ON_MAILBOX).unwrap_or_default();
    format!("{accounts} accounts on this mailbox, limit {MAX_ACCOUNTS}")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_at_the_second_account() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(links::USERS_ON_MAILBOX, 2));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "2 accounts on this mailbox, limit 1"));
    }

    #[test]
    fn is_quiet_at_the_first() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(links::USERS_ON_MAILBOX, 1)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_an_address() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
