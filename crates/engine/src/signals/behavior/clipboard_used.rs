//! `behavior.clipboard_used`: something was copied or pasted while a form was filled in.

use portcullis_domain::facts::behavior;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "behavior.clipboard_used",
    title: "The clipboard was used on a form",
    doc: Doc {
        why: "Who works through a list of stolen names and passwords pastes them; people know their own by \
              heart.",
        quiet: "Quiet when the clipboard stayed as it was. Unknown when the app does not say.",
        wrong: "Password managers without autofill, codes copied from a message, and people who copy a long \
                number.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The clipboard changed while a form was filled in".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(behavior::CLIPBOARD_CHANGED))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_a_changed_clipboard() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(behavior::CLIPBOARD_CHANGED, true));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The clipboard changed while a form was filled in")
        );
    }

    #[test]
    fn is_quiet_on_an_untouched_one() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(behavior::CLIPBOARD_CHANGED, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
