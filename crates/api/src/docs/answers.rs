//! Answers that every operation may give, whatever its handler does: they are the frame's, and so are told in one place.

use utoipa::openapi::{
    ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    path::{Operation, PathItem},
};

/// An API's errors: the name of their schema, and their media type.
pub(crate) type Envelope = (&'static str, &'static str);

/// Adds them where an operation does not tell them itself; `envelope` is that of a path.
pub(crate) fn complete(document: &mut OpenApi, envelope: impl Fn(&str) -> Envelope) {
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            for (status, description) in of_frame(operation) {
                let answers = &mut operation.responses.responses;
                answers.entry(status.to_owned()).or_insert_with(|| error(description, envelope(path)));
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn of_frame(operation: &Operation) -> Vec<(&'static str, &'static str)> {
    const OF_BODIES: [(&str, &str); 4] = [
        ("400", "Not well-formed JSON, or something in it is missing or wrong"),
        ("408", "The body did not arrive in time"),
        ("413", "The body is too large"),
        ("415", "Not JSON"),
    ];
    const OF_CALLERS: [(&str, &str); 3] = [
        ("401", "No valid credential"),
        ("403", "The caller may not do this, or is suspended"),
        ("429", "Too many requests"),
    ];
    const OF_SERVERS: [(&str, &str); 2] =
        [("500", "Our mistake; try again shortly"), ("503", "Too much to do, or the server is stopping")];
    let (has_body, has_caller) = (operation.request_body.is_some(), operation.security.is_some());
    let mut answers = Vec::new();
    if has_body {
        answers.extend(OF_BODIES);
    }
    if has_caller {
        answers.extend(OF_CALLERS);
    }
    // What has neither is for whoever watches the server, and always answers.
    if has_body || has_caller {
        answers.extend(OF_SERVERS);
    }
    answers
}

fn error(description: &str, (schema, media_type): Envelope) -> RefOr<Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(description).content(media_type, content).build().into()
}
