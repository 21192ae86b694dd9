//! E-mail addresses: what kind of provider, and the mailbox behind all the ways to write it.

use std::sync::LazyLock;

use compact_str::{CompactString, format_compact};
use foldhash::fast::RandomState;
use portcullis_domain::{Email, Facts, facts};

type Set<T> = hashbrown::HashSet<T, RandomState>;

static DISPOSABLE: &str = include_str!("../../../data/disposable-domains.txt");
static FREE: &str = include_str!("../../../data/free-mail.txt");
static RELAYS: &str = include_str!("../../../data/relay-domains.txt");
static NEVER_DISPOSABLE: &str = include_str!("../../../data/never-disposable.txt");
static ROLES: &str = include_str!("../../../data/role-accounts.txt");

/// What is known of an e-mail address from its text alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts, named as the facts are")]
pub struct EmailIntel {
    /// Whether the domain, or one above it, gives out throw-away mailboxes.
    pub is_disposable: bool,
    /// Whether the domain forwards to a hidden mailbox of a real person.
    pub is_relay: bool,
    /// Whether the domain is a free mail provider, and not a disposable one.
    pub is_free: bool,
    /// Whether the local part is a role such as info or admin.
    pub is_role: bool,
    /// The mailbox behind all its aliases: lower case, without tags, by the rules of the provider. Personal data.
    pub mailbox: CompactString,
}

impl EmailIntel {
    /// Sets the facts that are drawn from an address; the mailbox is for the caller to hash.
    pub fn put_into(&self, facts: &mut Facts) {
        facts.set(facts::email::IS_DISPOSABLE, self.is_disposable);
        facts.set(facts::email::IS_RELAY, self.is_relay);
        facts.set(facts::email::IS_FREE, self.is_free);
        facts.set(facts::email::IS_ROLE, self.is_role);
    }
}

/// The shipped sets of domains and names.
#[derive(Debug)]
struct Shipped {
    disposable: Set<&'static str>,
    free: Set<&'static str>,
    relays: Set<&'static str>,
    roles: Set<&'static str>,
}

static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| {
    let free: Set<_> = lines(FREE).collect();
    let relays: Set<_> = lines(RELAYS).collect();
    // The second list is long and less careful: of domains that are free providers too, it is not believed.
    let second = mailchecker::blacklist().into_iter().filter(|domain| !free.contains(domain));
    let mut disposable: Set<_> = lines(DISPOSABLE).chain(second).collect();
    for domain in lines(RELAYS).chain(lines(NEVER_DISPOSABLE)) {
        disposable.remove(domain);
    }
    Shipped { disposable, free, relays, roles: lines(ROLES).collect() }
});

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The shipped disposable domains, in no order.
pub(crate) fn shipped_disposable() -> impl Iterator<Item = &'static str> {
    SHIPPED.disposable.iter().copied()
}

/// The domain and every domain above it that has at least two labels, longest first.
fn with_parents(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |domain| domain.split_once('.').map(|(_, parent)| parent))
        .filter(|domain| domain.contains('.'))
}

/// Disposable domains as the operator has edited them.
#[derive(Debug, Default)]
pub(crate) struct DisposableDomains {
    /// In place of the shipped ones.
    pub(crate) replaced: Option<Set<CompactString>>,
    pub(crate) added: Set<CompactString>,
    pub(crate) removed: Set<CompactString>,
}

impl DisposableDomains {
    /// Whether the domain or one above it is listed; the longest that is listed or removed decides.
    pub(crate) fn contains(&self, domain: &str) -> bool {
        with_parents(domain)
            .find_map(|domain| {
                if self.removed.contains(domain) {
                    Some(false)
                } else if self.added.contains(domain) || self.is_base(domain) {
                    Some(true)
                } else {
                    None
                }
            })
            .unwrap_or(false)
    }

    fn is_base(&self, domain: &str) -> bool {
        match &self.replaced {
            Some(domains) => domains.contains(domain),
            None => SHIPPED.disposable.contains(domain),
        }
    }
}

/// What is known of an address.
pub(crate) fn intel(email: &Email, disposable: &DisposableDomains) -> EmailIntel {
    let domain = email.domain();
    let local = email.local().to_lowercase();
    let is_disposable = disposable.contains(domain);
    EmailIntel {
        is_disposable,
        is_relay: with_parents(domain).any(|domain| SHIPPED.relays.contains(domain)),
        is_free: !is_disposable && SHIPPED.free.contains(domain),
        is_role: SHIPPED.roles.contains(without_tag(&local, '+')),
        mailbox: mailbox(&local, domain),
    }
}

/// The mailbox that mail to this address arrives in. The rules are those the providers publish; for any other domain
/// only what follows a `+` is taken for a tag.
fn mailbox(local: &str, domain: &str) -> CompactString {
    let plain = without_tag(local, '+');
    match domain {
        "gmail.com" | "googlemail.com" => format_compact!("{}@gmail.com", stripped(plain, &['.'])),
        "proton.me" | "protonmail.com" | "protonmail.ch" | "pm.me" => {
            format_compact!("{}@proton.me", stripped(plain, &['.', '-', '_']))
        }
        "icloud.com" | "me.com" | "mac.com" => format_compact!("{plain}@icloud.com"),
        "yandex.ru" | "yandex.com" | "yandex.by" | "yandex.kz" | "yandex.ua" | "ya.ru" | "narod.ru" => {
            format_compact!("{}@yandex.ru", plain.replace('.', "-"))
        }
        _ if is_yahoo(domain) => format_compact!("{}@{domain}", without_tag(plain, '-')),
        // Whatever is written before the @ arrives at the user who is named in the domain.
        _ => match domain.strip_suffix(".fastmail.com").or_else(|| domain.strip_suffix(".fastmail.fm")) {
            Some(user) if !user.contains('.') => format_compact!("{user}@{}", &domain[user.len() + 1..]),
            _ => format_compact!("{plain}@{domain}"),
        },
    }
}

/// Yahoo's own domains, where a hyphen begins the keyword of a throw-away address.
fn is_yahoo(domain: &str) -> bool {
    matches!(domain, "ymail.com" | "rocketmail.com") || domain.starts_with("yahoo.")
}

/// What is before the separator, or all when nothing is.
fn without_tag(local: &str, separator: char) -> &str {
    local.split(separator).next().filter(|plain| !plain.is_empty()).unwrap_or(local)
}

/// Without these characters, or unchanged when nothing else is there.
fn stripped(local: &str, ignored: &[char]) -> CompactString {
    let plain: CompactString = local.chars().filter(|c| !ignored.contains(c)).collect();
    if plain.is_empty() { local.into() } else { plain }
}

/// Makes the first look-up fast.
pub(crate) fn warm_up() {
    LazyLock::force(&SHIPPED);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intel_of(text: &str) -> EmailIntel {
        intel(&Email::parse(text).unwrap(), &DisposableDomains::default())
    }

    #[test]
    fn aliases_are_one_mailbox() {
        let cases = [
            ("Jane.Doe+shop@GoogleMail.com", "janedoe@gmail.com"),
            ("j.a.n.e.d.o.e@gmail.com", "janedoe@gmail.com"),
            ("Jane.Doe+x@outlook.com", "jane.doe@outlook.com"),
            ("jane_doe-shop@yahoo.co.uk", "jane_doe@yahoo.co.uk"),
            ("jane@me.com", "jane@icloud.com"),
            ("Jane-Doe.1+x@protonmail.com", "janedoe1@proton.me"),
            ("jane_doe1@pm.me", "janedoe1@proton.me"),
            ("jane.doe@ya.ru", "jane-doe@yandex.ru"),
            ("anything@jane.fastmail.com", "jane@fastmail.com"),
            ("jane+x@fastmail.com", "jane@fastmail.com"),
            ("Jane.Doe+x@company.example", "jane.doe@company.example"),
            ("jane-doe@company.example", "jane-doe@company.example"),
            ("+@gmail.com", "+@gmail.com"),
            ("Jörg@Bücher.example", "jörg@xn--bcher-kva.example"),
        ];
        for (text, expected) in cases {
            assert_eq!(intel_of(text).mailbox, expected, "{text}");
        }
    }

    #[test]
    fn domains_below_a_disposable_one_are_disposable() {
        for domain in ["mailinator.com", "x.y.mailinator.com", "guerrillamail.com", "yopmail.com"] {
            assert!(intel_of(&format!("a@{domain}")).is_disposable, "{domain}");
        }
        for domain in
            ["mailinator.com.example", "gmail.com", "nus.edu.sg", "mail.ru", "keemail.me", "consultant.com"]
        {
            assert!(!intel_of(&format!("a@{domain}")).is_disposable, "{domain}");
        }
    }

    #[test]
    fn relays_are_not_disposable() {
        for domain in
            ["privaterelay.appleid.com", "duck.com", "simplelogin.com", "passmail.net", "mozmail.com"]
        {
            let intel = intel_of(&format!("a@{domain}"));
            assert!(intel.is_relay && !intel.is_disposable, "{domain}");
        }
        assert!(!intel_of("a@gmail.com").is_relay);
    }

    #[test]
    fn knows_free_providers_and_roles() {
        for domain in ["gmail.com", "proton.me", "pm.me", "qq.com", "web.de", "yandex.ru"] {
            assert!(intel_of(&format!("a@{domain}")).is_free, "{domain}");
        }
        assert!(!intel_of("a@company.example").is_free);
        assert!(intel_of("Info+x@company.example").is_role);
        assert!(!intel_of("alexa@company.example").is_role);
    }

    #[test]
    fn the_longest_edit_decides() {
        let edited = DisposableDomains {
            replaced: None,
            added: ["good.mailinator.com".into(), "new.example".into()].into_iter().collect(),
            removed: ["mailinator.com".into(), "ok.new.example".into()].into_iter().collect(),
        };
        assert!(!edited.contains("mailinator.com"));
        assert!(!edited.contains("x.mailinator.com"));
        assert!(edited.contains("x.good.mailinator.com"));
        assert!(edited.contains("x.new.example"));
        assert!(!edited.contains("ok.new.example"));
    }
}
