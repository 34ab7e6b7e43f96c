//! Lighter's REST API over a venue.

mod answer;
mod body;
mod call;
mod clock;
mod form;
mod routes;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, get, on};
use hyper::Version;
use hyper::header::HOST;
use keyward_lighter::ApiCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::answer::Answer;
use self::call::Call;
pub(crate) use self::form::Parameters;
use self::routes::{Handler, ROUTES, Route};
use crate::rate_limit::RateLimiter;
use crate::server::ConnectionLimits;
use crate::{Refusal, SandboxClock, Venue, stream};

/// What all requests share.
pub(crate) struct App {
    venue: Arc<Venue>,
    clock: Option<Arc<SandboxClock>>,
    rate_limiter: RateLimiter,
    limits: ConnectionLimits,
    sessions: stream::SessionIds,
    stream_permits: Arc<Semaphore>,
    work_permits: Arc<Semaphore>,
}

/// How many changes are worked at. As they are written one at a time, more would only hold threads that wait.
const MAX_WORKERS: usize = 16;

impl App {
    pub(crate) fn new(
        venue: Arc<Venue>,
        clock: Option<Arc<SandboxClock>>,
        rate_limiter: RateLimiter,
        limits: ConnectionLimits,
        max_streams: usize,
    ) -> Self {
        let sessions = stream::SessionIds::default();
        let stream_permits = Arc::new(Semaphore::new(max_streams));
        let work_permits = Arc::new(Semaphore::new(MAX_WORKERS));
        Self { venue, clock, rate_limiter, limits, sessions, stream_permits, work_permits }
    }

    pub(crate) fn venue(&self) -> &Arc<Venue> {
        &self.venue
    }

    pub(crate) fn rate_limiter(&self) -> &RateLimiter {
        &self.rate_limiter
    }

    pub(crate) fn limits(&self) -> &ConnectionLimits {
        &self.limits
    }

    /// Leave to open a WebSocket, if there are not too many.
    pub(crate) fn stream_permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.stream_permits).try_acquire_owned().ok()
    }

    /// Does what may wait for a disk, where nobody else has to wait for it.
    ///
    /// Once it is begun it is carried out, even if the client does not wait for the answer.
    ///
    /// # Errors
    /// - 29500, it panicked
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.work_permits).acquire_owned().await.map_err(|_| Refusal::internal())?;
        let working = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        working.await.map_err(|_| Refusal::internal())
    }

    pub(crate) fn sessions(&self) -> &stream::SessionIds {
        &self.sessions
    }
}

/// All paths.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let mut router = Router::new().route("/stream", get(open_stream));
    for route in ROUTES {
        let method = if route.is_read() { MethodFilter::GET } else { MethodFilter::POST };
        let handler = move |State(app): State<Arc<App>>, request: Request| answer(app, route, request);
        router = router.route(route.path, on(method, handler));
    }
    if app.clock.is_some() {
        router = router.route(clock::PATH, get(clock::read).post(clock::set));
    }
    router.method_not_allowed_fallback(wrong_method).fallback(unknown_path).with_state(Arc::clone(app))
}

async fn answer(app: Arc<App>, route: &'static Route, request: Request) -> Response {
    let answer = match Call::read(request, &app).await {
        Ok(call) if route.blocks() => {
            let worker = Arc::clone(&app);
            app.work(move || carry_out(&worker, route, &call)).await.unwrap_or_else(|refusal| Err(refusal.into()))
        }
        Ok(call) => carry_out(&app, route, &call),
        Err(refusal) => Err(refusal.into()),
    };
    answer.unwrap_or_else(|refusal| refusal).into_response(route.path)
}

fn carry_out(app: &App, route: &Route, call: &Call) -> Result<Answer, Answer> {
    match route.handler {
        Handler::Free(handler) => Ok(handler(app.venue(), call.parameters())?),
        Handler::Open(weight, handler) => {
            call.admit(app, weight)?;
            Ok(handler(app.venue(), call.parameters())?)
        }
        Handler::Gated(weight, access, handler) => {
            let principal = call.authenticate(app, access, weight)?;
            Ok(handler(app.venue(), call.parameters(), &principal)?)
        }
    }
}

async fn open_stream(State(app): State<Arc<App>>, request: Request) -> Response {
    stream::Opening::accept(request, &app).unwrap_or_else(|refusal| Answer::from(refusal).into_response(stream::PATH))
}

async fn unknown_path() -> Response {
    let refusal = Refusal { http_status: 404, ..Refusal::new(ApiCode::NOT_FOUND) };
    Answer::from(refusal).into_response("unknown")
}

async fn wrong_method() -> Response {
    let refusal = Refusal { http_status: 405, ..Refusal::invalid_param("this path takes another method") };
    Answer::from(refusal).into_response("unknown")
}

/// Whether a request says not exactly once which host it is for, as HTTP/1.1 demands.
pub(crate) fn host_is_missing<B>(request: &hyper::Request<B>) -> bool {
    request.version() == Version::HTTP_11 && request.headers().get_all(HOST).iter().count() != 1
}

pub(crate) fn refuse_without_host() -> Response {
    Answer::from(Refusal::invalid_param("one Host header is required")).into_response("unknown")
}
