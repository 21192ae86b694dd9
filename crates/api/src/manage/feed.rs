//! Events as they are judged: a stream of server-sent events.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use domain::{EventId, Mode, Realm, clock::Stopwatch};
use futures_util::stream::unfold;
use http::{HeaderMap, HeaderName, HeaderValue};
use portcullis_domain as domain;
use portcullis_pipeline::Waiting;
use portcullis_store::{Error, EventQuery, RealmStore};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Problems, event_query::EventParams, events::EventSummary};
use crate::{
    AppState,
    body::Params,
    caller::Member,
    error::{Kind, Problem},
};

/// A stream ends after so long; who reads on comes back, and is let in again or not.
const LONGEST: Duration = Duration::from_mins(5);
/// A line at least so often, so that proxies and our own watchdog see that the stream lives.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How often to see whether the server leaves, or the reader has to.
const LOOK: Duration = Duration::from_secs(1);
/// How long to gather events that come one after the other.
const GATHER: Duration = Duration::from_millis(100);
/// How many events are sent at once; when there are more, the reader is told to read the list.
const MOST_AT_ONCE: usize = 200;

/// Which events.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedParams {
    /// Only events of this type.
    r#type: Option<String>,
    /// Only events with this decision: allow, flag, challenge, review or block.
    decision: Option<String>,
    /// Only events of this account.
    user: Option<String>,
    /// Only events of this device: its id or hash, or the client's fingerprint.
    device: Option<String>,
    /// Only events from this address; for IPv6, from its /64.
    ip: Option<String>,
    /// Only events of this e-mail address, whatever alias of its mailbox was typed.
    email: Option<String>,
    /// The data set: live or test; live when left out.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
    /// The id of the last event that is known; without it, and without the header `Last-Event-ID`, the stream begins now.
    since: Option<String>,
}

/// Follow events
///
/// Server-sent events: `event`, with an event as the list has it and its id, as soon as it was judged; `reset` when more
/// happened than is sent at once, for which the list is to be read. A comment keeps the connection alive every 10 seconds.
/// The stream ends after 5 minutes, and when the server leaves; it goes on after the header `Last-Event-ID`, which browsers
/// send by themselves. A client may have 20 streams of each data set at a time.
#[utoipa::path(
    get,
    path = "/api/v1/client/events/stream",
    tag = "events",
    params(FeedParams, ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that is known")),
    responses((status = 200, description = "The stream", body = String, content_type = "text/event-stream"), Problems),
    security(("token" = []))
)]
pub(crate) async fn stream(
    State(state): State<AppState>,
    member: Member,
    headers: HeaderMap,
    Params(params): Params<FeedParams>,
) -> Result<Response, Problem> {
    let realm = Realm { tenant: member.tenant.id, mode: params.mode.unwrap_or(Mode::Live) };
    let header = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let since = match header.or(params.since.as_deref()).filter(|text| !text.is_empty()) {
        Some(text) => Some(text.parse().map_err(|_| Problem::field("since", "must be the id of an event"))?),
        None => None,
    };
    let filter = EventParams {
        r#type: params.r#type,
        decision: params.decision,
        user: params.user,
        device: params.device,
        ip: params.ip,
        email: params.email,
        ..EventParams::default()
    };
    let query = filter.query(&state, realm, MOST_AT_ONCE as u32).await?;
    let Some(waiting) = state.assessor.wait_for_events(realm) else {
        return Err(Problem::new(Kind::TooManyRequests, "As many streams are open as there may be."));
    };
    let store = state.store.of(realm);
    let last = match since {
        Some(last) => last,
        None => newest(&store, None).await?.unwrap_or(EventId::from_u64(0)),
    };
    let feed = Feed {
        state,
        member,
        store,
        query,
        last,
        waiting,
        is_fresh: true,
        age: Stopwatch::start(),
        ready: VecDeque::new(),
    };
    let events =
        unfold(feed, |mut feed| async { feed.next().await.map(|event| (Ok::<_, Infallible>(event), feed)) });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // A proxy that gathers would hold everything up.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response.headers_mut().extend([unbuffered]);
    Ok(response)
}

/// One open stream.
struct Feed {
    state: AppState,
    member: Member,
    store: RealmStore,
    query: EventQuery,
    /// Everything up to this one was sent, or is not wanted.
    last: EventId,
    waiting: Waiting,
    /// Whether nothing was looked up yet: there may be events since the last one that is known.
    is_fresh: bool,
    age: Stopwatch,
    ready: VecDeque<sse::Event>,
}

impl Feed {
    /// The next message; `None` when the stream is over.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if !self.may_go_on() {
                return None;
            }
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if !std::mem::take(&mut self.is_fresh) {
                if tokio::time::timeout(LOOK, self.waiting.next()).await.is_err() {
                    continue;
                }
                tokio::time::sleep(GATHER).await;
            }
            if let Err(error) = self.gather().await {
                tracing::warn!(%error, "a stream of events ends early");
                return None;
            }
        }
    }

    fn may_go_on(&self) -> bool {
        self.state.readiness.is_ready()
            && self.age.elapsed() < LONGEST
            && self.member.is_still_welcome(&self.state)
    }

    /// Makes messages of what was recorded since the last time.
    async fn gather(&mut self) -> Result<(), Error> {
        let Some(newest) = newest(&self.store, Some(self.last)).await? else { return Ok(()) };
        self.query.after = Some(self.last);
        self.query.before = Some(EventId::from_u64(newest.as_u64() + 1));
        let (events, more) = self.store.list_events(self.query.clone()).await?;
        self.last = newest;
        if more.is_some() {
            self.ready.push_back(sse::Event::default().event("reset").id(newest.to_string()).data("{}"));
            return Ok(());
        }
        for event in events.iter().rev() {
            let message = sse::Event::default().event("event").id(event.id.to_string());
            let json = serde_json::to_string(&EventSummary::from(event));
            self.ready.push_back(message.data(json.map_err(|error| Error::Failed(error.to_string()))?));
        }
        Ok(())
    }
}

/// The newest event after `after`, when there is one.
async fn newest(store: &RealmStore, after: Option<EventId>) -> Result<Option<EventId>, Error> {
    let (events, _) = store.list_events(EventQuery { after, ..EventQuery::newest(1) }).await?;
    Ok(events.first().map(|event| event.id))
}
