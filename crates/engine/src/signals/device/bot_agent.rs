//! `device.bot_agent`: the user agent is that of a program.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.bot_agent",
    title: "The user agent is that of a program",
    doc: Doc {
        why: "Crawlers, script libraries and automation tools sign up and log in without a person.",
        quiet: "Quiet for the user agents of browsers and apps. Unknown without a user agent.",
        wrong: "The integrator's own tests and monitoring. Programs that call themselves a browser are not seen.",
        source: "The list of user agents that name a crawler, a script library or an automation tool.",
    },
    evaluate,
    explain: |_, _| "The user agent is that of a program".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::IS_BOT_AGENT))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_when_it_is_so_and_is_quiet_when_not() {
        let reading = |is_so: bool| read(&SIGNAL, |facts| facts.set(device::IS_BOT_AGENT, is_so)).0;
        assert_eq!((reading(true), reading(false)), (Reading::Fired, Reading::Quiet));
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
