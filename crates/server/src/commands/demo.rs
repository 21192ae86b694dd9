//! `portcullis demo`: weeks of plausible traffic with attack waves, through the public APIs of a running server.

mod attacks;
mod client;
mod devices;
mod dice;
mod event;
mod forms;
mod people;
mod places;
mod progress;
mod reports;
mod script;
mod stage;
mod summary;

use std::io::{self, Write as _};

use http::Method;
use portcullis_domain::{Clock as _, SystemClock, Timestamp};
use tokio::runtime;

use self::{
    client::{Call, Client},
    event::Event,
    people::DAY_MS,
    progress::Progress,
    reports::Reports,
    script::Plan,
    stage::{Login, Stage},
    summary::{Summary, Verdict},
};
use super::admin::read_password;
use crate::{
    config::{FirstAdmin, cli::DemoArgs},
    failure::Failure,
};

pub(super) fn run(args: &DemoArgs, first_admin: &FirstAdmin) -> Result<(), Failure> {
    let email = args.admin_email.as_ref().or(first_admin.email.as_ref()).ok_or_else(|| {
        Failure::Config("whose server is it? give --admin-email or PORTCULLIS_ADMIN_EMAIL".to_owned())
    })?;
    let typed = match &first_admin.password {
        Some(_) => None,
        None => Some(read_password().map_err(|error| Failure::because("cannot read the password", error))?),
    };
    let nothing = || Failure::Failed("there is no password".to_owned());
    let password = first_admin.password.as_ref().or(typed.as_ref()).ok_or_else(nothing)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because("cannot start", error))?;
    runtime.block_on(play(args, Login { email, password }))
}

async fn play(args: &DemoArgs, login: Login<'_>) -> Result<(), Failure> {
    let mut client = Client::connect(&args.url).await?;
    let stage = Stage::set(&mut client, login, &args.tenant).await?;
    let plan = Plan {
        seed: args.seed,
        start: first_day(SystemClock.now(), args.days),
        days: args.days,
        events: args.events.into(),
    };
    let mut summary = Summary::default();
    let mut reports = Reports::default();
    let script = script::write(plan);
    let mut progress = Progress::new(script.len() as u64);
    for (done, event) in script.iter().enumerate() {
        let day = event.at.millis_since(plan.start) / DAY_MS + 1;
        progress.show(done as u64, &format!("day {day} of {}", plan.days));
        let verdict = tell(&mut client, &stage, event, &mut reports).await?;
        summary.add(event.wave, verdict);
    }
    progress.show(script.len() as u64, "done");
    progress.end();
    let told = reports.tell(&mut client, &stage).await?;
    stage.clear(&mut client).await?;

    let base = client.base();
    let mut out = io::stdout().lock();
    let written = write!(
        out,
        "\n{}\nReported {} outcomes, confirmed {} signals and dismissed {}.\n\n  Console   {base}/client-admin   \
         (test data)\n  Log in    {}   password {} (shown this once)\n",
        summary.text(),
        told.outcomes,
        told.confirmed,
        told.dismissed,
        stage.email,
        stage.password.expose(),
    );
    written.map_err(|error| Failure::because("cannot print the summary", error))
}

/// Midnight, UTC, so many days before the last one: days that are over, so that a run does not depend on the hour.
fn first_day(now: Timestamp, days: u32) -> Timestamp {
    let midnight_ms = now.as_millis() - now.as_millis().rem_euclid(DAY_MS);
    Timestamp::from_millis(midnight_ms - i64::from(days) * DAY_MS)
}

/// Sends an event as of its own time; gives what the server says to do. One at a time: what happened before counts.
async fn tell(
    client: &mut Client,
    stage: &Stage,
    event: &Event,
    reports: &mut Reports,
) -> Result<Verdict, Failure> {
    let path = event.api.path();
    let call = Call {
        method: Method::POST,
        path,
        credential: stage.credential(event.api),
        event_time: Some(event.at.to_string()),
        body: &event.body,
    };
    let answer = client.expect(call).await?;
    let verdict = Verdict::of(event.api, &answer);
    let verdict = verdict.ok_or_else(|| Failure::Failed(format!("the answer of {path} has no decision")))?;
    reports.note(event, verdict, &answer);
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_are_whole_and_over() {
        let now: Timestamp = "2026-03-31T17:05:00Z".parse().unwrap();
        assert_eq!(first_day(now, 30).to_string(), "2026-03-01T00:00:00.000Z");
        let midnight: Timestamp = "2026-03-31T00:00:00Z".parse().unwrap();
        assert_eq!(first_day(midnight, 1).to_string(), "2026-03-30T00:00:00.000Z");
    }
}
