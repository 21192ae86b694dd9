//! People whom the operator's configuration enrolls, as `POST /vc/v1/enroll` would.

use domain::{Mode, Realm, TenantId};
use portcullis_domain as domain;
use portcullis_store::{Actor, Error, Person, Slug};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{did::public_key, enroll::EnrollRequest};
use crate::AppState;

/// A list of people that was read and checked; see [`Self::parse`].
#[derive(Debug)]
pub struct Enrollments(Vec<(Slug, Mode, Person)>);

/// One of them, as the file has it. A wrong field is a mistake of the operator, so none is ignored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Entry {
    /// The slug of the client.
    partner_id: String,
    /// Which of its data sets; live when left out.
    mode: Option<Mode>,
    user_id: String,
    entity_type: Option<String>,
    name: Option<String>,
    email: Option<String>,
    metadata: Option<Map<String, Value>>,
}

impl Enrollments {
    /// Reads a JSON array of `{partnerId, mode?, userId, name, email, entityType?, metadata?}`; fails with a sentence that
    /// begins with the place of what is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let entries: Vec<Entry> = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| format!("{}: {}", error.path(), error.inner()))?;
        deserializer.end().map_err(|error| error.to_string())?;
        let checked = entries
            .into_iter()
            .enumerate()
            .map(|(place, entry)| entry.check().map_err(|complaint| format!("[{place}]: {complaint}")));
        checked.collect::<Result<_, _>>().map(Self)
    }

    /// Enrolls those who are not enrolled yet, and makes clients that are not there; tells how many people are new. Who is
    /// enrolled already stays as they are.
    pub async fn enroll(self, state: &AppState) -> Result<usize, Error> {
        let actor = Actor::machine("serve");
        let mut enrolled = 0;
        for (slug, mode, mut person) in self.0 {
            let realm = Realm { tenant: client(state, &actor, slug).await?, mode };
            person.public_key = public_key(state, realm, &person.user)
                .map_err(|_| Error::Failed("cannot make the key of an enrolled person".to_owned()))?;
            match state.store.of(realm).enroll_person(&actor, person, None).await {
                Ok(_) => enrolled += 1,
                Err(Error::Exists(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(enrolled)
    }
}

impl Entry {
    fn check(self) -> Result<(Slug, Mode, Person), String> {
        let Self { partner_id, mode, user_id, entity_type, name, email, metadata } = self;
        let slug = partner_id.parse().map_err(|error| format!("partnerId {error}"))?;
        let request = EnrollRequest { user_id: Some(user_id), entity_type, name, email, metadata };
        let person = request.check().map_err(|error| error.message().into_owned())?;
        Ok((slug, mode.unwrap_or(Mode::Live), person))
    }
}

/// The client of this slug, made when there is none: nobody else can take the slug then.
async fn client(state: &AppState, actor: &Actor, slug: Slug) -> Result<TenantId, Error> {
    let known = state.store.control().tenant_by_slug(slug.as_str()).map(|tenant| tenant.id);
    match known {
        Some(tenant) => Ok(tenant),
        None => Ok(state.store.create_tenant(actor, slug.as_str().to_owned(), slug).await?.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = r#"{"partnerId": "acme", "userId": "550e8400-e29b-41d4-a716-446655440000", "name": "John Doe",
        "email": "john@example.com"}"#;

    fn complaint(json: &str) -> String {
        Enrollments::parse(json.as_bytes()).unwrap_err()
    }

    #[test]
    fn people_are_live_users_unless_it_says_otherwise() {
        let test = GUIDE.replace('}', r#", "mode": "test", "entityType": "driver", "metadata": {"a": [1]}}"#);
        let Enrollments(people) = Enrollments::parse(format!("[{GUIDE}, {test}]").as_bytes()).unwrap();
        let [(slug, Mode::Live, usual), (_, Mode::Test, other)] = &people[..] else {
            panic!("there are two")
        };
        assert_eq!((slug.as_str(), usual.entity_type.as_str()), ("acme", "user"));
        assert_eq!((other.entity_type.as_str(), other.metadata.len()), ("driver", 1));
        assert!(Enrollments::parse(b"[]").unwrap().0.is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (json, expected) in [
            ("", "EOF"),
            ("{}", "expected a sequence"),
            ("[] x", "trailing"),
            (&*format!("[{GUIDE}, {{}}]"), "[1]: missing field `partnerId`"),
            (&*format!("[{}]", GUIDE.replace("550e", "x")), "[0]: userId must be a UUID"),
            (&*format!("[{}]", GUIDE.replace("acme", "A c")), "[0]: partnerId "),
            (&*format!("[{}]", GUIDE.replace("name", "nam")), "[0].nam: unknown field"),
            (&*format!("[{}]", GUIDE.replace('}', r#", "mode": "x"}"#)), "[0].mode: unknown variant"),
            (
                &*format!("[{}]", GUIDE.replace("John Doe", " ").replace("john@", "")),
                "[0]: name is required; email ",
            ),
        ] {
            assert!(complaint(json).contains(expected), "{json}: {}", complaint(json));
        }
    }
}
