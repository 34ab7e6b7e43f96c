use std::borrow::Cow;
use std::time::Duration;

use keyward_lighter::ApiCode;
use reqwest::header::AUTHORIZATION;
use reqwest::{Request, Response};
use tokio::time::Instant;
use tracing::{Instrument, Span, field};
use zeroize::Zeroizing;

use crate::answer::{AnswerError, Object};
use crate::backoff::Backoff;
use crate::base_url::BaseUrl;
use crate::call::{Call, CodeMember, Effect};
use crate::retry_after::retry_after;
use crate::{ApiRefusal, ClientError, Failure};

/// Makes calls and judges their outcome.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    pub(crate) base_url: BaseUrl,
    /// For one call with all its attempts.
    pub(crate) timeout: Duration,
}

/// What was answered; it may hold a token, so it is wiped.
type Body = Zeroizing<Vec<u8>>;

/// The longest answer that is read: 8 MiB.
const MAX_ANSWER_BYTES: usize = 8 << 20;

impl Transport {
    /// Makes `call`, again where that may help and can do no harm, and hands a success to `read`.
    pub(crate) async fn make<T>(
        &self,
        call: Call<'_>,
        read: impl FnOnce(&Object<'_>) -> Result<T, AnswerError>,
    ) -> Result<T, ClientError> {
        let deadline = Instant::now() + self.timeout;
        let mut backoff = Backoff::new();
        let body = loop {
            let error = match self.traced_attempt(&call, backoff.attempt(), deadline).await {
                Ok(body) => break body,
                Err(error) => error,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            match backoff.wait(error.retry_after(), left) {
                Some(wait) if may_help(&error) => tokio::time::sleep(wait).await,
                _ => return Err(error),
            }
        };
        Object::parse(&body).and_then(|answer| read(&answer)).map_err(|error| call.failed(Failure::BadAnswer(error)))
    }

    async fn traced_attempt(&self, call: &Call<'_>, attempt: u32, deadline: Instant) -> Result<Body, ClientError> {
        let endpoint = call.path;
        let span = tracing::debug_span!("lighter_call", endpoint, attempt, status = field::Empty, code = field::Empty);
        async {
            let outcome = self.attempt(call, deadline).await;
            // Not the error itself: it repeats words of the venue's.
            tracing::debug!(outcome = outcome.as_ref().map_or_else(kind, |_| "success"));
            outcome
        }
        .instrument(span)
        .await
    }

    async fn attempt(&self, call: &Call<'_>, deadline: Instant) -> Result<Body, ClientError> {
        let request = self.request(call)?;
        let token = request.headers().get(AUTHORIZATION).cloned();
        let exchange = async {
            let response = self.http.execute(request).await.map_err(|error| call.connection_error(error))?;
            let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
            Span::current().record("status", status);
            let body = read_body(response).await.map_err(|failure| call.failed(failure))?;
            let token = token.as_ref().and_then(|token| token.to_str().ok());
            judge(call, status, retry_after, body, token)
        };
        tokio::time::timeout_at(deadline, exchange).await.unwrap_or_else(|_| Err(call.failed(Failure::TimedOut)))
    }

    fn request(&self, call: &Call<'_>) -> Result<Request, ClientError> {
        let mut url = self.base_url.join(call.path);
        let request = match call.effect {
            Effect::Read if call.parameters.is_empty() => self.http.get(url),
            Effect::Read => {
                url.query_pairs_mut().extend_pairs(&call.parameters);
                self.http.get(url)
            }
            Effect::Write => self.http.post(url).form(&call.parameters),
        };
        let request = match call.auth {
            Some(auth) => request.header(AUTHORIZATION, auth.header()?),
            None => request,
        };
        request.build().map_err(|error| ClientError::NotSent(Failure::Connection(error.without_url().into())))
    }
}

impl Call<'_> {
    /// No usable answer, after the request may have been sent.
    fn failed(&self, failure: Failure) -> ClientError {
        match self.effect {
            Effect::Read => ClientError::Failed(failure),
            Effect::Write => ClientError::Unknown(failure),
        }
    }

    fn connection_error(&self, error: reqwest::Error) -> ClientError {
        // Reported only when there was no connection to send on.
        if error.is_connect() {
            ClientError::NotSent(connection_failure(error))
        } else {
            self.failed(connection_failure(error))
        }
    }
}

fn connection_failure(error: reqwest::Error) -> Failure {
    if error.is_timeout() { Failure::TimedOut } else { Failure::Connection(error.without_url().into()) }
}

async fn read_body(mut response: Response) -> Result<Body, Failure> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(connection_failure)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(AnswerError::TooLarge { max: MAX_ANSWER_BYTES }.into());
        }
        append(&mut body, &chunk);
    }
    Ok(body)
}

/// Appends, without the copy that a vector leaves behind where it grows.
fn append(body: &mut Body, chunk: &[u8]) {
    let len = body.len() + chunk.len();
    if len > body.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(len.next_power_of_two()));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(chunk);
}

/// Decides by the answer's code; the HTTP status counts only where there is none.
fn judge(
    call: &Call<'_>,
    http_status: u16,
    retry_after: Option<Duration>,
    body: Body,
    token: Option<&str>,
) -> Result<Body, ClientError> {
    let success = (200..300).contains(&http_status);
    let answer = Object::parse(&body);
    let code = answer.as_ref().map_err(|&error| error).and_then(|answer| answer.take_if_there::<u32>("code"));
    if let Ok(Some(code)) = code {
        Span::current().record("code", code);
    }
    match (answer, code) {
        (Ok(answer), Ok(Some(code))) if ApiCode::new(code) != ApiCode::OK => {
            let message = answer.take_if_there::<Cow<'_, str>>("message").ok().flatten().unwrap_or_default();
            let code = ApiCode::new(code);
            Err(call.refused(ApiRefusal { code, message: clean(&message, token), http_status, retry_after }))
        }
        (_, Ok(Some(_))) if success => Ok(body),
        // Whoever has added this status knows no better than the venue itself.
        (_, Ok(Some(_))) => Err(call.failed(Failure::NotTheApi { http_status })),
        (_, Ok(None)) if success && call.code == CodeMember::Optional => Ok(body),
        (_, Ok(None)) if success => Err(call.failed(AnswerError::Missing("code").into())),
        (_, Err(error)) if success => Err(call.failed(error.into())),
        _ if (400..500).contains(&http_status) => Err(ClientError::Blocked { http_status, retry_after }),
        _ => Err(call.failed(Failure::NotTheApi { http_status })),
    }
}

impl Call<'_> {
    fn refused(&self, refusal: ApiRefusal) -> ClientError {
        if refusal.is_server_fault() {
            self.failed(Failure::ServerFault(refusal))
        } else {
            ClientError::Refused(refusal)
        }
    }
}

/// The venue's words as they may be shown: it might repeat a token, or a part of one, or send what steers a terminal.
pub(crate) fn clean(message: &str, token: Option<&str>) -> String {
    const MAX_CHARS: usize = 300;
    /// As many letters and digits in a row as the secret part of a token has.
    const SECRET_LENGTH: usize = 64;

    let message = match token {
        Some(token) if !token.is_empty() => Cow::Owned(message.replace(token, "(token)")),
        _ => Cow::Borrowed(message),
    };
    let message: String = message.chars().filter(|character| !character.is_control()).collect();
    let is_separator = |character: char| !character.is_ascii_alphanumeric();
    let mut shown = String::new();
    for part in message.split_inclusive(is_separator) {
        let word = part.trim_end_matches(is_separator);
        shown.push_str(if word.len() >= SECRET_LENGTH { "…" } else { word });
        shown.push_str(&part[word.len()..]);
    }
    shown.chars().take(MAX_CHARS).collect()
}

/// Whether the same call may fare better a little later, and can do no harm.
fn may_help(error: &ClientError) -> bool {
    match error {
        ClientError::NotSent(_) => true,
        ClientError::Failed(failure) => match failure {
            Failure::TimedOut | Failure::Connection(_) | Failure::ServerFault(_) => true,
            Failure::NotTheApi { http_status } => *http_status >= 500,
            Failure::BadAnswer(_) => false,
        },
        error => error.is_rate_limited(),
    }
}

fn kind(error: &ClientError) -> &'static str {
    match error {
        ClientError::Refused(_) => "refused",
        ClientError::Blocked { .. } => "blocked",
        ClientError::NotSent(_) => "not sent",
        ClientError::Failed(_) => "failed",
        ClientError::Unknown(_) => "unknown",
        ClientError::Token(_) => "no token",
    }
}
