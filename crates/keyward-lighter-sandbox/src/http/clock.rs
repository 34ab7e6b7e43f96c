//! The sandbox's own path, for tests that cannot wait: what the clock shows, and setting it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use keyward_time::Clock as _;
use serde::Serialize;

use super::App;
use super::answer::Answer;
use super::call::Call;
use super::form::Parameters;
use crate::answers::Ok200;
use crate::{ClockSetting, Refusal, SandboxClock};

pub(crate) const PATH: &str = "/__sandbox/clock";

/// What the clock is set to and shows.
#[derive(Serialize)]
struct Shown {
    code: Ok200,
    /// `system`, `fixed:UNIX` or `offset:SECONDS`.
    clock: String,
    /// Milliseconds since the epoch.
    now_ms: u64,
}

pub(crate) async fn read(State(app): State<Arc<App>>) -> Response {
    respond(clock(&app).map(show))
}

/// Takes one of two parameters, in a form of either kind: `clock`, which is `system`, `fixed:UNIX` or
/// `offset:SECONDS`; or `advance_ms`, milliseconds to go forward by.
pub(crate) async fn set(State(app): State<Arc<App>>, request: Request) -> Response {
    let call = Call::read(request, &app).await;
    respond(call.and_then(|call| change(clock(&app)?, call.parameters())))
}

fn change(clock: &SandboxClock, parameters: &Parameters) -> Result<Answer, Refusal> {
    match (parameters.optional("clock")?, parameters.optional_integer("advance_ms")?) {
        (Some(setting), None) => {
            let setting: ClockSetting =
                setting.parse().map_err(|error| Refusal::invalid_param(format_args!("clock: {error}")))?;
            clock.set(setting);
        }
        (None, Some(millis)) => {
            let millis = u64::try_from(millis).map_err(|_| Refusal::invalid_param("advance_ms is below 0"))?;
            clock.advance_millis(millis);
        }
        _ => return Err(Refusal::invalid_param("either clock or advance_ms is required")),
    }
    Ok(show(clock))
}

fn show(clock: &SandboxClock) -> Answer {
    let now_ms = clock.now_millis().as_millis();
    Answer::ok(&Shown { code: Ok200, clock: clock.setting().to_string(), now_ms })
}

fn clock(app: &App) -> Result<&SandboxClock, Refusal> {
    // The path is there only if the clock is.
    app.clock.as_deref().ok_or_else(Refusal::internal)
}

fn respond(answer: Result<Answer, Refusal>) -> Response {
    answer.unwrap_or_else(Answer::from).into_response(PATH)
}
